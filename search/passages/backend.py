"""What the engine asks of whatever keeps its passages: one seam, embedded files on one side, a cluster on the
other.

A *row* is a passage's place in one generation of a library, and passages of one article are neighbours; a
sentence, too, has a place of its own, and those of one passage are neighbours. Rows and sentences are what
calibration, vocabulary, fusion and answers speak of: none of them knows which backend there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from search.arrays.runs import offsets_of, places_of, runs_of
from search.arrays.vectors import Vectors

__all__ = [
    "ANSWERS",
    "ITEM",
    "LEADS",
    "Backend",
    "BackendWriter",
    "Gathering",
    "Matched",
    "PassageBatch",
    "Rows",
    "Scored",
    "SentenceTokens",
    "WeightedTerms",
    "WordQuery",
    "joined",
]

Rows = NDArray[np.int64]
"""Rows, keys or places of passages or sentences, (n,)."""

# What is kept of a sentence's kind, a bit each.
ANSWERS = 1  # it can be evidence by itself: no heading, question or fragment, and it leads up to nothing
ITEM = 2  # it is an item of a list
LEADS = 4  # it leads up to something, with a colon


@dataclass(frozen=True, slots=True)
class PassageBatch:
    """Passages to be kept, n of them with S sentences and T kept tokens, in row order from ``first_row`` and
    sentence order from ``first_sentence`` on.

    ``keys`` and ``articles`` (n,) are those of the knowledge base; ``languages`` of the passages and
    ``article_languages`` of their articles, n each; ``vectors`` (n, d) and ``sentences`` (S, d) are centred
    unit rows, the sentences of passage i being ``bounds[i]:bounds[i+1]``; ``kinds`` (S,) are sums of ANSWERS,
    ITEM and LEADS; the kept tokens of sentence s (see :mod:`search.passages.tokens`) are
    ``tokens[token_offsets[s]:token_offsets[s+1]]``; the lexical terms of passage i, hashes of (language,
    kind, text) with their saturated frequencies (see :mod:`search.passages.postings`), are
    ``terms[term_offsets[i]:term_offsets[i+1]]`` and ``impacts`` likewise. ``texts`` are for
    phrases, with the title before an article's first.
    """

    first_row: int
    first_sentence: int
    keys: Rows
    articles: Rows
    languages: Sequence[str]
    article_languages: Sequence[str]
    texts: Sequence[str]
    vectors: Vectors
    sentences: Vectors
    bounds: Rows
    kinds: NDArray[np.uint8]
    tokens: NDArray[np.uint8]
    token_offsets: Rows
    terms: NDArray[np.uint64]
    impacts: NDArray[np.float32]
    term_offsets: Rows


@dataclass(frozen=True, slots=True)
class Scored:
    """Passages that were looked at, in ascending order of their ``rows`` (n,), with their cosines to a query.

    ``keys`` and ``articles`` (n,) are those of the knowledge base; ``language`` and ``article_language`` (n,)
    are places in :attr:`Backend.languages`; ``first`` (n,) is the number of each one's first sentence, and
    its sentences are ``bounds[i]:bounds[i+1]`` of ``sentence`` (S,), their cosines, and ``kinds`` (S,).
    """

    rows: Rows
    keys: Rows
    articles: Rows
    language: NDArray[np.int16]
    article_language: NDArray[np.int16]
    first: Rows
    bounds: Rows
    passage: Vectors
    sentence: Vectors
    kinds: NDArray[np.uint8]

    @property
    def answers(self) -> NDArray[np.bool_]:
        """Which sentences can be evidence (S,)."""
        return (self.kinds & ANSWERS) > 0

    @property
    def items(self) -> NDArray[np.bool_]:
        """Which sentences are items of lists (S,)."""
        return (self.kinds & ITEM) > 0

    @property
    def numbers(self) -> Rows:
        """The places of all sentences among the library's (S,)."""
        sizes = np.diff(self.bounds)
        return places_of(self.first, sizes)

    def take(self, places: Rows) -> Scored:
        """Some of the passages, given in the order of their rows."""
        spans = runs_of(self.bounds, places)
        return Scored(
            self.rows[places],
            self.keys[places],
            self.articles[places],
            self.language[places],
            self.article_language[places],
            self.first[places],
            offsets_of(np.diff(self.bounds)[places]),
            self.passage[places],
            self.sentence[spans],
            self.kinds[spans],
        )


@dataclass(frozen=True, slots=True)
class WeightedTerms:
    """Words of a query in one language, or its grams: what each is worth where it is found (its IDF),
    ``weights`` (n,); the ``hashes`` (n, v) that it may be found by; and what a match by each is worth, 0–1,
    ``worths`` (n, v), of which the best counts; 0 for those that no passage has."""

    weights: NDArray[np.float64]
    hashes: NDArray[np.uint64]
    worths: NDArray[np.float64]

    def values(self) -> NDArray[np.float64]:
        """What a match by each hash adds to a passage's share (n, v)."""
        shares: NDArray[np.float64] = self.worths * self.weights[:, None] / (self.weights.sum() or 1.0)
        return shares


