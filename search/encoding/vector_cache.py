"""Vectors on disk: a cache by content, so that no build encodes a text twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from search.arrays.batches import spread
from search.arrays.vectors import Vectors
from search.disk.record_cache import RecordCache, cache_file, content_key
from search.encoding.protocol import Encoder, Progress
from search.encoding.settings import ENCODING

__all__ = [
    "Slice",
    "VectorCache",
    "encode_cached",
    "encode_waiting",
]

# Raised whenever the records are laid out anew.
_FORMAT = 2
Slice = list[tuple[bytes, str]]
_Made = TypeVar("_Made")


class VectorCache(RecordCache):
    """Vectors by the hash of their text, for one model, in float16."""

    def __init__(self, directory: Path, encoder: Encoder) -> None:
        identity = encoder.identity
        made = (identity.name, identity.revision, identity.dimension, _FORMAT)
        super().__init__(cache_file(directory, "vectors", *made), ("<f2", (identity.dimension,)))

    def get(self, keys: Sequence[bytes]) -> Vectors:
        """Rows for keys that are all there, float32."""
        return self.values(keys, np.float32)


def encode_cached(
    encoder: Encoder, texts: Sequence[str], cache: VectorCache, progress: Progress | None = None
) -> Vectors:
    """Raw passage vectors of texts, float32 (len(texts), dimension); only new texts are encoded, each once.

    ``progress`` is told of texts done and texts to do. Long texts come first and count for more, so that
    done / total grows evenly and tells the time left.
    """
    keys = [content_key(text) for text in texts]
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
