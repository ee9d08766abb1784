"""A generation of a library in PostgreSQL as a backend: exact, but for the nearest among many vectors.

Vectors are the folder's own numbers, a byte a coordinate on the library's axes, and so is a query's: products
are computed by the server and are the folder's. Which passage is where (some forty bytes each) is read when
the generation is opened; all else, a statement for each thing that the engine wants to know. Where passages
lie on several servers, all of them are asked the same, side by side, and the best of what they say is what
one server would have said.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.arrays.memory import Remembered
from search.arrays.runs import offsets_of, places_of
from search.arrays.vectors import Vectors
from search.passages.backend import Matched, Rows, Scored, SentenceTokens, WordQuery
from search.passages.matrices import best_per_passage
from search.passages.settings import PASSAGES
from search.postgres import phrases
from search.postgres.asked import as_asked, as_kept, keeps_nothing, weighed
from search.postgres.generation import Generation, Shard
from search.postgres.known import Having, Terms
from search.postgres.merging import best, blended, counted, flat, in_row_order
from search.postgres.settings import POSTGRES
from search.postgres.statements import Statements

__all__ = ["PostgresBackend"]

Row = tuple[Any, ...]
Given = Mapping[str, Any]


class PostgresBackend:
    """One generation, as :class:`search.passages.backend.Backend` says; thread-safe.

    Raises BackendUnavailable, LibraryMissing and SearchTooSlow when asked: of a shard that is away, too, for
    what is found without it would be another answer.
    """

    def __init__(self, generation: Generation) -> None:
        self.generation, self._shards = generation, generation.shards
        self.languages = generation.languages
        self._axes, self._width = generation.axes, generation.width
        self._read_numbers()
        there = self._language[self._language >= 0]
        self.counts = np.bincount(there, minlength=len(self.languages)).astype(np.int64)
        self._terms = self._read_terms()
        self._known: dict[int, int] = {}
        self._having, self._tokens = Having(), Remembered[int, bytes](POSTGRES.tokens_remembered)
        self._lock = threading.Lock()

    def rank_by_vector(
        self,
        query: Vectors,
        each: int,
        article_languages: frozenset[int] | None = None,
        only: Rows | None = None,
    ) -> Scored:
        if each < 1 or keeps_nothing(article_languages, only):
            return self._nothing()
        given = {**self._near(query, each), **as_kept(article_languages)}
        kinds = (np.int32, np.float32, np.float32)
        found = self._arrays(lambda sql: sql.nearest, self._among(given, only), *kinds)
        scored, _ = self._scored_by_all(*(flat(one, kind) for one, kind in zip(found, kinds, strict=True)))
        every = np.ones(len(scored.rows), np.bool_)
        return self._cut(scored, best(scored.language, self._worth(scored), each, every))

    def gather(
        self,
        query: Vectors,
        queries: Mapping[int, WordQuery],
        each: int,
        by_words: int,
        article_languages: frozenset[int] | None,
        only: Rows | None,
    ) -> tuple[Scored, Matched]:
        if keeps_nothing(None, only):
            nothing = np.zeros(0, np.float32)
            return self._nothing(), Matched(np.zeros(0, np.int64), nothing, nothing)
        words = weighed(queries)
        given = {**self._near(query, each), **as_kept(None), **words, "by_words": by_words}
        if article_languages is not None:
            given["wanted"] = np.array(sorted(article_languages), np.int16)

        def pool(sql: Statements) -> str:
            return sql.pool if article_languages is None else sql.pool_in_languages

        kinds = (np.int32, *[np.float32] * 4, *[np.int32] * 2, np.float64)
        found = self._arrays(pool, self._among(given, only), *kinds)
        rows, passage, sentence, shares, grams, columns, theirs, matched = (
            flat(one, kind) for one, kind in zip(found, kinds, strict=True)
        )
        scored, order = self._scored_by_all(rows, passage, sentence)
        kept = np.ones(len(rows), np.bool_)
        if len(self._shards) > 1:
            matched = matched[order]
            scopes = [kept]
            if article_languages is not None:
                scopes.append(np.isin(scored.article_language, given["wanted"]))
            worth = self._worth(scored)
            kept = np.zeros(len(rows), np.bool_)
            for scope in scopes:
                kept |= best(scored.language, worth, each, scope)
                kept |= best(scored.language, matched, by_words, scope & (matched > 0))
        scored = self._cut(scored, kept)
        own = np.flatnonzero(words["owners"] >= 0)
        there = np.isin(theirs, scored.rows)
        places = np.searchsorted(own, columns[there] - 1).astype(np.int32)
        self._having.remember(scored.rows, words["terms"][own], places, theirs[there])
        return scored, Matched(scored.rows, shares[order][kept], grams[order][kept])

    def fetch(self, rows: Rows, query: Vectors) -> Scored:
        rows = self._known_rows(rows)
        if not len(rows) or not query.any():  # who asks for no vector wants to know where passages are
            sentences = int(self._sizes[rows].sum())
            return self._scored(rows, np.zeros(len(rows), np.float32), np.zeros(sentences, np.float32))
        lying, asked = self._lying(rows), as_asked(query, self._axes)
        found = self._arrays(lambda sql: sql.cosines, _of_rows(lying, asked), np.float32, np.float32)
        scored, _ = self._scored_by_all(np.concatenate(lying), *(flat(one, np.float32) for one in found))
        return scored

    def frequencies(self, terms: NDArray[np.uint64]) -> NDArray[np.int64]:
        wanted = np.ascontiguousarray(terms, np.uint64).view(np.int64)
        if self._terms is not None:
            return self._terms.counts(wanted)
        known = self._known
        unknown = np.array([one for one in dict.fromkeys(wanted.tolist()) if one not in known], np.int64)
        if len(unknown):
            given = [{"terms": unknown}] * len(self._shards)
            places, counts = self._arrays(lambda sql: sql.frequencies, given, np.int32, np.int32)
            summed = np.bincount(
                flat(places, np.int32) - 1, weights=flat(counts, np.int32), minlength=len(unknown)
            )
            found = dict(zip(unknown.tolist(), summed.astype(np.int64).tolist(), strict=True))
            with self._lock:
                known = {} if len(known) > POSTGRES.frequencies_remembered else dict(known)
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
        asked = weighed(queries)
        them = also()
        words, grams = np.zeros(len(self._language), np.float32), np.zeros(len(self._language), np.float32)
        rows = np.zeros(0, np.int64)
        if len(asked["terms"]):
            each = 0 if keeps_nothing(article_languages, only) else each
            given = {**asked, "each": each, **as_kept(article_languages)}
            lying = self._lying(them)
            kinds = (np.int32, np.float32, np.float32, np.float64)
            found = self._arrays(
                lambda sql: sql.matched,
                [_given(one, also=mine) for one, mine in zip(self._among(given, only), lying, strict=True)],
                *kinds,
            )
            every, *shares, matched = (flat(one, kind) for one, kind in zip(found, kinds, strict=True))
            words[every], grams[every] = shares
            rows, order = np.sort(every).astype(np.int64), np.argsort(every)
            may = matched[order] > 0
            if only is not None:
                may &= np.isin(rows, only)
            if article_languages is not None:
                may &= np.isin(self._article_language[rows], given["languages"])
            rows = rows[best(self._language[rows], matched[order], each, may)]
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
        given = _of_rows(self._lying(unique), {"terms": terms})
        columns, theirs = (
            flat(one, np.int32) for one in self._arrays(lambda sql: sql.having, given, np.int32, np.int32)
        )
        held = np.zeros((len(unique), len(terms)), np.bool_)
        held[np.searchsorted(unique, theirs), columns - 1] = True
        found: NDArray[np.bool_] = held[places]
        return found

    def holding(self, words: Sequence[tuple[str, ...]], among: Rows | None = None) -> Rows:
        if not words or (among is not None and not len(among)):
            return np.zeros(0, np.int64)
        keys = phrases.adjacent_to(words)
        given = {f"keys{at}": some for at, some in enumerate(keys)}
        found = self._asked(lambda sql: sql.phrases(len(keys)), self._among(given, among))
        rows = [row for row, held in found if phrases.has_run(phrases.unpacked(held), words)]
        return np.array(sorted(rows), np.int64)

    def tokens(self, sentences: Rows) -> SentenceTokens:
        known = {one: self._tokens.get(one) for one in sentences.tolist()}
        missing = np.array([one for one, kept in known.items() if kept is None], np.int64)
        fresh: dict[int, bytes] = {}
        if len(missing):
            lies = self._lies[self.passages_of(missing)]
            given = [
                {"sentences": one.astype(np.int32)} if len(one) else None
                for one in (missing[lies == at] for at in range(len(self._shards)))
            ]
            fresh = dict(self._asked(lambda sql: sql.tokens, given))
            self._tokens.remember(fresh)
        held = [
            kept if (kept := known[one]) is not None else fresh.get(one, b"") for one in sentences.tolist()
        ]
        offsets = offsets_of(np.array([len(one) for one in held], np.int64) // max(1, self._width))
        flattened = np.frombuffer(b"".join(held), np.uint8).reshape(int(offsets[-1]), self._width)
        return SentenceTokens(flattened, offsets)

    def passages_of(self, sentences: Rows) -> Rows:
        there = np.flatnonzero(self._language >= 0)
        owners: Rows = there[np.searchsorted(self._first[there], sentences, side="right") - 1]
        return owners

    def sample(self, most: int) -> tuple[Rows, Vectors, NDArray[np.int16]]:
        rows = np.flatnonzero(self._language >= 0)
        if len(rows) > most:
            rows = rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]
        asked = self._asked(lambda sql: sql.vectors, _of_rows(self._lying(rows), {}))
        found = sorted(asked, key=lambda one: int(one[0]))
        codes = np.array([vector for _, _, vector in found], np.float32).reshape(-1, len(self._axes))
        steps = np.array([step for _, step, _ in found], np.float32)
        vectors: Vectors = ((codes * steps[:, None]) @ self._axes.T).astype(np.float32)
        return rows.astype(np.int64), vectors, self._language[rows]

    def close(self) -> None:
        self.generation.close()

    def _read_numbers(self) -> None:
        """Which passage each row is, in memory: keys, languages, where its sentences are, and which shard."""
        kinds = (np.int32, np.int64, np.int64, np.int32, np.int32, np.int16, np.int16)
        told = self._asked(lambda sql: sql.numbers, [{}] * len(self._shards))
        columns = zip(*(one[:-1] for one in told), strict=True)
        parts = [
            [np.zeros(0, kind) if one is None else one for one in column]
            for column, kind in zip(columns, kinds, strict=True)
        ]
        rows, keys, articles, first, sizes, language, article_language = map(np.concatenate, parts)
        size = int(rows.max(initial=-1)) + 1

        def spread(values: NDArray[Any], kind: Any, gap: int) -> NDArray[Any]:
            whole = np.full(size, gap, kind)
            whole[rows] = values
            return whole

        self._keys, self._articles = spread(keys, np.int64, -1), spread(articles, np.int64, -1)
        self._first, self._sizes = spread(first, np.int64, 0), spread(sizes, np.int64, 0)
        self._language: NDArray[np.int16] = spread(language, np.int16, -1)
        self._article_language: NDArray[np.int16] = spread(article_language, np.int16, -1)
        shards = np.repeat(np.arange(len(parts[0])), list(map(len, parts[0])))
        self._lies: NDArray[np.int16] = spread(shards, np.int16, -1)
        self._kinds = np.zeros(int((self._first + self._sizes).max(initial=0)), np.uint8)
        of_sentences = b"".join(one[-1] or b"" for one in told)
        places = places_of(first.astype(np.int64), sizes.astype(np.int64))
        self._kinds[places] = np.frombuffer(of_sentences, np.uint8)

    def _read_terms(self) -> Terms | None:
        """In how many passages each term is; None of a library that has too many."""
        if sum(shard.terms for shard in self._shards) > POSTGRES.terms_read:
            return None
        found = self._asked(lambda sql: sql.terms, [{}] * len(self._shards))
        counts = [np.diff(ends, prepend=0, append=size) for _, ends, size in found]
        return Terms(*counted([terms for terms, _, _ in found], counts))

    def _asked(self, sql: Callable[[Statements], str], given: Sequence[Given | None]) -> list[Row]:
        """What all shards say, side by side, one's rows after the other's; ``given`` are the parameters of
        each, None for one that has not to be asked."""

        def asked(shard: Shard, parameters: Given) -> list[Row]:
            return shard.server.rows(sql(shard.sql), parameters)

        tasks = [
            partial(asked, shard, parameters)
            for shard, parameters in zip(self._shards, given, strict=True)
            if parameters is not None
        ]
        return [row for rows in self.generation.side_by_side.done(tasks) for row in rows]

    def _arrays(
        self, sql: Callable[[Statements], str], given: Sequence[Given | None], *kinds: Any
    ) -> list[list[NDArray[Any]]]:
        """The columns of a statement that returns one row of arrays, each column an array of each shard that
        was asked; empty ones where it has found nothing."""
        rows = self._asked(sql, given)
        return [
            [np.zeros(0, kind) if row[at] is None else row[at] for row in rows]
            for at, kind in enumerate(kinds)
        ]

    def _known_rows(self, rows: Rows) -> Rows:
        rows = rows[(rows >= 0) & (rows < len(self._language))]
        return rows[self._language[rows] >= 0]

    def _lying(self, rows: Rows) -> list[Rows]:
        """Some rows, by the shard that each lies on."""
        if len(self._shards) == 1:
            return [rows]
        rows = self._known_rows(rows)
        return [rows[self._lies[rows] == at] for at in range(len(self._shards))]

    def _among(self, given: Given, only: Rows | None) -> list[Given]:
        """The parameters of each shard where only some rows may be found."""
        if only is None:
            return [{**given, "only": None}] * len(self._shards)
        return [_given(given, only=one) for one in self._lying(only)]

    def _near(self, query: Vectors, each: int) -> dict[str, Any]:
        return {
            "each": each,
            "share": PASSAGES.sentence_share,
            "depth": max(POSTGRES.least, POSTGRES.surplus * each),
            **as_asked(query, self._axes),
        }

    def _nothing(self) -> Scored:
        return self._scored(np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, np.float32))

    def _worth(self, scored: Scored) -> NDArray[np.float64]:
        return blended(scored.passage, best_per_passage(scored.sentence, scored.bounds))

    def _cut(self, scored: Scored, kept: NDArray[np.bool_]) -> Scored:
        return scored if kept.all() else scored.take(np.flatnonzero(kept))

    def _scored_by_all(self, rows: Rows, passage: Vectors, sentence: Vectors) -> tuple[Scored, Rows]:
        """What shards found, one after the other, in the order of rows; and each one's place before."""
        rows = rows.astype(np.int64)
        order, passage, sentence = in_row_order(rows, passage, sentence, self._sizes[rows])
        return self._scored(rows[order], passage, sentence), order

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


def _given(given: Given, **rows: Rows) -> dict[str, Any]:
    """Parameters, and lists of rows beside them."""
    return {**given, **{name: one.astype(np.int32) for name, one in rows.items()}}


def _of_rows(lying: Sequence[Rows], given: Given) -> list[Given | None]:
    """The parameters of each shard where it is asked about rows that lie there; None where none do."""
    return [_given(given, rows=rows) if len(rows) else None for rows in lying]
