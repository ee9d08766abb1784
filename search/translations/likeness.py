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
from search.translations.alignment import Alignment, Bead, Text, align, finer
from search.translations.settings import TRANSLATIONS

__all__ = ["Likeness", "Matter", "copy_likeness", "hopeless", "translation_likeness"]

_WEIGHTS = np.array(
    [
        TRANSLATIONS.gain_weight,
        TRANSLATIONS.tokens_weight,
        TRANSLATIONS.outside_weight,
        TRANSLATIONS.matched_weight,
    ]
)


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
    for start in range(0, len(filled), TRANSLATIONS.texts_at_a_time):
        part = filled[start : start + TRANSLATIONS.texts_at_a_time]
        none[part] = _hopeless(left, [rights[at] for at in part.tolist()], copy=copy)
    return none


def _hopeless(left: Text, rights: Sequence[Text], *, copy: bool) -> NDArray[np.bool_]:
    starts = np.cumsum([0, *(len(right.weights) for right in rights[:-1])])
    cosines = left.vectors @ np.concatenate([right.vectors for right in rights]).T
    ours, theirs = np.maximum.reduceat(cosines, starts, axis=1), cosines.max(axis=0)
    shares = np.concatenate([right.shares for right in rights])
    if copy:
        mine = left.shares @ (ours >= TRANSLATIONS.nearly_copy)
        back = np.add.reduceat(np.where(theirs >= TRANSLATIONS.nearly_copy, shares, np.float32(0)), starts)
        few: NDArray[np.bool_] = np.minimum(mine, back) < TRANSLATIONS.copied
        return few
    gain = left.shares @ np.maximum(ours - TRANSLATIONS.least, 0)
    back = np.add.reduceat(np.maximum(theirs - TRANSLATIONS.least, 0) * shares, starts)
    little: NDArray[np.bool_] = np.minimum(gain, back) < TRANSLATIONS.hopeless
    return little


def translation_likeness(left: Matter, right: Matter) -> Likeness:
    """How likely two articles in different languages are translations of one another."""
    alignment = align(left.text, right.text)
    outside, mutual = _contrast(left.text, right.text, alignment)
    evidence = np.array([alignment.gain, _counterparts(left, right, alignment.beads), outside, mutual])
    score = float(evidence @ _WEIGHTS + TRANSLATIONS.bias)
    coverages = _coverage(left.text, right.text, alignment.beads)
    return Likeness(score, *coverages, finer(alignment.beads, left.text, right.text))


def copy_likeness(left: Text, right: Text) -> Likeness:
    """How likely two articles of one language are nearly the same."""
    alignment = align(left, right, TRANSLATIONS.copy)
    coverages = _coverage(left, right, alignment.beads)
    score = TRANSLATIONS.copy_slope * (min(coverages) - TRANSLATIONS.copied)
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
    return (TRANSLATIONS.nothing_outside if single else outside / cells), min(from_left, from_right)


def _counterparts(left: Matter, right: Matter, beads: tuple[Bead, ...]) -> float:
    """The lower of the two texts' shares of tokens that have a counterpart within their bead."""
    from_left = from_right = 0
    for bead in beads:
        ours = left.tokens[left.offsets[bead.left_start] : left.offsets[bead.left_end]]
        theirs = right.tokens[right.offsets[bead.right_start] : right.offsets[bead.right_end]]
        if len(ours) and len(theirs):
            cosines = ours @ theirs.T
            from_left += int((cosines.max(axis=1) >= TRANSLATIONS.counterpart).sum())
            from_right += int((cosines.max(axis=0) >= TRANSLATIONS.counterpart).sum())
    return min(from_left / max(1, len(left.tokens)), from_right / max(1, len(right.tokens)))
