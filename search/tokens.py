"""The token vectors of sentences, by which late interaction scores them (:mod:`search.late`).

They come out of the pass that encodes the sentence anyway. They are centred by their language's mean over the
background set and freed of what tells the language. What remains is rotated at random, so that no direction
has more to say than another, and kept in two bits a coordinate.
"""

from __future__ import annotations

import hashlib
import logging
import mmap
import os
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from search import background, durable
from search.backends.base import SentenceTokens
from search.encoder import Encoder, Vectors
from search.kept import Kept, joined_runs
from search.late import PACKED, Packed, best_matches, pack, summary
from search.matmul import matmul
from search.runs import offsets_of
from search.strings import mapped

__all__ = ["TokenCache", "TokenMatrix", "TokenSpace", "fit_token_space"]

_log = logging.getLogger(__name__)

# Principal axes that tell the contexts of words apart (search.term_vectors).
_AXES = 96
_SUBSPACE = 20
# Every so-many background statements stand for unrelated texts when a query is scored.
_NULL_STEP = 8
# Sentences whose tokens are brought into the space at a time.
_SENTENCES = 128
# Bytes copied at a time.
_COPIED = 1 << 20


@dataclass(frozen=True, slots=True)
class TokenSpace:
    """How one model's token vectors are centred, rotated and kept; made from the background set only.

    ``means`` (dimension,) per language, ``mean`` over all, ``query_mean`` of questions' tokens, ``basis``
    (dimension, reduced), orthonormal. ``axes`` (reduced, 96) are the background tokens' principal axes in
    that basis. ``null_tokens`` (n, reduced / 4), as kept, and ``null_offsets`` are unrelated sentences.
    """

    means: Mapping[str, Vectors]
    mean: Vectors
    query_mean: Vectors
    basis: Vectors
    axes: Vectors
    null_tokens: Packed
    null_offsets: NDArray[np.int64]

    @property
    def width(self) -> int:
        """Bytes that a kept token takes."""
        return int(self.basis.shape[1]) // PACKED

    def text(self, tokens: Vectors, language: str) -> Packed:
        """A sentence's raw token vectors as kept, uint8 (n, width)."""
        return pack(_unit((tokens - self.means.get(language, self.mean)) @ self.basis))

    def texts(self, sentences: Sequence[tuple[str, Vectors]]) -> list[Packed]:
        """Sentences' raw token vectors, each with its language, as kept: all in one product."""
        made: list[Packed] = []
        for start in range(0, len(sentences), _SENTENCES):
            part = sentences[start : start + _SENTENCES]
            centred = [tokens - self.means.get(language, self.mean) for language, tokens in part]
            kept = pack(_unit(np.concatenate(centred) @ self.basis))
            made += np.split(kept, np.cumsum([len(tokens) for _, tokens in part[:-1]]))
        return made

    def query(self, tokens: Vectors) -> Vectors:
        """A query's raw token vectors, centred and rotated, unit rows."""
        return _unit(matmul(tokens - self.query_mean, self.basis))

    def unrelated(self, query: Vectors) -> tuple[Vectors, Vectors]:
        """Means and standard deviations, (2,) each, of a query's scores over unrelated sentences."""
        scores = summary(best_matches(query, self.null_tokens, self.null_offsets))
        return scores.mean(axis=0), np.maximum(scores.std(axis=0), 1e-6)


