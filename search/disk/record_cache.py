"""What was worked out, by content, so that no build works it out twice.

A cache is one append-only file: fixed-size records of a 16-byte key, a checksum and a value. It is synced as
it grows, so a build that is killed finds its work again; a torn or damaged record counts as not there. What a
build no longer asks for can be dropped: then the file is written anew, and takes the old one's place at once.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Iterable, KeysView, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from kb.text.hashes import digest
from search.disk import durable
from search.disk.settings import DISK

__all__ = ["RecordCache", "cache_file", "content_key"]

_log = logging.getLogger(__name__)


def content_key(*parts: str) -> bytes:
    """The 16 bytes by which what is made of a text, or of several, is found."""
    return digest(*parts, size=16)


def cache_file(directory: Path, suffix: str, *made: object) -> Path:
    """The file in ``directory`` of what was made in this way: by which model, in which format, and so on."""
    directory.mkdir(exist_ok=True)
    name = hashlib.sha256("\0".join(map(str, made)).encode()).hexdigest()[:16]
    return directory / f"{name}.{suffix}"


class RecordCache:
    """Values of one numpy type by 16-byte keys; threads may share it. One process at a time writes it, under
    the library's lock."""

    def __init__(self, path: Path, value: DTypeLike) -> None:
        self.path = path
        self._dtype = np.dtype([("key", "V16"), ("check", "<u4"), ("value", value)])
        self._rows: dict[bytes, int] = {}
        self._used: set[bytes] = set()
        self._lock = threading.RLock()
        self._sound: set[bytes] = set()
        self._records = self._read()

    def keys(self) -> KeysView[bytes]:
        """Of all values that are there."""
        return self._rows.keys()

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: bytes) -> bool:
        return not self.missing([key])

    def missing(self, keys: Iterable[bytes]) -> set[bytes]:
        """Those of some keys whose value is not there, or not as it was written."""
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
        for start in range(0, len(rows), DISK.records_at_a_time):
            part = self._records[rows[start : start + DISK.records_at_a_time]]
            good = (_checksums(part) == part["check"]).tolist()
            damaged.update(asked[start + at] for at, fine in enumerate(good) if not fine)
        self._sound |= unsure.keys() - damaged
        for key in damaged:
            del self._rows[key]
        if damaged:
            _log.warning("%s: %d damaged records, made again", self.path, len(damaged))
        return missing | damaged

    def values(self, keys: Sequence[bytes], dtype: DTypeLike | None = None) -> NDArray[Any]:
        """Values (len(keys), …) of keys that are all there, as they are kept or as ``dtype``."""
        with self._lock:
            self._used.update(keys)
            rows = np.array([self._rows[key] for key in keys], dtype=np.int64)
            records = self._records
        kept = self._dtype["value"]
        found: NDArray[Any] = np.empty((len(rows), *kept.shape), kept.base if dtype is None else dtype)
        for start in range(0, len(rows), DISK.records_at_a_time):
            part = rows[start : start + DISK.records_at_a_time]
            found[start : start + DISK.records_at_a_time] = records[part]["value"]
        return found

    def append(self, keys: Sequence[bytes], values: ArrayLike) -> None:
        """Adds values and syncs them; they are readable after the next ``reload``."""
        records = np.zeros(len(keys), self._dtype)
        if not len(records):
            return
        records["key"] = np.array(keys, dtype="V16")
        records["value"] = values
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

    def remove_others(self) -> None:
        """Removes the files of its kind beside it, which another model or an older version made; one that
        cannot be removed is the next time."""
        for path in self.path.parent.glob(f"*{self.path.suffix}"):
            if path != self.path:
                with suppress(OSError):
                    path.unlink()

    def keep(self, keys: Iterable[bytes]) -> None:
        """Leaves only these keys, which are all there."""
        rows = sorted({self._rows[key] for key in keys})
        temporary = self.path.with_suffix(".new")
        with temporary.open("wb") as file:
            for start in range(0, len(rows), DISK.records_at_a_time):
                file.write(self._records[rows[start : start + DISK.records_at_a_time]].tobytes())
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
    """Of each record's key and value: sums of their 16-bit words, each times an odd number of its place, so
    that no single changed word goes unnoticed; a record of zeros, as a power cut leaves, has another."""
    whole = np.frombuffer(records.tobytes(), "<u2").reshape(len(records), records.dtype.itemsize // 2)
    words = np.concatenate([whole[:, :8], whole[:, 10:]], axis=1)
    weights = np.arange(words.shape[1], dtype=np.uint32) * np.uint32(2654435760) + np.uint32(2654435761)
    sums: NDArray[np.uint32] = (words * weights).sum(axis=1, dtype=np.uint32) + np.uint32(0x9E3779B9)
    return sums
