"""Words in a row: hashes by which passages are found that may have them, and the words to make sure."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from kb.text.hashes import hash64

__all__ = ["adjacent", "adjacent_to", "has_run", "packed", "unpacked"]

_LONE = 2  # letters of a term that may be a lone character, folded or not


def adjacent(words: Sequence[Sequence[str]]) -> NDArray[np.int32]:
    """Hashes of each term of each word, and of each two terms that stand next to one another, once each; lone
    characters are next to none, for there are as many of them as of words."""
    keys: list[tuple[str, ...]] = [(term,) for terms in words for term in terms]
    keys += [pair for two in pairwise(words) for pair in product(*map(_long, two))]
    return np.unique(_hashes(keys))


def adjacent_to(words: Sequence[Sequence[str]]) -> list[NDArray[np.int32]]:
    """For the words of a phrase, hashes of which a passage that has it must have some of each list."""
    if len(words) == 1 or not all(len(_long(terms)) == len(terms) for terms in words):
        return [_hashes([(term,) for term in terms]) for terms in words]
    return [_hashes(list(product(*two))) for two in pairwise(words)]


def packed(words: Sequence[tuple[str, ...]]) -> bytes:
    """A word a line, its terms apart, compressed."""
    return zlib.compress("\n".join(map("\t".join, words)).encode("utf-8", "surrogatepass"))


def unpacked(data: bytes) -> list[tuple[str, ...]]:
    """The inverse of :func:`packed`."""
    text = zlib.decompress(data).decode("utf-8", "surrogatepass")
    return [tuple(line.split("\t")) for line in text.split("\n")]


def has_run(text: Sequence[tuple[str, ...]], words: Sequence[Sequence[str]]) -> bool:
    """Whether a text has these words one after the other, each by any of its terms."""
    wanted = [frozenset(terms) for terms in words]
    starts = range(len(text) - len(wanted) + 1)
    return any(all(not one.isdisjoint(text[at + i]) for i, one in enumerate(wanted)) for at in starts)


def _long(terms: Sequence[str]) -> list[str]:
    return [term for term in terms if len(term) > _LONE]


def _hashes(keys: Sequence[tuple[str, ...]]) -> NDArray[np.int32]:
    """32 bits for each; what is found by them is looked at word by word."""
    return np.array([hash64(*key) & 0xFFFFFFFF for key in keys], np.uint32).view(np.int32)
