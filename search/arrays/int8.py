"""Rows of unit vectors in one byte a coordinate, and their cosines to a query, computed where they lie.

Rows are kept turned onto the principal axes of their library, and in two parts: the *prefix*, the coordinates
along the first axes, where most of what tells texts apart is, and the *rest*. A scan of the prefixes alone
reads a third of the bytes and finds what is worth a look at the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numkong
import numpy as np
from numpy.typing import NDArray

from search.arrays.kept import KeptRows
from search.arrays.matmul import matmul
from search.arrays.settings import ARRAYS
from search.arrays.strings import mapped
from search.arrays.vectors import VectorRows, Vectors, in_two_bytes

__all__ = ["PARTS", "Codes", "Int8Query", "Int8Rows", "principal_axes", "quantised"]

Codes = NDArray[np.int8]

PARTS = ("prefix", "rest", "steps")
"""What quantised rows consist of: an array of each, a file each."""
_LEVELS = 127
_second = ThreadPoolExecutor(1, "scan")


def quantised(vectors: Vectors) -> tuple[Codes, Vectors]:
    """Rows (n, d) as int8, each by its own largest coordinate, and what a step of each is worth (n,)."""
    steps = np.abs(vectors).max(axis=1, initial=0) / np.float32(_LEVELS)
    steps = np.maximum(steps, np.float32(1e-12)).astype(np.float32)
    return np.rint(vectors / steps[:, None]).astype(np.int8), steps


def principal_axes(vectors: VectorRows) -> Vectors:
    """An orthonormal basis (d, d) of the rows (n, d), the axes along which they differ most first; of numbers
    that two bytes hold."""
    most = min(len(vectors), ARRAYS.axes_sample)
    some = vectors[np.linspace(0, max(0, len(vectors) - 1), most).astype(np.int64)]
    return in_two_bytes(np.linalg.eigh(some.T @ some)[1][:, ::-1])


@dataclass(frozen=True, slots=True)
class Int8Query:
    """A unit vector on a library's axes: ``code`` (1, d), and what a step of it is worth."""

    code: Codes
    step: np.float32

    @classmethod
    def of(cls, vector: Vectors, axes: Vectors) -> Int8Query:
        code, steps = quantised(matmul(vector, axes)[None])
        return cls(code, steps[0])


