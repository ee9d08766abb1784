"""Postings: matched shares of a query, each language by its own terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from search.arrays.kept import KeptRows
from search.passages import postings as postings_module
from search.passages.posting_lists import PostingLists
from search.passages.postings import Postings, PostingsBuilder
from search.ranking.query_terms import Lemmas, QueryTerms

PASSAGES = (
    ("Lojalność klientów rośnie powoli.", "pl"),
    ("Usługa jest droga.", "pl"),
    ("Kundens lojalitet vokser.", "nb"),
    ("Prisen er høy.", "nb"),
)


class Held:
    """Postings and what of a backend goes with them."""

    def __init__(self, passages: Sequence[tuple[str, str]], directory: Path, *before: Any) -> None:
        builder = PostingsBuilder()
        for text, language in passages:
            builder.add(text, language)
        directory.mkdir()
        builder.lists(*before).write(directory, directory)
        postings = Postings(directory)
        self.row_language = postings.row_language
        self.languages = tuple((directory / "languages.txt").read_text("utf-8").split())
        self.counts = np.bincount(postings.row_language)
        self.shares = postings.shares
        self.having, self.frequencies = postings.having, postings.frequencies
        self.terms = QueryTerms(self, Lemmas(directory))  # type: ignore[arg-type]  # all that is used of one


def read(directory: Path) -> PostingLists:
    return PostingLists.read(directory, directory)


class Shares(NamedTuple):
    words: Any
    grams: Any


def matched(kept: Held, text: str) -> Shares:
    return Shares(*kept.shares(kept.terms.queries(text)))


@pytest.fixture
def postings(tmp_path: Path) -> Held:
    return Held(PASSAGES, tmp_path / "postings")


def test_a_question_is_the_same_whatever_was_asked_before(postings: Held, tmp_path: Path) -> None:
    fresh = Held(PASSAGES, tmp_path / "fresh")
    asked = [" ".join(text.split()[:3]) for text, _ in PASSAGES]
    for text in (*asked, " ".join(asked), *asked):
        again = fresh.terms.queries(text)
        anew = QueryTerms(fresh, fresh.terms.lemmas).queries(text)  # type: ignore[arg-type]
        for code, one in again.items():
            for terms, others in ((one.words, anew[code].words), (one.grams, anew[code].grams)):
                assert np.array_equal(terms.weights, others.weights)
                assert np.array_equal(terms.hashes, others.hashes)
                assert np.array_equal(terms.worths, others.worths)
    assert len(again) == len(fresh.languages)


def test_only_passages_with_the_word_score(postings: Held) -> None:
    match = matched(postings, "lojalność")
    assert match.words[0] > 0
    assert match.words[1] == match.words[2] == match.words[3] == 0


def test_another_inflection_scores_less_than_the_form_itself(postings: Held) -> None:
    same, other = matched(postings, "klientów").words[0], matched(postings, "klient").words[0]
    assert same > other > 0


def test_a_word_without_its_marks_still_scores(postings: Held) -> None:
    assert matched(postings, "lojalnosc").words[0] > 0


@pytest.mark.parametrize(
    ("language", "text", "typed"),
    [
        ("pl", "Wziął w dłonie ciepły kubek.", "dlonie"),
        ("tr", "Bahçıvan ağaçları budadı.", "agaclari"),
        ("de", "Zwölf Körbe standen am Zaun.", "Koerbe"),
        ("ar", "شربت الشايَ ثم نمت.", "الشاى"),
        ("zh", "老人修補漁網。", "渔网"),
        ("zh", "老人修補漁網。", "網"),
        ("hi", "अण्डे टोकरी में हैं।", "अंडे"),
        ("en", "It cost 1,876,000 pounds.", "1876000"),
        ("en", "It cost 1876000 pounds.", "1.876.000"),
        ("en", "The o'clock of O’Hara didn't strike.", "ohara"),
    ],
)
def test_a_word_typed_in_another_way_scores(tmp_path: Path, language: str, text: str, typed: str) -> None:
    held = Held([(text, language), ("Nothing of it is here.", language)], tmp_path / "postings")
    match = matched(held, typed)
    assert match.words[0] > 0.25
    assert match.words[1] == 0


def test_a_word_that_has_no_marks_is_worth_the_same_however_it_is_looked_up(tmp_path: Path) -> None:
    plain = Held([("lodz stoi", "pl"), ("nic", "pl")], tmp_path / "plain")
    marked = Held([("łódź stoi", "pl"), ("nic", "pl")], tmp_path / "marked")
    assert matched(plain, "lodz").words[0] > matched(marked, "lodz").words[0] > 0


def test_grams_reach_unseen_inflections(postings: Held) -> None:
    match = matched(postings, "lojalitetens")
    assert match.grams[2] > match.grams[3]


def test_shares_are_between_zero_and_one(postings: Held) -> None:
    match = matched(postings, "lojalność klientów rośnie powoli kundens lojalitet vokser")
    assert 0 <= match.words.min() <= match.words.max() <= 1
    assert 0 <= match.grams.min() <= match.grams.max() <= 1


@pytest.mark.parametrize("together", [0, 3, 1000])
def test_terms_score_the_same_however_many_are_read_together(
    postings: Held, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    text = "lojalność klientów rośnie, lojalitet vokser, prisen er usługa"
    usual = matched(postings, text)
    settings = replace(postings_module.PASSAGES, postings_at_a_time=together)
    monkeypatch.setattr(postings_module, "PASSAGES", settings)
    again = matched(postings, text)
    assert usual.grams.all()
    assert np.array_equal(again.grams, usual.grams)
    assert np.array_equal(again.words, usual.words)


def test_function_words_carry_little(postings: Held) -> None:
    terms = postings.terms.queries("usługa jest")
    (found,) = postings.terms.shares("usługa jest", terms[postings.languages.index("pl")], np.array([1]))
    shares = dict(found)
    assert shares["usługa"] > 2 * shares["jest"]


def test_an_empty_collection_matches_nothing(tmp_path: Path) -> None:
    assert matched(Held((), tmp_path / "postings"), "anything").words.shape == (0,)


def test_what_stays_is_matched_as_before_and_what_is_new_as_if_all_were_made_anew(tmp_path: Path) -> None:
    added = [("Usługa rośnie powoli.", "pl"), ("Tjenesten er dyr.", "nb"), ("Bread rises.", "en")]
    Held(PASSAGES, tmp_path / "before")
    kept = KeptRows(np.array([0, 1, 3]), 4, 3)
    found = Held(added, tmp_path / "after", read(tmp_path / "before"), kept)
    whole = Held([PASSAGES[0], PASSAGES[1], PASSAGES[3], *added], tmp_path / "whole")
    assert found.languages == whole.languages == ("pl", "nb", "en")
    assert found.row_language.tolist() == whole.row_language.tolist() == [0, 0, 1, 0, 1, 2]
    for query in ("lojalność", "usługa rośnie", "klient", "vokser", "prisen er", "bread", "tjeneste"):
        one, other = matched(found, query), matched(whole, query)
        assert np.allclose(one.words, other.words, atol=0.02), query
        assert np.allclose(one.grams, other.grams, atol=0.02), query
    assert not found.terms.known(["vokser"]).any()


def test_a_language_that_has_no_passage_any_more_is_gone(tmp_path: Path) -> None:
    Held(PASSAGES, tmp_path / "before")
    kept = KeptRows(np.array([2, 3]), 4, 0)
    found = Held((), tmp_path / "after", read(tmp_path / "before"), kept)
    assert found.languages == ("nb",)
    assert matched(found, "prisen").words[1] > 0
    Held(PASSAGES[2:], tmp_path / "whole")
    terms, others = (read(tmp_path / name).terms for name in ("after", "whole"))
    assert np.array_equal(terms, others)


def test_the_passages_of_each_term_are_in_order_whatever_the_term(tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    known = rng.integers(0, 2**64, 60, dtype=np.uint64)
    of_passages = [np.sort(rng.choice(known, 7, replace=False)) for _ in range(300)]
    terms, sizes = np.concatenate(of_passages), np.full(300, 7)
    often = np.ones(len(terms), np.uint16)
    lists = PostingLists.made(terms, often, sizes, np.full(300, 9.0, np.float32), ["en"] * 300, {}, {})
    lists.write(tmp_path, tmp_path)
    assert (tmp_path / "passages.npy").stat().st_size < 2 * len(terms) + 200
    for held in (lists, PostingLists.read(tmp_path, tmp_path)):
        assert held.terms.tolist() == sorted(set(terms.tolist()))
        for at, term in enumerate(held.terms):
            passages = held.passages[int(held.offsets[at]) : int(held.offsets[at + 1])]
            assert passages.tolist() == [row for row, has in enumerate(of_passages) if term in has]
