"""What says the same in several languages shares its evidence: each has some of what the others score."""

from __future__ import annotations

import numpy as np

from search.arrays.vectors import Ints, Vectors

__all__ = ["shared"]


def shared(scores: Vectors, owners: Ints, others: Ints, own: float) -> Vectors:
    """Scores (n,) in which each of the ``owners`` has its own share, ``own`` (0–1), and for the rest the mean
    of what its ``others`` score; both (m,) are places, an owner as often as it has others. All else stays."""
    sizes = np.bincount(owners, minlength=len(scores))
    sums = np.bincount(owners, scores[others], minlength=len(scores))
    linked = sizes > 0
    mean = (sums[linked] / sizes[linked]).astype(np.float32)
    made = scores.copy()
    made[linked] = own * scores[linked] + (1 - own) * mean
    return made
