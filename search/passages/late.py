"""Late interaction: every word of the question looks for its best counterpart in a sentence.

One vector for a sentence says what it is about; in a library on one subject that is not enough to tell which
sentence answers. So the sentences' token vectors are kept, too (:mod:`search.passages.tokens`), and the best
passages are reranked by MaxSim (Khattab and Zaharia 2020, ColBERT): the mean, over the question's tokens, of
the highest cosine to a token of the sentence.

A token's coordinates are kept in two bits each: the levels of Max (1960) for a normal distribution, -3, -1,
1, 3. On XQuAD in six languages, by late interaction alone, cross-language MRR@10 is 0.878 so, 0.882 with all
of a token's 364 coordinates in a byte each, and 0.838 with its 96 principal axes in a byte each, in the same
space as the two bits.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from search.arrays.int8 import Codes, quantised
from search.arrays.products import byte_products
from search.arrays.vectors import Vectors
from search.passages.settings import PASSAGES

__all__ = ["PACKED", "Packed", "best_matches", "cosines", "pack", "summary", "unpack"]

Packed = NDArray[np.uint8]

PACKED = 4
"""Coordinates in a byte; coordinate c of a token is in byte c % (reduced / 4), the lowest bits first."""
# The bits of a byte's first three coordinates, left in place; there, those of the fourth would be too large.
_BITS = (0x03, 0x0C, 0x30)


def pack(tokens: Vectors) -> Packed:
    """Unit rows (n, reduced) in two bits a coordinate, uint8 (n, reduced / 4)."""
    outer = np.float32(PASSAGES.outer_level / np.sqrt(tokens.shape[1]))
    # How many of the bounds between levels a coordinate has passed; sums of bytes, which a truth value is.
    codes = (tokens >= -outer).view(np.uint8)
    codes += (tokens >= 0).view(np.uint8)
    codes += (tokens > outer).view(np.uint8)
    planes = codes.reshape(len(tokens), PACKED, -1)
    packed = planes[:, 0] | planes[:, 1] << 2 | planes[:, 2] << 4 | planes[:, 3] << 6
    return np.ascontiguousarray(packed)


def unpack(packed: Packed) -> Vectors:
    """Kept tokens (n, reduced / 4) as rows (n, reduced) of about unit length."""
    planes = [packed >> 2 * at & 3 for at in range(PACKED)]
    rows = np.concatenate(planes, axis=1).astype(np.float32)
    rows *= 2
    rows -= 3
    rows *= _unit_scale(rows.shape[1])
    return rows


def _unit_scale(reduced: int) -> np.float32:
    return np.float32(1 / np.sqrt(PASSAGES.mean_square * reduced))


def cosines(query: Vectors, packed: Packed) -> Vectors:
    """The cosine of each kept token to each of a query's tokens, unit rows (m, reduced): (n, m)."""
    codes, steps = quantised(query)
    return _of_levels(_code_products(codes, packed), codes, steps)


def best_matches(query: Vectors, packed: Packed, offsets: NDArray[np.int64]) -> Vectors:
    """For each of n texts of kept tokens, the highest cosine to each of a query's tokens: (n, m). As low as a
    token without any counterpart where a text has no tokens."""
    best = np.full((len(offsets) - 1, len(query)), PASSAGES.floor, np.float32)
    filled = np.flatnonzero(offsets[1:] > offsets[:-1])
    if len(query):
        codes, steps = quantised(query)
        for some in _parts(filled, offsets, PASSAGES.products_at_a_time // len(query)):
            start, end = offsets[some[0]], offsets[some[-1] + 1]
            products = _code_products(codes, packed[start:end])
            # What is highest before it is scaled is highest after.
            highest = np.maximum.reduceat(products, offsets[some] - start, axis=0)
            best[some] = _of_levels(highest, codes, steps)
    return best


def _parts(texts: NDArray[np.int64], offsets: NDArray[np.int64], most: int) -> Iterator[NDArray[np.int64]]:
    """Texts in order, so many at a time that they have about so many tokens, but one at least."""
    start = 0
    while start < len(texts):
        last = np.searchsorted(offsets, offsets[texts[start]] + most, side="right") - 1
        end = max(start + 1, int(np.searchsorted(texts, last)))
        yield texts[start:end]
        start = end


def _of_levels(products: NDArray[np.int32], codes: Codes, steps: Vectors) -> Vectors:
    """Cosines from the products of codes: a level is twice its code, less 3."""
    levels = 2 * products - 3 * codes.sum(axis=1, dtype=np.int32)
    found: Vectors = levels * (steps * _unit_scale(codes.shape[1]))
    return found


def _code_products(codes: Codes, packed: Packed) -> NDArray[np.int32]:
    """The dot product of each kept token's codes, 0–3, with each of a query's (m, reduced): (n, m).

    The codes of a byte are not shifted down but for the last: a product with codes that are 4 or 16 times too
    large is as many times too large.
    """
    found = np.empty((len(packed), len(codes)), np.int32)
    if not found.size:
        return found
    width = packed.shape[1]
    parts = [np.ascontiguousarray(codes[:, at : at + width].T) for at in range(0, codes.shape[1], width)]
    held = np.empty((min(len(packed), PASSAGES.tokens_at_a_time), width), np.uint8)
    for start in range(0, len(packed), PASSAGES.tokens_at_a_time):
        part = slice(start, start + PASSAGES.tokens_at_a_time)
        some, sums = packed[part], found[part]
        plane = held[: len(some)]
        np.right_shift(some, 6, out=plane)
        sums[:] = byte_products(plane, parts[3])
        for at, bits in enumerate(_BITS):
            np.bitwise_and(some, bits, out=plane)
            products = byte_products(plane, parts[at])
            products >>= 2 * at
            sums += products
    return found


def summary(best: Vectors) -> Vectors:
    """Scores (n, 2) of texts whose best matches (n, m) are given.

    The first is MaxSim: the mean of the query tokens' highest cosines. The second is the mean of their
    logarithms: a text that lacks one of the things asked about scores by that lack.
    """
    if not best.shape[1]:
        return np.tile(np.array([0, np.log(PASSAGES.floor)], np.float32), (len(best), 1))
    return np.stack([best.mean(axis=1), np.log(np.clip(best, PASSAGES.floor, 1)).mean(axis=1)], axis=1)
