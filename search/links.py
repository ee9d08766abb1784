"""Passages that say the same in another language, found when the library is built.

Two passages are linked when each is the other's nearest in its language, and their sentences have
counterparts in each other. Nearness of the whole passages is not enough: in a library where nothing is
translated the nearest passage is merely on the same subject. On paragraphs in six languages, translated
(1,837 pairs) and not (130 pairs of nearest strangers), the thresholds below kept 88 % and 1 %.
A linked passage shares the evidence of its counterparts: a question that finds the Thai version finds
the Hindi one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.encoder import Vectors

__all__ = ["Links", "link"]

# Of the passages' cosine, and of the mean of their sentences' best cosines in the other, whichever is lower.
_PASSAGE, _SENTENCES = 0.50, 0.44
_OWN_SHARE = 0.5
_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Links:
    """Counterparts by row: those of passage i are ``targets[offsets[i]:offsets[i+1]]``."""

    offsets: NDArray[np.int64]
    targets: NDArray[np.int64]

    def of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The counterparts of some passages."""
        found = [self.targets[self.offsets[row] : self.offsets[row + 1]] for row in rows]
        return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)

    def spread(self, scores: Vectors, rows: NDArray[np.int64], chosen: NDArray[np.int64]) -> Vectors:
        """Scores of passages, given by ascending row, in which each linked one of the ``chosen`` (places, in
        order) has half its own and half the mean of those of its counterparts that are chosen, too."""
        counts = self.offsets[rows[chosen] + 1] - self.offsets[rows[chosen]]
        owners = np.repeat(chosen, counts)
        if not len(owners):
            return scores
        starts = self.offsets[rows[chosen]] - (np.cumsum(counts) - counts)
        targets = self.targets[np.arange(len(owners)) + np.repeat(starts, counts)]
        places = np.minimum(np.searchsorted(rows, targets), len(rows) - 1)
        among = np.zeros(len(rows), np.bool_)
        among[chosen] = True
        known = (rows[places] == targets) & among[places]
        owners, places = owners[known], places[known]
        sizes = np.bincount(owners, minlength=len(rows))
        sums = np.bincount(owners, scores[places], minlength=len(rows))
        linked = sizes > 0
        spread = scores.copy()
        mean = (sums[linked] / sizes[linked]).astype(np.float32)
        spread[linked] = _OWN_SHARE * scores[linked] + (1 - _OWN_SHARE) * mean
        return spread

    def write(self, directory: Path) -> None:
        np.save(directory / "link_offsets.npy", self.offsets)
        np.save(directory / "link_targets.npy", self.targets)

    @classmethod
    def read(cls, directory: Path) -> Links:
        return cls(
            np.load(directory / "link_offsets.npy", allow_pickle=False),
            np.load(directory / "link_targets.npy", allow_pickle=False),
        )


def link(
    passages: Vectors, sentences: Vectors, bounds: NDArray[np.int64], row_language: NDArray[np.int16]
) -> Links:
    """Links between passages of different languages, from centred vectors (see search.vectors.Matrices)."""
    pairs: list[NDArray[np.int64]] = []
    languages = np.unique(row_language)
    for at, first in enumerate(languages):
        for second in languages[at + 1 :]:
            left, right = np.flatnonzero(row_language == first), np.flatnonzero(row_language == second)
            mutual = _mutual(passages, left, right)
            said = [_coverage(sentences, bounds, int(a), int(b)) >= _SENTENCES for a, b in mutual]
            pairs.append(mutual[np.array(said, dtype=np.bool_)])
    both = np.concatenate(pairs) if pairs else np.zeros((0, 2), np.int64)
    both = np.concatenate([both, both[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    offsets = np.searchsorted(both[:, 0], np.arange(len(passages) + 1)).astype(np.int64)
    return Links(offsets, np.ascontiguousarray(both[:, 1]))


def _mutual(passages: Vectors, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs of rows, (n, 2), that are each other's nearest in the other language, in blocks of rows."""
    nearest = np.zeros(len(left), np.int64)
    similarity = np.zeros(len(left), np.float32)
    back = np.full(len(right), -2.0, np.float32)
    back_row = np.zeros(len(right), np.int64)
    for start in range(0, len(left), _BLOCK):
        cosines = passages[left[start : start + _BLOCK]] @ passages[right].T
        nearest[start : start + _BLOCK] = cosines.argmax(axis=1)
        similarity[start : start + _BLOCK] = cosines.max(axis=1)
        best = cosines.argmax(axis=0)
        values = cosines[best, np.arange(len(right))]
        better = values > back
        back[better], back_row[better] = values[better], best[better] + start
    index = np.arange(len(left))
    mutual = (back_row[nearest] == index) & (similarity > _PASSAGE)
    return np.stack([left[mutual], right[nearest[mutual]]], axis=1)


def _coverage(sentences: Vectors, bounds: NDArray[np.int64], left: int, right: int) -> float:
    """How well each of two passages' sentences are covered by the other's: the lower of the two means."""
    cosines = sentences[bounds[left] : bounds[left + 1]] @ sentences[bounds[right] : bounds[right + 1]].T
    if not cosines.size:
        return 0.0
    return float(min(cosines.max(axis=1).mean(), cosines.max(axis=0).mean()))
