from __future__ import annotations

import pytest

from kb.language_rules import ABBREVIATIONS, CLOSE_GROUPS, ORDINAL_DOT, SEEN_AS
from kb.languages import LANGUAGES, Language, get, resolve
from kb.text.language_letters import ALPHABETS
from kb.text.language_words import WORDS

WANTED = (
    "en pl tl nb nn ru lv lt uk ceb cs sk de fr es it pt nl ro sv da fi ar fa he ur hi bn ta"
    " th vi id zh ja ko tr"
    " el sw hu et bg ka sr hr sl sq mk hy az kk"
)


def test_every_wanted_language_is_a_row() -> None:
    assert set(WANTED.split()) <= set(LANGUAGES)


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("fil", "tl"),
        ("tgl", "tl"),
        ("no", "nb"),
        ("nob", "nb"),
        ("nn-NO", "nn"),
        ("iw", "he"),
        ("pt-BR", "pt"),
        ("pt_BR", "pt"),
        ("zh-Hant-TW", "zh"),
        ("cmn", "zh"),
        ("pol", "pl"),
        ("lvs", "lv"),
        ("in", "id"),
        ("EN", "en"),
        (" de ", "de"),
    ],
)
def test_a_tag_resolves_to_its_row(tag: str, code: str) -> None:
    assert resolve(tag) == code


@pytest.mark.parametrize("tag", ["", "x-private", "zz", "Polish", "und", "🙂", "--", "a" * 500])
def test_a_tag_that_names_no_row_resolves_to_none(tag: str) -> None:
    assert resolve(tag) is None


def test_an_unknown_code_gets_a_neutral_row() -> None:
    assert get("qqq") == Language("qqq", "qqq", "qqq", "Zyyy")
    assert get("und").english == "Undetermined"
    assert get("fil").code == "tl"


def test_rows_are_consistent() -> None:
    aliases = [alias for row in LANGUAGES.values() for alias in row.aliases]
    assert len(aliases) == len(set(aliases))
    assert not set(aliases) & set(LANGUAGES)
    for row in LANGUAGES.values():
        assert row.direction == ("rtl" if row.script in ("Arab", "Hebr", "Thaa") else "ltr"), row.code
        assert resolve(row.code) == row.code


def test_scripts_without_spaces_are_marked() -> None:
    assert {row.code for row in LANGUAGES.values() if not row.spaced} >= {"th", "zh", "ja", "my", "km", "lo"}
    assert get("ko").spaced


def test_lemmatizers_are_ones_that_simplemma_has() -> None:
    factory = pytest.importorskip("simplemma.strategies.dictionaries.dictionary_factory")
    named = {row.lemmatizer for row in LANGUAGES.values() if row.lemmatizer}
    assert named <= set(factory.SUPPORTED_LANGUAGES)


def test_rules_are_for_languages_of_the_table() -> None:
    assert set(ABBREVIATIONS) <= set(LANGUAGES)
    assert set(LANGUAGES) >= ORDINAL_DOT
    assert all(group <= set(LANGUAGES) for group in CLOSE_GROUPS)


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("zh-Hant", "zh"),
        ("zh-TW", "zh"),
        ("zh-HK", "zh"),
        ("zh_CN.GB18030", "zh"),
        ("lzh", "zh"),
        ("zh-yue", "yue"),
        ("zh-Hant-yue", "zh"),
        ("yue-HK", "yue"),
        ("sr-Latn-RS", "sr"),
        ("sr_RS@latin", "sr"),
        ("hbs", "sr"),
        ("arb", "ar"),
        ("pes", "fa"),
        ("zlm", "ms"),
        ("no-NO", "nb"),
    ],
)
def test_regions_scripts_and_macrolanguages_resolve_to_their_row(tag: str, code: str) -> None:
    assert resolve(tag) == code


def test_words_and_letters_are_of_languages_of_the_table() -> None:
    assert set(WORDS) <= set(LANGUAGES)
    assert all(set(rows) <= set(LANGUAGES) for rows in ALPHABETS.values())
    assert set(SEEN_AS) | set(SEEN_AS.values()) <= set(LANGUAGES)
    assert all(word == word.lower() for words in WORDS.values() for word in words)
