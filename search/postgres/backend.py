"""A generation of a library in PostgreSQL as a backend: exact, but for the nearest among many vectors.

Vectors are the folder's own numbers, a byte a coordinate on the library's axes, and so is a query's: products
are computed by the server and are the folder's. Which passage is where (some forty bytes each) is read when
the generation is opened; all else, a statement for each thing that the engine wants to know.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.arrays.int8 import Int8Query
from search.arrays.memory import Remembered
from search.arrays.runs import offsets_of, places_of
from search.arrays.vectors import Vectors
from search.passages.backend import Matched, Rows, Scored, SentenceTokens, WeightedTerms, WordQuery
from search.passages.settings import PASSAGES
from search.postgres import phrases
from search.postgres.generation import Generation
from search.postgres.known import Having, Terms
from search.postgres.schema import IMPACT
from search.postgres.statements import Statements, as_halfvec

__all__ = ["PostgresBackend"]

_SURPLUS, _LEAST = 3, 200  # of neighbours, so many times as many as are asked for, and how many at least
_REMEMBERED = 100_000  # frequencies of terms
_TERMS_READ = 4_000_000  # of a library that has no more, all frequencies are read at once: 12 bytes each
_TOKENS_REMEMBERED = 4_096  # sentences whose tokens are, some 3 KB each


class PostgresBackend:
    """One generation, as :class:`search.passages.backend.Backend` says; thread-safe.

    Raises BackendUnavailable, LibraryMissing and SearchTooSlow when asked.
    """

    def __init__(self, generation: Generation) -> None:
        self.generation, self._server = generation, generation.server
        self.languages = generation.languages
        self._axes, self._width = generation.axes, generation.width
        self._sql = Statements(generation.schema, generation.neighbours)
        self._read_numbers()
        there = self._language[self._language >= 0]
        self.counts = np.bincount(there, minlength=len(self.languages)).astype(np.int64)
        self._terms = self._read_terms()
        self._known: dict[int, int] = {}
        self._having, self._tokens = Having(), Remembered[int, bytes](_TOKENS_REMEMBERED)
        self._lock = threading.Lock()

    def rank_by_vector(
        self,
        query: Vectors,
        each: int,
        article_languages: frozenset[int] | None = None,
        only: Rows | None = None,
    ) -> Scored:
        if each < 1 or _nothing(article_languages, only):
            return self._scored(np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, np.float32))
        turned = Int8Query.of(query, self._axes)
        given = {
            "each": each,
            "share": PASSAGES.sentence_share,
            "depth": max(_LEAST, _SURPLUS * each),
            **_asked(turned),
            **_kept(article_languages, only),
        }
        rows, passage, sentence = self._arrays(self._sql.nearest, given, np.int32, np.float32, np.float32)
        return self._scored(rows.astype(np.int64), passage, sentence)

    def gather(
        self,
        query: Vectors,
        queries: Mapping[int, WordQuery],
        each: int,
        by_words: int,
        article_languages: frozenset[int] | None,
        only: Rows | None,
    ) -> tuple[Scored, Matched]:
        if _nothing(None, only):
            nothing = np.zeros(0, np.float32)
            empty = np.zeros(0, np.int64)
            return self._scored(empty, nothing, nothing), Matched(empty, nothing, nothing)
        terms, owners, codes, values = _weighed(queries)
        given = {
            "each": each,
            "by_words": by_words,
            "share": PASSAGES.sentence_share,
            "depth": max(_LEAST, _SURPLUS * each),
            **_asked(Int8Query.of(query, self._axes)),
            **_kept(None, only),
            "terms": terms,
            "owners": owners,
            "codes": codes,
            "values": values,
        }
        sql = self._sql.pool
        if article_languages is not None:
            sql = self._sql.pool_in_languages
            given["wanted"] = np.array(sorted(article_languages), np.int16)
        kinds = (np.int32, *[np.float32] * 4, *[np.int32] * 2)
        found, passage, sentence, words, grams, columns, theirs = self._arrays(sql, given, *kinds)
        rows = found.astype(np.int64)
        own = np.flatnonzero(owners >= 0)
        self._having.remember(rows, terms[own], np.searchsorted(own, columns - 1).astype(np.int32), theirs)
        return self._scored(rows, passage, sentence), Matched(rows, words, grams)

    def fetch(self, rows: Rows, query: Vectors) -> Scored:
        rows = rows[(rows >= 0) & (rows < len(self._language))]
        rows = rows[self._language[rows] >= 0]
        if not len(rows) or not query.any():  # who asks for no vector wants to know where passages are
            sentences = int(self._sizes[rows].sum())
            return self._scored(rows, np.zeros(len(rows), np.float32), np.zeros(sentences, np.float32))
        given = {"rows": rows.astype(np.int32), **_asked(Int8Query.of(query, self._axes))}
        return self._scored(rows, *self._arrays(self._sql.cosines, given, np.float32, np.float32))

    def frequencies(self, terms: NDArray[np.uint64]) -> NDArray[np.int64]:
        wanted = np.ascontiguousarray(terms, np.uint64).view(np.int64)
        if self._terms is not None:
            return self._terms.counts(wanted)
        known = self._known
        unknown = np.array([one for one in dict.fromkeys(wanted.tolist()) if one not in known], np.int64)
        if len(unknown):
            places, counts = self._arrays(self._sql.frequencies, {"terms": unknown}, np.int32, np.int32)
            found = dict.fromkeys(unknown.tolist(), 0)
            found |= zip(unknown[places - 1].tolist(), counts.tolist(), strict=True)
            with self._lock:
                known = {} if len(known) > _REMEMBERED else dict(known)
                self._known = known = {**known, **found}
        missing = [one for one in wanted.tolist() if one not in known]
        return (
            self.frequencies(terms)
            if missing
            else np.array([known[one] for one in wanted.tolist()], np.int64)
        )

    def rank_by_words(
        self,
        queries: Mapping[int, WordQuery],
        each: int,
        also: Callable[[], Rows],
        article_languages: frozenset[int] | None = None,
        only: Rows | None = None,
    ) -> Matched:
        terms, owners, codes, values = _weighed(queries)
        them = also()
        words, grams = np.zeros(len(self._language), np.float32), np.zeros(len(self._language), np.float32)
        rows = np.zeros(0, np.int64)
        if len(terms):
            given = {
                "terms": terms,
                "owners": owners,
                "codes": codes,
                "values": values,
                "each": 0 if _nothing(article_languages, only) else each,
                "also": them.astype(np.int32),
                **_kept(article_languages, only),
            }
            found, *shares = self._arrays(self._sql.matched, given, np.int32, np.float32, np.float32)
            rows = found.astype(np.int64)
            words[rows], grams[rows] = shares
        rows = np.union1d(rows, them)
        return Matched(rows, words[rows], grams[rows])

    def having(self, rows: Rows, terms: NDArray[np.uint64]) -> NDArray[np.bool_]:
        found = np.zeros((len(rows), len(terms)), np.bool_)
        somewhere = self.frequencies(terms) > 0
        if not found.size or not somewhere.any():
            return found
        wanted = np.ascontiguousarray(terms, np.uint64).view(np.int64)[somewhere]
        known = self._having.of(rows, wanted)
        found[:, somewhere] = self._having_asked(rows, wanted) if known is None else known
        return found

    def _having_asked(self, rows: Rows, terms: NDArray[np.int64]) -> NDArray[np.bool_]:
        unique, places = np.unique(rows, return_inverse=True)
        given = {"terms": terms, "rows": unique.astype(np.int32)}
        columns, theirs = self._arrays(self._sql.having, given, np.int32, np.int32)
        held = np.zeros((len(unique), len(terms)), np.bool_)
        held[np.searchsorted(unique, theirs), columns - 1] = True
        found: NDArray[np.bool_] = held[places]
        return found

    def holding(self, words: Sequence[tuple[str, ...]], among: Rows | None = None) -> Rows:
        if not words or (among is not None and not len(among)):
            return np.zeros(0, np.int64)
        keys = phrases.adjacent_to(words)
        given = {f"keys{at}": some for at, some in enumerate(keys)}
        only = None if among is None else among.astype(np.int32)
        found = self._server.rows(self._sql.phrases(len(keys)), {**given, "only": only})
        rows = [row for row, held in found if phrases.has_run(phrases.unpacked(held), words)]
        return np.array(rows, np.int64)

    def tokens(self, sentences: Rows) -> SentenceTokens:
        known = {one: self._tokens.get(one) for one in sentences.tolist()}
        missing = np.array([one for one, kept in known.items() if kept is None], np.int32)
        fresh: dict[int, bytes] = {}
        if len(missing):
            fresh = dict(self._server.rows(self._sql.tokens, {"sentences": missing}))
            self._tokens.remember(fresh)
        held = [
            kept if (kept := known[one]) is not None else fresh.get(one, b"") for one in sentences.tolist()
        ]
        offsets = offsets_of(np.array([len(one) for one in held], np.int64) // max(1, self._width))
        flat = np.frombuffer(b"".join(held), np.uint8).reshape(int(offsets[-1]), self._width)
        return SentenceTokens(flat, offsets)

    def passages_of(self, sentences: Rows) -> Rows:
        there = np.flatnonzero(self._language >= 0)
        owners: Rows = there[np.searchsorted(self._first[there], sentences, side="right") - 1]
        return owners

    def sample(self, most: int) -> tuple[Rows, Vectors, NDArray[np.int16]]:
        rows = np.flatnonzero(self._language >= 0)
        if len(rows) > most:
            rows = rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]
        found = self._server.rows(self._sql.vectors, {"rows": rows.astype(np.int32)})
        codes = np.array([vector for _, _, vector in found], np.float32).reshape(-1, len(self._axes))
        steps = np.array([step for _, step, _ in found], np.float32)
        vectors: Vectors = ((codes * steps[:, None]) @ self._axes.T).astype(np.float32)
        return rows.astype(np.int64), vectors, self._language[rows]

    def close(self) -> None:
        self.generation.close()

    def _read_numbers(self) -> None:
        """Which passage each row is, in memory: keys, languages, and where its sentences are."""
        kinds = (np.int32, np.int64, np.int64, np.int32, np.int32, np.int16, np.int16)
        *found, of_sentences = self._server.one(self._sql.numbers)
        rows, keys, articles, first, sizes, language, article_language = (
            np.zeros(0, kind) if one is None else one for one, kind in zip(found, kinds, strict=True)
        )
        size = int(rows.max(initial=-1)) + 1

        def spread(values: NDArray[Any], kind: Any, gap: int) -> NDArray[Any]:
            whole = np.full(size, gap, kind)
            whole[rows] = values
            return whole

        self._keys, self._articles = spread(keys, np.int64, -1), spread(articles, np.int64, -1)
        self._first, self._sizes = spread(first, np.int64, 0), spread(sizes, np.int64, 0)
        self._language: NDArray[np.int16] = spread(language, np.int16, -1)
        self._article_language: NDArray[np.int16] = spread(article_language, np.int16, -1)
        last = int((self._first + self._sizes).max(initial=0))
        self._kinds = np.zeros(last, np.uint8)
        self._kinds[places_of(first.astype(np.int64), sizes.astype(np.int64))] = np.frombuffer(
            of_sentences or b"", np.uint8
        )

    def _read_terms(self) -> Terms | None:
        """In how many passages each term is; None of a library that has too many."""
        if self.generation.terms > _TERMS_READ:
            return None
        found = self._server.rows(self._sql.terms)
        hashes = [np.zeros(0, np.int64), *(terms for terms, _, _ in found)]
        counts = [np.zeros(0, np.int64), *(np.diff(ends, prepend=0, append=size) for _, ends, size in found)]
        return Terms(np.concatenate(hashes), np.concatenate(counts).astype(np.int32))

    def _arrays(self, sql: str, given: Mapping[str, Any], *kinds: Any) -> tuple[NDArray[Any], ...]:
        """The arrays of a statement's only row; empty ones where it has found nothing."""
        row = self._server.one(sql, given)
        return tuple(np.zeros(0, kind) if one is None else one for one, kind in zip(row, kinds, strict=True))

    def _scored(self, rows: Rows, passage: Vectors, sentence: Vectors) -> Scored:
        sizes, first = self._sizes[rows], self._first[rows]
        return Scored(
            rows=rows,
            keys=self._keys[rows],
            articles=self._articles[rows],
            language=self._language[rows],
            article_language=self._article_language[rows],
            first=first,
            bounds=offsets_of(sizes),
            passage=passage,
            sentence=sentence,
            kinds=self._kinds[places_of(first, sizes)],
        )