def fit_token_space(encoder: Encoder) -> TokenSpace:
    """The token space of a model, from the background questions and statements."""
    statements, questions = background.rows("statement"), background.rows("question")
    texts: list[Vectors] = [np.zeros((0, encoder.identity.dimension), np.float32)] * len(statements)
    for place, _, tokens in encoder.with_tokens([row.text for row in statements]):
        texts[place] = tokens
    asked = [tokens for _, _, tokens in encoder.with_tokens([row.text for row in questions[::3]], query=True)]
    labels = np.array([row.language for row in statements])
    everything = np.concatenate(texts)
    owner = np.repeat(labels, [len(tokens) for tokens in texts])
    means = {str(one): everything[owner == one].mean(axis=0) for one in dict.fromkeys(labels)}
    mean = np.mean(list(means.values()), axis=0)
    basis = _neutral_basis(np.stack(list(means.values())) - mean)
    rotated = _unit((everything - np.stack([means[str(one)] for one in owner])) @ basis)
    axes = np.ascontiguousarray(np.linalg.eigh(rotated.T @ rotated)[1][:, ::-1][:, :_AXES])
    query_mean = np.concatenate(asked).mean(axis=0)
    nothing = np.zeros((0, basis.shape[1] // PACKED), np.uint8)
    plain = TokenSpace(means, mean, query_mean, basis, axes, nothing, np.zeros(1, np.int64))
    chosen = range(0, len(statements), _NULL_STEP)
    null = [plain.text(texts[at], statements[at].language) for at in chosen]
    offsets = offsets_of([len(tokens) for tokens in null])
    return replace(plain, null_tokens=np.concatenate(null), null_offsets=offsets)


def _neutral_basis(language_means: Vectors) -> Vectors:
    """A random orthonormal basis (dimension, reduced) of what is left without the languages' own directions;
    the same for the same means."""
    dimension = language_means.shape[1]
    language_axes = np.linalg.svd(language_means, full_matrices=False)[2][:_SUBSPACE]
    reduced = (dimension - len(language_axes)) // PACKED * PACKED
    random = np.random.default_rng(0).standard_normal((dimension, reduced))
    random -= language_axes.T @ (language_axes @ random)
    basis: Vectors = np.linalg.qr(random)[0].astype(np.float32)
    return basis


class TokenMatrix:
    """A generation's kept tokens: those of sentence i are rows ``offsets[i]:offsets[i+1]``. Memory-mapped."""

    def __init__(self, directory: Path) -> None:
        self.tokens: Packed = mapped(directory / "tokens.npy")
        self.offsets: NDArray[np.int64] = mapped(directory / "token_offsets.npy")

    def release(self) -> None:
        """Gives the memory of what was read back to the system; it is read again when it is needed."""
        pages = getattr(self.tokens.base, "_mmap", None)
        if pages is not None and hasattr(mmap, "MADV_DONTNEED"):
            pages.madvise(mmap.MADV_DONTNEED)

    def of(self, sentences: NDArray[np.int64]) -> SentenceTokens:
        """The kept tokens of some sentences, given in ascending order."""
        starts, ends = self.offsets[sentences], self.offsets[sentences + 1]
        # Neighbours are read together.
        breaks = np.flatnonzero(np.diff(sentences) != 1) + 1
        first, last = np.append(0, breaks), np.append(breaks, len(sentences)) - 1
        runs = zip(starts[first], ends[last], strict=True) if len(sentences) else ()
        pieces = [self.tokens[a:b] for a, b in runs]
        offsets = offsets_of(ends - starts)
        return SentenceTokens(np.concatenate([self.tokens[:0], *pieces]), offsets)


class TokenCache:
    """Kept tokens of sentences by the hash of their language and text; append-only, synced as it grows.

    ``<name>.tokens`` holds the rows, ``<name>.index`` fixed records of hash, first row, count and a checksum
    of all that and the rows. The rows are synced before their records; what does not match its checksum
    counts as not there.
    """

    _FORMAT = 3  # raised whenever tokens or records are laid out anew
    _RECORD = np.dtype([("key", "V16"), ("start", "<i8"), ("count", "<i4"), ("check", "<u4")])

    def __init__(self, directory: Path, encoder: Encoder, space: TokenSpace) -> None:
        identity = encoder.identity
        directory.mkdir(exist_ok=True)
        made = (identity.name, identity.revision, background.digest(), space.width, self._FORMAT)
        name = "\0".join(map(str, made))
        stem = hashlib.sha256(name.encode()).hexdigest()[:16]
        self._space = space
        self._width = space.width
        self._rows_path, self._index_path = directory / f"{stem}.tokens", directory / f"{stem}.index"
        for path in (self._rows_path, self._index_path):
            path.touch()
        durable.sync(directory)
        size = self._index_path.stat().st_size // self._RECORD.itemsize
        os.truncate(self._index_path, size * self._RECORD.itemsize)
        rows = self._rows_path.stat().st_size // self._width
        os.truncate(self._rows_path, rows * self._width)
        self._end = rows
        records = np.fromfile(self._index_path, self._RECORD, count=size)
        # A sentence that was made again has its last record.
        self._records = dict(zip(records["key"].tolist(), records.tolist(), strict=True))
        self._places: dict[bytes, tuple[int, int]] = {}

    def _sound(self, record: tuple[bytes, int, int, int], rows: BinaryIO) -> bool:
        """Whether a record's tokens are as they were written."""
        key, start, count, check = record
        if not 0 <= start <= start + count <= self._end:
            return False
        rows.seek(start * self._width)
        return check == _check(key, start, rows.read(count * self._width))

    @staticmethod
    def key(text: str, language: str) -> bytes:
        return hashlib.blake2b(
            f"{language}\0{text}".encode("utf-8", "surrogatepass"), digest_size=16
        ).digest()

    def keys(self) -> Iterable[bytes]:
        """Of all sentences that there are records of."""
        keys: list[bytes] = np.fromfile(self._index_path, self._RECORD)["key"].tolist()
        return keys

    def __contains__(self, key: bytes) -> bool:
        return not self.missing([key])

    def missing(self, keys: Iterable[bytes]) -> set[bytes]:
        """Those of some sentences that are not there, or no longer as they were written."""
        missing: set[bytes] = set()
        with self._rows_path.open("rb") as rows:
            for key in keys:
                if key in self._places:
                    continue
                record = self._records.get(key)
                if record is not None and self._sound(record, rows):
                    self._places[key] = record[1:3]
                else:
                    missing.add(key)
        damaged = sum(key in self._records for key in missing)
        if damaged:
            _log.warning("%s: %d damaged records, made again", self._index_path, damaged)
        return missing

    def append(self, items: Sequence[tuple[bytes, str, Vectors]]) -> None:
        """Keeps sentences' raw tokens, each given as (key, language, tokens)."""
        kept = self._space.texts([(language, raw) for _, language, raw in items])
        self.append_kept([(key, tokens) for (key, _, _), tokens in zip(items, kept, strict=True)])

    def append_kept(self, items: Sequence[tuple[bytes, Packed]]) -> None:
        """Keeps sentences' tokens, each given as (key, tokens as :meth:`TokenSpace.text` gives them)."""
        records = np.zeros(len(items), self._RECORD)
        with self._rows_path.open("ab") as file:
            for at, (key, tokens) in enumerate(items):
                check = _check(key, self._end, tokens.tobytes())
                records[at] = (np.void(key), self._end, len(tokens), check)
                self._places[key] = (self._end, len(tokens))
                self._end += len(tokens)
                file.write(tokens.tobytes())
            file.flush()
            os.fsync(file.fileno())
        with self._index_path.open("ab") as file:
            file.write(records.tobytes())
            file.flush()
            os.fsync(file.fileno())

    def write_matrix(
        self,
        keys: Sequence[bytes],
        directory: Path,
        before: Path | None = None,
        kept: Kept | None = None,
    ) -> None:
        """Saves a generation's matrix of sentences in order: those that are ``kept`` of the matrix in
        ``before``, and then those of ``keys``."""
        counts = np.array([self._places[key][1] for key in keys], dtype=np.int64)
        old = TokenMatrix(before) if before is not None else None
        if old is not None and kept is not None:
            offsets = joined_runs(kept, old.offsets, counts)
        else:
            offsets = offsets_of(counts)
        np.save(directory / "token_offsets.npy", offsets)
        header = {"descr": "|u1", "fortran_order": False, "shape": (int(offsets[-1]), self._width)}
        # Written, not mapped: mapped pages would count as the build's own memory.
        with (directory / "tokens.npy").open("wb") as out:
            np.lib.format.write_array_header_1_0(out, header)
            if before is not None and old is not None and kept is not None:
                with (before / "tokens.npy").open("rb") as rows:
                    start = os.fstat(rows.fileno()).st_size - int(old.offsets[-1]) * self._width
                    for first, end in kept.runs():
                        a, b = (int(old.offsets[row]) * self._width + start for row in (first, end))
                        _copy(rows, a, b - a, out)
            with self._rows_path.open("rb") as rows:
                for key in keys:
                    first, count = self._places[key]
                    _copy(rows, first * self._width, count * self._width, out)


def _copy(source: BinaryIO, start: int, size: int, out: BinaryIO) -> None:
    """Copies a part of a file."""
    source.seek(start)
    while size > 0 and (data := source.read(min(size, _COPIED))):
        out.write(data)
        size -= len(data)


def _check(key: bytes, start: int, rows: bytes) -> int:
    return zlib.crc32(rows, zlib.crc32(key + start.to_bytes(8, "little")))


def _unit(vectors: NDArray[Any]) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit
