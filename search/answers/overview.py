"""A library seen as a whole: how clean its texts are, its passages by meaning, what its languages share.

Worked out when it is first asked for, from vectors and the database; a generation does not change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from kb.store.snapshot import Cleanliness
from search.arrays.vectors import Vectors
from search.models import Matrix

__all__ = ["MeaningMap", "Overview", "meaning_map", "overview", "sharing"]

# Passages drawn, and passages of each language that look for their nearest in the others.
_DRAWN, _ASKED = 3000, 400
_BLOCK = 256


@dataclass(frozen=True, slots=True)
class MeaningMap:
    """Passages on the two axes along which the library's meanings differ most (principal components).

    ``points`` holds, by language, each passage's (x, y), 0–1; ``drawn`` of ``passages`` are on it, spread
    evenly over the library. ``explained`` is the share of all variance that the two axes show.
    """

    points: Mapping[str, tuple[tuple[float, float], ...]]
    drawn: int
    passages: int
    explained: float


@dataclass(frozen=True, slots=True)
class Overview:
    """``clean`` says by language what was taken out and mended. ``shared`` holds, for every two languages,
    how near the passages of one are to their nearest in the other: their mean cosine, 0–1."""

    clean: Mapping[str, Cleanliness]
    map: MeaningMap
    shared: Matrix


def overview(
    passages: Vectors, languages: Sequence[str], size: int, clean: Sequence[Cleanliness]
) -> Overview:
    """``passages`` (n, d) are centred unit rows, spread over a library that has ``size``, ``languages`` (n,)
    theirs."""
    labels = np.array(languages)
    by_language = MappingProxyType({one.language: one for one in clean})
    return Overview(by_language, meaning_map(passages, labels, size), sharing(passages, labels))


def meaning_map(passages: Vectors, labels: NDArray[np.str_], size: int) -> MeaningMap:
    """The map of passages of a library that has ``size``."""
    chosen = _evenly(np.arange(len(passages)), _DRAWN)
    rows = np.asarray(passages[chosen], np.float64)
    rows = rows - rows.mean(axis=0) if len(rows) else rows
    values, axes = np.linalg.eigh(rows.T @ rows)
    places = rows @ axes[:, ::-1][:, :2]
    # An axis has no direction of its own: the passage farthest out is on the right, and at the top.
    farthest = np.abs(places).argmax(axis=0) if len(places) else np.zeros(2, np.int64)
    places = places * np.array(
        [1 if not len(places) or places[at, i] >= 0 else -1 for i, at in enumerate(farthest)]
    )
    low, span = (places.min(axis=0), np.ptp(places, axis=0)) if len(places) else (np.zeros(2), np.ones(2))
    places = (places - low) / np.maximum(span, 1e-9)
    points = {
        str(language): tuple(
            (round(float(x), 4), round(float(y), 4)) for x, y in places[labels[chosen] == language]
        )
        for language in sorted(set(labels.tolist()))
    }
    explained = float(values[::-1][:2].sum() / max(values.sum(), 1e-9))
    return MeaningMap(MappingProxyType(points), len(chosen), size, explained)


def sharing(passages: Vectors, labels: NDArray[np.str_]) -> Matrix:
    """How near each language's passages are to those of every other."""
    names = tuple(sorted(set(labels.tolist())))
    rows = {name: np.flatnonzero(labels == name) for name in names}
    best: dict[str, Vectors] = {}
    for name in names:
        asked = np.asarray(passages[_evenly(rows[name], _ASKED)])
        found = np.full((len(asked), len(names)), -1.0, np.float32)
        for column, other in enumerate(names):
            if other == name:
                continue
            for start in range(0, len(rows[other]), _BLOCK * 16):
                part = np.asarray(passages[rows[other][start : start + _BLOCK * 16]])
                found[:, column] = np.maximum(found[:, column], (asked @ part.T).max(axis=1))
        best[name] = found
    values = tuple(
        tuple(
            None if row == column else float(np.clip(best[row][:, at], 0, 1).mean())
            for at, column in enumerate(names)
        )
        for row in names
    )
    return Matrix("shared", "passages in", "nearest in", names, names, values)


def _evenly(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """At most so many of the rows, from the first to the last."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]
