"""Numbers as PostgreSQL sends and takes them: numpy on one side, its binary form on the other."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["array", "as_array", "copied", "halfvec", "key", "number", "real", "small"]

# The object identifiers of the elements of arrays; PostgreSQL never changes them.
_ELEMENTS: dict[np.dtype[Any], int] = {
    np.dtype(np.int16): 21,
    np.dtype(np.int32): 23,
    np.dtype(np.int64): 20,
    np.dtype(np.float32): 700,
    np.dtype(np.float64): 701,
}
_TYPES = {oid: dtype for dtype, oid in _ELEMENTS.items()}
_HEAD, _LENGTH = np.dtype(">i4"), 20  # dimensions, flags, element; then the size and the first place

small, number, key, real = (struct.Struct(form).pack for form in (">h", ">i", ">q", ">f"))
"""A smallint, an integer, a bigint and a real in binary form."""


def array(values: NDArray[Any]) -> bytes:
    """A one-dimensional array."""
    kind = values.dtype
    if not len(values):
        return np.array([0, 0, _ELEMENTS[kind]], _HEAD).tobytes()
    held = np.empty(len(values), [("length", _HEAD), ("value", kind.newbyteorder(">"))])
    held["length"], held["value"] = kind.itemsize, values
    return np.array([1, 0, _ELEMENTS[kind], len(values), 1], _HEAD).tobytes() + held.tobytes()


def as_array(data: Any) -> NDArray[Any]:
    """The inverse of :func:`array`."""
    head = np.frombuffer(data, _HEAD, 3)
    kind = _TYPES[int(head[2])]
    if not head[0]:
        return np.zeros(0, kind)
    held = np.dtype([("length", _HEAD), ("value", kind.newbyteorder(">"))])
    found: NDArray[Any] = np.frombuffer(data, held, offset=_LENGTH)["value"].astype(kind)
    return found


def halfvec(codes: NDArray[np.int8]) -> list[bytes]:
    """Rows (n, d), each as pgvector's halfvec: it holds what has one byte exactly."""
    head = struct.pack(">hh", codes.shape[1], 0)
    return [head + row.tobytes() for row in codes.astype(">f2")]


def copied(rows: Iterable[Sequence[bytes | None]]) -> Iterator[bytes]:
    """Rows of binary values as COPY takes them."""
    yield b"PGCOPY\n\xff\r\n\0" + bytes(8)
    for row in rows:
        parts = [small(len(row))]
        for value in row:
            parts += [number(-1)] if value is None else [number(len(value)), value]
        yield b"".join(parts)
    yield small(-1)
