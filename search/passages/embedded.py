"""The library's own files as a backend: exact, memory-mapped, no server.

Vectors are scanned, one byte a coordinate (:mod:`search.arrays.int8`), in three steps where there are many;
words are looked up in postings (:mod:`search.passages.postings`), phrases in a Whoosh index
(:mod:`search.passages.lexical`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.arrays.int8 import Int8Query
from search.arrays.runs import offsets_of, runs_of
from search.arrays.vectors import Vectors
from search.passages.backend import Matched, Rows, Scored, SentenceTokens, WordQuery
from search.passages.keys import Keys
from search.passages.lexical import ExactIndex
from search.passages.matrices import StoredVectors, best_per_passage, blend
from search.passages.postings import Postings
from search.passages.settings import PASSAGES
from search.passages.tokens import TokenMatrix

__all__ = ["EmbeddedBackend"]


class EmbeddedBackend:
    """The passages of a generation's folder; see :class:`search.passages.backend.Backend`."""

    def __init__(self, directory: Path) -> None:
        vectors = StoredVectors.read(directory / "vectors")
        self._axes, self._bounds, self._kinds = vectors.axes, vectors.bounds, vectors.kinds
        self._passages, self._gists, self._sentences = vectors.passages, vectors.gists, vectors.sentences
        self._sizes = np.diff(self._bounds)
        self._tokens = TokenMatrix(directory / "tokens")
        self._postings = Postings(directory / "postings")
        self._exact = ExactIndex(directory / "phrases", len(self._passages))
        keys = Keys.read(directory / "keys")
        self._keys, self._articles = keys.passages, keys.articles
        self._article_language, self.languages = keys.article_language, keys.languages
        self._language = self._postings.row_language
        there = self._language[self._language >= 0]
        # Language by language, without the gaps, which come first.
        self._in_order = np.argsort(self._language, kind="stable")[len(self._language) - len(there) :]
        self.counts = np.bincount(there, minlength=len(self.languages)).astype(np.int64)

    def rank_by_vector(
        self,
        query: Vectors,
        each: int,
        article_languages: frozenset[int] | None = None,
        only: Rows | None = None,
    ) -> Scored:
        turned = Int8Query.of(query, self._axes)
        allowed = self._allowed(article_languages, only)
        if len(self._passages) > PASSAGES.whole_below:
            rows, passage, sentence = self._promising(turned, each, allowed)
            spans = runs_of(self._bounds, rows)
        else:
            rows = self._by_language(allowed)
            spans = runs_of(self._bounds, rows)
            passage = self._passages.cosines(turned)[rows]
            sentence = self._sentences.cosines(turned)[spans]
        best = self._best(_blended(passage, sentence, self._sizes[rows]), rows, each)
        looked_at = self._scored(rows, spans, passage, sentence)
        return looked_at.take(best[np.argsort(rows[best])])

    def _promising(
        self, query: Int8Query, each: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[Rows, Vectors, Vectors]:
        """What is worth a look at the whole, by prefixes alone: of the passages of each language whose gists
        are nearest, the nearest by themselves and their best sentence. Their rows, language by language,
        their cosines, and those of their sentences."""
        rows = self._by_language(allowed)
        gists = self._gists.rough_cosines(query)[rows]
        rows = rows[self._best(gists, rows, PASSAGES.nearest_times * each, PASSAGES.nearest_share)]
        rough = self._passages.rough_cosines(query, rows)
        spans, sizes = runs_of(self._bounds, rows), self._sizes[rows]
        sentence = self._sentences.rough_cosines(query, spans)
        best = self._best(_blended(rough, sentence, sizes), rows, PASSAGES.surplus * each)
        inside = runs_of(offsets_of(sizes), best)
        return (
            rows[best],
            self._passages.cosines_of(rows[best], query, rough[best]),
            self._sentences.cosines_of(spans[inside], query, sentence[inside]),
        )

    def fetch(self, rows: Rows, query: Vectors) -> Scored:
        turned = Int8Query.of(query, self._axes)
        spans = runs_of(self._bounds, rows)
        sentences = self._sentences.cosines_of(spans, turned)
        return self._scored(rows, spans, self._passages.cosines_of(rows, turned), sentences)

    def frequencies(self, terms: NDArray[np.uint64]) -> NDArray[np.int64]:
        return self._postings.frequencies(terms)

    def rank_by_words(
        self,
        queries: Mapping[int, WordQuery],
        each: int,
        also: Callable[[], Rows],
        article_languages: frozenset[int] | None = None,
        only: Rows | None = None,
    ) -> Matched:
        words, grams = self._postings.shares(queries)
        score = words + grams
        allowed = self._allowed(article_languages, only)
        some = self._by_language(score > 0 if allowed is None else allowed & (score > 0))
        rows = np.union1d(some[self._best(score[some], some, each)], also())
        return Matched(rows, words[rows], grams[rows])

    def having(self, rows: Rows, terms: NDArray[np.uint64]) -> NDArray[np.bool_]:
        return self._postings.having(rows, terms)

    def holding(self, words: Sequence[tuple[str, ...]], among: Rows | None = None) -> Rows:
        found = self._exact.holding(words)
        return found if among is None else np.intersect1d(found, among, assume_unique=True)

    def tokens(self, sentences: Rows) -> SentenceTokens:
        return self._tokens.of(sentences)

    def passages_of(self, sentences: Rows) -> Rows:
        owners: Rows = np.searchsorted(self._bounds, sentences, side="right") - 1
        return owners

    def sample(self, most: int) -> tuple[Rows, Vectors, NDArray[np.int16]]:
        rows = np.flatnonzero(self._language >= 0)
        if len(rows) > most:
            rows = rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]
        return rows, self._passages.floats(rows, self._axes), self._language[rows]

    def close(self) -> None:
        self._exact.close()

    def _allowed(
        self, article_languages: frozenset[int] | None, only: Rows | None
    ) -> NDArray[np.bool_] | None:
        allowed: NDArray[np.bool_] | None = None
        if article_languages is not None:
            allowed = np.isin(self._article_language, sorted(article_languages))
        if only is not None:
            among = np.zeros(len(self._passages), np.bool_)
            among[only] = True
            allowed = among if allowed is None else allowed & among
        return allowed

    def _by_language(self, allowed: NDArray[np.bool_] | None) -> Rows:
        """All rows that are allowed, language by language."""
        return self._in_order if allowed is None else self._in_order[allowed[self._in_order]]

    def _best(self, score: Vectors, rows: Rows, each: int, share: float = 0.0) -> Rows:
        """The places of the highest scores of each language, so many or such a share of them, in the order
        of their places; the scores are those of some ``rows``, which are language by language."""
        ends = np.searchsorted(self._language[rows], np.arange(len(self.languages) + 1)).tolist()
        chosen = [np.zeros(0, np.int64)]
        for start, end in pairwise(ends):
            most = max(each, min(int(share * (end - start)), PASSAGES.nearest_most))
            if end - start <= most:
                chosen.append(np.arange(start, end))
            else:
                best = np.argpartition(score[start:end], -most)[-most:] if most else chosen[0]
                chosen.append(np.sort(best) + start)
        return np.concatenate(chosen)

    def _scored(self, rows: Rows, spans: Rows, passage: Vectors, sentence: Vectors) -> Scored:
        """``spans`` are the passages' sentences, ``passage`` and ``sentence`` their cosines."""
        return Scored(
            rows=rows,
            keys=self._keys[rows],
            articles=self._articles[rows],
            language=self._language[rows],
            article_language=self._article_language[rows],
            first=self._bounds[rows],
            bounds=offsets_of(self._sizes[rows]),
            passage=passage,
            sentence=sentence,
            kinds=self._kinds[spans],
        )


def _blended(passage: Vectors, sentence: Vectors, sizes: Rows) -> Vectors:
    """The score of passages with so many sentences each."""
    return blend(passage, best_per_passage(sentence, offsets_of(sizes)))
