"""Rows laid out on a plane so that near rows stay near: t-SNE (van der Maaten and Hinton 2008), exact, for
some hundreds of rows.

Two principal components show how the rows differ most, which is by subject, and put on one another what lies
apart in all other directions. Here a row's nearest are its nearest on the plane, too, as far as a plane
allows; how far apart groups are, and how large, says nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.arrays.settings import ARRAYS
from search.arrays.vectors import Ints, Vectors

__all__ = ["laid_out", "nearest_places"]

Places = NDArray[np.float64]


def laid_out(rows: Vectors, tied: Ints) -> Places:
    """Places (n, 2), 0–1 each, of unit ``rows`` (n, d). Pairs that are ``tied`` (m, 2) are taken for each
    other's nearest, whatever their vectors say. The same rows give the same places."""
    count = len(rows)
    if count < 3:
        return np.stack([np.linspace(0, 1, count), np.full(count, 0.5)], axis=1)
    exact = np.asarray(rows, np.float64)
    nearness = _nearness(exact, tied)
    places = _first(exact)
    speed, gains = np.zeros_like(places), np.ones_like(places)
    for step in range(ARRAYS.map_steps):
        pulled = nearness * ARRAYS.map_hard if step < ARRAYS.map_early else nearness
        slope = _slope(places, pulled)
        same = np.sign(slope) == np.sign(speed)
        gains = np.maximum(np.where(same, gains * 0.8, gains + 0.2), 0.01)
        rate = max(count / ARRAYS.map_hard / 4, 50.0)
        speed = (0.5 if step < ARRAYS.map_early else 0.8) * speed - rate * gains * slope
        places = places + speed
    places -= places.min(axis=0)
    scaled: Places = places / np.maximum(places.max(axis=0), 1e-9)
    return scaled


def nearest_places(places: Places, most: int) -> Ints:
    """The nearest others of each place, (n, most), the nearest first; fewer where there are fewer."""
    apart = _squares(places)
    np.fill_diagonal(apart, np.inf)
    return np.argsort(apart, axis=1, kind="stable")[:, : min(most, max(0, len(places) - 1))]


def _squares(places: Places) -> Places:
    """Squared distances, (n, n)."""
    lengths = (places**2).sum(axis=1)
    apart: Places = np.maximum(lengths[:, None] + lengths[None] - 2 * places @ places.T, 0)
    return apart


def _first(rows: Places) -> Places:
    """Places to begin from: two principal components, small."""
    centred = rows - rows.mean(axis=0)
    axes = np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :2]
    places = centred @ axes
    # An axis has no direction of its own: the row farthest out is on the right, and at the top.
    farthest = np.abs(places).argmax(axis=0)
    places = places * np.where(places[farthest, range(places.shape[1])] < 0, -1, 1)
    if places.shape[1] < 2:
        places = np.concatenate([places, np.zeros_like(places)], axis=1)
    first: Places = places / max(float(places[:, 0].std()), 1e-9) * 1e-2
    return first


def _nearness(rows: Places, tied: Ints) -> Places:
    """How much each row is another's neighbour: symmetric, (n, n), of sum 1."""
    apart = _squares(rows)
    if len(tied):
        # Nearer than any other.
        closest = apart.copy()
        np.fill_diagonal(closest, np.inf)
        closest = closest.min(axis=1)
        left, right = tied.T
        apart[left, right] = apart[right, left] = np.minimum(closest[left], closest[right]) / 2
    np.fill_diagonal(apart, np.inf)
    wanted = np.log(min(ARRAYS.map_near, (len(rows) - 1) / 3))
    low, high = np.full(len(rows), 1e-6), np.full(len(rows), 1e6)
    shift = apart.min(axis=1, keepdims=True)
    for _ in range(ARRAYS.map_halvings):
        width = np.sqrt(low * high)
        shares = np.exp(-(apart - shift) * width[:, None])
        shares /= shares.sum(axis=1, keepdims=True)
        spread = -(shares * np.log(np.maximum(shares, 1e-12))).sum(axis=1)
        low, high = np.where(spread > wanted, width, low), np.where(spread > wanted, high, width)
    both: Places = (shares + shares.T) / (2 * len(rows))
    return np.maximum(both, 1e-12)


def _slope(places: Places, nearness: Places) -> Places:
    """The gradient of t-SNE's loss by the places."""
    # Coordinate by coordinate: products this small are not worth BLAS's threads, which spin on busy cores.
    apart = [column[:, None] - column for column in places.T]
    close = 1 / (1 + apart[0] ** 2 + apart[1] ** 2)
    np.fill_diagonal(close, 0)
    pull = (nearness - np.maximum(close / close.sum(), 1e-12)) * close
    slope: Places = 4 * np.stack([(pull * along).sum(axis=1) for along in apart], axis=1)
    return slope
