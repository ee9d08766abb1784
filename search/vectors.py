"""Vectors on disk: a cache by content that no build encodes twice, and a generation's matrices.

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
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from search import durable
from search.batches import in_order
from search.encoder import Encoder, Progress, Vectors
from search.int8 import Int8Rows, principal_axes, quantised
from search.tokens import TokenCache

__all__ = [
    "GISTS",
    "SLICE_BYTES",
    "Matrices",
    "VectorCache",
    "best_per_passage",
    "encode_cached",
    "encode_sentences",
    "gists",
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
GISTS = "passages_gist"
"""What gists are saved as (see :func:`gists`)."""
_SAID, _GISTS_AT_A_TIME = 0.5, 4096

_Slice = list[tuple[bytes, str]]
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
        return _key(text)

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
    keys = [_key(text) for text in texts]
    missing = cache.missing(keys)
    fresh = {key: text for key, text in zip(keys, texts, strict=True) if key in missing}

    def encode(part: _Slice) -> Vectors:
        return encoder.passages([text for _, text in part])

    def keep(part: _Slice, vectors: Vectors) -> None:
        cache.append([key for key, _ in part], vectors)

    _encode_waiting(fresh, encode, keep, progress)
    if fresh:
        cache.reload()
    return cache.get(keys)


def encode_sentences(
    encoder: Encoder,
    sentences: Sequence[tuple[str, str]],
    vectors: VectorCache,
    tokens: TokenCache,
    progress: Progress | None = None,
) -> tuple[Vectors, list[bytes]]:
    """Raw vectors of sentences, given as (text, language), float32 (S, dimension), and their keys in the
    token cache, which then has all of them. One pass gives both; only new sentences are encoded."""
    keys = [_key(text) for text, _ in sentences]
    token_keys = [tokens.key(text, language) for text, language in sentences]
    told = dict(zip(token_keys, zip(keys, sentences, strict=True), strict=True))
    missing = vectors.missing(keys) | tokens.missing(told)
    fresh = {
        token_key: text
        for token_key, (key, (text, _)) in told.items()
        if key in missing or token_key in missing
    }

    def encode(part: _Slice) -> tuple[Vectors, list[Vectors]]:
        pooled = np.zeros((len(part), encoder.identity.dimension), np.float32)
        rows = [pooled[:0]] * len(part)
        for place, vector, of_tokens in encoder.with_tokens([text for _, text in part]):
            pooled[place], rows[place] = vector, of_tokens
        return pooled, rows

    def keep(part: _Slice, made: tuple[Vectors, list[Vectors]]) -> None:
        pooled, rows = made
        tokens.append([(key, told[key][1][1], row) for (key, _), row in zip(part, rows, strict=True)])
        vectors.append([told[key][0] for key, _ in part], pooled)

    _encode_waiting(fresh, encode, keep, progress)
    if fresh:
        vectors.reload()
    return vectors.get(keys), token_keys


def _encode_waiting(
    fresh: Mapping[bytes, str],
    encode: Callable[[_Slice], _Made],
    keep: Callable[[_Slice, _Made], None],
    progress: Progress | None,
) -> None:
    """Encodes texts, the longest first, and keeps each slice as it comes."""
    waiting = sorted(fresh.items(), key=lambda item: len(item[1]), reverse=True)
    total = sum(_cost(text) for text in fresh.values())
    spent = 0

    def with_part(part: _Slice) -> tuple[_Slice, _Made]:
        return part, encode(part)

    # Two slices at a time: while one ends, or is synced, the cores have the other.
    with ThreadPoolExecutor(2) as pool:
        for part, made in in_order(pool, with_part, _slices(waiting), ahead=3):
            keep(part, made)
            spent += sum(_cost(text) for _, text in part)
            if progress is not None:
                progress(len(waiting) * spent // total, len(waiting))


def _slices(waiting: _Slice) -> Iterator[_Slice]:
    part: _Slice = []
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


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Matrices:
    """A generation's centred vectors in row order of passages, while it is made.

    ``passages`` (P, d) and ``sentences`` (S, d) are float32 unit rows; the sentences of passage i are rows
    ``bounds[i]:bounds[i+1]``; ``kinds`` (S,) says what each sentence is (see :mod:`search.backends.base`).
    """

    passages: Vectors
    sentences: Vectors
    bounds: NDArray[np.int64]
    kinds: NDArray[np.uint8]

    def write(self, directory: Path) -> None:
        """Saves the matrices into a folder, a byte a coordinate."""
        axes = principal_axes(self.sentences)
        passages, sentences = Int8Rows.of(self.passages, axes), Int8Rows.of(self.sentences, axes)
        passages.write(directory, "passages")
        sentences.write(directory, "sentences")
        gists(passages, sentences, self.bounds).write(directory, GISTS)
        np.save(directory / "axes.npy", axes)
        np.save(directory / "bounds.npy", self.bounds)
        np.save(directory / "kinds.npy", self.kinds)


def gists(passages: Int8Rows, sentences: Int8Rows, bounds: NDArray[np.int64]) -> Int8Rows:
    """What stands for each passage and its sentences together where a scan cannot look at all of them: the
    heads of its own vector and, at half the weight, of its sentences' mean direction."""
    width = passages.heads.shape[1]
    codes = np.zeros((len(passages), width), np.int8)
    steps = np.zeros(len(passages), np.float32)
    for start in range(0, len(passages), _GISTS_AT_A_TIME):
        rows = slice(start, start + _GISTS_AT_A_TIME)
        ends = bounds[start : start + _GISTS_AT_A_TIME + 1]
        inside = slice(int(ends[0]), int(ends[-1]))
        said = sentences.heads[inside] * sentences.steps[inside][:, None]
        filled = ends[1:] > ends[:-1]
        mean = np.zeros((len(filled), width), np.float32)
        mean[filled] = np.add.reduceat(said, (ends - ends[0])[:-1][filled], axis=0)
        mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-6)
        own = passages.heads[rows] * passages.steps[rows][:, None]
        codes[rows], steps[rows] = quantised(own + np.float32(_SAID) * mean)
    return Int8Rows(codes, np.zeros((len(codes), 0), np.int8), steps)


def best_per_passage(scores: Vectors, bounds: NDArray[np.int64]) -> Vectors:
    """The highest of each passage's sentence scores (S, …); −1 where it has no sentence."""
    best = np.full((len(bounds) - 1, *scores.shape[1:]), -1.0, np.float32)
    filled = bounds[1:] > bounds[:-1]
    if filled.any():
        best[filled] = np.maximum.reduceat(scores, bounds[:-1][filled], axis=0)
    return best
