"""The tokens of sentences by content, so that no build encodes a sentence twice.

Those of a library are in its live generation (:class:`search.passages.tokens.TokenMatrix`), with the keys by
which they are found again. What a build encodes is kept here only until a generation that has it is live.
"""

from __future__ import annotations

import logging
import os
import zlib
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from search.arrays.kept import KeptRows, joined_runs
from search.arrays.runs import offsets_of
from search.arrays.vectors import Vectors
from search.building.settings import BUILDING
from search.disk import durable
from search.disk.record_cache import RecordCache, cache_file, content_key
from search.encoding.protocol import Encoder, Progress
from search.encoding.vector_cache import Slice, VectorCache, encode_waiting, packed
from search.language import background
from search.passages.late import Packed
from search.passages.tokens import TOKENS_FILE, TokenMatrix, TokenSpace, keys_of

__all__ = ["TokenCache", "drop_tokens", "encode_sentences"]

_log = logging.getLogger(__name__)
_ROWS, _INDEX = "tokens", "index"


class _Place(NamedTuple):
    """Where a sentence's tokens are: in the generation before, or in the cache's own file; rows."""

    before: bool
    start: int
    size: int


def drop_tokens(directory: Path) -> None:
    """Removes the cache in ``directory``, all of which a live generation has; what cannot be removed is by
    the next build that ends."""
    for suffix in (_INDEX, _ROWS):
        for path in directory.glob(f"*.{suffix}"):
            with suppress(OSError):
                path.unlink()


class TokenCache:
    """Kept tokens of sentences by the hash of their language and text: those that a generation has, whose
    sound tokens of the same space are in the folder ``before`` (None: there is none), and those encoded
    since, which are appended and synced as they come.

    ``<name>.tokens`` holds the rows, ``<name>.index`` records of first row, count and a checksum of the rows.
    The rows are synced before their records; what does not match its checksum counts as not there.
    """

    _FORMAT = 5  # raised whenever tokens or records are laid out anew
    _PLACE = np.dtype([("start", "<i8"), ("count", "<i4"), ("check", "<u4")])

    def __init__(
        self, directory: Path, encoder: Encoder, space: TokenSpace, before: Path | None = None
    ) -> None:
        identity = encoder.identity
        made = (identity.name, identity.revision, background.digest(), space.width, self._FORMAT)
        self._space, self._width = space, space.width
        self._before = None if before is None else TokenMatrix(before)
        self._before_rows = None if before is None else before / TOKENS_FILE
        self._index = RecordCache(cache_file(directory, _INDEX, *made), self._PLACE)
        self._rows_path = cache_file(directory, _ROWS, *made)
        self._rows_path.touch()
        durable.sync(directory)
        self._end = self._rows_path.stat().st_size // self._width
        os.truncate(self._rows_path, self._end * self._width)
        self._places: dict[bytes, _Place] = {}

    @staticmethod
    def key(text: str, language: str) -> bytes:
        """What a sentence's tokens are found by."""
        return content_key(language, text)

    def keys(self) -> Iterable[bytes]:
        """Of all sentences that there are records of."""
        self._index.reload()
        yield from self._index.keys()
        if self._before is not None:
            yield from (key.tobytes() for key in self._before.keys)

    def __contains__(self, key: bytes) -> bool:
        return not self.missing([key])

    def missing(self, keys: Iterable[bytes]) -> set[bytes]:
        """Those of some sentences that are not there, or no longer as they were written."""
        asked = [key for key in keys if key not in self._places]
        if self._before is not None and asked:
            found = self._before.places(asked).tolist()
            self._places.update(
                (key, _Place(True, start, count))
                for key, (start, count) in zip(asked, found, strict=True)
                if start >= 0
            )
            asked = [key for key in asked if key not in self._places]
        missing = self._index.missing(asked)
        there = [key for key in asked if key not in missing]
        damaged: set[bytes] = set()
        with self._rows_path.open("rb") as rows:
            for key, place in zip(there, self._index.values(there).tolist(), strict=True):
                if self._sound(key, place, rows):
                    self._places[key] = _Place(False, *place[:2])
                else:
                    damaged.add(key)
        if damaged:
            _log.warning("%s: tokens of %d sentences damaged, made again", self._rows_path, len(damaged))
        return missing | damaged

    def _sound(self, key: bytes, place: tuple[int, int, int], rows: BinaryIO) -> bool:
        """Whether a sentence's tokens are as they were written."""
        start, count, check = place
        if not 0 <= start <= start + count <= self._end:
            return False
        rows.seek(start * self._width)
        return check == _check(key, start, rows.read(count * self._width))

    def append(self, items: Sequence[tuple[bytes, str, Vectors]]) -> None:
        """Keeps sentences' raw tokens, each given as (key, language, tokens)."""
        kept = self._space.texts([(language, raw) for _, language, raw in items])
        self.append_kept([(key, tokens) for (key, _, _), tokens in zip(items, kept, strict=True)])

    def append_kept(self, items: Sequence[tuple[bytes, Packed]]) -> None:
        """Keeps sentences' tokens, each given as (key, tokens as :meth:`TokenSpace.text` gives them)."""
        places = np.zeros(len(items), self._PLACE)
        with self._rows_path.open("ab") as file:
            for at, (key, tokens) in enumerate(items):
                rows = tokens.tobytes()
                places[at] = (self._end, len(tokens), _check(key, self._end, rows))
                self._places[key] = _Place(False, self._end, len(tokens))
                self._end += len(tokens)
                file.write(rows)
            file.flush()
            os.fsync(file.fileno())
        self._index.append([key for key, _ in items], places)

    def write_matrix(
        self,
        keys: Sequence[bytes],
        directory: Path,
        before: Path | None = None,
        kept: KeptRows | None = None,
    ) -> None:
        """Saves a generation's matrix of sentences in order: those that are ``kept`` of the matrix in
        ``before``, and then those of ``keys``."""
        places = [self._places[key] for key in keys]
        counts = np.array([place.size for place in places], dtype=np.int64)
        of_keys = keys_of(keys)
        old = TokenMatrix(before) if before is not None else None
        if old is not None and kept is not None:
            offsets, of_keys = joined_runs(kept, old.offsets, counts), kept.joined(old.keys, of_keys)
        else:
            offsets = offsets_of(counts)
        np.save(directory / "offsets.npy", offsets)
        np.save(directory / "keys.npy", of_keys)
        header = {"descr": "|u1", "fortran_order": False, "shape": (int(offsets[-1]), self._width)}
        # Written, not mapped: mapped pages would count as the build's own memory.
        with ExitStack() as stack:
            out = stack.enter_context((directory / TOKENS_FILE).open("wb"))
            np.lib.format.write_array_header_1_0(out, header)
            if before is not None and old is not None and kept is not None:
                with (before / TOKENS_FILE).open("rb") as rows:
                    start = self._first_byte(rows, old)
                    for first, end in kept.runs():
                        a, b = (int(old.offsets[row]) * self._width + start for row in (first, end))
                        _copy(rows, a, b - a, out)
            fresh, start = stack.enter_context(self._rows_path.open("rb")), 0
            held = fresh
            if self._before is not None and self._before_rows is not None:
                held = stack.enter_context(self._before_rows.open("rb"))
                start = self._first_byte(held, self._before)
            for place in places:
                rows, first = (held, start) if place.before else (fresh, 0)
                _copy(rows, first + place.start * self._width, place.size * self._width, out)

    def _first_byte(self, rows: BinaryIO, matrix: TokenMatrix) -> int:
        """Where in a generation's file the first token is."""
        return os.fstat(rows.fileno()).st_size - int(matrix.offsets[-1]) * self._width


