"""Which sentences of two texts say the same, in order: monotone alignment by dynamic programming.

A *bead* (Gale and Church 1993) is a run of one to three sentences that stands for a run of one to three in
the other text. Beads do not cross; a sentence without a counterpart stays out of every bead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.arrays.vectors import Vectors, unit_rows
from search.translations.settings import TRANSLATIONS

__all__ = ["Alignment", "Bead", "Text", "align", "finer"]


_SHAPES = ((1, 1), (1, 2), (2, 1), (2, 2), (1, 3), (3, 1))


@dataclass(frozen=True, slots=True)
class Text:
    """A text's sentences: centred unit ``vectors`` (n, d), and their ``weights`` (n,), here token counts,
    which are about the same in any two languages."""

    vectors: Vectors
    weights: Vectors

    @property
    def shares(self) -> Vectors:
        """Each sentence's share of the text."""
        shares: Vectors = self.weights / max(1.0, float(self.weights.sum()))
        return shares


@dataclass(frozen=True, slots=True)
class Bead:
    """Sentences ``left_start:left_end`` of one text and ``right_start:right_end`` of the other, and the
    cosine of the two runs."""

    left_start: int
    left_end: int
    right_start: int
    right_end: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """``gain`` is what it maximises: the mean cosine above ``least``, unaligned sentences counting 0."""

    beads: tuple[Bead, ...]
    gain: float


def align(left: Text, right: Text, least: float = TRANSLATIONS.least) -> Alignment:
    """The monotone alignment of two texts that has the highest gain."""
    left_runs, right_runs = _runs(len(left.weights)), _runs(len(right.weights))
    runs = _in_runs(left, left_runs), _in_runs(right, right_runs)
    beads, gain = _best_path(*runs, least)
    return Alignment(tuple(_in_sentences(bead, left_runs, right_runs) for bead in beads), gain)


def finer(beads: Sequence[Bead], left: Text, right: Text) -> tuple[Bead, ...]:
    """The same beads, those of two sentences and two cut in half where the halves say the same, too.

    Two and two are often a little nearer than one and one, which a reader has more of.
    """
    made: list[Bead] = []
    for bead in beads:
        if (bead.left_end - bead.left_start, bead.right_end - bead.right_start) != (2, 2):
            made.append(bead)
            continue
        rows, columns = (
            slice(bead.left_start, bead.left_end),
            slice(bead.right_start, bead.right_end),
        )
        cosines = left.vectors[rows] @ right.vectors[columns].T
        if min(cosines[0, 0], cosines[1, 1]) > max(cosines[0, 1], cosines[1, 0], TRANSLATIONS.least):
            middle, other = bead.left_start + 1, bead.right_start + 1
            made.append(Bead(bead.left_start, middle, bead.right_start, other, float(cosines[0, 0])))
            made.append(Bead(middle, bead.left_end, other, bead.right_end, float(cosines[1, 1])))
        else:
            made.append(bead)
    return tuple(made)


def _runs(count: int) -> NDArray[np.int64]:
    """Where runs of sentences begin, and the end: one sentence each, unless there are too many."""
    step = -(-count // TRANSLATIONS.longest) if count else 1
    return np.append(np.arange(0, count, step), count)


def _in_runs(text: Text, runs: NDArray[np.int64]) -> Text:
    if len(runs) - 1 == len(text.weights):
        return text
    weights = np.add.reduceat(text.weights, runs[:-1])
    vectors = np.add.reduceat(text.vectors * text.weights[:, None], runs[:-1], axis=0)
    return Text(unit_rows(vectors), weights)


def _in_sentences(bead: Bead, left: NDArray[np.int64], right: NDArray[np.int64]) -> Bead:
    left_start, left_end = int(left[bead.left_start]), int(left[bead.left_end])
    right_start, right_end = int(right[bead.right_start]), int(right[bead.right_end])
    return Bead(left_start, left_end, right_start, right_end, bead.similarity)


def _best_path(left: Text, right: Text, least: float) -> tuple[list[Bead], float]:
    rows, columns = len(left.weights), len(right.weights)
    if not rows or not columns:
        return [], 0.0
    cosines = _cosines(left, right)
    gains = {shape: _gains(shape, values, left, right, least) for shape, values in cosines.items()}
    best = np.zeros((rows + 1, columns + 1))
    for row in range(1, rows + 1):
        line = best[row - 1].copy()
        for (down, across), values in gains.items():
            if row >= down and columns >= across:
                reached = best[row - down, : columns - across + 1] + values[row - down]
                np.maximum(line[across:], reached, out=line[across:])
        # Leaving a sentence of the right text out costs nothing.
        np.maximum.accumulate(line, out=best[row])
    return list(_back(best, gains, cosines)), float(best[-1, -1])


def _back(
    best: NDArray[np.float64],
    gains: Mapping[tuple[int, int], NDArray[np.float64]],
    cosines: Mapping[tuple[int, int], Vectors],
) -> Sequence[Bead]:
    """The beads of the best path, from its end."""
    found: list[Bead] = []
    row, column = best.shape[0] - 1, best.shape[1] - 1
    while row and column:
        here = best[row, column]
        if here == best[row, column - 1]:
            column -= 1
        elif here == best[row - 1, column]:
            row -= 1
        else:
            down, across = next(
                (down, across)
                for (down, across), values in gains.items()
                if row >= down
                and column >= across
                and here == best[row - down, column - across] + values[row - down, column - across]
            )
            similarity = float(cosines[down, across][row - down, column - across])
            found.append(Bead(row - down, row, column - across, column, similarity))
            row, column = row - down, column - across
    return found[::-1]


def _cosines(left: Text, right: Text) -> dict[tuple[int, int], Vectors]:
    """For each shape, the cosine of every run of so many sentences with every run of so many."""
    lefts = {count: _sums(left, count) for count in (1, 2, 3)}
    rights = {count: _sums(right, count) for count in (1, 2, 3)}
    return {(down, across): lefts[down] @ rights[across].T for down, across in _SHAPES}


def _sums(text: Text, count: int) -> Vectors:
    """The vector of each run of ``count`` sentences."""
    if count == 1:
        return text.vectors
    weighted = text.vectors * text.weights[:, None]
    total = weighted[: len(weighted) - count + 1].copy()
    for start in range(1, count):
        total += weighted[start : start + len(total)]
    return unit_rows(total)


def _gains(
    shape: tuple[int, int], cosines: Vectors, left: Text, right: Text, least: float
) -> NDArray[np.float64]:
    """What a bead adds: its cosine above ``least``, times the share of both texts that it covers."""
    covered = _windows(left.shares, shape[0])[:, None] + _windows(right.shares, shape[1])[None, :]
    return (cosines - least) * covered / 2


def _windows(shares: Vectors, count: int) -> NDArray[np.float64]:
    """Sums of every ``count`` neighbours; none where there are fewer."""
    sums = np.concatenate([[0.0], np.cumsum(shares, dtype=np.float64)])
    windows: NDArray[np.float64] = sums[count:] - sums[: max(0, len(sums) - count)]
    return windows
