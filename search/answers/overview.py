"""A library seen as a whole: how clean its texts are, its passages by meaning, what its languages share.

Worked out when it is first asked for, from vectors and the database, and kept; a generation does not change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from kb.store.snapshot import Cleanliness
from search.answers.settings import ANSWERING
from search.arrays.neighbour_map import laid_out, nearest_places
from search.arrays.vectors import Ints, Vectors
from search.models import ArticleRef, Matrix

__all__ = ["Dot", "MeaningMap", "Overview", "Sample", "meaning_map", "sharing"]


@dataclass(frozen=True, slots=True)
class Sample:
    """Passages spread over a library: their ``rows`` in it (n,), ascending, centred unit ``vectors`` (n, d),
    the ``languages`` (n,) that they are in."""

    rows: Ints
    vectors: Vectors
    languages: NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Dot:
    """A passage on the map: its place, 0–1 each, its article, and where in that it begins."""

    x: float
    y: float
    article: ArticleRef
    start: int


@dataclass(frozen=True, slots=True)
class MeaningMap:
    """Passages on a plane, near ones near (see :mod:`search.arrays.neighbour_map`): ``points`` by language.

    ``drawn`` of ``passages`` are on it, spread evenly over the library, each with its translations.
    ``together`` is the share of those with a translation on it that have one among their five nearest; None
    where none has.
    """

    points: Mapping[str, tuple[Dot, ...]]
    drawn: int
    passages: int
    together: float | None


@dataclass(frozen=True, slots=True)
class Overview:
    """``clean`` says by language what was taken out and mended. ``shared`` holds, for every two languages,
    how near the passages of one are to their nearest in the other: their mean cosine, 0–1."""

    clean: Mapping[str, Cleanliness]
    map: MeaningMap
    shared: Matrix


def meaning_map(
    sample: Sample,
    linked: Callable[[Ints], Ints],
    named: Callable[[Ints], Sequence[tuple[ArticleRef, int]]],
    size: int,
) -> MeaningMap:
    """The map of a library that has ``size`` passages. ``linked`` gives the rows of the translations of some
    rows, ``named`` the article of each of some rows and where in that it begins."""
    chosen = _with_translations(sample.rows, linked)
    tied = _pairs(sample.rows[chosen], linked)
    places = laid_out(np.asarray(sample.vectors[chosen]), tied)
    labels = sample.languages[chosen]
    dots = [
        Dot(round(float(x), 4), round(float(y), 4), article, start)
        for (x, y), (article, start) in zip(places, named(sample.rows[chosen]), strict=True)
    ]
    points = {
        language: tuple(dot for dot, label in zip(dots, labels, strict=True) if label == language)
        for language in sorted(set(labels.tolist()))
    }
    return MeaningMap(MappingProxyType(points), len(chosen), size, _together(places, tied))


def _with_translations(rows: Ints, linked: Callable[[Ints], Ints]) -> Ints:
    """The places, ascending, of the passages to draw: from everywhere, each with its translations."""
    if len(rows) <= ANSWERING.drawn:
        return np.arange(len(rows))
    chosen: set[int] = set()
    # One after the other, far apart first, until there are enough.
    mixed = np.argsort(np.arange(ANSWERING.drawn) * 0.618 % 1)
    for place in _evenly(np.arange(len(rows)), ANSWERING.drawn)[mixed].tolist():
        chosen |= {place, *_places(rows, linked(rows[place : place + 1])).tolist()}
        if len(chosen) >= ANSWERING.drawn:
            break
    return np.array(sorted(chosen)[: ANSWERING.drawn], np.int64)


def _places(rows: Ints, wanted: Ints) -> Ints:
    """Where some of the ``wanted`` are among ascending ``rows``."""
    at = np.minimum(np.searchsorted(rows, wanted), len(rows) - 1)
    found: Ints = at[rows[at] == wanted]
    return found


def _pairs(rows: Ints, linked: Callable[[Ints], Ints]) -> Ints:
    """The places of two that are translations of one another, (m, 2), the lower first."""
    pairs = [
        (place, other)
        for place in range(len(rows))
        for other in _places(rows, linked(rows[place : place + 1])).tolist()
        if place < other
    ]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _together(places: NDArray[np.float64], tied: Ints) -> float | None:
    if not len(tied):
        return None
    near = nearest_places(places, ANSWERING.dots_around)
    both = np.concatenate([tied, tied[:, ::-1]])
    held = (near[both[:, 0]] == both[:, 1:]).any(axis=1)
    having = np.unique(both[:, 0])
    return len(np.unique(both[held, 0])) / len(having)


def sharing(passages: Vectors, labels: NDArray[np.str_]) -> Matrix:
    """How near each language's passages are to those of every other."""
    names = tuple(sorted(set(labels.tolist())))
    rows = {name: np.flatnonzero(labels == name) for name in names}
    best: dict[str, Vectors] = {}
    for name in names:
        asked = np.asarray(passages[_evenly(rows[name], ANSWERING.asked)])
        found = np.full((len(asked), len(names)), -1.0, np.float32)
        for column, other in enumerate(names):
            if other == name:
                continue
            for start in range(0, len(rows[other]), ANSWERING.block * 16):
                part = np.asarray(passages[rows[other][start : start + ANSWERING.block * 16]])
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
