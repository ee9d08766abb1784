"""What stays of one generation in the next: rows that are taken over as they are, and how they move up.

Passages and articles are in the order of their keys, and no key is given twice: those that stay keep their
order, and what is new comes after them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.arrays.runs import offsets_of, runs_of
from search.arrays.vectors import Ints

__all__ = ["KeptRows", "joined_runs", "kept_of"]


@dataclass(frozen=True, slots=True)
class KeptRows:
    """``rows`` (n,), ascending, of ``before`` rows stay; ``added`` ones come after them."""

    rows: Ints
    before: int
    added: int

    @property
    def size(self) -> int:
        """Rows that there are now."""
        return len(self.rows) + self.added

    @property
    def gone(self) -> int:
        """Rows that there are no longer."""
        return self.before - len(self.rows)

    def places(self) -> Ints:
        """Where each row of before is now (before,); −1: gone."""
        places = np.full(self.before, -1, np.int64)
        places[self.rows] = np.arange(len(self.rows))
        return places

    def runs(self) -> list[tuple[int, int]]:
        """The rows that stay as runs of neighbours, from and to."""
        if not len(self.rows):
            return []
        gaps = np.flatnonzero(np.diff(self.rows) > 1)
        starts, ends = np.append(0, gaps + 1), np.append(gaps, len(self.rows) - 1)
        return list(zip(self.rows[starts].tolist(), (self.rows[ends] + 1).tolist(), strict=True))

    def joined(self, old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
        """An array of one entry for each row, as it is now."""
        return np.concatenate([old[self.rows], new.astype(old.dtype, copy=False)])

    def of_runs(self, offsets: Ints, added: int) -> KeptRows:
        """The same for what the rows consist of: that of row i was ``offsets[i]:offsets[i+1]``, and the new
        rows have ``added`` in all."""
        return KeptRows(runs_of(offsets, self.rows), int(offsets[-1]), added)


def kept_of(before: Ints, now: Ints) -> KeptRows:
    """Of unique ascending keys, those that are there still; the new ones are higher than all of before."""
    rows = np.flatnonzero(np.isin(before, now, assume_unique=True))
    return KeptRows(rows, len(before), len(now) - len(rows))


def joined_runs(kept: KeptRows, offsets: Ints, added: Ints) -> Ints:
    """Offsets of runs as they are now, from those of before and the lengths of the ``added``."""
    lengths = np.concatenate([np.diff(offsets)[kept.rows], added])
    return offsets_of(lengths)
