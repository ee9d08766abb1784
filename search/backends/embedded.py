"""The library's own files as a backend: exact, memory-mapped, no server.

Vectors are scanned, one byte a coordinate, in two steps where there are many (:mod:`search.int8`), which at a
hundred thousand passages takes about as long as encoding the query does; words are looked up in postings
(:mod:`search.postings`), phrases in a Whoosh index (:mod:`search.lexical`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search import fusion
from search.backends.base import Matched, Rows, Scored, SentenceTokens, WordQuery
from search.encoding import Vectors
from search.int8 import Int8Query, Int8Rows
from search.lexical import ExactIndex
from search.postings import Postings
from search.runs import offsets_of, runs_of
from search.strings import mapped
from search.tokens import TokenMatrix
from search.vectors import best_per_passage

__all__ = ["NO_PASSAGE", "EmbeddedBackend"]

NO_PASSAGE = ""
"""The language of a row that has no passage; its code is −1."""

# Passages from which on heads choose what is looked at whole, and so many times more than are asked for.
_WHOLE, _SURPLUS = 20_000, 2


class EmbeddedBackend:
    """The passages of a generation's folder; see :class:`search.backends.base.Backend`."""

    def __init__(self, directory: Path) -> None:
        vectors = directory / "vectors"
        self._axes: Vectors = mapped(vectors / "axes.npy")
        self._passages = Int8Rows.read(vectors, "passages")
        self._sentences = Int8Rows.read(vectors, "sentences")
        self._bounds: Rows = mapped(vectors / "bounds.npy")
        self._kinds: NDArray[np.uint8] = mapped(vectors / "kinds.npy")
        self._tokens = TokenMatrix(vectors)
        self._postings = Postings(directory / "postings")
        self._exact = ExactIndex(directory / "exact", len(self._passages))
        self._keys: Rows = mapped(directory / "passage_keys.npy")
        self._articles: Rows = mapped(directory / "article_keys.npy")
        self._article_language: NDArray[np.int16] = mapped(directory / "article_language.npy")
        self._language = self._postings.row_language
        text = (directory / "languages.txt").read_text("utf-8")
        self.languages = tuple(text.split("\n")) if text else ()
        there = self._language[self._language >= 0]
        self.counts = np.bincount(there, minlength=len(self.languages)).astype(np.int64)
        self._of_language = [np.flatnonzero(self._language == code) for code in range(len(self.languages))]

    def rank_by_vector(
        self,
        query: Vectors,
        each: int,
        article_languages: frozenset[int] | None = None,
        only: Rows | None = None,
    ) -> Scored:
        turned = Int8Query.of(query, self._axes)
        allowed = self._allowed(article_languages, only)
        every = range(len(self.languages))
        if len(self._passages) > _WHOLE:
            passage, sentence = self._passages.rough_cosines(turned), self._sentences.rough_cosines(turned)
            score = fusion.blend(passage, best_per_passage(sentence, self._bounds))
            looked_at = self.fetch(self._best_of_each(score, _SURPLUS * each, allowed, every), query)
        else:
            rows = np.arange(len(self._passages)) if allowed is None else np.flatnonzero(allowed)
            passage, sentence = self._passages.cosines(turned), self._sentences.cosines(turned)
            spans = runs_of(self._bounds, rows)
            looked_at = self._scored(rows, spans, passage[rows], sentence[spans])
        score = fusion.blend(looked_at.passage, best_per_passage(looked_at.sentence, looked_at.bounds))
        best = [_best(score, np.flatnonzero(looked_at.language == code), each) for code in every]
        return looked_at.take(np.sort(np.concatenate([np.zeros(0, np.int64), *best])))

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
        also: Rows,
        article_languages: frozenset[int] | None = None,
        only: Rows | None = None,
    ) -> Matched:
        words, grams = self._postings.shares(queries)
        score = words + grams
        allowed = self._allowed(article_languages, only)
        some = score > 0
        allowed = some if allowed is None else allowed & some
        rows = np.union1d(self._best_of_each(score, each, allowed, queries), also)
        return Matched(rows, words[rows], grams[rows])

    def having(self, rows: Rows, terms: NDArray[np.uint64]) -> NDArray[np.bool_]:
        return self._postings.having(rows, terms)

    def holding(self, forms: Sequence[str], among: Rows | None = None) -> Rows:
        found = self._exact.holding(forms)
        return found if among is None else np.intersect1d(found, among, assume_unique=True)

    def tokens(self, sentences: Rows) -> SentenceTokens:
        return self._tokens.of(sentences)

    def passages_of(self, sentences: Rows) -> Rows:
        owners: Rows = np.searchsorted(self._bounds, sentences, side="right") - 1
        return owners

    def sample(self, most: int) -> tuple[Vectors, NDArray[np.int16]]:
        rows = np.flatnonzero(self._language >= 0)
        if len(rows) > most:
            rows = rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]
        return self._passages.floats(rows, self._axes), self._language[rows]

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

    def _best_of_each(
        self, score: Vectors, each: int, allowed: NDArray[np.bool_] | None, codes: Iterable[int]
    ) -> Rows:
        """The rows of the highest scores of each of some languages, all together in ascending order."""
        chosen = [np.zeros(0, np.int64)]
        for code in codes:
            rows = self._of_language[code]
            if allowed is not None:
                rows = rows[allowed[rows]]
            chosen.append(_best(score, rows, each))
        return np.sort(np.concatenate(chosen))

    def _scored(self, rows: Rows, spans: Rows, passage: Vectors, sentence: Vectors) -> Scored:
        """``spans`` are the passages' sentences, ``passage`` and ``sentence`` their cosines."""
        sizes = self._bounds[rows + 1] - self._bounds[rows]
        return Scored(
            rows=rows,
            keys=self._keys[rows],
            articles=self._articles[rows],
            language=self._language[rows],
            article_language=self._article_language[rows],
            first=self._bounds[rows],
            bounds=offsets_of(sizes),
            passage=passage,
            sentence=sentence,
            kinds=self._kinds[spans],
        )


def _best(score: Vectors, rows: Rows, most: int) -> Rows:
    """Those of the rows with the highest scores."""
    if len(rows) <= most:
        return rows
    return rows[np.argpartition(-score[rows], most)[:most]] if most else rows[:0]
