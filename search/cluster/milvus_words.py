"""Ranking by words in Milvus: candidates by a sparse inner product, then what each term has in them, exactly.

A sparse vector has 32 bits for a term, of whose hash there are 64. Which dimensions two terms of the library
share is known when it is written (see :class:`search.cluster.milvus_writer.Generation`); what is found by
one of those is looked up in the passage's own list of terms.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.arrays.vectors import Vectors
from search.cluster.milvus_collections import dimensions, unpacked
from search.cluster.milvus_connection import MOST, listed
from search.cluster.milvus_opened import Opened, slices
from search.cluster.milvus_writer import TERM
from search.passages.backend import Matched, Rows, WeightedTerms, WordQuery

__all__ = ["Frequencies", "candidates", "impacts", "shares"]

# How many times as many candidates are taken as are asked for, and how many at least. They are ranked by the
# sum of what a word's variants are worth, the result by the best of them: no bound on the others is close
# enough to stop by. 2000 candidates had 99.2 of 100 of the first 200 in each of six languages with 104,000
# passages together, 98.9 of the first ten; 1000 had 97.7 and 98.7.
_SURPLUS, _LEAST = 8, 2000
_REMEMBERED = 100_000  # frequencies of terms
_TERMS = 512  # lists of terms that are fetched at a time; one takes some ten kilobytes


class Frequencies:
    """How many passages have each term; those asked for lately are remembered; questions share words."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._known: dict[int, int] = {}

    def of(self, terms: NDArray[np.uint64]) -> NDArray[np.int64]:
        wanted = np.ascontiguousarray(terms, np.uint64).view(np.int64).tolist()
        known = self._known
        found = {one: known[one] for one in wanted if one in known}
        unknown = sorted(set(wanted).difference(found))
        if unknown:
            held = self._opened.by_key("terms", "term", np.array(unknown, np.int64), ("passages",))
            there = {one["term"]: one["passages"] for one in held}
            found |= (new := {one: there.get(one, 0) for one in unknown})
            if len(known) > _REMEMBERED:
                self._known = known = {}
            known.update(new)
        return np.array([found[one] for one in wanted], np.int64)


def candidates(opened: Opened, query: WordQuery, each: int, where: str) -> Rows:
    """The passages that match most by the sum of what all variants of all words are worth, ascending."""
    weights: dict[int, float] = {}
    for terms in (query.words, query.grams):
        values = terms.values()
        held = values > 0
        places = dimensions(terms.hashes[held])
        for place, value in zip(places.tolist(), values[held].tolist(), strict=True):
            weights[place] = weights.get(place, 0.0) + value
    if not weights:
        return np.zeros(0, np.int64)
    limit = min(max(_SURPLUS * each, _LEAST), MOST)
    found = opened.search("passages", "sparse", [weights], limit, where)[0]
    return np.sort(np.array(found.ids, np.int64))


def shares(opened: Opened, query: WordQuery, rows: Rows) -> Matched:
    """The exact shares of some passages, in ascending order."""
    both = (query.words, query.grams)
    keys = np.unique(np.concatenate([terms.hashes[terms.worths > 0] for terms in both]))
    found = impacts(opened, keys, rows)

    def share(terms: WeightedTerms) -> Vectors:
        values = terms.values()
        summed = np.zeros(len(rows))
        for of_term, hashes in zip(values, terms.hashes, strict=True):
            held = of_term > 0
            gained = found[np.searchsorted(keys, hashes[held])] * of_term[held, None]
            summed += gained.max(axis=0, initial=0.0)
        return summed.astype(np.float32)

    return Matched(rows, share(query.words), share(query.grams))


def impacts(opened: Opened, terms: NDArray[np.uint64], rows: Rows) -> NDArray[np.float64]:
    """What each of some terms has in some passages, ascending: (terms, rows); 0 where it is not."""
    found = np.zeros((len(terms), len(rows)))
    places = dimensions(terms)
    for some in slices(rows, MOST) if len(terms) else ():
        asked = [{place: 1.0} for place in places.tolist()]
        where = f"row in {listed(some)}"
        for at, hits in enumerate(opened.search("passages", "sparse", asked, len(some), where)):
            found[at, np.searchsorted(rows, np.array(hits.ids, np.int64))] = hits.distances
    doubtful = np.flatnonzero(np.isin(places, np.array(opened.generation.ambiguous, np.int64)))
    if len(doubtful):
        _settle(opened, found, terms, doubtful, rows)
    return found


def _settle(
    opened: Opened, found: NDArray[np.float64], terms: NDArray[np.uint64], doubtful: Rows, rows: Rows
) -> None:
    """Puts right what was found of terms that share their dimension with others."""
    unsure = rows[(found[doubtful] > 0).any(axis=0)]
    for one in opened.by_key("passages", "row", unsure, ("terms",), _TERMS):
        held = np.frombuffer(unpacked(one["terms"]), TERM)
        impact = dict(zip(held["term"].tolist(), held["impact"].tolist(), strict=True))
        row = np.searchsorted(rows, one["row"])
        for at in doubtful:
            found[at, row] = impact.get(int(terms[at]), 0.0)
