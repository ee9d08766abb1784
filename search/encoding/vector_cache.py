"""Vectors on disk: a cache by content, so that no build encodes a text twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from search.arrays.batches import spread
from search.arrays.int8 import quantised
from search.arrays.vectors import Ints, Vectors
from search.disk.record_cache import RecordCache, cache_file, content_key
from search.encoding.protocol import Encoder, Progress
from search.encoding.settings import ENCODING

__all__ = [
    "CachedRows",
    "Slice",
    "VectorCache",
    "encode_cached",
    "encode_missing",
    "encode_waiting",
    "packed",
]

# Raised whenever the records are laid out anew.
_FORMAT = 3
_STEP = 4  # bytes
Slice = list[tuple[bytes, str]]
_Made = TypeVar("_Made")


def packed(vectors: Vectors) -> NDArray[np.uint8]:
    """Vectors (n, dimension) as the cache has them: what a step of each is worth, and a byte a coordinate."""
    codes, steps = quantised(vectors)
    # Checksums are made of pairs of bytes.
    kept = np.zeros((len(vectors), _STEP + codes.shape[1] + codes.shape[1] % 2), np.uint8)
    kept[:, :_STEP] = steps.astype("<f4")[:, None].view(np.uint8)
    kept[:, _STEP : _STEP + codes.shape[1]] = codes.view(np.uint8)
    return kept


class VectorCache(RecordCache):
    """Vectors by the hash of their text, for one model, a byte a coordinate: rounding turns one by less than
    a hundredth of what tells two texts apart."""

    def __init__(self, directory: Path, encoder: Encoder) -> None:
        identity = encoder.identity
        made = (identity.name, identity.revision, identity.dimension, _FORMAT)
        self._dimension = identity.dimension
        width = packed(np.zeros((1, identity.dimension), np.float32)).shape[1]
        super().__init__(cache_file(directory, "vectors", *made), ("u1", (width,)))

    def get(self, keys: Sequence[bytes]) -> Vectors:
        """Rows for keys that are all there, float32."""
        found = np.empty((len(keys), self._dimension), np.float32)
        for start in range(0, len(keys), ENCODING.vectors_at_a_time):
            part = slice(start, start + ENCODING.vectors_at_a_time)
            kept = self.values(keys[part])
            steps = np.ascontiguousarray(kept[:, :_STEP]).view("<f4")
            np.multiply(kept[:, _STEP : _STEP + self._dimension].view(np.int8), steps, out=found[part])
        return found


@dataclass(frozen=True, slots=True)
class CachedRows:
    """The vectors of some keys, which are all in a cache, read when they are asked for."""

    cache: VectorCache
    keys: Sequence[bytes]

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, rows: slice | Ints) -> Vectors:
        some = self.keys[rows] if isinstance(rows, slice) else [self.keys[row] for row in rows.tolist()]
        return self.cache.get(some)


def encode_cached(
    encoder: Encoder, texts: Sequence[str], cache: VectorCache, progress: Progress | None = None
) -> Vectors:
    """Raw passage vectors of texts, float32 (len(texts), dimension), as :func:`encode_missing` keeps them."""
    return cache.get(encode_missing(encoder, texts, cache, progress))


def encode_missing(
    encoder: Encoder, texts: Sequence[str], cache: VectorCache, progress: Progress | None = None
) -> list[bytes]:
    """The keys of texts, all of which the cache has then; only new texts are encoded, each once.

    ``progress`` is told of texts done and texts to do. Long texts come first and count for more, so that
    done / total grows evenly and tells the time left.
    """
    keys = [content_key(text) for text in texts]
    missing = cache.missing(keys)
    fresh = {key: text for key, text in zip(keys, texts, strict=True) if key in missing}

    def encode(part: Slice) -> Vectors:
        return encoder.passages([text for _, text in part])

    def keep(part: Slice, vectors: Vectors) -> None:
        cache.append([key for key, _ in part], packed(vectors))

    encode_waiting(fresh, encode, keep, progress)
    if fresh:
        cache.reload()
    return keys


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
    for part, made in spread(with_part, _slices(waiting), 2, ahead=3):
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
        if size >= ENCODING.slice_bytes or len(part) == ENCODING.slice_texts:
            yield part
            part, size = [], 0
    if part:
        yield part


def _cost(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass")) + ENCODING.text_cost
