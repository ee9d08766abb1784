"""Putting together what was looked at for one query."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

import numpy as np

from search.backends.base import Scored

__all__ = ["joined"]


def joined(parts: Iterable[Scored]) -> Scored:
    """Some passages and others as one, each once, in ascending order of their rows."""
    every = list(parts)
    if len(every) == 1:
        return every[0]
    shifts = accumulate((len(one.sentence) for one in every[:-1]), initial=0)
    bounds = [one.bounds[1:] + shift for one, shift in zip(every, shifts, strict=True)]
    both = Scored(
        np.concatenate([one.rows for one in every]),
        np.concatenate([one.keys for one in every]),
        np.concatenate([one.articles for one in every]),
        np.concatenate([one.language for one in every]),
        np.concatenate([one.article_language for one in every]),
        np.concatenate([one.first for one in every]),
        np.concatenate([np.zeros(1, np.int64), *bounds]),
        np.concatenate([one.passage for one in every]),
        np.concatenate([one.sentence for one in every]),
        np.concatenate([one.kinds for one in every]),
    )
    return both.take(np.unique(both.rows, return_index=True)[1])
