"""A generation of a library in Milvus, opened for reading.

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
import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from kb.errors import LibraryMissing, LibraryVersionMismatch
from search.backends.base import Matched, QueryTerm, Scored, SentenceTokens, WordQuery
from search.backends.milvus_collections import (
    Collections,
    adjacent,
    dimensions,
    search_options,
    unpacked,
)
from search.backends.milvus_connection import MOST, Connection, listed
from search.backends.milvus_writer import FORMAT, GENERATION, TERM, Generation, MilvusWriter
from search.encoding import Vectors
from search.remote import Remote, parse
from search.vectors import best_per_passage

__all__ = ["MilvusBackend", "MilvusWriter"]

Rows = NDArray[np.int64]

# Of what is asked for, how many times as many candidates are taken first, at least how many, how many times
# as many when these were too few, and how often: 2, 8 and 32 times as many found all of the exact ranking's
# first 400 on XQuAD. For words, whose candidates are ranked by the sum of a word's variants instead of by
# the best of them, no bound is close enough to stop by.
_SURPLUS, _LEAST, _MORE, _ROUNDS = 2, 64, 4, 3
_WORD_SURPLUS, _LEAST_WORDS = 4, 1000
# Requests at a time: most are one for each language.
_AT_A_TIME = 8
# What is fetched at a time: kept tokens of a sentence take some kilobytes, at most 60.
_TOKENS, _FORMS, _TERMS = 256, 1024, 512
_PASSAGE = ("key", "article", "first", "kinds", "language", "article_language")

_T = TypeVar("_T")


class MilvusBackend:
    """One generation, as :class:`search.backends.base.Backend` says; thread-safe.

    Raises LibraryMissing, LibraryVersionMismatch, ExtraMissing and BackendUnavailable when opened; when
    asked, the last, and SearchTooSlow.
    """

    def __init__(self, remote: Remote) -> None:
        self._connection = Connection(remote)
        try:
            standing_for = self._connection.target(remote.name)
            if standing_for is None:
                raise LibraryMissing(
                    f"{remote}: there is no library of this name; make one with `kb build --to {remote}`"
                )
            self.names = Collections.standing_for(standing_for)
            for name in self.names.all():
                self._connection.write("load_collection", name)
            self._generation = self._read_generation(remote)
        except BaseException:
            self._connection.close()
            raise
        self._ambiguous = np.array(self._generation.ambiguous, np.int64)
        self._pool = ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="milvus")

    @classmethod
    def open(cls, address: str) -> MilvusBackend:
        """The live generation of the library at an address (see :mod:`search.remote`)."""
        return cls(parse(address))

    @property
    def languages(self) -> tuple[str, ...]:
        return self._generation.languages

    @property
    def counts(self) -> NDArray[np.int64]:
        return np.array(self._generation.counts, np.int64)

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
        return _joined([self._scored(np.zeros(0, np.int64), query), *self._together(best, codes)])

    def fetch(self, rows: Rows, query: Vectors) -> Scored:
        return self._scored(rows, query)

    def frequencies(self, terms: NDArray[np.uint64]) -> NDArray[np.int64]:
        wanted = np.ascontiguousarray(terms, np.uint64).view(np.int64)
        found: dict[int, int] = {}
        for one in self._by_key(self.names.terms, "term", np.unique(wanted), ("passages",), MOST):
            found[one["term"]] = one["passages"]
        return np.array([found.get(term, 0) for term in wanted.tolist()], np.int64)

    def rank_by_words(
        self,
        queries: Mapping[int, WordQuery],
        each: int,
        also: Rows,
        article_languages: frozenset[int] | None = None,
        only: Rows | None = None,
    ) -> Matched:
        language = self._languages_of(also)

        def matched(code: int) -> Matched:
            ours = also[language == code]
            if each < 1 or _nothing(article_languages, only):
                return self._shares(queries[code], ours)
            candidates = self._matching(queries[code], each, code, article_languages, only)
            shares = self._shares(queries[code], np.union1d(candidates, ours))
            score = shares.words + shares.grams
            allowed = np.isin(shares.rows, candidates) & (score > 0)
            best = _best(np.where(allowed, score, -1), min(each, int(allowed.sum())))
            kept = np.isin(shares.rows, ours)
            kept[best] = True
            return Matched(shares.rows[kept], shares.words[kept], shares.grams[kept])

        codes = [code for code in queries if 0 <= code < len(self.languages) and self.counts[code]]
        parts = self._together(matched, codes)
        rest = also[~np.isin(language, codes)]  # in a language that nothing is asked in
        parts.append(Matched(rest, np.zeros(len(rest), np.float32), np.zeros(len(rest), np.float32)))
        rows = np.concatenate([part.rows for part in parts])
        order = np.argsort(rows)
        words = np.concatenate([part.words for part in parts])[order]
        return Matched(rows[order], words, np.concatenate([part.grams for part in parts])[order])

    def holding(self, forms: Sequence[str], among: Rows | None = None) -> Rows:
        if not forms or (among is not None and not len(among)):
            return np.zeros(0, np.int64)
        # Each two neighbours; for one word or two that is all there is to see.
        keys = adjacent(forms)[len(set(forms)) if len(forms) > 1 else 0 :]
        where = f"array_contains_all(adjacent, {listed(keys)})"
        fields = ["row"] if len(forms) <= 2 else ["row", "forms"]
        parts = [""]
        if among is not None:
            parts = [f" and row in {listed(some)}" for some in _slices(among, MOST)]
        found: list[int] = []
        for part in parts:
            candidates = self._connection.rows(self.names.passages, where + part, fields, _FORMS)
            found += [
                int(one["row"])
                for one in candidates
                if len(forms) <= 2 or _has_run(_forms(one["forms"]), list(forms))
            ]
        return np.array(sorted(found), np.int64)

    def tokens(self, sentences: Rows) -> SentenceTokens:
        found: dict[int, bytes] = {}
        for one in self._by_key(self.names.sentences, "sentence", sentences, ("tokens",), _TOKENS):
            found[one["sentence"]] = unpacked(one["tokens"])
        width = max(1, self._generation.width)
        kept = [np.frombuffer(found.get(one, b""), np.uint8) for one in sentences.tolist()]
        offsets = np.concatenate([[0], np.cumsum([len(one) // width for one in kept])]).astype(np.int64)
        flat = np.concatenate([np.zeros(0, np.uint8), *kept])
        return SentenceTokens(flat.reshape(-1, self._generation.width), offsets)

    def passages_of(self, sentences: Rows) -> Rows:
        found: dict[int, int] = {}
        for one in self._by_key(self.names.sentences, "sentence", np.unique(sentences), ("passage",), MOST):
            found[one["sentence"]] = one["passage"]
        return np.array([found[one] for one in sentences.tolist()], np.int64)

    def close(self) -> None:
        self._pool.shutdown()
        self._connection.close()

    def _read_generation(self, remote: Remote) -> Generation:
        found = list(self._connection.rows(self.names.files, f'path == "{GENERATION}"', ["data"], 1))
        if not found:
            raise LibraryMissing(f"{remote}: was not published whole; run `kb build --to {remote}` again")
        if json.loads(found[0]["data"])["format"] != FORMAT:
            raise LibraryVersionMismatch(
                f"{remote}: was published by another version of Rosetta; publish it again with `kb build`"
            )
        return Generation.from_json(found[0]["data"])

    def _together(self, work: Callable[[int], _T], codes: Iterable[int]) -> list[_T]:
        """Does the same for every language, some at a time, on the time of this question."""
        waiting = [self._pool.submit(contextvars.copy_context().run, work, code) for code in codes]
        return [one.result() for one in waiting]

    # --- by vector

    def _nearest(
        self,
        query: Vectors,
        each: int,
        code: int,
        article_languages: frozenset[int] | None,
        only: Rows | None,
    ) -> Scored:
        """One language's best by half their own cosine and half their best sentence's."""
        depth = min(max(_SURPLUS * each, _LEAST), MOST)
        for attempt in range(_ROUNDS):
            rows, last = self._by_vector(
                "passages", query, depth, self._where("row", code, article_languages, only)
            )
            sentences, last_sentence = self._by_vector(
                "sentences", query, depth, self._where("passage", code, article_languages, only)
            )
            scored = self._scored(np.union1d(rows, self._passages(sentences)), query)
            score = _half_and_half(scored)
            best = _best(score, each)
            sure = last is None or (len(best) == each and score[best].min() >= _most(last, last_sentence))
            if sure or depth == MOST or attempt == _ROUNDS - 1:
                break
            depth = min(depth * _MORE, MOST)
        chosen = np.zeros(len(score), np.bool_)
        chosen[best] = True
        return _some(scored, chosen)

    def _by_vector(self, part: str, query: Vectors, limit: int, where: str) -> tuple[Rows, float | None]:
        """The nearest, and the last one's cosine; None where there are no more."""
        found = self._search(part, "vector", [query], limit, where)[0]
        full = len(found.ids) == limit
        return np.array(found.ids, np.int64), float(found.distances[-1]) if full else None

    def _passages(self, sentences: Rows) -> Rows:
        return np.unique(self.passages_of(sentences))

    def _scored(self, rows: Rows, query: Vectors) -> Scored:
        """Passages with their cosines and their sentences'; those that are not there are left out."""
        there = self._by_key(self.names.passages, "row", rows, _PASSAGE, MOST)
        there.sort(key=lambda one: int(one["row"]))
        code = {name: place for place, name in enumerate(self.languages)}

        def column(name: str) -> Rows:
            return np.array([one[name] for one in there], np.int64)

        kinds = np.frombuffer("".join(one["kinds"] for one in there).encode(), np.uint8) - ord("0")
        counts = np.array([len(one["kinds"]) for one in there], np.int64)
        bounds = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        first = column("first")
        sentences = np.arange(bounds[-1]) - np.repeat(bounds[:-1] - first, counts)
        return Scored(
            rows=column("row"),
            keys=column("key"),
            articles=column("article"),
            language=np.array([code[one["language"]] for one in there], np.int16),
            article_language=np.array([code[one["article_language"]] for one in there], np.int16),
            first=first,
            bounds=bounds,
            passage=self._cosines("passages", "row", column("row"), query),
            sentence=self._cosines("sentences", "sentence", sentences, query),
            kinds=kinds.astype(np.uint8),
        )

    def _cosines(self, part: str, key: str, which: Rows, query: Vectors) -> Vectors:
        """Of passages or sentences, in ascending order, to a query."""
        cosines = np.full(len(which), np.nan, np.float32)
        for some in _slices(which, MOST):
            found = self._search(part, "vector", [query], len(some), f"{key} in {listed(some)}")[0]
            cosines[np.searchsorted(which, np.array(found.ids, np.int64))] = found.distances
        # An approximate index may miss some even of those few that it may look at.
        missed = which[np.isnan(cosines)]
        for one in self._by_key(f"{self.names.base}_{part}", key, missed, ("vector",), _TERMS):
            cosines[np.searchsorted(which, one[key])] = np.asarray(one["vector"], np.float32) @ query
        return cosines

    # --- by words

    def _matching(
        self,
        query: WordQuery,
        each: int,
        code: int,
        article_languages: frozenset[int] | None,
        only: Rows | None,
    ) -> Rows:
        """Candidates of one language: the best by the sum of what all variants of all words are worth."""
        weights: dict[int, float] = {}
        for terms in (query.words, query.grams):
            total = sum(term.weight for term in terms)
            for term in terms if total > 0 else ():
                places = dimensions(np.array([key for key, _ in term.variants], np.uint64)).tolist()
                for place, (_, worth) in zip(places, term.variants, strict=True):
                    weights[place] = weights.get(place, 0.0) + term.weight * worth / total
        weights = {place: weight for place, weight in weights.items() if weight > 0}
        if not weights:
            return np.zeros(0, np.int64)
        limit = min(max(_WORD_SURPLUS * each, _LEAST_WORDS), MOST)
        where = self._where("row", code, article_languages, only)
        found = self._search("passages", "sparse", [weights], limit, where)[0]
        return np.sort(np.array(found.ids, np.int64))

    def _shares(self, query: WordQuery, rows: Rows) -> Matched:
        """The exact shares of some passages, in ascending order."""
        keys = np.array(
            sorted({key for term in (*query.words, *query.grams) for key, _ in term.variants}), np.uint64
        )
        impacts = self._impacts(keys, rows)
        place = {key: at for at, key in enumerate(keys.tolist())}

        def share(terms: tuple[QueryTerm, ...]) -> Vectors:
            total = sum(term.weight for term in terms)
            summed = np.zeros(len(rows))
            for term in terms if total > 0 else ():
                worths = (impacts[place[key]] * worth for key, worth in term.variants)
                summed += term.weight * reduce(np.maximum, worths, np.zeros(len(rows)))
            return (summed / (total or 1.0)).astype(np.float32)

        return Matched(rows, share(query.words), share(query.grams))

    def _impacts(self, terms: NDArray[np.uint64], rows: Rows) -> NDArray[np.float64]:
        """What each of some terms, ascending, has in some passages, ascending: (terms, rows)."""
        impacts = np.zeros((len(terms), len(rows)))
        places = dimensions(terms)
        for some in _slices(rows, MOST) if len(terms) else ():
            asked = [{place: 1.0} for place in places.tolist()]
            where = f"row in {listed(some)}"
            for at, found in enumerate(self._search("passages", "sparse", asked, len(some), where)):
                impacts[at, np.searchsorted(rows, np.array(found.ids, np.int64))] = found.distances
        doubtful = np.isin(places, self._ambiguous)
        if doubtful.any():
            self._settle(impacts, terms, doubtful, rows)
        return impacts

    def _settle(
        self, impacts: NDArray[np.float64], terms: NDArray[np.uint64], doubtful: NDArray[np.bool_], rows: Rows
    ) -> None:
        """Puts right what was found of terms that share their dimension with others, from the passages' own
        lists of terms."""
        unsure = rows[(impacts[doubtful] > 0).any(axis=0)]
        for one in self._by_key(self.names.passages, "row", unsure, ("terms",), _TERMS):
            held = np.frombuffer(unpacked(one["terms"]), TERM)
            impact = dict(zip(held["term"].tolist(), held["impact"].tolist(), strict=True))
            row = np.searchsorted(rows, one["row"])
            for at in np.flatnonzero(doubtful):
                impacts[at, row] = impact.get(int(terms[at]), 0.0)

    def _languages_of(self, rows: Rows) -> NDArray[np.int64]:
        """The code of each passage's language; −1 of one that is not there."""
        code = {name: place for place, name in enumerate(self.languages)}
        found = {
            one["row"]: code[one["language"]]
            for one in self._by_key(self.names.passages, "row", rows, ("language",), MOST)
        }
        return np.array([found.get(row, -1) for row in rows.tolist()], np.int64)

    # --- what is asked of Milvus

    def _search(self, part: str, field: str, data: Sequence[Any], limit: int, where: str) -> Any:
        index = self._generation.index_type if field == "vector" else ""
        return self._connection.read(
            "search",
            f"{self.names.base}_{part}",
            data=list(data),
            anns_field=field,
            limit=limit,
            filter=where,
            output_fields=["row" if part == "passages" else "sentence"],
            search_params=search_options(index, limit),
        )

    def _by_key(
        self, collection: str, key: str, which: Rows, fields: Sequence[str], at_a_time: int
    ) -> list[dict[str, Any]]:
        """Entities by their primary keys, in no particular order, with some of their fields."""
        found: list[dict[str, Any]] = []
        for some in _slices(which, at_a_time):
            found += self._connection.read(
                "query", collection, filter=f"{key} in {listed(some)}", output_fields=[key, *fields]
            )
        return found

    def _where(self, row: str, code: int, article_languages: frozenset[int] | None, only: Rows | None) -> str:
        """A filter for passages of one language, or, ``row`` being another field, for their sentences."""
        parts = [f"language == {json.dumps(self.languages[code])}"]
        if article_languages is not None:
            names = [self.languages[one] for one in sorted(article_languages) if one < len(self.languages)]
            parts.append(f"article_language in {json.dumps(names)}")
        if only is not None:
            # Whichever list is the shorter.
            if len(only) * 2 <= self._generation.rows:
                parts.append(f"{row} in {listed(only)}")
            elif len(others := np.setdiff1d(np.arange(self._generation.rows), only)):
                parts.append(f"{row} not in {listed(others)}")
        return " and ".join(parts)


