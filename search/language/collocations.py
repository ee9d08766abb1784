"""Terms of several words: which neighbours keep each other's company more than chance would have it.

What is tried are two or three words in a row, with nothing but a space between them, that begin and end with
a content word (*obsługa klienta*, *serbisyo sa customer*). They are terms where Dunning's log-likelihood
ratio (1993) of first and last part is beyond chance, and where they are not merely a piece of longer terms.
Everything is counted on arrays of word numbers, so that a million words take a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.arrays.vectors import Ints
from search.language.settings import LANGUAGE

__all__ = ["Collocation", "TokenRow", "collocations", "log_likelihood_ratio"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One language's words in the order of the text, parallel arrays (n,): ``word`` numbers, whether each is
    a ``content`` word, and whether it is ``joined`` to the one before, only a space apart in a sentence."""

    word: Ints
    content: NDArray[np.bool_]
    joined: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Collocation:
    """Word numbers, and the places (n,) in the token row where the term begins."""

    words: tuple[int, ...]
    starts: Ints


def collocations(tokens: TokenRow) -> list[Collocation]:
    """Terms of two and three words, the most frequent first."""
    if len(tokens.word) < 2:
        return []
    found = [
        collocation
        for collocation in (*_pairs(tokens), *_triples(tokens))
        if not _is_piece(tokens, collocation)
    ]
    return sorted(found, key=lambda collocation: (-len(collocation.starts), collocation.words))


def _is_piece(tokens: TokenRow, term: Collocation) -> bool:
    """Whether the content words right before or right after a term are the same few all the time."""
    after = term.starts + len(term.words)
    after = after[after < len(tokens.word)]
    after = after[tokens.joined[after]]
    before = (term.starts - 1)[(term.starts > 0) & tokens.joined[term.starts]]
    for beside in (before, after):
        _, counts = np.unique(tokens.word[beside[tokens.content[beside]]], return_counts=True)
        if counts[counts > 1].sum() >= LANGUAGE.collocation_piece * len(term.starts):
            return True
    return False


def _pairs(tokens: TokenRow) -> list[Collocation]:
    at = np.flatnonzero(tokens.joined[1:] & tokens.content[1:] & tokens.content[:-1])
    return list(_associated(tokens, tokens.word[at], tokens.word[at + 1], at, 2))


def _triples(tokens: TokenRow) -> list[Collocation]:
    if len(tokens.word) < 3:
        return []
    both = tokens.joined[1:-1] & tokens.joined[2:]
    at = np.flatnonzero(both & tokens.content[:-2] & tokens.content[2:])
    # The first two words are one event: a connecting word must be the same one each time.
    size = int(tokens.word.max()) + 1
    first = tokens.word[at] * size + tokens.word[at + 1]
    return list(_associated(tokens, first, tokens.word[at + 2], at, 3))


def _associated(tokens: TokenRow, first: Ints, last: Ints, at: Ints, length: int) -> Iterator[Collocation]:
    """Those of the runs whose two events, parallel arrays, are associated."""
    if not len(at):
        return
    _, left = np.unique(first, return_inverse=True)
    _, right = np.unique(last, return_inverse=True)
    joint = left * (int(right.max()) + 1) + right
    order = np.argsort(joint, kind="stable")
    _, begin, counts = np.unique(joint[order], return_index=True, return_counts=True)
    left_counts, right_counts = np.bincount(left), np.bincount(right)
    often = counts >= LANGUAGE.collocation_count
    for start, count in zip(begin[often], counts[often], strict=True):
        places = at[order[start : start + count]]
        one = order[start]
        a, b = int(left_counts[left[one]]), int(right_counts[right[one]])
        if log_likelihood_ratio(int(count), a, b, len(at)) >= LANGUAGE.collocation_ratio:
            words = tuple(int(word) for word in tokens.word[places[0] : places[0] + length])
            yield Collocation(words, np.sort(places))


def log_likelihood_ratio(both: int, first: int, second: int, total: int) -> float:
    """Dunning's ratio (−2 log λ) for two events that occurred ``first`` and ``second`` times, ``both`` times
    together, in ``total`` trials; 0 where they met less often than by chance."""
    if both * total <= first * second:
        return 0.0
    observed = np.array(
        [[both, first - both], [second - both, total - first - second + both]], dtype=np.float64
    )
    expected = observed.sum(axis=1, keepdims=True) * observed.sum(axis=0, keepdims=True) / total
    # Events that always meet leave empty cells, which add nothing; counts that cannot be are cut off.
    safe = np.maximum(observed, 0)
    terms = np.where(safe > 0, safe * np.log(np.maximum(safe, 1e-12) / np.maximum(expected, 1e-12)), 0.0)
    return float(2 * terms.sum())
