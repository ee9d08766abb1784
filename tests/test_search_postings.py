"""Postings: matched shares of a query, each language by its own terms."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from search.postings import Postings, PostingsBuilder
from search.query_terms import Lemmas, QueryTerms

PASSAGES = (
    ("Lojalność klientów rośnie powoli.", "pl"),
    ("Usługa jest droga.", "pl"),
    ("Kundens lojalitet vokser.", "nb"),
    ("Prisen er høy.", "nb"),
)


class Kept:
    """Postings and what of a backend goes with them."""

    def __init__(self, passages: tuple[tuple[str, str], ...], directory: Path) -> None:
        builder = PostingsBuilder()
        for text, language in passages:
            builder.add(text, language)
        builder.write(directory)
        postings = Postings(directory)
        self.languages = tuple(dict.fromkeys(language for _, language in passages))
        self.counts = np.bincount(postings.row_language)
        self.shares = postings.shares
        self.having, self.frequencies = postings.having, postings.frequencies
        self.terms = QueryTerms(self, Lemmas(directory))  # type: ignore[arg-type]  # all that is used of one


class Shares(NamedTuple):
    words: Any
    grams: Any


def matched(kept: Kept, text: str) -> Shares:
    return Shares(*kept.shares(kept.terms.queries(text)))


@pytest.fixture
def postings(tmp_path: Path) -> Kept:
    return Kept(PASSAGES, tmp_path / "postings")


def test_only_passages_with_the_word_score(postings: Kept) -> None:
    match = matched(postings, "lojalność")
    assert match.words[0] > 0
    assert match.words[1] == match.words[2] == match.words[3] == 0


def test_another_inflection_scores_less_than_the_form_itself(postings: Kept) -> None:
    same, other = matched(postings, "klientów").words[0], matched(postings, "klient").words[0]
    assert same > other > 0


def test_a_word_without_its_marks_still_scores(postings: Kept) -> None:
    assert matched(postings, "lojalnosc").words[0] > 0


def test_grams_reach_unseen_inflections(postings: Kept) -> None:
    match = matched(postings, "lojalitetens")
    assert match.grams[2] > match.grams[3]


def test_shares_are_between_zero_and_one(postings: Kept) -> None:
    match = matched(postings, "lojalność klientów rośnie powoli kundens lojalitet vokser")
    assert 0 <= match.words.min() <= match.words.max() <= 1
    assert 0 <= match.grams.min() <= match.grams.max() <= 1


def test_function_words_carry_little(postings: Kept) -> None:
    terms = postings.terms.queries("usługa jest")
    shares = dict(postings.terms.shares("usługa jest", terms[postings.languages.index("pl")], 1))
    assert shares["usługa"] > 2 * shares["jest"]


def test_an_empty_collection_matches_nothing(tmp_path: Path) -> None:
    assert matched(Kept((), tmp_path / "postings"), "anything").words.shape == (0,)
