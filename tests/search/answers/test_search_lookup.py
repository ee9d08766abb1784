"""Looking up what the source articles call a term."""

from __future__ import annotations

import pytest

import search
from search.errors import QueryError

# What a reader of the articles would accept, by language, written down from reading them. A language that
# is not named has no such word, and must say so; "?" may be found or not.
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
        "ru": {"клиент", "покупатель", "потребитель"},
        "lv": {"klients", "patērētājs", "pircējs"},
    },
    "service": {
        "pl": {"usługa", "obsługa"},
        "tl": {"serbisyo"},
        "nb": {"service", "tjeneste", "kundeservice"},
        "ru": {"обслуживание", "услуга", "служба"},
        "lv": {"serviss", "apkalpošana", "pakalpojums"},
    },
    "satisfaction": {
        "nb": {"kundetilfredshet", "?"},
        "ru": {"удовлетворенность", "удовлетворение"},
        "lv": {"apmierinātība"},
    },
    "employee": {
        "pl": {"pracownik"},
        "tl": {"empleyado"},
        "nb": {"ansatt", "ansatte"},
        "ru": {"сотрудник", "персонал"},
        "lv": {"darbinieks"},
    },
    "company": {
        "pl": {"firma", "biznes"},
        "tl": {"kumpanya", "negosyo"},
        "nb": {"selskap", "bedrift"},
        "ru": {"фирма", "корпорация", "бизнес"},
        "lv": {"uzņēmums", "organizācija"},
    },
    "value": {"nb": {"verdi", "?"}, "lv": {"vērtība"}},
    "competition": {
        "ru": {"конкуренция"},
        # The article speaks of competitors and of being competitive.
        "lv": {"konkurents", "konkurenti", "konkurentiem", "konkurētspējīgs", "konkurētspējīgajā", "?"},
    },
    "quality": {"ru": {"качество"}, "lv": {"kvalitāte", "kvalitatīvs"}},
    "trust": {"ru": {"доверие", "доверять"}},
    "customer service": {
        "pl": {"obsługa klienta"},
        "tl": {"serbisyo sa customer", "serbisyo ng customer"},
        "nb": {"kundeservice"},
        "ru": {"обслуживание клиентов"},
        "lv": {"klientu apkalpošana", "klientu serviss"},
    },
}


@pytest.mark.parametrize("term", EXPECTED)
def test_a_term_is_found_where_it_is_and_no_wrong_word_is_shown(engine: search.Engine, term: str) -> None:
    found = {entry.language: entry.term for entry in engine.lookup(term)}
    assert set(found) == set(engine.languages)
    for language, shown in found.items():
        accepted = EXPECTED[term].get(language, {"?"})
        assert shown in accepted or (shown is None and "?" in accepted), (language, shown)


@pytest.mark.parametrize(
    ("term", "of"),
    [
        ("лояльность", "loyalty"),
        ("katapatan", "loyalty"),
        ("lojalności", "loyalty"),
        ("lojalnością", "loyalty"),
        ("lojalnosc", "loyalty"),
        ("Lojalitāti", "loyalty"),
        ("Kunde", "customer"),
        ("klientów", "customer"),
        ("serbisyo", "service"),
        ("Servicio", "service"),
        ("obsługi klienta", "customer service"),
        ("obsłudze klienta", "customer service"),
        ("Kundenservice", "customer service"),
        ("empleados", "employee"),
        ("empleyado", "employee"),
        ("pracownikom", "employee"),
        ("klientom", "customer"),
        ("serbisyo sa customer", "customer service"),
        ("klientu apkalpošanu", "customer service"),
        ("обслуживанием клиента", "customer service"),
        ("customer services", "customer service"),
    ],
)
def test_a_term_may_be_given_in_any_language_and_inflection(
    engine: search.Engine, term: str, of: str
) -> None:
    for entry in engine.lookup(term):
        accepted = EXPECTED[of].get(entry.language, set())
        assert entry.term is None or entry.term in accepted, entry
    assert sum(entry.term is not None for entry in engine.lookup(term)) >= 4


@pytest.mark.parametrize("term", ["pineapple", "zzyzx", "volleyball", "фотосинтез", "炒飯"])
def test_a_term_that_no_article_has_is_not_found(engine: search.Engine, term: str) -> None:
    assert all(entry.term is None for entry in engine.lookup(term))


def test_a_part_of_a_term_is_not_shown_for_the_whole(engine: search.Engine) -> None:
    # Each has "klient"; none has anything about paying.
    assert all(entry.term is None for entry in engine.lookup("customer payment"))


def test_an_inflection_that_no_article_has_is_its_term_s(engine: search.Engine) -> None:
    for given, language, term in (("klientom", "pl", "klient"), ("lojalitātei", "lv", "lojalitāte")):
        found = {entry.language: entry.term for entry in engine.lookup(given)}
        assert found[language] == term


def test_a_word_that_one_article_borrowed_is_not_taken_for_its_languages(engine: search.Engine) -> None:
    # The Polish article has one stray "loyalty", the Norwegian one a heading "Customer Satisfaction".
    found = {entry.language: entry.term for entry in engine.lookup("loyalty")}
    assert found["pl"] == "lojalność"
    assert {e.language: e.term for e in engine.lookup("satisfaction")}["nb"] != "satisfaction"


def test_an_entry_counts_its_forms_and_lists_those_that_are_written(engine: search.Engine) -> None:
    entry = next(one for one in engine.lookup("loyalty") if one.language == "lv")
    assert entry.term == "lojalitāte"
    assert set(entry.forms) == {"lojalitāte", "lojalitāti", "lojalitātes"}
    assert entry.count == 13
    assert 0.6 <= entry.score <= 1


def test_the_examples_show_the_term_in_its_place(engine: search.Engine) -> None:
    for entry in engine.lookup("loyalty"):
        assert len(entry.examples) == min(2, entry.count)
        for example in entry.examples:
            text = engine.article(example.article.source).article.text
            assert text[example.start : example.end] == example.text
            shown = example.text[example.mark_start : example.mark_end]
            assert shown.casefold() in {form.casefold() for form in entry.forms}


def test_a_language_may_be_named(engine: search.Engine) -> None:
    assert engine.lookup("loyalty", language="en") == engine.lookup("loyalty", language="en-GB")
    found = {entry.language: entry.term for entry in engine.lookup("kunde", language="nb")}
    assert found["pl"] == "klient"


@pytest.mark.parametrize("term", ["  ", "", "?!", "x" * 1000])
def test_what_is_no_term_is_refused(engine: search.Engine, term: str) -> None:
    with pytest.raises(QueryError):
        engine.lookup(term)


def test_an_unknown_language_is_refused(engine: search.Engine) -> None:
    with pytest.raises(QueryError, match="not a language"):
        engine.lookup("loyalty", language="qq-nonsense")