def _copy(source: BinaryIO, start: int, size: int, out: BinaryIO) -> None:
    """Copies a part of a file."""
    source.seek(start)
    while size > 0 and (data := source.read(min(size, BUILDING.copied_at_a_time))):
        out.write(data)
        size -= len(data)


def _check(key: bytes, start: int, rows: bytes) -> int:
    return zlib.crc32(rows, zlib.crc32(key + start.to_bytes(8, "little")))


def encode_sentences(
    encoder: Encoder,
    sentences: Sequence[tuple[str, str]],
    vectors: VectorCache,
    tokens: TokenCache,
    progress: Progress | None = None,
) -> tuple[list[bytes], list[bytes]]:
    """The keys of sentences, given as (text, language), in the caches of vectors and of tokens, which then
    have all of them. One pass gives both; only new sentences are encoded."""
    keys = [content_key(text) for text, _ in sentences]
    token_keys = [tokens.key(text, language) for text, language in sentences]
    told = dict(zip(token_keys, zip(keys, sentences, strict=True), strict=True))
    missing = vectors.missing(keys) | tokens.missing(told)
    fresh = {
        token_key: text
        for token_key, (key, (text, _)) in told.items()
        if key in missing or token_key in missing
    }

    def encode(part: Slice) -> tuple[Vectors, list[Vectors]]:
        pooled = np.zeros((len(part), encoder.identity.dimension), np.float32)
        rows = [pooled[:0]] * len(part)
        for place, vector, of_tokens in encoder.with_tokens([text for _, text in part]):
            pooled[place], rows[place] = vector, of_tokens
        return pooled, rows

    def keep(part: Slice, made: tuple[Vectors, list[Vectors]]) -> None:
        pooled, rows = made
        tokens.append([(key, told[key][1][1], row) for (key, _), row in zip(part, rows, strict=True)])
        vectors.append([told[key][0] for key, _ in part], packed(pooled))

    encode_waiting(fresh, encode, keep, progress)
    if fresh:
        vectors.reload()
    return keys, token_keys
