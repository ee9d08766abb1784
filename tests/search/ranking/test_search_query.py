"""The query language: everything that is not an operator is literal text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.errors import QueryError
from search.ranking.query import parse
from search.ranking.settings import RANKING


def test_plain_words_are_text() -> None:
    query = parse("how does service relate to loyalty")
    assert query.text == "how does service relate to loyalty"
    assert (query.phrases, query.excluded, query.languages) == ((), (), ())


@pytest.mark.parametrize("quoted", ['"two words"', "“two words”", "«two words»", "„two words”"])
def test_quotes_of_every_kind_make_a_phrase(quoted: str) -> None:
    assert parse(f"some {quoted}").phrases == ("two words",)


def test_minus_excludes_a_word_or_a_phrase() -> None:
    query = parse('bread -yeast -"rye flour"')
    assert query.text == "bread"
    assert query.excluded == ("yeast", "rye flour")


def test_a_hyphen_inside_a_word_excludes_nothing() -> None:
    assert parse("state-of-the-art COVID-19").excluded == ()


def test_a_word_is_excluded_wherever_it_stands() -> None:
    query = parse('-yeast bread -"rye flour" crust')
    assert query.text == "bread crust"
    assert query.excluded == ("yeast", "rye flour")


@pytest.mark.parametrize("raw", ["-18 °C", "kept at -18 degrees", "sank to -٥", "from -3 to -1"])
def test_a_minus_before_a_digit_is_a_numbers(raw: str) -> None:
    query = parse(raw)
    assert (query.text, query.excluded) == (raw, ())


def test_the_sign_of_a_hebrew_acronym_quotes_nothing() -> None:
    query = parse('מנכ"ל "בית ספר" דו"ח')
    assert query.text == "מנכ״ל בית ספר דו״ח"
    assert query.phrases == ("בית ספר",)


def test_lang_restricts_and_knows_aliases() -> None:
    assert parse("bread lang:pl lang:fil").languages == ("pl", "tl")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(QueryError, match="lang:qq"):
        parse("bread lang:qq")


@pytest.mark.parametrize("literal", ["*a", "word~9", "((((", "a OR b AND", "field:value", "[1 TO 2]", "a^5"])
def test_other_systems_operators_are_literal(literal: str) -> None:
    assert parse(literal + " x").text == literal + " x"


def test_only_exclusions_are_refused() -> None:
    with pytest.raises(QueryError):
        parse("-bread")


def test_an_over_long_query_is_refused_with_the_limit() -> None:
    with pytest.raises(QueryError, match="10,000"):
        parse("a" * (RANKING.query_characters + 1))


@given(st.text(max_size=300))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        query = parse(text)
    except QueryError:
        return
    assert query.text.strip()


@pytest.mark.parametrize(
    ("raw", "only"), [('"two words"', True), ('"two words" -three lang:pl', True), ('a "two words"', False)]
)
def test_a_query_of_phrases_alone_is_told_from_a_question_with_one(raw: str, only: bool) -> None:
    assert parse(raw).only_phrases is only