def _nothing(article_languages: frozenset[int] | None, only: Rows | None) -> bool:
    return (article_languages is not None and not article_languages) or (only is not None and not len(only))


def _slices(rows: Rows, size: int) -> list[Rows]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _forms(pieces: Sequence[str]) -> list[str]:
    return zlib.decompress(unpacked(pieces)).decode("utf-8", "surrogatepass").split("\n")


def _has_run(words: list[str], run: list[str]) -> bool:
    return any(words[at : at + len(run)] == run for at in range(len(words) - len(run) + 1))


def _most(last: float, last_sentence: float | None) -> float:
    """What a passage scores at most that is behind the last ones of both lists; the second may have ended."""
    return (last + (-1.0 if last_sentence is None else last_sentence)) / 2


def _half_and_half(scored: Scored) -> Vectors:
    blended: Vectors = (scored.passage + best_per_passage(scored.sentence, scored.bounds)) / 2
    return blended


def _best(scores: NDArray[Any], count: int) -> NDArray[np.int64]:
    """Places of the highest scores, ties by place."""
    return np.argsort(-scores, kind="stable")[:count]


def _some(scored: Scored, chosen: NDArray[np.bool_]) -> Scored:
    """Some of the passages."""
    counts = np.diff(scored.bounds)
    theirs = np.repeat(chosen, counts)
    return Scored(
        rows=scored.rows[chosen],
        keys=scored.keys[chosen],
        articles=scored.articles[chosen],
        language=scored.language[chosen],
        article_language=scored.article_language[chosen],
        first=scored.first[chosen],
        bounds=np.concatenate([[0], np.cumsum(counts[chosen])]).astype(np.int64),
        passage=scored.passage[chosen],
        sentence=scored.sentence[theirs],
        kinds=scored.kinds[theirs],
    )


def _joined(parts: Sequence[Scored]) -> Scored:
    """Passages of several languages, in ascending order of their rows."""
    rows = np.concatenate([part.rows for part in parts])
    order = np.argsort(rows)
    counts = np.concatenate([np.diff(part.bounds) for part in parts])
    starts = np.concatenate([[0], np.cumsum(counts)])[:-1][order]
    bounds = np.concatenate([[0], np.cumsum(counts[order])]).astype(np.int64)
    at = np.arange(bounds[-1]) - np.repeat(bounds[:-1] - starts, counts[order])

    def both(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in parts])

    return Scored(
        rows=rows[order],
        keys=both("keys")[order],
        articles=both("articles")[order],
        language=both("language")[order],
        article_language=both("article_language")[order],
        first=both("first")[order],
        bounds=bounds,
        passage=both("passage")[order],
        sentence=both("sentence")[at],
        kinds=both("kinds")[at],
    )
