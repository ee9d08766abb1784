"""Matrix products of a single question's few vectors, without threads."""

from __future__ import annotations

import numpy as np

from search.arrays.settings import ARRAYS
from search.arrays.vectors import Vectors

__all__ = ["matmul"]


def matmul(rows: Vectors, matrix: Vectors) -> Vectors:
    """Rows (n, k), or a single one (k,), times a matrix (k, m).

    A few rows are multiplied on this thread: BLAS would wake a thread on every core for some microseconds'
    work, and those then spin for milliseconds, on the cores that encode and scan meanwhile.
    """
    if rows.ndim > 1 and len(rows) >= ARRAYS.blas_from:
        return rows @ matrix
    found: Vectors = np.einsum("...k,km->...m", rows, matrix)
    return found
