"""Runs of values laid end to end: one array of all, and the offsets where each run begins and ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from search.arrays.vectors import Ints

__all__ = ["offsets_of", "places_of", "runs_of"]


def offsets_of(lengths: Sequence[int] | Ints) -> Ints:
    """Of n runs with these lengths, where each begins, and where the last one ends (n + 1,)."""
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def places_of(starts: Ints, lengths: Ints) -> Ints:
    """The places ``starts[i]:starts[i] + lengths[i]`` of each run, one after the other."""
    steps = offsets_of(lengths)
    places: Ints = np.repeat(starts - steps[:-1], lengths) + np.arange(steps[-1])
    return places


def runs_of(offsets: Ints, rows: Ints) -> Ints:
    """The places ``offsets[i]:offsets[i+1]`` of each of some rows, one after the other."""
    offsets = np.asarray(offsets)
    return places_of(offsets[rows], offsets[rows + 1] - offsets[rows])
