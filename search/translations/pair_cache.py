"""What two articles scored, by their content: a build compares no two articles that it has compared before.

One small file in the library's cache for each model, replaced as a whole; a damaged one counts as empty.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from search.encoding.protocol import Encoder
from search.language import background

__all__ = ["PairCache", "article_digest"]

_RECORD = np.dtype([("key", "V16"), ("score", "<f4")])


def article_digest(sentences: Iterable[bytes]) -> bytes:
    """16 bytes for an article, from the keys of its sentences (text and language) in order."""
    return hashlib.blake2b(b"".join(sentences), digest_size=16).digest()


class PairCache:
    """Scores by two articles' digests, in either order. ``method`` names how they are worked out."""

    def __init__(self, directory: Path, encoder: Encoder, method: int) -> None:
        identity = encoder.identity
        made = f"{identity.name}\0{identity.revision}\0{background.digest()}\0{method}"
        self._path = directory / f"{hashlib.sha256(made.encode()).hexdigest()[:16]}.pairs"
        self._scores = self._read()
        self._used: dict[bytes, float] = {}

    def __len__(self) -> int:
        return len(self._scores)

    def get(self, left: bytes, right: bytes) -> float | None:
        """The score of two articles; None where they were never compared."""
        key = _key(left, right)
        score = self._scores.get(key)
        if score is not None:
            self._used[key] = score
        return score

    def put(self, left: bytes, right: bytes, score: float) -> None:
        """Notes the score of two articles."""
        self._used[_key(left, right)] = score

    def write(self) -> None:
        """Keeps what was got and put, and nothing else."""
        records = np.zeros(len(self._used), _RECORD)
        if self._used:
            records["key"] = np.array(list(self._used), dtype="V16")
            records["score"] = list(self._used.values())
        data = records.tobytes()
        temporary = self._path.with_suffix(".new")
        with temporary.open("wb") as file:
            file.write(zlib.crc32(data).to_bytes(4, "little") + data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._path)

    def _read(self) -> dict[bytes, float]:
        data = self._path.read_bytes() if self._path.exists() else b""
        check, data = int.from_bytes(data[:4], "little"), data[4:]
        if len(data) % _RECORD.itemsize or zlib.crc32(data) != check:
            return {}
        records = np.frombuffer(data, _RECORD)
        return dict(zip(records["key"].tolist(), records["score"].tolist(), strict=True))


def _key(left: bytes, right: bytes) -> bytes:
    return hashlib.blake2b(min(left, right) + max(left, right), digest_size=16).digest()