@dataclass(frozen=True, slots=True)
class WordQuery:
    """A query's terms in one language: whole ``words``, and character ``grams``.

    A passage's share is the sum of weight × worth × saturated frequency over the terms, divided by the sum of
    all weights."""

    words: WeightedTerms
    grams: WeightedTerms


@dataclass(frozen=True, slots=True)
class Matched:
    """The matched share, 0–1, of a query's words and grams (n,), of passages in ascending order of their
    ``rows`` (n,)."""

    rows: Rows
    words: Vectors
    grams: Vectors


@dataclass(frozen=True, slots=True)
class SentenceTokens:
    """The kept tokens of some sentences, one sentence after the other: those of the i-th are
    ``tokens[offsets[i]:offsets[i+1]]``, uint8 (T, width)."""

    tokens: NDArray[np.uint8]
    offsets: Rows


class Backend(Protocol):
    """One generation of a library, opened for reading; thread-safe."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Of the passages and their articles; a language's place here is its code."""
        ...

    @property
    def counts(self) -> NDArray[np.int64]:
        """Passages by language code."""
        ...

    def rank_by_vector(
        self,
        query: Vectors,
        each: int,
        article_languages: frozenset[int] | None = None,
        only: Rows | None = None,
    ) -> Scored:
        """Every language's ``each`` best passages by half their own cosine and half their best sentence's,
        to a centred unit vector (d,); of articles in some languages, or among some rows."""
        ...

    def fetch(self, rows: Rows, query: Vectors) -> Scored:
        """Some passages, given in ascending order, each once."""
        ...

    def frequencies(self, terms: NDArray[np.uint64]) -> NDArray[np.int64]:
        """How many passages have each of some terms."""
        ...

    def rank_by_words(
        self,
        queries: Mapping[int, WordQuery],
        each: int,
        also: Callable[[], Rows],
        article_languages: frozenset[int] | None = None,
        only: Rows | None = None,
    ) -> Matched:
        """The ``each`` passages of every language (by code, of those that have a query) that match most of
        their words and grams, and those of ``also`` (ascending, each once), whatever they match: those are
        asked for as late as can be, for somebody else may be looking for them meanwhile."""
        ...

    def holding(self, words: Sequence[tuple[str, ...]], among: Rows | None = None) -> Rows:
        """The rows of the passages (of some, or all) that have these words in a row, ascending; each word is
        given as the terms of :mod:`search.language.index_terms` that it may be found by."""
        ...

    def having(self, rows: Rows, terms: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Whether each of some passages has each of some terms: (len(rows), len(terms))."""
        ...

    def tokens(self, sentences: Rows) -> SentenceTokens:
        """Kept tokens of some sentences, given in ascending order."""
        ...

    def passages_of(self, sentences: Rows) -> Rows:
        """The row of the passage that each of some sentences is in."""
        ...

    def sample(self, most: int) -> tuple[Rows, Vectors, NDArray[np.int16]]:
        """At most so many passages, spread over the library: their rows (n,), ascending, their vectors (n, d)
        and their languages (n,)."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Gathering(Backend, Protocol):
    """A backend that makes all of a question's pool at once, for every time it is asked is a way to a server
    and back."""

    def gather(
        self,
        query: Vectors,
        queries: Mapping[int, WordQuery],
        each: int,
        by_words: int,
        article_languages: frozenset[int] | None,
        only: Rows | None,
    ) -> tuple[Scored, Matched]:
        """Every language's ``each`` best passages by vector and ``by_words`` best by words, of all articles
        and again of those in some languages, among some rows or all; both say what they have of all of
        them."""
        ...


class BackendWriter(Protocol):
    """One generation being written. What is written twice is there once; nothing is seen before ``swap``."""

    def write(self, batch: PassageBatch) -> None: ...

    def delete(self, rows: Rows) -> None:
        """Takes passages out again."""
        ...

    def finish(self) -> None:
        """Makes what was written durable and searchable."""
        ...

    def swap(self) -> None:
        """Makes this generation the one that is opened from now on, at once and whole; readers of the one
        before keep it until they close."""
        ...


def joined(parts: Iterable[Scored]) -> Scored:
    """Some passages and others as one, each once, in ascending order of their rows."""
    every = list(parts)
    if len(every) == 1:
        return every[0]
    shifts = accumulate((len(scored.sentence) for scored in every[:-1]), initial=0)
    bounds = [scored.bounds[1:] + shift for scored, shift in zip(every, shifts, strict=True)]
    both = Scored(
        np.concatenate([scored.rows for scored in every]),
        np.concatenate([scored.keys for scored in every]),
        np.concatenate([scored.articles for scored in every]),
        np.concatenate([scored.language for scored in every]),
        np.concatenate([scored.article_language for scored in every]),
        np.concatenate([scored.first for scored in every]),
        np.concatenate([np.zeros(1, np.int64), *bounds]),
        np.concatenate([scored.passage for scored in every]),
        np.concatenate([scored.sentence for scored in every]),
        np.concatenate([scored.kinds for scored in every]),
    )
    return both.take(np.unique(both.rows, return_index=True)[1])