@dataclass(frozen=True, slots=True)
class Int8Rows:
    """Unit rows (n, d) on some axes: ``prefix`` (n, p), ``rest`` (n, d − p), and what a step of each row is
    worth, ``steps`` float32 (n,)."""

    prefix: Codes
    rest: Codes
    steps: Vectors

    @classmethod
    def of(cls, vectors: VectorRows, axes: Vectors) -> Int8Rows:
        """Float rows (n, d), turned and rounded; in parts, so that the steps between take little memory."""
        width = min(ARRAYS.prefix, len(axes))
        prefix = np.empty((len(vectors), width), np.int8)
        rest = np.empty((len(vectors), len(axes) - width), np.int8)
        steps = np.empty(len(vectors), np.float32)
        for start in range(0, len(vectors), ARRAYS.quantised_at_a_time):
            part = slice(start, start + ARRAYS.quantised_at_a_time)
            codes, steps[part] = quantised(np.asarray(vectors[part], np.float32) @ axes)
            prefix[part], rest[part] = codes[:, :width], codes[:, width:]
        return cls(prefix, rest, steps)

    @classmethod
    def read(cls, directory: Path, name: str) -> Int8Rows:
        """Saved ones, memory-mapped."""
        parts = (mapped(directory / f"{name}_{part}.npy") for part in PARTS)
        return cls(*parts)

    def write(self, directory: Path, name: str) -> None:
        for part in PARTS:
            np.save(directory / f"{name}_{part}.npy", getattr(self, part))

    def __len__(self) -> int:
        return len(self.steps)

    def joined(self, kept: KeptRows, new: Int8Rows) -> Int8Rows:
        """Those of these that are kept, and then the ``new`` ones, on the same axes."""
        return Int8Rows(
            kept.joined(self.prefix, new.prefix),
            kept.joined(self.rest, new.rest),
            kept.joined(self.steps, new.steps),
        )

    def floats(self, rows: NDArray[np.int64] | slice, axes: Vectors) -> Vectors:
        """Some rows as they were, nearly."""
        codes = np.concatenate([self.prefix[rows], self.rest[rows]], axis=1).astype(np.float32)
        found: Vectors = np.asarray((codes * self.steps[rows][:, None]) @ axes.T, np.float32)
        return found

    def cosines(self, query: Int8Query) -> Vectors:
        """The cosine of every row: (n,)."""
        width = self.prefix.shape[1]
        both = _scan(self.prefix, query.code[:, :width])
        if self.rest.shape[1]:
            both += _scan(self.rest, query.code[:, width:])
        result: Vectors = both * (self.steps * query.step)
        return result

    def rough_cosines(self, query: Int8Query, rows: NDArray[np.int64] | None = None) -> Vectors:
        """What the prefixes give of the cosine of every row (n,), or of some."""
        code = query.code[:, : self.prefix.shape[1]]
        if rows is None:
            found, steps = _scan(self.prefix, code), self.steps
        else:
            found, steps = _gathered(self.prefix, rows, code), self.steps[rows]
        result: Vectors = found * (steps * query.step)
        return result

    def cosines_of(self, rows: NDArray[np.int64], query: Int8Query, rough: Vectors | None = None) -> Vectors:
        """The cosines of some rows: (len(rows),). ``rough`` is what the prefixes give of them, where that is
        known."""
        found = self.rough_cosines(query, rows) if rough is None else rough
        if not self.rest.shape[1]:
            return found
        beyond = _gathered(self.rest, rows, query.code[:, self.prefix.shape[1] :])
        result: Vectors = found + beyond * (self.steps[rows] * query.step)
        return result


def _gathered(codes: Codes, rows: NDArray[np.int64], code: Codes) -> Vectors:
    """The dot product of some rows with one (1, d): float32 (len(rows),). As many rows at a time as stay in
    the core's own cache."""
    found = np.empty(len(rows), np.float32)
    packed = numkong.dots_pack(np.ascontiguousarray(code), dtype="int8")

    def gather(first: int, last: int) -> None:
        held = np.empty((min(last - first, ARRAYS.gathered_at_a_time), codes.shape[1]), np.int8)
        for start in range(first, last, ARRAYS.gathered_at_a_time):
            part = rows[start : min(last, start + ARRAYS.gathered_at_a_time)]
            # No row is out of bounds; only with a mode that asks no more does numpy write where it is told.
            some = codes.take(part, axis=0, out=held[: len(part)], mode="clip")
            found[start : start + len(part)] = np.asarray(numkong.dots_packed(some, packed))[:, 0]

    _in_halves(gather, len(rows), 2 * ARRAYS.gathered_at_a_time)
    return found


def _scan(rows: Codes, code: Codes) -> Vectors:
    """The dot product of every row (n, d) with one (1, d): float32 (n,)."""
    found = np.zeros((1, len(rows)), np.float32)
    if not len(rows):
        return np.zeros(0, np.float32)
    code = np.ascontiguousarray(code)

    def scan(start: int, end: int) -> None:
        numkong.cdist(code, rows[start:end], metric="dot", out=found[:, start:end])

    _in_halves(scan, len(rows), ARRAYS.two_threads_from)
    result: Vectors = found[0]
    return result


def _in_halves(work: Callable[[int, int], None], size: int, many: int) -> None:
    """Does some work from 0 to ``size``, from ``many`` on with a second thread."""
    if size < many:
        work(0, size)
    else:
        other = _second.submit(work, 0, size // 2)
        work(size // 2, size)
        other.result()