def _weighed(queries: Mapping[int, WordQuery]) -> tuple[NDArray[Any], ...]:
    """All variants of all terms that are worth something: hashes, whose variants they are (grams by negative
    numbers), their languages, and values."""
    hashes: list[NDArray[Any]] = [np.zeros(0, np.uint64)]
    owners: list[NDArray[Any]] = [np.zeros(0, np.int64)]
    codes, values = list(owners), list(owners)
    counts = [0, 0]
    for code, query in queries.items():
        for is_gram, terms in enumerate((query.words, query.grams)):
            worth = _values(terms)
            rows, columns = np.nonzero(worth)
            number = rows + counts[is_gram]
            owners.append(-1 - number if is_gram else number)
            hashes.append(terms.hashes[rows, columns])
            values.append(worth[rows, columns])
            codes.append(np.full(len(rows), code))
            counts[is_gram] += len(worth)
    return (
        np.concatenate(hashes).view(np.int64),
        np.concatenate(owners).astype(np.int32),
        np.concatenate(codes).astype(np.int16),
        (np.concatenate(values) / IMPACT).astype(np.float32),
    )


def _values(terms: WeightedTerms) -> NDArray[np.float64]:
    return terms.values() if len(terms.weights) else np.zeros(terms.worths.shape)


def _asked(query: Int8Query) -> dict[str, Any]:
    return {"query": as_halfvec(query.code[0].tolist()), "step": float(query.step)}


def _kept(article_languages: frozenset[int] | None, only: Rows | None) -> dict[str, Any]:
    """Which passages may be found at all, as parameters."""
    languages = None if article_languages is None else np.array(sorted(article_languages), np.int16)
    return {"languages": languages, "only": None if only is None else only.astype(np.int32)}


def _nothing(article_languages: frozenset[int] | None, only: Rows | None) -> bool:
    return (article_languages is not None and not article_languages) or (only is not None and not len(only))
