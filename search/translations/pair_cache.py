"""What two articles scored, by their content: a build compares no two articles that it has compared before.

One small file in the library's cache for each model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from search.disk.record_cache import RecordCache, cache_file
from search.encoding.protocol import Encoder
from search.language import background

__all__ = ["PairCache", "article_digest"]

_FORMAT = 2  # raised whenever records are laid out anew


def article_digest(sentences: Iterable[bytes]) -> bytes:
    """16 bytes for an article, from the keys of its sentences (text and language) in order."""
    return hashlib.blake2b(b"".join(sentences), digest_size=16).digest()


class PairCache:
    """Scores by two articles' digests, in either order. ``method`` names how they are worked out."""

    def __init__(self, directory: Path, encoder: Encoder, method: int) -> None:
        identity = encoder.identity
        made = (identity.name, identity.revision, background.digest(), method, _FORMAT)
        self._kept = RecordCache(cache_file(directory, "pairs", *made), "<f4")
        there = list(self._kept.keys() - self._kept.missing(self._kept.keys()))
        self._scores = dict(zip(there, self._kept.values(there).tolist(), strict=True))
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
        new = [key for key, score in self._used.items() if self._scores.get(key) != score]
        self._kept.append(new, [self._used[key] for key in new])
        self._kept.reload()
        self._kept.keep(self._used)


def _key(left: bytes, right: bytes) -> bytes:
    return hashlib.blake2b(min(left, right) + max(left, right), digest_size=16).digest()
