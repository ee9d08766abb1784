"""Links between passages that say the same in another language."""

from __future__ import annotations

import numpy as np

from search.arrays.vectors import Vectors
from search.translations.links import link


def near(vectors: Vectors, noise: float) -> Vectors:
    moved = vectors + noise * np.random.default_rng(1).normal(size=vectors.shape)
    unit: Vectors = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)
    return unit


def unrelated(count: int) -> Vectors:
    return near(np.zeros((count, 64), np.float32), 1.0)


BOUNDS = np.arange(9)
LANGUAGE = np.array([0] * 4 + [1] * 4, dtype=np.int64)


def test_translations_are_linked_both_ways() -> None:
    left = unrelated(4)
    vectors = np.concatenate([left, near(left, 0.05)])
    links, _ = link(vectors, vectors.__getitem__, BOUNDS, LANGUAGE)
    assert [links.of(np.array([row])).tolist() for row in range(8)] == [
        [4],
        [5],
        [6],
        [7],
        [0],
        [1],
        [2],
        [3],
    ]


def test_strangers_are_not_linked() -> None:
    vectors = unrelated(8)
    assert not len(link(vectors, vectors.__getitem__, BOUNDS, LANGUAGE)[0].targets)


def test_a_linked_passage_shares_its_counterparts_evidence() -> None:
    left = unrelated(4)
    vectors = np.concatenate([left, near(left, 0.05)])
    links, _ = link(vectors, vectors.__getitem__, BOUNDS, LANGUAGE)
    scores = np.array([4, 0, 0, 0, 2, 0, 0, 0], dtype=np.float32)
    rows = np.arange(8)
    spread = links.spread(scores, rows, rows)
    assert spread[0] == spread[4] == 3
    alone = links.spread(scores, rows, np.array([0]))
    assert alone[0] == 4, "a counterpart that was not chosen says nothing"
    some = links.spread(scores[[0, 1]], rows[[0, 1]], np.array([0, 1]))
    assert some[0] == 4, "nor one that was not looked at"
