"""The terms' own vectors, in a byte a coordinate."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from search.arrays.vectors import unit_rows
from search.dictionary.own_vectors import OwnVectors
from search.dictionary.settings import DICTIONARY


def test_terms_are_as_near_as_their_vectors_are_but_for_rounding(tmp_path: Path) -> None:
    words = unit_rows(np.random.default_rng(3).standard_normal((90, 128)).astype(np.float32))
    OwnVectors.write(tmp_path, [words[:30], words[30:]])
    held, every = OwnVectors(tmp_path), np.arange(90)
    for term in (0, 29, 30, 89):
        exact = words @ words[term]
        np.testing.assert_allclose(held.cosines(words[term], every), exact, atol=0.01)
        rough = held.rough_cosines(words[term])
        assert rough.argmax() == term
        assert np.corrcoef(rough, exact)[0, 1] > 0.8
    np.testing.assert_allclose(held[[5, 2]], words[[5, 2]], atol=0.002)
    kept = sum(path.stat().st_size for path in tmp_path.glob("*words_*.npy"))
    assert kept < 90 * (128 + DICTIONARY.rough_axes + 8) + 6 * 128 + 1


def test_no_terms_are_no_vectors(tmp_path: Path) -> None:
    OwnVectors.write(tmp_path, [])
    held, vector = OwnVectors(tmp_path), np.ones(128, np.float32)
    assert held.rough_cosines(vector).tolist() == []
    assert held.cosines(vector, np.zeros(0, np.int64)).tolist() == []
