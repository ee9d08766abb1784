"""Which word of one language is which word of another: three kinds of evidence, one probability.

*What a word is*: its own vector (:mod:`search.word_space`). *What it means where it stands*: the mean of its
contextual token vectors (:mod:`search.tokens`). *The company it keeps*: the mean of the centred vectors of
the sentences it occurs in, less the language's mean; where articles are translations, or on one subject,
a word and its counterpart keep the same company. The three, weighted and side by side, are one vector
(its parts' cosines then add up), compared with hubness taken off (CSLS, Conneau et al. 2018). Whether the
nearest is right is told by a logistic regression on the evidence, on how far rivals in both directions
are, on spelling (names, loans) and on how frequent the two are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search import analysis
from search.encoder import Vectors

__all__ = ["FEATURES", "Shortlist", "Side", "features", "shortlist"]

Ints = NDArray[np.int64]

# The weights of a word's own vector, of its contextual vectors and of its company in the joint vector.
_WORD, _CONTEXT, _COMPANY = 1.0, 1.0, 0.75
# Hubness: the mean similarity to this many nearest of the other language.
_NEIGHBOURS = 10
_BLOCK = 1024
_KEPT = 3

FEATURES = (
    "word",
    "context",
    "company",
    "joint",
    "hubness",
    "left margin",
    "right margin",
    "spelling",
    "frequency",
    "rarity",
)


@dataclass(frozen=True, slots=True)
class Side:
    """One language's terms as parallel arrays: unit ``word`` (n, d), ``context`` (n, r) and ``company`` (n, d)
    vectors, ``counts`` (n,), and ``spellings``."""

    word: Vectors
    context: Vectors
    company: Vectors
    counts: Ints
    spellings: Sequence[str]

    def joint(self) -> Vectors:
        """The three side by side, weighted so that the cosine is the weighted mean of theirs."""
        parts = [(_WORD, self.word), (_CONTEXT, self.context), (_COMPANY, self.company)]
        total = sum(weight for weight, _ in parts)
        return np.concatenate([np.sqrt(np.float32(weight / total)) * part for weight, part in parts], axis=1)


@dataclass(frozen=True, slots=True)
class Shortlist:
    """Pairs of terms worth a closer look, parallel arrays: rows of the left and the right side, their joint
    similarity with hubness taken off, each side's mean ``hubness``, and how far the pair is above the best
    rival for the left term and for the right one."""

    left: Ints
    right: Ints
    joint: Vectors
    hubness: Vectors
    left_margin: Vectors
    right_margin: Vectors


def shortlist(left: Side, right: Side) -> Shortlist:
    """Each term's _KEPT nearest in the other language, in both directions."""
    a, b = left.joint(), right.joint()
    hub_a, hub_b = _hubness(a, b), _hubness(b, a)
    forward, best_forward = _nearest(a, b, hub_b)
    backward, best_backward = _nearest(b, a, hub_a)
    rows = np.repeat(np.arange(len(a)), forward.shape[1])
    back_rows = np.repeat(np.arange(len(b)), backward.shape[1])
    pairs = np.unique(
        np.concatenate(
            [
                np.stack([rows, forward.ravel()], axis=1),
                np.stack([backward.ravel(), back_rows], axis=1),
            ]
        ),
        axis=0,
    )
    i, j = pairs[:, 0], pairs[:, 1]
    cosine = np.einsum("nd,nd->n", a[i], b[j])
    return Shortlist(
        i,
        j,
        2 * cosine - hub_a[i] - hub_b[j],
        (hub_a[i] + hub_b[j]) / 2,
        _margin(2 * cosine - hub_b[j], best_forward[i]),
        _margin(2 * cosine - hub_a[i], best_backward[j]),
    )


def _margin(scores: Vectors, best: Vectors) -> Vectors:
    """How far scores are above the best of their rivals, given the two best (n, 2) of their row."""
    is_best = scores >= best[:, 0] - 1e-5
    margin: Vectors = scores - np.where(is_best, best[:, 1], best[:, 0])
    return margin


def _hubness(of: Vectors, among: Vectors) -> Vectors:
    """The mean cosine of each row to its nearest among the others."""
    count = min(_NEIGHBOURS, len(among))
    found = np.zeros(len(of), np.float32)
    for start in range(0, len(of), _BLOCK):
        cosines = of[start : start + _BLOCK] @ among.T
        top = np.partition(cosines, cosines.shape[1] - count, axis=1)[:, -count:]
        found[start : start + _BLOCK] = top.mean(axis=1)
    return found


def _nearest(of: Vectors, among: Vectors, hubness: Vectors) -> tuple[Ints, Vectors]:
    """Each row's nearest among the others, their hubness taken off: rows (n, kept) and the two best
    scores (n, 2)."""
    count = min(_KEPT, len(among))
    rows = np.zeros((len(of), count), np.int64)
    scores = np.full((len(of), max(2, count)), -2.0, np.float32)
    for start in range(0, len(of), _BLOCK):
        part = slice(start, start + _BLOCK)
        values = 2 * (of[part] @ among.T) - hubness
        line = np.arange(len(values))
        # A few passes of argmax are faster than one partial sort.
        for place in range(count):
            best = values.argmax(axis=1)
            rows[part, place], scores[part, place] = best, values[line, best]
            values[line, best] = -9.0
    return rows, scores[:, :2]


def features(left: Side, right: Side, found: Shortlist) -> Vectors:
    """The evidence for each pair of a shortlist, (n, len(FEATURES))."""
    i, j = found.left, found.right
    grams = [frozenset(analysis.grams(one)) for one in left.spellings]
    others = [frozenset(analysis.grams(one)) for one in right.spellings]
    spelling = [_dice(grams[a], others[b]) for a, b in zip(i, j, strict=True)]
    share_left = np.log(left.counts[i] / left.counts.sum())
    share_right = np.log(right.counts[j] / right.counts.sum())
    columns = [
        np.einsum("nd,nd->n", left.word[i], right.word[j]),
        np.einsum("nd,nd->n", left.context[i], right.context[j]),
        np.einsum("nd,nd->n", left.company[i], right.company[j]),
        found.joint,
        found.hubness,
        found.left_margin,
        found.right_margin,
        np.array(spelling, np.float32),
        np.abs(share_left - share_right),
        1 / np.minimum(left.counts[i], right.counts[j]),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _dice(a: frozenset[str], b: frozenset[str]) -> float:
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0
