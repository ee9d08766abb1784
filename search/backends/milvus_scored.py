"""Passages with their scores, chosen from and put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.backends.base import Scored
from search.encoding import Vectors
from search.vectors import best_per_passage

__all__ = ["best_places", "half_and_half", "joined", "some_of"]

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
    return some_of(whole, np.argsort(whole.rows))


def some_of(scored: Scored, places: Rows) -> Scored:
    """Some of the passages, in this order."""
    counts = np.diff(scored.bounds)[places]
    bounds = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    sentences = np.arange(bounds[-1]) + np.repeat(scored.bounds[:-1][places] - bounds[:-1], counts)
    return Scored(
        rows=scored.rows[places],
        keys=scored.keys[places],
        articles=scored.articles[places],
        language=scored.language[places],
        article_language=scored.article_language[places],
        first=scored.first[places],
        bounds=bounds,
        passage=scored.passage[places],
        sentence=scored.sentence[sentences],
        kinds=scored.kinds[sentences],
    )
