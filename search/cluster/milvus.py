"""A generation of a library in Milvus as a backend.

Milvus gives candidates, more than are asked for; what is answered is computed exactly for these: cosines by
Milvus itself, over the candidates alone, and the matched share of a query's words here, from the impacts of
each of its terms in the candidates. What is asked of Milvus is proportional to what is found, never to the
library.

Candidates for a vector are the nearest passages and the passages of the nearest sentences. No other passage
can score better than half the last one's cosine of each list, so when the best are better than that, they
are the best of all (Fagin, Lotem and Naor 2001, the threshold algorithm); until then more are asked for.
"""

from __future__ import annotations

import contextvars
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from search.arrays.runs import offsets_of, places_of
from search.arrays.vectors import Vectors
from search.cluster import milvus_words
from search.cluster.milvus_collections import adjacent_to, unpacked
from search.cluster.milvus_connection import MOST, listed
from search.cluster.milvus_files import Files
from search.cluster.milvus_opened import Opened, slices
from search.cluster.milvus_writer import MilvusWriter
from search.passages.backend import Matched, Rows, Scored, SentenceTokens, WordQuery, joined
from search.passages.matrices import best_per_passage, blend
from search.remote import Remote, parse

__all__ = ["MilvusBackend", "MilvusWriter"]

# Of what is asked for, how many times as many candidates are taken first, at least how many, how many times
# as many when these were too few, and how often. Of 104,000 passages' first 400 in each of six languages,
# twice as many were surely enough in 81 of 100 cases, four times as many in all; of the first 100, 8 times.
_SURPLUS, _LEAST, _MORE, _ROUNDS = 2, 64, 2, 4
# Requests at a time: most are one for each language. milvus-lite is Python in this process: one.
_AT_A_TIME = 8
# What is fetched at a time: kept tokens of a sentence take some kilobytes, at most 60.
_TOKENS, _FORMS, _VECTORS = 256, 1024, 4096
_PASSAGE = ("key", "article", "first", "kinds", "language", "article_language")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Near:
    """The nearest to a query: keys, ascending, and cosines (n,); the ``passages`` that they are, or are in;
    the ``last`` one's cosine, None where there are no more."""

    ids: Rows
    cosines: Vectors
    passages: Rows
    last: float | None


