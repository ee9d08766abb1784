"""What shards say, put together as one server would say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.arrays.runs import offsets_of, runs_of
from search.arrays.vectors import Vectors
from search.passages.backend import Rows
from search.passages.settings import PASSAGES

__all__ = ["best", "blended", "counted", "flat", "in_row_order"]


def flat(parts: Sequence[NDArray[Any]], kind: Any) -> NDArray[Any]:
    """Arrays, one after the other; an empty one of none."""
    return np.concatenate(parts) if parts else np.zeros(0, kind)


def in_row_order(
    rows: Rows, passage: Vectors, sentence: Vectors, sizes: NDArray[np.int64]
) -> tuple[Rows, Vectors, Vectors]:
    """Passages by their ``rows`` (n,), in any order, with their cosines and those of their ``sizes`` (n,)
    sentences each, (S,), in ascending order; and which is where now, as places (n,)."""
    order = np.argsort(rows, kind="stable")
    return order, passage[order], sentence[runs_of(offsets_of(sizes), order)]


def best(
    language: NDArray[np.int16], value: NDArray[np.float64], each: int, among: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which of some passages, in the order of their rows, are the ``each`` of every language that are worth
    most, of those ``among`` them that count at all; of equals the first. All are (n,)."""
    places = np.flatnonzero(among)
    places = places[np.lexsort((places, -value[places], language[places]))]
    spoken = language[places]
    starts = np.flatnonzero(np.diff(spoken, prepend=-1))
    ranks = np.arange(len(places)) - np.repeat(starts, np.diff(starts, append=len(places)))
    chosen = np.zeros(len(among), np.bool_)
    chosen[places[ranks < each]] = True
    return chosen


def blended(passage: Vectors, best_sentence: Vectors) -> NDArray[np.float64]:
    """What passages are worth by their cosine and their best sentence's, as the server computes it: in
    double precision, so that there are the same equals here and there."""
    share = PASSAGES.sentence_share
    return (1 - share) * passage.astype(np.float64) + share * best_sentence.astype(np.float64)


def counted(
    terms: Sequence[NDArray[np.int64]], counts: Sequence[NDArray[np.int32]]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """In how many passages of all shards each term is, given those of each, in any order: hashes, ascending,
    and counts."""
    every, where = np.unique(flat(terms, np.int64), return_inverse=True)
    summed = np.bincount(where, weights=flat(counts, np.int32), minlength=len(every))
    return every, summed.astype(np.int32)
