"""What people type is read, or refused in words that help."""

import pytest

from search.errors import QueryError
from webapp import params


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("  loyalty ", "loyalty"),
        ("a\x00b\x1b[31m", "a b [31m"),
        ("лояльность\n", "лояльность"),
        ("a\ud800b", "a b"),
        ("قهوة", "قهوة"),
    ],
)
def test_a_query_loses_control_characters_and_outer_space(raw, read):
    assert params.query_text(raw, 300) == read


@pytest.mark.parametrize("raw", [None, "", "   ", "\x00\x1b\n", "\u2003"])
def test_an_empty_query_is_refused(raw):
    with pytest.raises(QueryError, match="empty"):
        params.query_text(raw, 300)


def test_a_query_may_be_as_long_as_the_limit_and_no_longer():
    assert params.query_text("x" * 300, 300)
    with pytest.raises(QueryError, match=r"301 characters; at most 300"):
        params.query_text("x" * 301, 300)


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([], ()),
        ([""], ()),
        (["pl,ru"], ("pl", "ru")),
        (["pl", "ru , pl"], ("pl", "ru")),
        (["fil"], ("tl",)),
        (["no"], ("nb",)),
        (["und"], ("und",)),
    ],
)
def test_languages_come_as_codes_of_the_table(values, codes):
    assert params.chosen_languages(values, ["pl", "ru", "tl", "nb", "und"]) == codes


@pytest.mark.parametrize("tag", ["fr", "xx", "<b>", "p l", "\x1b[31m"])
def test_a_language_the_library_has_not_is_refused_with_those_it_has(tag):
    with pytest.raises(QueryError, match="the library has pl, ru"):
        params.chosen_languages([tag], ["ru", "pl"])


def test_a_language_tag_need_not_be_in_the_library():
    assert params.language_tag("fil") == "tl"
    assert params.language_tag("") is None
    with pytest.raises(QueryError, match="no language"):
        params.language_tag("klingon")


@pytest.mark.parametrize(("raw", "number"), [(None, 1), ("", 1), ("7", 7), ("007", 7)])
def test_a_number_is_read(raw, number):
    assert params.whole_number(raw, "page", 1, 1, 100) == number


@pytest.mark.parametrize("raw", ["0", "101", "-1", "x", "1.5", "1_0", "１", "9" * 5000])
def test_any_other_number_is_refused(raw):
    with pytest.raises(QueryError, match="“page” must be a number from 1 to 100"):
        params.whole_number(raw, "page", 1, 1, 100)


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("3-9", (3, 9)),
        ("0-10", (0, 10)),
        ("9-3", None),
        ("3-11", None),
        ("3", None),
        ("a-b", None),
        (None, None),
    ],
)
def test_a_quote_that_does_not_fit_the_text_is_left_out(raw, read):
    assert params.quote_range(raw, 10) == read
