"""The ranking half of the lexical leg: BM25 postings, each language's terms within that language.

A term is a 64-bit hash of (language, kind, text), so the dictionary is a sorted array that is memory-
mapped and searched, whatever its size. A posting holds BM25's saturated term frequency (Robertson and
Zaragoza 2009, k1 = 1.2, b = 0.75), 0–1; the inverse document frequency is the query's
(:mod:`search.ranking.query_terms`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.text.hashes import hash64
from search.arrays.kept import KeptRows
from search.arrays.memory import remembered
from search.arrays.runs import offsets_of
from search.arrays.strings import mapped
from search.budget import checkpoint
from search.language import analysis
from search.language.index_terms import IndexedWord, indexed_words
from search.passages.backend import WeightedTerms, WordQuery
from search.passages.posting_lists import PostingLists

__all__ = [
    "FOLDED",
    "FORM",
    "FORM_LEMMA",
    "GRAM",
    "LEMMA",
    "Postings",
    "PostingsBuilder",
    "term_hash",
    "term_hashes",
]

# The kinds of terms; and what tells a form's lemma.
FORM, LEMMA, FOLDED, GRAM, FORM_LEMMA = "form", "lemma", "folded", "gram", "lemma-of"


def term_hash(language: str, kind: str, text: str) -> int:
    return hash64(kind, text) ^ _of_language(language)


def term_hashes(languages: Sequence[str], kind: str, texts: Sequence[str]) -> NDArray[np.uint64]:
    """Some texts' terms in each of some languages: (languages, texts)."""
    of_languages = np.array([_of_language(language) for language in languages], np.uint64)
    return of_languages[:, None] ^ np.array([_hash(kind, text) for text in texts], np.uint64)


@remembered(1 << 15)
def _hash(kind: str, text: str) -> int:
    """The same few come again and again: grams, and words in every language of a library."""
    return hash64(kind, text)


@cache
def _of_language(language: str) -> int:
    return hash64("language", language)


class PostingsBuilder:
    """Collects passages in row order."""

    def __init__(self) -> None:
        self._rows: list[NDArray[np.uint64]] = []
        self._frequencies: list[NDArray[np.float32]] = []
        self._lengths: list[int] = []
        self._languages: list[str] = []
        self._lemmas: dict[int, int] = {}
        self._terms: dict[tuple[IndexedWord, str], NDArray[np.uint64]] = {}

    def add(self, text: str, language: str) -> None:
        """The next passage."""
        self.add_words(indexed_words(text, language), language)

    def add_words(self, words: Sequence[IndexedWord], language: str) -> None:
        """The next passage, given as its words."""
        of_words = [np.zeros(0, np.uint64), *(self._terms_of(word, language) for word in words)]
        terms, counts = np.unique(np.concatenate(of_words), return_counts=True)
        self._rows.append(terms)
        self._frequencies.append(counts.astype(np.float32))
        self._lengths.append(len(words))
        self._languages.append(language)

    def lists(self, before: PostingLists | None = None, kept: KeptRows | None = None) -> PostingLists:
        """The postings; after those ``before`` of the passages that are ``kept``."""
        usual = dict(zip(before.languages, before.averages.tolist(), strict=True)) if before else {}
        lengths = np.array(self._lengths, dtype=np.float32)
        made = PostingLists.made(self._rows, self._frequencies, lengths, self._languages, self._lemmas, usual)
        self._rows, self._frequencies = [], []
        return made if before is None or kept is None else before.joined(kept, made)

    def _terms_of(self, word: IndexedWord, language: str) -> NDArray[np.uint64]:
        """The terms of a word, some of them twice. What it is folded to is not said again where it is written
        so: a query asks for both."""
        terms = self._terms.get((word, language))
        if terms is None:
            lemma = analysis.lemma(word.form, language)
            of_lemma = term_hash(language, LEMMA, lemma)
            self._lemmas[term_hash(language, FORM_LEMMA, word.form)] = of_lemma
            of_folded = {*word.folded, *analysis.readings(lemma, language)}.difference(word.forms)
            own = [
                *(term_hash(language, FORM, form) for form in word.forms),
                of_lemma,
                *(term_hash(language, FOLDED, form) for form in sorted(of_folded)),
            ]
            grams = term_hashes([language], GRAM, analysis.grams(word.form))[0]
            terms = np.concatenate([np.array(own, np.uint64), grams])
            self._terms[word, language] = terms
        return terms


