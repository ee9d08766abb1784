"""Who is nearest to whom, among the rows of each language: worked out once, then kept up to date.

All rows against all is the part of a build that grows with the square of the library. Where little has
changed, only those rows are looked at again that lost one of their nearest, or to which something new is
nearer: what comes out is what looking at all of them would give.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.arrays.kept import KeptRows
from search.arrays.settings import ARRAYS
from search.arrays.vectors import Ints, Vectors

__all__ = ["Nearest", "nearest"]

_NOTHING = np.float32(-2.0)


@dataclass(frozen=True, slots=True)
class Nearest:
    """Of n rows, by language: ``rows`` (n, languages, count), the nearest first, −1 where there are fewer;
    ``least`` (n, languages) is the cosine of the last of them, −2 where there are fewer; ``fresh``
    (n, languages) says which were worked out now. Among rows of their own language only (``own``), there is
    one column for all languages."""

    rows: NDArray[np.int32]
    least: Vectors
    fresh: NDArray[np.bool_]
    own: bool

    def packed(self, name: str) -> dict[str, NDArray[Any]]:
        """As arrays to be saved under names that begin so."""
        return {f"{name}_rows": self.rows, f"{name}_least": self.least}

    @classmethod
    def unpacked(cls, held: Any, name: str, *, own: bool) -> Nearest:
        rows, least = held[f"{name}_rows"], held[f"{name}_least"]
        return cls(rows, least, np.zeros(least.shape, np.bool_), own)


def nearest(
    vectors: Vectors,
    codes: Ints,
    languages: int,
    count: int,
    *,
    own: bool = False,
    before: Nearest | None = None,
    kept: KeptRows | None = None,
) -> Nearest:
    """Of each unit row of ``vectors`` (n, d), whose language is ``codes`` (n,), the ``count`` nearest among
    the rows of each of the other ``languages``, or of its own; of equals the first. ``before`` is what it
    was for the rows that are ``kept``."""
    if before is not None and not own:  # of a language that had its last row, the column stays, empty
        languages = max(languages, before.rows.shape[1])
    columns = 1 if own else languages
    rows = np.full((len(vectors), columns, count), -1, np.int32)
    least = np.full((len(vectors), columns), _NOTHING, np.float32)
    fresh = np.ones((len(vectors), columns), np.bool_)
    if before is not None and kept is not None:
        stay, known = len(kept.rows), before.rows.shape[1]
        old = before.rows[kept.rows]
        rows[:stay, :known] = np.where(old >= 0, kept.places()[old], -1)
        least[:stay, :known] = before.least[kept.rows]
        fresh[:stay, :known] = ((old >= 0) & (rows[:stay, :known] < 0)).any(axis=2)
        _mark_nearer(fresh, least, vectors, codes, stay, own)
    rows[fresh], least[fresh] = -1, _NOTHING
    for language in range(languages):
        there = np.flatnonzero(codes == language)
        column = 0 if own else language
        asking = np.flatnonzero(fresh[:, column] & ((codes == language) == own))
        among = np.ascontiguousarray(vectors[there]).T
        for start in range(0, len(asking) if len(there) else 0, ARRAYS.nearest_block):
            block = asking[start : start + ARRAYS.nearest_block]
            cosines = vectors[block] @ among
            if own:
                cosines[np.arange(len(block)), np.searchsorted(there, block)] = _NOTHING
            found, values = _best(cosines, count)
            rows[block, column] = np.where(values > _NOTHING, there[found], -1)
            least[block, column] = values[:, -1]
    return Nearest(rows, least, fresh, own)


def _mark_nearer(
    fresh: NDArray[np.bool_], least: Vectors, vectors: Vectors, codes: Ints, stay: int, own: bool
) -> None:
    """Marks the rows of the first ``stay`` to which a later one is nearer than the last of their nearest."""
    for language in np.unique(codes[stay:]).tolist():
        column = 0 if own else language
        asking = np.flatnonzero((codes[:stay] == language) == own)
        added = vectors[stay:][codes[stay:] == language].T
        for start in range(0, len(asking), 8 * ARRAYS.nearest_block):
            block = asking[start : start + 8 * ARRAYS.nearest_block]
            nearer = (vectors[block] @ added).max(axis=1) > least[block, column]
            fresh[block[nearer], column] = True


def _best(scores: Vectors, count: int) -> tuple[Ints, Vectors]:
    """The ``count`` best columns of each row, the best first, and their scores, −2 beyond the columns that
    there are; ``scores`` is used up."""
    line = np.arange(len(scores))
    rows = np.zeros((len(scores), count), np.int64)
    values = np.full((len(scores), count), _NOTHING, np.float32)
    # A few passes of argmax are faster than one partial sort, and of equals the first is the first.
    for place in range(min(count, scores.shape[1])):
        best = scores.argmax(axis=1)
        rows[:, place], values[:, place] = best, scores[line, best]
        scores[line, best] = _NOTHING
    return rows, values