class MilvusBackend:
    """One generation, as :class:`search.passages.backend.Backend` says; thread-safe.

    Raises LibraryMissing, LibraryVersionMismatch, ExtraMissing and BackendUnavailable when opened; when
    asked, the last, and SearchTooSlow.
    """

    def __init__(self, remote: Remote) -> None:
        self._opened = Opened(remote)
        self.names = self._opened.names
        self._frequencies = milvus_words.Frequencies(self._opened)
        at_a_time = 1 if self._opened.connection.is_lite else _AT_A_TIME
        self._pool = ThreadPoolExecutor(at_a_time, thread_name_prefix="milvus")

    @classmethod
    def open(cls, address: str) -> MilvusBackend:
        """The live generation of the library at an address (see :mod:`search.remote`)."""
        return cls(parse(address))

    def files(self) -> Files:
        """What else a server needs of the generation."""
        return Files(self._opened.connection, self.names, settled=True)

    @property
    def languages(self) -> tuple[str, ...]:
        return self._opened.languages

    @property
    def counts(self) -> NDArray[np.int64]:
        return np.array(self._opened.generation.counts, np.int64)

    def rank_by_vector(
        self,
        query: Vectors,
        each: int,
        article_languages: frozenset[int] | None = None,
        only: Rows | None = None,
    ) -> Scored:
        def best(code: int) -> Scored:
            return self._nearest(query, each, code, article_languages, only)

        codes = [] if each < 1 or _nothing(article_languages, only) else np.flatnonzero(self.counts).tolist()
        return joined([self._scored(np.zeros(0, np.int64), query), *self._together(best, codes)])

    def fetch(self, rows: Rows, query: Vectors) -> Scored:
        return self._scored(rows, query)

    def frequencies(self, terms: NDArray[np.uint64]) -> NDArray[np.int64]:
        return self._frequencies.of(terms)

    def rank_by_words(
        self,
        queries: Mapping[int, WordQuery],
        each: int,
        also: Callable[[], Rows],
        article_languages: frozenset[int] | None = None,
        only: Rows | None = None,
    ) -> Matched:
        them = also()
        language = self._languages_of(them)

        def matched(code: int) -> Matched:
            ours, candidates = them[language == code], np.zeros(0, np.int64)
            if each > 0 and not _nothing(article_languages, only):
                where = self._opened.where("row", code, article_languages, only)
                candidates = milvus_words.candidates(self._opened, queries[code], each, where)
            shares = milvus_words.shares(self._opened, queries[code], np.union1d(candidates, ours))
            score = shares.words + shares.grams
            allowed = np.isin(shares.rows, candidates) & (score > 0)
            kept = np.isin(shares.rows, ours)
            kept[_best(np.where(allowed, score, -1), min(each, int(allowed.sum())))] = True
            return Matched(shares.rows[kept], shares.words[kept], shares.grams[kept])

        codes = [code for code in queries if 0 <= code < len(self.languages) and self.counts[code]]
        parts = self._together(matched, codes)
        rest = them[~np.isin(language, codes)]  # in a language that nothing is asked in
        parts.append(Matched(rest, np.zeros(len(rest), np.float32), np.zeros(len(rest), np.float32)))
        rows = np.concatenate([part.rows for part in parts])
        order = np.argsort(rows)
        words = np.concatenate([part.words for part in parts])[order]
        return Matched(rows[order], words, np.concatenate([part.grams for part in parts])[order])

    def having(self, rows: Rows, terms: NDArray[np.uint64]) -> NDArray[np.bool_]:
        unique, places = np.unique(rows, return_inverse=True)
        found: NDArray[np.bool_] = milvus_words.impacts(self._opened, terms, unique).T[places] > 0
        return found

    def holding(self, words: Sequence[tuple[str, ...]], among: Rows | None = None) -> Rows:
        if not words or (among is not None and not len(among)):
            return np.zeros(0, np.int64)
        keys = adjacent_to(words)
        where = " and ".join(f"array_contains_any(adjacent, {listed(some)})" for some in keys)
        # Where there is one word, or two that are looked for as neighbours, that is all there is to see.
        fields = ["row"] if len(keys) == 1 else ["row", "words"]
        parts = [""]
        if among is not None:
            parts = [f" and row in {listed(some)}" for some in slices(among, MOST)]
        found: list[int] = []
        for part in parts:
            names, connection = self._opened.names, self._opened.connection
            found += [
                int(one["row"])
                for one in connection.rows(names.passages, where + part, fields, _FORMS, settled=True)
                if len(keys) == 1 or _has_run(_words(one["words"]), words)
            ]
        return np.array(sorted(found), np.int64)

    def tokens(self, sentences: Rows) -> SentenceTokens:
        held = self._opened.by_key("sentences", "sentence", sentences, ("tokens",), _TOKENS)
        found = {one["sentence"]: unpacked(one["tokens"]) for one in held}
        width = self._opened.generation.width
        kept = [np.frombuffer(found[one], np.uint8) for one in sentences.tolist()]
        flat = np.concatenate([np.zeros(0, np.uint8), *kept])
        counts = np.array([len(one) for one in kept], np.int64) // max(1, width)
        offsets = offsets_of(counts)
        return SentenceTokens(flat.reshape(int(offsets[-1]), width), offsets)

    def passages_of(self, sentences: Rows) -> Rows:
        held = self._opened.by_key("sentences", "sentence", np.unique(sentences), ("passage",))
        found = {one["sentence"]: one["passage"] for one in held}
        return np.array([found[one] for one in sentences.tolist()], np.int64)

    def sample(self, most: int) -> tuple[Rows, Vectors, NDArray[np.int16]]:
        rows = np.unique(np.linspace(0, max(0, self._opened.generation.rows - 1), most).astype(np.int64))
        there = self._opened.by_key("passages", "row", rows, ("vector", "language"), _VECTORS)
        there.sort(key=lambda one: int(one["row"]))
        vectors = np.array([one["vector"] for one in there], np.float32)
        dimension = self._opened.generation.dimension
        codes = self._opened.codes([one["language"] for one in there])
        return np.array([one["row"] for one in there], np.int64), vectors.reshape(-1, dimension), codes

    def close(self) -> None:
        self._pool.shutdown()
        self._opened.connection.close()

    def _together(self, work: Callable[[int], _T], codes: Iterable[int]) -> list[_T]:
        """Does the same for every language, some at a time, on the time of this question."""
        waiting = [self._pool.submit(contextvars.copy_context().run, work, code) for code in codes]
        return [one.result() for one in waiting]

    def _nearest(
        self,
        query: Vectors,
        each: int,
        code: int,
        article_languages: frozenset[int] | None,
        only: Rows | None,
    ) -> Scored:
        """One language's best by half their own cosine and half their best sentence's."""
        passages = self._opened.where("row", code, article_languages, only)
        sentences = self._opened.where("passage", code, article_languages, only)
        depth = min(max(_SURPLUS * each, _LEAST), MOST)
        for attempt in range(_ROUNDS):
            rows = self._by_vector("passages", "row", query, depth, passages)
            near = self._by_vector("sentences", "passage", query, depth, sentences)
            scored = self._scored(np.union1d(rows.passages, near.passages), query, rows, near)
            score = blend(scored.passage, best_per_passage(scored.sentence, scored.bounds))
            best = _best(score, each)
            sure = rows.last is None or (
                len(best) == each and score[best].min() >= _most(rows.last, near.last)
            )
            if sure or depth == MOST or attempt == _ROUNDS - 1:
                break
            depth = min(depth * _MORE, MOST)
        return scored.take(np.sort(best))

    def _by_vector(self, part: str, passage: str, query: Vectors, limit: int, where: str) -> _Near:
        """The nearest passages or sentences; ``passage`` is the field that has the passage's row."""
        found = self._opened.search(part, "vector", [query], limit, where, (passage,))[0]
        ids = np.array(found.ids, np.int64)
        rows = ids if passage == "row" else np.array([hit["entity"][passage] for hit in found], np.int64)
        cosines = np.array(found.distances, np.float32)
        last = float(cosines[-1]) if len(ids) == limit else None
        order = np.argsort(ids)
        return _Near(ids[order], cosines[order], rows, last)

    def _scored(
        self, rows: Rows, query: Vectors, passages: _Near | None = None, near: _Near | None = None
    ) -> Scored:
        """Passages with their cosines and their sentences'; those that are not there are left out.
        ``passages`` and ``near`` are some whose cosines are known."""
        there = self._opened.by_key("passages", "row", rows, _PASSAGE)
        there.sort(key=lambda one: int(one["row"]))

        def column(name: str) -> Rows:
            return np.array([one[name] for one in there], np.int64)

        kinds = np.frombuffer("".join(one["kinds"] for one in there).encode(), np.uint8) - ord("0")
        counts = np.array([len(one["kinds"]) for one in there], np.int64)
        bounds = offsets_of(counts)
        first = column("first")
        sentences = places_of(first, counts)
        return Scored(
            rows=column("row"),
            keys=column("key"),
            articles=column("article"),
            language=self._opened.codes([one["language"] for one in there]),
            article_language=self._opened.codes([one["article_language"] for one in there]),
            first=first,
            bounds=bounds,
            passage=self._cosines("passages", "row", column("row"), query, passages),
            sentence=self._cosines("sentences", "sentence", sentences, query, near),
            kinds=kinds.astype(np.uint8),
        )

    def _cosines(self, part: str, key: str, which: Rows, query: Vectors, known: _Near | None) -> Vectors:
        """Of passages or sentences, in ascending order, to a query."""
        cosines = np.full(len(which), np.nan, np.float32)
        if known is not None:
            _, ours, theirs = np.intersect1d(which, known.ids, assume_unique=True, return_indices=True)
            cosines[ours] = known.cosines[theirs]
        for some in slices(which[np.isnan(cosines)], MOST):
            found = self._opened.search(part, "vector", [query], len(some), f"{key} in {listed(some)}")[0]
            cosines[np.searchsorted(which, np.array(found.ids, np.int64))] = found.distances
        # An approximate index may miss some even of those few that it may look at.
        for one in self._opened.by_key(part, key, which[np.isnan(cosines)], ("vector",), _VECTORS):
            cosines[np.searchsorted(which, one[key])] = np.asarray(one["vector"], np.float32) @ query
        return cosines

    def _languages_of(self, rows: Rows) -> NDArray[np.int64]:
        """The code of each passage's language; −1 of one that is not there."""
        there = self._opened.by_key("passages", "row", rows, ("language",))
        codes = self._opened.codes([one["language"] for one in there]).tolist()
        found = {one["row"]: code for one, code in zip(there, codes, strict=True)}
        return np.array([found.get(row, -1) for row in rows.tolist()], np.int64)


def _nothing(article_languages: frozenset[int] | None, only: Rows | None) -> bool:
    return (article_languages is not None and not article_languages) or (only is not None and not len(only))


def _words(pieces: Sequence[str]) -> list[frozenset[str]]:
    lines = zlib.decompress(unpacked(pieces)).decode("utf-8", "surrogatepass").split("\n")
    return [frozenset(line.split("\t")) for line in lines]


def _has_run(words: Sequence[frozenset[str]], run: Sequence[tuple[str, ...]]) -> bool:
    starts = range(len(words) - len(run) + 1)
    return any(all(not words[at + i].isdisjoint(one) for i, one in enumerate(run)) for at in starts)


def _best(scores: Vectors, count: int) -> Rows:
    """Places of the highest scores, ties by place."""
    return np.argsort(-scores, kind="stable")[:count]


def _most(last: float, last_sentence: float | None) -> float:
    """What a passage scores at most that is behind the last ones of both lists; the second may have ended."""
    return (last + (-1.0 if last_sentence is None else last_sentence)) / 2
