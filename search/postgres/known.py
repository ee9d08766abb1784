"""What a question has learnt of the passages it looked at, for all that it asks of them later."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.passages.backend import Rows

__all__ = ["Having", "Terms"]

_POOLS = 32  # of the last questions: some 100 KB each


class Terms:
    """In how many passages each term is: hashes, ascending, and counts, (n,) both."""

    def __init__(self, hashes: NDArray[np.int64], counts: NDArray[np.int32]) -> None:
        self._hashes, self._counts = hashes, counts

    def counts(self, wanted: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of some terms; 0 for what no passage has."""
        if not len(self._hashes):
            return np.zeros(len(wanted), np.int64)
        at = np.minimum(np.searchsorted(self._hashes, wanted), len(self._hashes) - 1)
        found: NDArray[np.int64] = np.where(self._hashes[at] == wanted, self._counts[at], 0).astype(np.int64)
        return found


@dataclass(frozen=True, slots=True)
class _Pool:
    """Which of some passages, by ``rows`` (n,), has which of some ``terms`` (m,), both ascending: (n, m)."""

    rows: Rows
    terms: NDArray[np.int64]
    has: NDArray[np.bool_]


class Having:
    """Which passages of the last questions' pools have which of their terms; threads may share it."""

    def __init__(self) -> None:
        self._pools: deque[_Pool] = deque(maxlen=_POOLS)

    def remember(
        self,
        rows: Rows,
        terms: NDArray[np.int64],
        columns: NDArray[np.int32],
        theirs: NDArray[np.int32],
    ) -> None:
        """The passages ``theirs`` (k,), among ``rows``, have the terms at ``columns`` (k,), and no others."""
        every, places = np.unique(terms, return_inverse=True)
        has = np.zeros((len(rows), len(every)), np.bool_)
        has[np.searchsorted(rows, theirs), places[columns]] = True
        self._pools.appendleft(_Pool(rows, every, has))

    def of(self, rows: Rows, terms: NDArray[np.int64]) -> NDArray[np.bool_] | None:
        """Whether each of some passages has each of some terms, (len(rows), len(terms)); None where that is
        not known."""
        for pool in tuple(self._pools):
            if not len(pool.rows) or not len(pool.terms):
                continue
            at = np.minimum(np.searchsorted(pool.rows, rows), len(pool.rows) - 1)
            columns = np.minimum(np.searchsorted(pool.terms, terms), len(pool.terms) - 1)
            if (pool.rows[at] == rows).all() and (pool.terms[columns] == terms).all():
                found: NDArray[np.bool_] = pool.has[np.ix_(at, columns)]
                return found
        return None
