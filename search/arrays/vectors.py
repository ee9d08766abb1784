"""The arrays that the engine is made of: what they are called, and rows of unit length."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Ints", "VectorRows", "Vectors", "in_two_bytes", "unit_rows"]

Vectors = NDArray[np.float32]
Ints = NDArray[np.int64]


class VectorRows(Protocol):
    """Rows (n, d), or what makes them when some are asked for: those of a large library would fill the
    memory."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice | Ints, /) -> Vectors: ...


def in_two_bytes(values: NDArray[np.floating[Any]]) -> Vectors:
    """Numbers rounded to what two bytes hold: what is kept so is used so from the start."""
    return np.ascontiguousarray(values, np.float16).astype(np.float32)


def unit_rows(vectors: NDArray[np.floating[Any]], least: float = 1e-9) -> Vectors:
    """Rows (n, d) brought to unit length; a row shorter than ``least`` is only as much longer as one of that
    length would be, and a zero row stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = (vectors / np.maximum(lengths, least)).astype(np.float32, copy=False)
    return unit
