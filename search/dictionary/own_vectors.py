"""The terms' own vectors, a byte a coordinate, and roughly along a few axes, by which is told whose cosine is
worth computing in full."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from search.arrays.int8 import PARTS, Int8Query, Int8Rows, quantised
from search.arrays.matmul import matmul
from search.arrays.strings import mapped
from search.arrays.vectors import Ints, Vectors
from search.dictionary.settings import DICTIONARY

__all__ = ["AXES", "ROW_FILES", "OwnVectors", "as_they_are"]

_WORDS, _ROUGH = "words", "rough_words"
AXES = "rough_axes.npy"
ROW_FILES = tuple(f"{name}_{part}" for name in (_WORDS, _ROUGH) for part in PARTS)
"""The arrays that have a row for each term."""


def as_they_are(vectors: Vectors) -> Int8Rows:
    """Rows quantised along the axes that they have."""
    codes, steps = quantised(vectors)
    return Int8Rows(codes, codes[:, :0], steps)


class OwnVectors:
    """Unit vectors of terms, memory-mapped."""

    def __init__(self, directory: Path) -> None:
        self._words, self._rough = Int8Rows.read(directory, _WORDS), Int8Rows.read(directory, _ROUGH)
        self._axes: Vectors = mapped(directory / AXES)

    @staticmethod
    def write(directory: Path, words: Sequence[Vectors]) -> None:
        """Saves the placed vectors of all languages' terms, one after the other."""
        flat = np.concatenate(words) if words else np.zeros((0, 1), np.float32)
        axes = np.linalg.eigh(flat.T @ flat)[1][:, ::-1][:, : DICTIONARY.rough_axes].astype(np.float32)
        as_they_are(flat).write(directory, _WORDS)
        as_they_are(flat @ axes).write(directory, _ROUGH)
        np.save(directory / AXES, axes)

    def __getitem__(self, terms: Ints | Sequence[int]) -> Vectors:
        """The vectors of some terms, float32 (n, dimension)."""
        found: Vectors = self._words.prefix[terms] * self._words.steps[terms][:, None]
        return found

    def cosines(self, vector: Vectors, terms: Ints) -> Vectors:
        """Of some terms to a unit vector: (n,)."""
        return matmul(vector, self[terms].T)

    def rough_cosines(self, vector: Vectors) -> Vectors:
        """About the cosine of every term to a unit vector: (T,)."""
        code, steps = quantised(matmul(vector, self._axes)[None])
        return self._rough.cosines(Int8Query(code, steps[0]))
