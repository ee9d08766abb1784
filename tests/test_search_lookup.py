"""Looking up what the source articles call a term."""

from __future__ import annotations

import pytest

import search
from search.errors import QueryError

# What a reader of the articles would accept, by language; a language that is not named may say "not found".
EXPECTED: dict[str, dict[str, set[str]]] = {
    "loyalty": {
        "pl": {"lojalność"},
        "tl": {"katapatan"},
        "nb": {"lojalitet", "kundelojalitet"},
        "ru": {"лояльность"},
        "lv": {"lojalitāte"},
    },
    "customer": {
        "pl": {"klient"},
        "tl": {"customer"},
        "nb": {"kunde"},
        "ru": {"клиент", "покупатель"},
        "lv": {"klients", "patērētājs"},
    },
    "service": {
        "pl": {"usługa", "obsługa"},
        "tl": {"serbisyo"},
        "nb": {"service", "tjeneste", "kundeservice"},
        "ru": {"обслуживание", "услуга"},
        "lv": {"serviss", "apkalpošana", "pakalpojums"},
    },
    "company": {
        "pl": {"firma"},
        "tl": {"kumpanya", "negosyo"},
        "nb": {"selskap"},
        "ru": {"фирма"},
        "lv": {"uzņēmums", "organizācija"},
    },
}


@pytest.mark.parametrize("term", EXPECTED)
def test_a_term_is_found_in_every_language_and_no_wrong_word_is_shown(
    engine: search.Engine, term: str
) -> None:
    found = {entry.language: entry.term for entry in engine.lookup(term)}
    assert set(found) == set(engine.languages)
    for language, accepted in EXPECTED[term].items():
        assert found[language] in accepted


@pytest.mark.parametrize("term", ["pineapple", "zzyzx"])
def test_a_term_that_no_article_has_is_not_found(engine: search.Engine, term: str) -> None:
    assert all(entry.term is None for entry in engine.lookup(term))


def test_the_examples_show_the_term_in_its_place(engine: search.Engine) -> None:
    for entry in engine.lookup("loyalty"):
        assert entry.examples
        for example in entry.examples:
            text = engine.article(example.article.source).article.text
            assert text[example.start : example.end] == example.text
            assert 0 <= example.mark_start < example.mark_end <= len(example.text)


def test_an_empty_term_is_refused(engine: search.Engine) -> None:
    with pytest.raises(QueryError):
        engine.lookup("  ")
