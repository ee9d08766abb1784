"""Rows of unit vectors in one byte a coordinate, and their cosines to a query, computed where they lie."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numkong
import numpy as np
from numpy.typing import NDArray

from search.encoding import Vectors
from search.strings import mapped

__all__ = ["Int8Matrix", "products", "quantised"]

_LEVELS = 127
_AT_A_TIME = 8192
# Rows from which on the scan of a matrix is worth a second thread.
_MANY = 40_000
_second = ThreadPoolExecutor(1, "scan")


def quantised(vectors: Vectors) -> tuple[NDArray[np.int8], Vectors]:
    """Rows (n, d) as int8, each by its own largest coordinate, and what a step of each is worth (n,)."""
    steps = np.abs(vectors).max(axis=1, initial=0) / np.float32(_LEVELS)
    steps = np.maximum(steps, np.float32(1e-12)).astype(np.float32)
    return np.rint(vectors / steps[:, None]).astype(np.int8), steps


def products(rows: NDArray[np.int8], others: NDArray[np.int8]) -> NDArray[np.int32]:
    """The dot product of each of ``rows`` (n, d) with each of a few ``others`` (m, d): (n, m)."""
    if not len(rows) or not len(others):
        return np.zeros((len(rows), len(others)), np.int32)
    found: NDArray[np.int32] = np.asarray(numkong.dots_packed(rows, numkong.dots_pack(others, dtype="int8")))
    return found


@dataclass(frozen=True, slots=True)
class Int8Matrix:
    """A matrix (n, d) of unit rows: ``rows`` int8, and ``steps`` float32 (n,), what a step of each is worth."""

    rows: NDArray[np.int8]
    steps: Vectors

    @classmethod
    def of(cls, vectors: Vectors) -> Int8Matrix:
        return cls(*quantised(vectors))

    @classmethod
    def read(cls, directory: Path, name: str) -> Int8Matrix:
        """A saved one, memory-mapped."""
        return cls(mapped(directory / f"{name}.npy"), mapped(directory / f"{name}_steps.npy"))

    @staticmethod
    def write(directory: Path, name: str, vectors: Vectors) -> None:
        """Saves float rows; in parts, so that the steps between take little memory."""
        rows = np.empty(vectors.shape, np.int8)
        steps = np.empty(len(vectors), np.float32)
        for start in range(0, len(vectors), _AT_A_TIME):
            part = slice(start, start + _AT_A_TIME)
            rows[part], steps[part] = quantised(np.asarray(vectors[part], np.float32))
        np.save(directory / f"{name}.npy", rows)
        np.save(directory / f"{name}_steps.npy", steps)

    def __len__(self) -> int:
        return len(self.rows)

    def floats(self, rows: NDArray[np.int64] | slice) -> Vectors:
        """Some rows as they were, nearly."""
        found: Vectors = self.rows[rows].astype(np.float32) * self.steps[rows][:, None]
        return found

    def cosines(self, query: Vectors) -> Vectors:
        """The cosine of every row to a unit vector (d,): (n,)."""
        code, step = quantised(query[None])
        found = np.zeros((1, len(self)), np.float32)
        if not len(self):
            return np.zeros(0, np.float32)

        def scan(start: int, end: int) -> None:
            part: Any = found[:, start:end]
            numkong.cdist(code, self.rows[start:end], metric="dot", out=part)

        if len(self) < _MANY:
            scan(0, len(self))
        else:
            half = len(self) // 2
            other = _second.submit(scan, 0, half)
            scan(half, len(self))
            other.result()
        result: Vectors = found[0] * (self.steps * step[0])
        return result

    def cosines_of(self, rows: NDArray[np.int64], query: Vectors) -> Vectors:
        """The cosines of some rows to a unit vector (d,)."""
        code, step = quantised(query[None])
        found: Vectors = products(self.rows[rows], code)[:, 0] * (self.steps[rows] * step[0])
        return found
