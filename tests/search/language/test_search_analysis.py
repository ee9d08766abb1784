"""Words, lemmas, folding and grams, in scripts of several kinds."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from many_scripts import SENTENCES

from search.language import analysis


def forms(text: str) -> list[str]:
    return [word.form for word in analysis.words(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lojalność klientów!", ["lojalność", "klientów"]),
        ("العَرَبِيَّة لغة", ["العَرَبِيَّة", "لغة"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("C++ and F#", ["c++", "and", "f#"]),
        ("5 € § 12", ["5", "€", "§", "12"]),
        ("STRASSE Straße", ["strasse", "strasse"]),
    ],
)
def test_words_stay_whole(text: str, expected: list[str]) -> None:
    assert forms(text) == expected


@given(st.lists(st.text(max_size=12) | st.sampled_from(list(SENTENCES.values())), max_size=4).map(" ".join))
def test_forms_alone_are_those_of_the_words(text: str) -> None:
    assert analysis.forms(text) == forms(text)


def test_scripts_without_spaces_give_pairs() -> None:
    assert forms("図書館") == ["図書", "書館"]
    assert forms("AI図書") == ["ai", "図書"]


def test_decomposed_text_gives_the_same_words() -> None:
    assert forms(unicodedata.normalize("NFD", "Ångström")) == forms("Ångström")


@given(st.text(max_size=200))
def test_every_word_has_its_offsets(text: str) -> None:
    for word in analysis.words(text):
        assert 0 <= word.start < word.end <= len(text)
        assert analysis.normal(text[word.start : word.end]) == word.form


@pytest.mark.parametrize(
    ("language", "form", "expected"),
    [("pl", "lojalności", "lojalność"), ("nb", "lojaliteten", "lojalitet"), ("ru", "клиентов", "клиент")],
)
def test_lemmas_join_inflections(language: str, form: str, expected: str) -> None:
    assert analysis.lemma(form, language) == expected


def test_a_greek_word_that_ends_in_sigma_is_in_the_dictionary_after_casefolding() -> None:
    assert forms("Δρόμους") == ["δρόμουσ"]
    assert analysis.lemma("δρόμουσ", "el") == "δρόμος".casefold()
    assert analysis.in_dictionary("δρόμουσ", "el")


def test_a_language_without_a_lemmatiser_keeps_the_form() -> None:
    assert analysis.lemma("図書", "ja") == "図書"


@pytest.mark.parametrize(("form", "folded"), [("łódź", "lodz"), ("ещё", "еще"), ("smørbrød", "smorbrod")])
def test_folding_takes_marks_and_strokes_off(form: str, folded: str) -> None:
    assert analysis.fold(form) == folded


def test_digits_that_only_later_versions_of_unicode_have_stay_as_they_are() -> None:
    new = "\U000116d0\U000116d1\U000116d2\U000116d3"  # for Karen, of Unicode 16
    assert forms(f"{new} 5.3.{new} 1974")[0] == new
    assert [word.whole for word in analysis.words("5.3.1974")] == ["1974-03-05"] * 3


def test_grams_meet_across_inflections_and_scripts() -> None:
    def common(left: str, right: str) -> int:
        return len(set(analysis.grams(left)) & set(analysis.grams(right)))

    assert common("lojalitet", "lojaliteten") >= 6
    assert common("smith", "смит") >= 2
    assert common("loyalty", "bicycle") == 0
