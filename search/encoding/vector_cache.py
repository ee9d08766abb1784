"""Vectors on disk: a cache by content, so that no build encodes a text twice.

The cache is one append-only file per model, in the library: fixed-size records of a 16-byte content
hash, a checksum and a float16 vector. It is synced as it grows, so a build that is killed finds its work
again; a torn or damaged record counts as not there. When texts that the library no longer holds make up
more than half of it, it is written anew without them.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from search.arrays.batches import in_order
from search.arrays.vectors import Vectors
from search.disk import durable
from search.encoding.protocol import Encoder, Progress

__all__ = [
    "SLICE_BYTES",
    "Slice",
    "VectorCache",
    "encode_cached",
    "encode_waiting",
    "text_key",
]

_log = logging.getLogger(__name__)
# Raised whenever the records are laid out anew.
_FORMAT = 2
SLICE_BYTES = 1 << 16
"""What is encoded between two syncs of the cache, in bytes of UTF-8: a few seconds' work at most, which is
what a kill loses."""
_SLICE_TEXTS = 512
# A text costs something beyond its length, about as much as this many bytes.
_TEXT_COST = 32
_CHECKED_AT_A_TIME = 4096
Slice = list[tuple[bytes, str]]
_Made = TypeVar("_Made")


class VectorCache:
    """Vectors by the hash of their text, for one model; threads may share it. One process at a time writes
    it, under the library's lock."""

    def __init__(self, directory: Path, encoder: Encoder) -> None:
        identity = encoder.identity
        directory.mkdir(exist_ok=True)
        named = f"{identity.name}\0{identity.revision}\0{identity.dimension}\0{_FORMAT}"
        self.path = directory / f"{hashlib.sha256(named.encode()).hexdigest()[:16]}.vectors"
        self._dtype = np.dtype([("key", "V16"), ("check", "<u4"), ("vector", "<f2", (identity.dimension,))])
        self._rows: dict[bytes, int] = {}
        self._used: set[bytes] = set()
        self._lock = threading.RLock()
        self._sound: set[bytes] = set()
        self._records = self._read()

    @staticmethod
    def key(text: str) -> bytes:
        """What a text's vector is found by."""
        return text_key(text)

    def keys(self) -> Iterable[bytes]:
        """Of all texts that are there."""
        return self._rows.keys()

    def __contains__(self, key: bytes) -> bool:
        return not self.missing([key])

    def missing(self, keys: Iterable[bytes]) -> set[bytes]:
        """Those of some texts' keys that are not there, or whose vector is not as it was written."""
        with self._lock:
            return self._missing(keys)

    def _missing(self, keys: Iterable[bytes]) -> set[bytes]:
        missing: set[bytes] = set()
        unsure: dict[bytes, int] = {}
        for key in keys:
            row = self._rows.get(key)
            if row is None:
                missing.add(key)
            elif key not in self._sound:
                unsure[key] = row
        asked, rows = list(unsure), np.array(list(unsure.values()), np.int64)
        damaged: set[bytes] = set()
        for start in range(0, len(rows), _CHECKED_AT_A_TIME):
            part = self._records[rows[start : start + _CHECKED_AT_A_TIME]]
            good = (_checksums(part) == part["check"]).tolist()
            damaged.update(asked[start + at] for at, fine in enumerate(good) if not fine)
        self._sound |= unsure.keys() - damaged
        for key in damaged:
            del self._rows[key]
        if damaged:
            _log.warning("%s: %d damaged vectors, made again", self.path, len(damaged))
        return missing | damaged

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, keys: Sequence[bytes]) -> Vectors:
        """Rows for keys that are all there, float32."""
        with self._lock:
            self._used.update(keys)
            rows = np.array([self._rows[key] for key in keys], dtype=np.int64)
            records = self._records
        found = np.empty((len(rows), self._dtype["vector"].shape[0]), np.float32)
        for start in range(0, len(rows), _CHECKED_AT_A_TIME):
            part = rows[start : start + _CHECKED_AT_A_TIME]
            found[start : start + _CHECKED_AT_A_TIME] = records[part]["vector"]
        return found

    def append(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Adds vectors and syncs them; they are readable after the next ``reload``."""
        records = np.zeros(len(keys), self._dtype)
        records["key"] = np.array(keys, dtype="V16")
        records["vector"] = vectors
        records["check"] = _checksums(records)
        with self._lock:
            new = not self.path.exists()
            with self.path.open("ab") as file:
                file.write(records.tobytes())
                file.flush()
                os.fsync(file.fileno())
            if new:
                durable.sync(self.path.parent)

    def reload(self) -> None:
        """Reads what was appended."""
        with self._lock:
            self._records = self._read(len(self._records))

    def compact(self) -> None:
        """Drops what this build did not ask for, once that is more than half."""
        if len(self) > 2 * len(self._used):
            self.keep(self._used)

    def keep(self, keys: Iterable[bytes]) -> None:
        """Leaves only these keys, which are all there."""
        rows = sorted({self._rows[key] for key in keys})
        temporary = self.path.with_suffix(".new")
        with temporary.open("wb") as file:
            for start in range(0, len(rows), _CHECKED_AT_A_TIME):
                file.write(self._records[rows[start : start + _CHECKED_AT_A_TIME]].tobytes())
            file.flush()
            os.fsync(file.fileno())
        self._records = np.zeros(0, self._dtype)  # a mapped file cannot be replaced on every system
        durable.replace(temporary, self.path)
        self.reload()

    def _read(self, known: int = 0) -> NDArray[np.void]:
        """All records, of which those beyond the first ``known`` are new; they are checked when asked for."""
        size = self.path.stat().st_size if self.path.exists() else 0
        count = size // self._dtype.itemsize
        if size != count * self._dtype.itemsize:
            os.truncate(self.path, count * self._dtype.itemsize)  # a record that was being written
        if known == 0:
            self._rows = {}
        if count == 0:
            return np.zeros(0, self._dtype)
        records = np.memmap(self.path, dtype=self._dtype, mode="r", shape=(count,))
        keys = records["key"][known:].tolist()
        self._rows.update(zip(keys, range(known, count), strict=True))
        return records


def _checksums(records: NDArray[np.void]) -> NDArray[np.uint32]:
    """Of each record's key and vector: sums of their 16-bit words, each times an odd number of its place, so
    that no single changed word goes unnoticed; a record of zeros, as a power cut leaves, has another."""
    keys = np.frombuffer(np.ascontiguousarray(records["key"]).tobytes(), "<u2").reshape(len(records), 8)
    words = np.concatenate([keys, np.ascontiguousarray(records["vector"]).view("<u2")], axis=1)
    weights = np.arange(words.shape[1], dtype=np.uint32) * np.uint32(2654435760) + np.uint32(2654435761)
    sums: NDArray[np.uint32] = (words * weights).sum(axis=1, dtype=np.uint32) + np.uint32(0x9E3779B9)
    return sums


def encode_cached(
    encoder: Encoder, texts: Sequence[str], cache: VectorCache, progress: Progress | None = None
) -> Vectors:
    """Raw passage vectors of texts, float32 (len(texts), dimension); only new texts are encoded, each once.

    ``progress`` is told of texts done and texts to do. Long texts come first and count for more, so that
    done / total grows evenly and tells the time left.
    """
    keys = [text_key(text) for text in texts]
    missing = cache.missing(keys)
    fresh = {key: text for key, text in zip(keys, texts, strict=True) if key in missing}

    def encode(part: Slice) -> Vectors:
        return encoder.passages([text for _, text in part])

    def keep(part: Slice, vectors: Vectors) -> None:
        cache.append([key for key, _ in part], vectors)

    encode_waiting(fresh, encode, keep, progress)
    if fresh:
        cache.reload()
    return cache.get(keys)


def encode_waiting(
    fresh: Mapping[bytes, str],
    encode: Callable[[Slice], _Made],
    keep: Callable[[Slice, _Made], None],
    progress: Progress | None,
) -> None:
    """Encodes texts, the longest first, and keeps each slice as it comes."""
    waiting = sorted(fresh.items(), key=lambda item: len(item[1]), reverse=True)
    total = sum(_cost(text) for text in fresh.values())
    spent = 0

    def with_part(part: Slice) -> tuple[Slice, _Made]:
        return part, encode(part)

    # Two slices at a time: while one ends, or is synced, the cores have the other.
    with ThreadPoolExecutor(2) as pool:
        for part, made in in_order(pool, with_part, _slices(waiting), ahead=3):
            keep(part, made)
            spent += sum(_cost(text) for _, text in part)
            if progress is not None:
                progress(len(waiting) * spent // total, len(waiting))


def _slices(waiting: Slice) -> Iterator[Slice]:
    part: Slice = []
    size = 0
    for key, text in waiting:
        part.append((key, text))
        size += _cost(text)
        if size >= SLICE_BYTES or len(part) == _SLICE_TEXTS:
            yield part
            part, size = [], 0
    if part:
        yield part


def _cost(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass")) + _TEXT_COST


def text_key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
