"""Many strings in two arrays, memory-mapped: read one by one, nothing is loaded before it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kb.text.cached_arrays import read_array
from kb.text.hashes import hash64
from search.arrays.runs import offsets_of
from search.arrays.settings import ARRAYS
from search.arrays.vectors import Ints

__all__ = ["KeyIndex", "StringTable", "mapped"]


class StringTable:
    """A sequence of strings: UTF-8 bytes end to end, and where each begins."""

    def __init__(self, directory: Path, name: str) -> None:
        self._bytes: NDArray[np.uint8] = mapped(directory / f"{name}.npy")
        self._offsets: Ints = mapped(directory / f"{name}_offsets.npy")

    @staticmethod
    def write(directory: Path, name: str, strings: Iterable[str]) -> None:
        encoded = [text.encode("utf-8", "surrogatepass") for text in strings]
        np.save(directory / f"{name}.npy", np.frombuffer(b"".join(encoded), np.uint8))
        offsets = offsets_of([len(text) for text in encoded])
        np.save(directory / f"{name}_offsets.npy", offsets)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, index: int) -> str:
        start, end = int(self._offsets[index]), int(self._offsets[index + 1])
        return bytes(self._bytes[start:end]).decode("utf-8", "surrogatepass")


class KeyIndex:
    """Which numbers go with a string: a sorted array of hashes, searched where it lies."""

    def __init__(self, directory: Path, name: str) -> None:
        self._hashes: NDArray[np.uint64] = mapped(directory / f"{name}.npy")
        self._numbers: NDArray[np.int32] = mapped(directory / f"{name}_numbers.npy")
        self._of = lru_cache(maxsize=ARRAYS.keys_remembered)(self._find)

    @staticmethod
    def hashes(keys: Iterable[str]) -> NDArray[np.uint64]:
        """What keys are kept as."""
        return np.array([hash64(key) for key in keys], dtype=np.uint64)

    @staticmethod
    def write(directory: Path, name: str, hashes: NDArray[np.uint64], numbers: NDArray[np.int64]) -> None:
        """Saves keys, given as their hashes, with a number each."""
        both = np.zeros(len(hashes), np.dtype([("hash", np.uint64), ("number", np.int32)]))
        both["hash"], both["number"] = hashes, numbers
        both = np.unique(both)
        np.save(directory / f"{name}.npy", np.ascontiguousarray(both["hash"]))
        np.save(directory / f"{name}_numbers.npy", np.ascontiguousarray(both["number"]))

    def __getitem__(self, key: str) -> list[int]:
        """The numbers of a key, ascending; none where it is not there."""
        return list(self._of(key))

    def _find(self, key: str) -> tuple[int, ...]:
        wanted = np.uint64(hash64(key))
        start, end = self._hashes.searchsorted(wanted), self._hashes.searchsorted(wanted, "right")
        return tuple(self._numbers[start:end].tolist())


def mapped(path: Path) -> NDArray[Any]:
    """A saved array, memory-mapped; a plain one, for numpy looks up a mapped one's class with every slice.
    What it is mapped from is its ``base``."""
    # An empty array cannot be mapped.
    mode: Literal["r"] | None = "r" if path.stat().st_size > ARRAYS.empty_array_bytes else None
    return np.asarray(read_array(path, mode))
