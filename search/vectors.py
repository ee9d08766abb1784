"""Vectors on disk: a cache by content that no build encodes twice, and a generation's matrices.

The cache is one append-only file per model, in the library: fixed-size records of a 16-byte content hash
and a float16 vector. It is synced as it grows, so a build that is killed finds its work again; a torn
last record is ignored.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.encoder import Encoder, Vectors

__all__ = ["Matrices", "VectorCache", "encode_cached"]

Progress = Callable[[int, int], None]
# Texts encoded between two syncs of the cache: at most some seconds' work is lost by a kill.
_BATCH = 512


class VectorCache:
    """Vectors by the hash of their text, for one model."""

    def __init__(self, directory: Path, encoder: Encoder) -> None:
        identity = encoder.identity
        directory.mkdir(exist_ok=True)
        name = hashlib.sha256(f"{identity.name}\0{identity.revision}".encode()).hexdigest()[:16]
        self.path = directory / f"{name}.vectors"
        self._dtype = np.dtype([("key", "V16"), ("vector", "<f2", (identity.dimension,))])
        self._rows: dict[bytes, int] = {}
        self._records = self._read()

    def _read(self) -> NDArray[np.void]:
        size = self.path.stat().st_size if self.path.exists() else 0
        count = size // self._dtype.itemsize
        if size != count * self._dtype.itemsize:
            os.truncate(self.path, count * self._dtype.itemsize)  # a record that was being written
        if count == 0:
            return np.zeros(0, self._dtype)
        records = np.memmap(self.path, dtype=self._dtype, mode="r", shape=(count,))
        self._rows = {bytes(key): row for row, key in enumerate(records["key"].tolist())}
        return records

    def __contains__(self, key: bytes) -> bool:
        return key in self._rows

    def get(self, keys: Sequence[bytes]) -> Vectors:
        """Rows for keys that are all there, float32."""
        rows = np.array([self._rows[key] for key in keys], dtype=np.int64)
        return self._records["vector"][rows].astype(np.float32)

    def append(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Adds vectors and syncs them; they are readable after the next ``reload``."""
        records = np.zeros(len(keys), self._dtype)
        records["key"] = np.array(keys, dtype="V16")
        records["vector"] = vectors
        with self.path.open("ab") as file:
            file.write(records.tobytes())
            file.flush()
            os.fsync(file.fileno())

    def reload(self) -> None:
        self._records = self._read()


def encode_cached(
    encoder: Encoder, texts: Sequence[str], cache: VectorCache, progress: Progress | None = None
) -> Vectors:
    """Raw passage vectors of texts, float32 (len(texts), dimension); only new texts are encoded, each once."""
    keys = [_key(text) for text in texts]
    fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in cache}
    # By length, so that the encoder's batches are full; the longest first gives an honest time left.
    waiting = sorted(fresh.items(), key=lambda item: len(item[1]), reverse=True)
    for start in range(0, len(waiting), _BATCH):
        batch = waiting[start : start + _BATCH]
        vectors = encoder.passages([text for _, text in batch])
        cache.append([key for key, _ in batch], vectors)
        if progress is not None:
            progress(start + len(batch), len(waiting))
    if waiting:
        cache.reload()
    return cache.get(keys)


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Matrices:
    """A generation's centred vectors, memory-mapped, in row order of passages.

    ``passages`` (P, d) and ``sentences`` (S, d) float32 unit rows; the sentences of passage i are rows
    ``bounds[i]:bounds[i+1]``; ``answers`` (S,) says which sentences can be evidence: no headings, no questions.
    """

    passages: Vectors
    sentences: Vectors
    bounds: NDArray[np.int64]
    answers: NDArray[np.bool_]

    def write(self, directory: Path) -> None:
        """Saves the matrices into a new folder."""
        directory.mkdir()
        for name in ("passages", "sentences", "bounds", "answers"):
            np.save(directory / f"{name}.npy", getattr(self, name))

    @classmethod
    def read(cls, directory: Path) -> Matrices:
        def mapped(name: str) -> NDArray[np.generic]:
            return np.load(directory / f"{name}.npy", mmap_mode="r", allow_pickle=False)

        return cls(*(mapped(name) for name in ("passages", "sentences", "bounds", "answers")))  # type: ignore[arg-type]

    def best_sentences(self, query: Vectors) -> Vectors:
        """Each passage's highest sentence cosine to a centred query, float32 (P,); −1 where it has none."""
        return best_per_passage(np.asarray(self.sentences @ query), self.bounds)


def best_per_passage(scores: Vectors, bounds: NDArray[np.int64]) -> Vectors:
    """The highest of each passage's sentence scores; −1 where it has no sentence."""
    best = np.full(len(bounds) - 1, -1.0, np.float32)
    filled = bounds[1:] > bounds[:-1]
    if filled.any():
        best[filled] = np.maximum.reduceat(scores, bounds[:-1][filled])
    return best
