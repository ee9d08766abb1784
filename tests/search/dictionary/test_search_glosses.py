"""What the reader's language calls the words of a quote."""

import pytest

from search.errors import QueryError

QUESTION = "how does service relate to loyalty"


def said(engine, words, spoken, language, question=""):
    found = engine.glosses(words, spoken, language, question=question)
    assert all(0.65 <= one.probability <= 1 for one in found)
    return {one.word: one.meaning for one in found}


def test_the_library_s_own_dictionary_says_it_first(engine):
    found = said(engine, ["lojalność", "obsługa"], "pl", "nb")
    assert found["lojalność"].casefold().startswith("lojalitet")
    assert set(found) <= {"lojalność", "obsługa"}


def test_a_word_of_the_background_is_told_by_its_meaning_in_any_of_its_languages(engine):
    # None of these languages has articles here.
    assert said(engine, ["Вода", "война"], "ru", "en") == {"Вода": "water", "война": "war"}
    assert said(engine, ["woda"], "pl", "ar") == {"woda": "ماء"}


def test_what_was_found_by_a_word_of_the_reader_s_question_is_called_so(engine):
    found = said(engine, ["лояльность", "lojalność"], "ru", "en", QUESTION)
    assert found["лояльность"] == "loyalty"
    assert said(engine, ["katapatan"], "tl", "en", QUESTION) == {"katapatan": "loyalty"}
    # A question in a third language says nothing to this reader.
    assert (
        "relasjon" not in said(engine, ["лояльность"], "ru", "en", "hvordan henger service sammen?").values()
    )


def test_what_is_not_known_is_left_out_and_the_reader_s_own_language_needs_nothing(engine):
    assert said(engine, ["qzxqzx"], "pl", "en") == {}
    assert said(engine, ["woda"], "pl", "pl") == {}
    assert said(engine, [], "pl", "en") == {}
    assert said(engine, ["woda"], "und", "en").keys() <= {"woda"}
    with pytest.raises(QueryError):
        engine.glosses(["woda"], "pl", "nonsense")


def test_each_word_is_told_once_in_its_order(engine):
    found = engine.glosses(["woda", "Wojna", "Woda", "woda"], "pl", "en")
    assert [one.word for one in found] == ["woda", "Wojna"]
