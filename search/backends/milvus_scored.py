"""Passages with their scores, chosen from and put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.backends.base import Scored
from search.encoding import Vectors
from search.vectors import best_per_passage

__all__ = ["best_places", "half_and_half", "joined"]

Rows = NDArray[np.int64]


def half_and_half(scored: Scored) -> Vectors:
    """What passages are ranked by: half their own cosine, half their best sentence's."""
    blended: Vectors = (scored.passage + best_per_passage(scored.sentence, scored.bounds)) * np.float32(0.5)
    return blended


def best_places(scores: NDArray[Any], count: int) -> Rows:
    """Places of the highest scores, ties by place."""
    return np.argsort(-scores, kind="stable")[:count]


def joined(parts: Sequence[Scored]) -> Scored:
    """Passages of several languages, in ascending order of their rows."""

    def both(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in parts])

    counts = np.concatenate([np.diff(part.bounds) for part in parts])
    whole = Scored(
        rows=both("rows"),
        keys=both("keys"),
        articles=both("articles"),
        language=both("language"),
        article_language=both("article_language"),
        first=both("first"),
        bounds=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        passage=both("passage"),
        sentence=both("sentence"),
        kinds=both("kinds"),
    )
    return whole.take(np.argsort(whole.rows))
