"""Which term of one language is which of another, from made-up vectors."""

from __future__ import annotations

import numpy as np
import pytest

from search.arrays.vectors import Vectors, unit_rows
from search.dictionary import counterparts as module
from search.dictionary.counterparts import Pairs, Side, counterparts

pytestmark = pytest.mark.unit

TERMS, DIMENSION = 120, 64


def noisy(vectors: Vectors, noise: float, seed: int) -> Vectors:
    random = np.random.default_rng(seed).standard_normal(vectors.shape).astype(np.float32)
    return unit_rows(vectors + noise * unit_rows(random))


def side(meaning: Vectors, noise: float, seed: int) -> Side:
    """Terms of these meanings, each kind of vector as far from them as ``noise``."""
    word, context, company = (noisy(meaning, noise, 10 * seed + at) for at in range(3))
    counts = np.arange(len(meaning), 0, -1, dtype=np.int64)
    return Side.of(word, context, company, counts)


@pytest.fixture(scope="module")
def meaning() -> Vectors:
    return unit_rows(np.random.default_rng(0).standard_normal((TERMS, DIMENSION)).astype(np.float32))


def listed(pairs: Pairs) -> list[tuple[int, int, float]]:
    return list(zip(pairs.left.tolist(), pairs.right.tolist(), pairs.probability.tolist(), strict=True))


def test_terms_of_one_meaning_are_counterparts(meaning: Vectors) -> None:
    order = np.random.default_rng(1).permutation(TERMS)
    found = counterparts(side(meaning, 0.4, 1), side(meaning[order], 0.4, 2))
    best = {left: right for left, right, probability in listed(found) if probability > 0.6}
    assert len(best) >= 0.9 * TERMS
    assert all(order[right] == left for left, right in best.items())


def test_who_is_given_up_early_would_not_have_been_likely(
    meaning: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = side(meaning, 1.0, 1), side(meaning, 1.0, 2)
    early = listed(counterparts(*sides))
    monkeypatch.setattr(module, "_LEAST_LOGIT", -np.inf)
    assert listed(counterparts(*sides)) == early
    assert 0 < len(early) < 2 * TERMS


def test_where_nothing_is_alike_there_are_none(meaning: Vectors) -> None:
    nothing = meaning[:0]
    others = side(unit_rows(np.ones((1, DIMENSION), np.float32)), 0.0, 1)
    opposite = side(unit_rows(-np.ones((2, DIMENSION), np.float32)), 0.0, 2)
    assert listed(counterparts(others, opposite)) == []
    assert listed(counterparts(others, side(nothing, 0.0, 3))) == []
