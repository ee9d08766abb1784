"""Postings: matched shares of a query, each language by its own terms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from search.kept import Kept
from search.posting_lists import PostingLists
from search.postings import Match, Postings, PostingsBuilder

PASSAGES = (
    ("Lojalność klientów rośnie powoli.", "pl"),
    ("Usługa jest droga.", "pl"),
    ("Kundens lojalitet vokser.", "nb"),
    ("Prisen er høy.", "nb"),
)


def matched(postings: Postings, text: str) -> Match:
    """A query of which no translations are known."""
    return postings.match(text, np.zeros(postings.size, np.float32))


@pytest.fixture
def postings(tmp_path: Path) -> Postings:
    builder = PostingsBuilder()
    for text, language in PASSAGES:
        builder.add(text, language)
    builder.write(tmp_path / "postings")
    return Postings(tmp_path / "postings")


def test_only_passages_with_the_word_score(postings: Postings) -> None:
    match = matched(postings, "lojalność")
    assert match.words[0] > 0
    assert match.words[1] == match.words[2] == match.words[3] == 0


def test_another_inflection_scores_less_than_the_form_itself(postings: Postings) -> None:
    same, other = matched(postings, "klientów").words[0], matched(postings, "klient").words[0]
    assert same > other > 0


def test_a_word_without_its_marks_still_scores(postings: Postings) -> None:
    assert matched(postings, "lojalnosc").words[0] > 0


def test_grams_reach_unseen_inflections(postings: Postings) -> None:
    match = matched(postings, "lojalitetens")
    assert match.grams[2] > match.grams[3]


def test_shares_are_between_zero_and_one(postings: Postings) -> None:
    match = matched(postings, "lojalność klientów rośnie powoli kundens lojalitet vokser")
    assert 0 <= match.words.min() <= match.words.max() <= 1
    assert 0 <= match.grams.min() <= match.grams.max() <= 1


def test_function_words_carry_little(postings: Postings) -> None:
    shares = dict(postings.shares("usługa jest", "pl", 1))
    assert shares["usługa"] > 2 * shares["jest"]


def test_an_empty_collection_matches_nothing(tmp_path: Path) -> None:
    PostingsBuilder().write(tmp_path / "postings")
    assert matched(Postings(tmp_path / "postings"), "anything").words.shape == (0,)


def built(passages: Sequence[tuple[str, str]], directory: Path, *before: Any) -> Postings:
    builder = PostingsBuilder()
    for text, language in passages:
        builder.add(text, language)
    builder.write(directory, *before)
    return Postings(directory)


def test_what_stays_is_matched_as_before_and_what_is_new_as_if_all_were_made_anew(tmp_path: Path) -> None:
    added = [("Usługa rośnie powoli.", "pl"), ("Tjenesten er dyr.", "nb"), ("Bread rises.", "en")]
    before = built(PASSAGES, tmp_path / "before")
    kept = Kept(np.array([0, 1, 3]), 4, 3)
    found = built(added, tmp_path / "after", PostingLists.read(tmp_path / "before"), kept)
    now = [PASSAGES[0], PASSAGES[1], PASSAGES[3], *added]
    whole = built(now, tmp_path / "whole")
    assert found.languages == whole.languages == ("pl", "nb", "en")
    assert found.row_language.tolist() == whole.row_language.tolist() == [0, 0, 1, 0, 1, 2]
    for query in ("lojalność", "usługa rośnie", "klient", "vokser", "prisen er", "bread", "tjeneste"):
        one, other = matched(found, query), matched(whole, query)
        assert np.allclose(one.words, other.words, atol=0.02), query
        assert np.allclose(one.grams, other.grams, atol=0.02), query
    assert matched(before, "vokser").words[2] > 0
    assert not found.knows("vokser")


def test_a_language_that_has_no_passage_any_more_is_gone(tmp_path: Path) -> None:
    built(PASSAGES, tmp_path / "before")
    kept = Kept(np.array([2, 3]), 4, 0)
    found = built((), tmp_path / "after", PostingLists.read(tmp_path / "before"), kept)
    assert found.languages == ("nb",)
    assert matched(found, "prisen").words[1] > 0
    whole = built(PASSAGES[2:], tmp_path / "whole")
    terms, others = (PostingLists.read(tmp_path / name).terms for name in ("after", "whole"))
    assert np.array_equal(terms, others)
    assert whole.languages == found.languages