class Postings:
    """Written postings, memory-mapped; read-only and thread-safe."""

    def __init__(self, directory: Path) -> None:
        def read(name: str) -> Any:
            return mapped(directory / f"{name}.npy")

        self._terms, self._offsets = read("terms"), read("offsets")
        self._passages, self._impacts = read("passages"), read("impacts")
        self.row_language: NDArray[np.int16] = read("row_language")

    def frequencies(self, terms: NDArray[np.uint64]) -> NDArray[np.int64]:
        """How many passages have each of some terms."""
        at, there = self._places(terms)
        return np.where(there, self._offsets[at + there] - self._offsets[at], 0)

    def having(self, rows: NDArray[np.int64], terms: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Whether each of some passages has each of some terms: (len(rows), len(terms))."""
        found = np.zeros((len(rows), len(terms)), np.bool_)
        for column, (at, there) in enumerate(zip(*self._places(terms), strict=True)):
            if there:
                passages = self._passages[self._offsets[at] : self._offsets[at + 1]]
                places = np.minimum(np.searchsorted(passages, rows), len(passages) - 1)
                found[:, column] = passages[places] == rows
        return found

    def shares(self, queries: Mapping[int, WordQuery]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The matched share of the words, and of the grams, of queries by language in every passage: (P,)
        each."""
        words = self._shares([query.words for query in queries.values()])
        checkpoint("words")
        grams = self._shares([query.grams for query in queries.values()])
        checkpoint("words")
        return words, grams

    def _shares(self, queries: Iterable[WeightedTerms]) -> NDArray[np.float32]:
        """The matched share of the weight of queries, each of which is of other passages than the others, in
        every passage (P,)."""
        every = list(queries)
        values = [query.values() for query in every]
        held = [np.nonzero(of_query) for of_query in values]
        keys = [np.zeros(0, np.uint64), *(query.hashes[at] for query, at in zip(every, held, strict=True))]
        firsts = offsets_of([len(of_query) for of_query in values]).tolist()
        owners = [
            np.zeros(0, np.int64),
            *(rows + first for (rows, _), first in zip(held, firsts, strict=False)),
        ]
        at, there = self._places(np.concatenate(keys))
        owner = np.concatenate(owners)[there]
        several = np.bincount(owner)[owner] > 1
        found = [np.zeros(0), *(of_query[at] for of_query, at in zip(values, held, strict=True))]
        value = np.concatenate(found).astype(np.float32)[there]
        at = at[there]
        scores = self._gained(at[~several], value[~several])
        # Of the variants of a term the best counts.
        scratch = np.zeros_like(scores)
        for term in np.unique(owner[several]):
            mine = np.flatnonzero(owner == term)
            touched = [self._passages[self._span(at[place])] for place in mine]
            for place, passages in zip(mine, touched, strict=True):
                gained = self._impacts[self._span(at[place])].astype(np.float32) * value[place]
                scratch[passages] = np.maximum(scratch[passages], gained)
            for passages in touched:  # what a passage has gained is added once
                scores[passages] += scratch[passages]
                scratch[passages] = 0
        return scores

    def _gained(self, at: NDArray[np.int64], values: NDArray[np.float32]) -> NDArray[np.float32]:
        """What every passage (P,) gains by some terms of these values, all in all."""
        sums = np.zeros(len(self.row_language), np.float32)
        # Term by term, in place: all of them end to end would be copied four times in a large library.
        for term, value in zip(at, values, strict=True):
            span = self._span(term)
            np.add.at(sums, self._passages[span], self._impacts[span].astype(np.float32) * value)
        return sums

    def _span(self, at: np.int64) -> slice:
        """Where a term's passages are."""
        return slice(int(self._offsets[at]), int(self._offsets[at + 1]))

    def _places(self, terms: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where terms are among the known ones, and whether they are."""
        at = np.searchsorted(self._terms, terms)
        if not len(self._terms):
            return at, np.zeros(len(terms), np.bool_)
        at = np.minimum(at, len(self._terms) - 1)
        return at, self._terms[at] == terms
