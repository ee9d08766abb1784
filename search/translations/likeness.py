"""How likely two articles are the same text, from the alignment of their sentences.

Articles on one subject are near each other, sentence by sentence, too, so that coverage alone does not tell a
translation. What does: the gain of the monotone alignment, how many of the tokens find a counterpart inside
their bead, whether a sentence's best match is in its bead, and how near the two texts are outside beads. The
weights were fitted by logistic regression on articles made of XQuAD's paragraphs (true translations against
other paragraphs of the same title; docs/evaluation.md) and on the project's own articles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.arrays.vectors import Vectors
from search.translations.alignment import LEAST, Alignment, Bead, Text, align, finer

__all__ = ["Likeness", "Matter", "copy_likeness", "hopeless", "translation_likeness"]

# Log odds: of the gain, the share of tokens that have a counterpart (the lower of the two texts'), the mean
# cosine outside beads, and the share of sentences whose best match is in their bead (likewise).
_WEIGHTS = np.array([36.7, 13.4, -22.6, 3.5])
_BIAS = -11.1
# Two tokens are counterparts from this cosine on.
_COUNTERPART = 0.5
# The cosine outside beads where there is nothing outside, as in texts of one sentence each.
_OUTSIDE = 0.2
# No alignment gains more, or hardly, than each sentence's best cosine allows: below this it is hopeless.
_HOPELESS = 0.08

# Texts that another is compared with at a time.
_AT_A_TIME = 64

_COPY = 0.8
"""The cosine above which sentences of one language are the same but for a word or two."""
_COPIED = 0.7  # the share of both texts that must be copies; log odds of 0 there
_COPY_SLOPE = 30.0
# Runs of sentences may be copies where one of them alone is a little less near.
_NEARLY_COPY = _COPY - 0.1


@dataclass(frozen=True, slots=True)
class Matter:
    """An article's sentences as they are compared: ``text``, and the ``tokens`` along their space's principal
    axes, unit rows (t, axes), those of sentence i being rows ``offsets[i]:offsets[i+1]``."""

    text: Text
    tokens: Vectors
    offsets: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Likeness:
    """``score`` are log odds that the two are the same text; the coverages are the shares, by tokens, of each
    text that is in beads."""

    score: float
    left_coverage: float
    right_coverage: float
    beads: tuple[Bead, ...]


def hopeless(left: Text, rights: Sequence[Text], *, copy: bool) -> NDArray[np.bool_]:
    """Which texts cannot be translations, or copies, of another, by each sentence's best cosine alone,
    whatever its place: most pairs end here, in a tenth of the time."""
    none = np.array([not len(right.weights) or not len(left.weights) for right in rights], np.bool_)
    filled = np.flatnonzero(~none)
    for start in range(0, len(filled), _AT_A_TIME):
        part = filled[start : start + _AT_A_TIME]
        none[part] = _hopeless(left, [rights[at] for at in part.tolist()], copy=copy)
    return none


def _hopeless(left: Text, rights: Sequence[Text], *, copy: bool) -> NDArray[np.bool_]:
    starts = np.cumsum([0, *(len(right.weights) for right in rights[:-1])])
    cosines = left.vectors @ np.concatenate([right.vectors for right in rights]).T
    ours, theirs = np.maximum.reduceat(cosines, starts, axis=1), cosines.max(axis=0)
    shares = np.concatenate([right.shares for right in rights])
    if copy:
        mine = left.shares @ (ours >= _NEARLY_COPY)
        back = np.add.reduceat(np.where(theirs >= _NEARLY_COPY, shares, np.float32(0)), starts)
        few: NDArray[np.bool_] = np.minimum(mine, back) < _COPIED
        return few
    gain = left.shares @ np.maximum(ours - LEAST, 0)
    back = np.add.reduceat(np.maximum(theirs - LEAST, 0) * shares, starts)
    little: NDArray[np.bool_] = np.minimum(gain, back) < _HOPELESS
    return little


def translation_likeness(left: Matter, right: Matter) -> Likeness:
    """How likely two articles in different languages are translations of one another."""
    alignment = align(left.text, right.text)
    outside, mutual = _contrast(left.text, right.text, alignment)
    evidence = np.array([alignment.gain, _counterparts(left, right, alignment.beads), outside, mutual])
    score = float(evidence @ _WEIGHTS + _BIAS)
    coverages = _coverage(left.text, right.text, alignment.beads)
    return Likeness(score, *coverages, finer(alignment.beads, left.text, right.text))


def copy_likeness(left: Text, right: Text) -> Likeness:
    """How likely two articles of one language are nearly the same."""
    alignment = align(left, right, _COPY)
    coverages = _coverage(left, right, alignment.beads)
    score = _COPY_SLOPE * (min(coverages) - _COPIED)
    return Likeness(score, *coverages, alignment.beads)


def _coverage(left: Text, right: Text, beads: tuple[Bead, ...]) -> tuple[float, float]:
    """The shares of two texts that are in beads."""
    ours = sum(float(left.shares[bead.left_start : bead.left_end].sum()) for bead in beads)
    theirs = sum(float(right.shares[bead.right_start : bead.right_end].sum()) for bead in beads)
    return min(ours, 1.0), min(theirs, 1.0)


def _contrast(left: Text, right: Text, alignment: Alignment) -> tuple[float, float]:
    """The mean cosine outside beads, and the lower of the texts' shares whose best match is in its bead."""
    cosines = left.vectors @ right.vectors.T
    outside, cells = float(cosines.sum()), cosines.size
    best_right, best_left = cosines.argmax(axis=1), cosines.argmax(axis=0)
    from_left = from_right = 0.0
    for bead in alignment.beads:
        rows, columns = slice(bead.left_start, bead.left_end), slice(bead.right_start, bead.right_end)
        block = cosines[rows, columns]
        outside, cells = outside - float(block.sum()), cells - block.size
        meant = (best_right[rows] >= bead.right_start) & (best_right[rows] < bead.right_end)
        from_left += float(left.shares[rows][meant].sum())
        meant = (best_left[columns] >= bead.left_start) & (best_left[columns] < bead.left_end)
        from_right += float(right.shares[columns][meant].sum())
    single = min(len(left.weights), len(right.weights)) < 2 or cells <= 0
    return (_OUTSIDE if single else outside / cells), min(from_left, from_right)


def _counterparts(left: Matter, right: Matter, beads: tuple[Bead, ...]) -> float:
    """The lower of the two texts' shares of tokens that have a counterpart within their bead."""
    from_left = from_right = 0
    for bead in beads:
        ours = left.tokens[left.offsets[bead.left_start] : left.offsets[bead.left_end]]
        theirs = right.tokens[right.offsets[bead.right_start] : right.offsets[bead.right_end]]
        if len(ours) and len(theirs):
            cosines = ours @ theirs.T
            from_left += int((cosines.max(axis=1) >= _COUNTERPART).sum())
            from_right += int((cosines.max(axis=0) >= _COUNTERPART).sum())
    return min(from_left / max(1, len(left.tokens)), from_right / max(1, len(right.tokens)))
