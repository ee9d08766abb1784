"""Hashes of texts, the same in every process and on every machine."""

from __future__ import annotations

import hashlib

__all__ = ["digest", "hash64"]


def digest(*parts: str, size: int) -> bytes:
    """So many bytes for a text, or for several in their order."""
    joined = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(joined, digest_size=size).digest()


def hash64(*parts: str) -> int:
    """64 bits for a text, or for several in their order."""
    return int.from_bytes(digest(*parts, size=8), "little")
