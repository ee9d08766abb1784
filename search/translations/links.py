"""Passages that say the same in another language, found when the library is built.

Two passages are linked when each is the other's nearest in its language, and their sentences have
counterparts in each other. Nearness of the whole passages is not enough: in a library where nothing is
translated the nearest passage is merely on the same subject. On paragraphs in six languages, translated
(1,837 pairs) and not (130 pairs of nearest strangers), the thresholds below kept 88 % and 1 %.
A linked passage shares the evidence of its counterparts: a question that finds the Thai version finds
the Hindi one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.text.cached_arrays import read_array
from search.arrays.kept import KeptRows
from search.arrays.nearest import Nearest, nearest
from search.arrays.runs import runs_of
from search.arrays.vectors import Ints, Vectors
from search.translations.settings import TRANSLATIONS
from search.translations.sharing import shared

__all__ = ["Links", "PreviousLinks", "link"]


@dataclass(frozen=True, slots=True)
class Links:
    """Counterparts by row: those of passage i are ``targets[offsets[i]:offsets[i+1]]``."""

    offsets: NDArray[np.int64]
    targets: NDArray[np.int64]

    def of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The counterparts of some passages."""
        return np.unique(self.targets[runs_of(self.offsets, rows)])

    def spread(self, scores: Vectors, rows: NDArray[np.int64], chosen: NDArray[np.int64]) -> Vectors:
        """Scores of passages, given by ascending row, in which each linked one of the ``chosen`` (places, in
        order) has half its own and half the mean of those of its counterparts that are chosen, too."""
        owners = np.repeat(chosen, self.offsets[rows[chosen] + 1] - self.offsets[rows[chosen]])
        if not len(owners):
            return scores
        targets = self.targets[runs_of(self.offsets, rows[chosen])]
        places = np.minimum(np.searchsorted(rows, targets), len(rows) - 1)
        among = np.zeros(len(rows), np.bool_)
        among[chosen] = True
        known = (rows[places] == targets) & among[places]
        owners, places = owners[known], places[known]
        return shared(scores, owners, places, TRANSLATIONS.own_share)

    def write(self, directory: Path) -> None:
        np.save(directory / "offsets.npy", self.offsets)
        np.save(directory / "targets.npy", self.targets)

    @classmethod
    def read(cls, directory: Path) -> Links:
        return cls(
            read_array(directory / "offsets.npy"),
            read_array(directory / "targets.npy"),
        )


def link(
    passages: Vectors,
    sentences: Callable[[slice], Vectors],
    bounds: Ints,
    codes: Ints,
    before: PreviousLinks | None = None,
) -> tuple[Links, Nearest]:
    """Links between passages of different languages, from centred vectors (see
    search.passages.matrices.Matrices),
    those of the ``sentences`` given by row; ``codes`` number the passages' languages. With ``before``, only
    what has changed is looked at. The second is for the next time."""
    near = nearest(
        passages,
        codes,
        int(codes.max(initial=-1)) + 1,
        1,
        before=before.nearest if before else None,
        kept=before.kept if before else None,
    )
    mutual = _mutual(near, codes)
    said = np.zeros(len(mutual), np.bool_)
    known = np.zeros(len(mutual), np.bool_)
    if before is not None:
        # A pair that was there and is there still was judged by the same sentences.
        numbers = _numbered(mutual, len(passages))
        known = np.isin(numbers, _numbered(before.mutual(codes), len(passages)))
        said = known & np.isin(numbers, _numbered(before.linked(), len(passages)))
    said[~known] = [
        _coverage(sentences, bounds, int(a), int(b)) >= TRANSLATIONS.linked_sentences
        for a, b in mutual[~known]
    ]
    both = np.concatenate([mutual[said], mutual[said][:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    offsets = np.searchsorted(both[:, 0], np.arange(len(passages) + 1)).astype(np.int64)
    return Links(offsets, np.ascontiguousarray(both[:, 1])), near


@dataclass(frozen=True, slots=True)
class PreviousLinks:
    """The links of the generation before, what they were made from, and which passages are still there."""

    links: Links
    nearest: Nearest
    kept: KeptRows

    def mutual(self, codes: Ints) -> Ints:
        """The pairs, as they are numbered now, that were each other's nearest; ``codes`` are of now."""
        was = np.zeros(self.kept.before, np.int64)
        was[self.kept.rows] = codes[: len(self.kept.rows)]
        gone = np.ones(self.kept.before, np.bool_)
        gone[self.kept.rows] = False
        return self._still(_mutual(self.nearest, was, gone))

    def linked(self) -> Ints:
        owners = np.repeat(np.arange(self.kept.before), np.diff(self.links.offsets))
        return self._still(np.stack([owners, self.links.targets], axis=1))

    def _still(self, pairs: Ints) -> Ints:
        moved = self.kept.places()[pairs]
        return moved[(moved >= 0).all(axis=1)]


def _mutual(near: Nearest, codes: Ints, gone: NDArray[np.bool_] | None = None) -> Ints:
    """Pairs of rows, (n, 2), the lower first, that are each other's nearest in the other's language, and
    near; those ``gone`` are left out."""
    lefts, rights = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for column in range(near.rows.shape[1]):
        there = near.rows[:, column, 0].astype(np.int64)
        asking = (there >= 0) & (near.least[:, column] > TRANSLATIONS.linked_passages)
        if gone is not None:
            asking &= ~gone & ~gone[there]
        left = np.flatnonzero(asking)
        right = there[left]
        ordered = (left < right) & (near.rows[right, codes[left], 0] == left)
        lefts.append(left[ordered])
        rights.append(right[ordered])
    return np.stack([np.concatenate(lefts), np.concatenate(rights)], axis=1)


def _numbered(pairs: Ints, size: int) -> Ints:
    numbers: Ints = pairs[:, 0] * size + pairs[:, 1]
    return numbers


def _coverage(sentences: Callable[[slice], Vectors], bounds: Ints, left: int, right: int) -> float:
    """How well each of two passages' sentences are covered by the other's: the lower of the two means."""
    ours, theirs = slice(bounds[left], bounds[left + 1]), slice(bounds[right], bounds[right + 1])
    cosines = sentences(ours) @ sentences(theirs).T
    if not cosines.size:
        return 0.0
    return float(min(cosines.max(axis=1).mean(), cosines.max(axis=0).mean()))
