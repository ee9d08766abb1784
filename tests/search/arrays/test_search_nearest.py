"""The nearest rows of each language, kept up to date."""

from __future__ import annotations

import numpy as np
import pytest

from search.arrays.kept import KeptRows, joined_runs, kept_of
from search.arrays.nearest import nearest
from search.arrays.runs import runs_of
from search.arrays.vectors import Vectors
from search.translations.links import PreviousLinks, link


def unit(vectors: Vectors) -> Vectors:
    found: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return found


@pytest.fixture
def chance() -> np.random.Generator:
    return np.random.default_rng(5)


def test_the_nearest_are_those_that_looking_at_all_finds(chance: np.random.Generator) -> None:
    vectors, codes = unit(chance.normal(size=(60, 8))), chance.integers(0, 3, 60)
    found = nearest(vectors, codes, 3, 4)
    own = nearest(vectors, codes, 3, 4, own=True)
    cosines = vectors @ vectors.T
    for row in range(60):
        for language in range(3):
            there = np.flatnonzero(codes == language)
            there = there[there != row]
            best = there[np.argsort(-cosines[row, there])][:4]
            if language == codes[row]:
                assert own.rows[row, 0].tolist() == best.tolist()
                assert found.rows[row, language].tolist() == [-1] * 4
            else:
                assert found.rows[row, language].tolist() == best.tolist()
                assert found.least[row, language] == pytest.approx(cosines[row, best[-1]], abs=1e-6)


def test_where_there_are_too_few_the_rest_is_nothing() -> None:
    found = nearest(np.eye(3, dtype=np.float32), np.array([0, 1, 1]), 2, 3)
    assert found.rows[0, 1].tolist() == [1, 2, -1]
    assert found.least[0, 1] == -2


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize(("gone", "added"), [(0, 1), (1, 0), (5, 7), (30, 3), (0, 0)])
def test_what_is_kept_up_to_date_is_what_looking_at_all_finds(
    chance: np.random.Generator, own: bool, gone: int, added: int
) -> None:
    vectors, codes = unit(chance.normal(size=(80, 6))), chance.integers(0, 3, 80)
    before = nearest(vectors, codes, 3, 4, own=own)
    kept = KeptRows(np.sort(chance.choice(80, 80 - gone, replace=False)), 80, added)
    now = kept.joined(vectors, unit(chance.normal(size=(added, 6))))
    # A language of its own comes with the last of the new ones.
    spoken = kept.joined(codes, np.minimum(np.arange(added), 3))
    whole = nearest(now, spoken, 4, 4, own=own)
    found = nearest(now, spoken, 4, 4, own=own, before=before, kept=kept)
    assert np.array_equal(found.rows, whole.rows)
    assert np.allclose(found.least, whole.least, atol=1e-6)
    if gone + added == 0:
        assert not found.fresh[:, : before.rows.shape[1]].any()


@pytest.mark.parametrize("own", [False, True])
def test_a_language_whose_last_row_goes_leaves_the_others_as_they_were(
    chance: np.random.Generator, own: bool
) -> None:
    """Its column stays: languages keep their numbers."""
    vectors, codes = unit(chance.normal(size=(20, 6))), np.repeat(np.arange(3), [9, 9, 2])
    before = nearest(vectors, codes, 3, 4, own=own)
    kept = KeptRows(np.arange(18), 20, 0)
    found = nearest(vectors[:18], codes[:18], 2, 4, own=own, before=before, kept=kept)
    whole = nearest(vectors[:18], codes[:18], 3, 4, own=own)
    assert np.array_equal(found.rows, whole.rows)
    assert np.allclose(found.least, whole.least, atol=1e-6)


def test_links_kept_up_to_date_are_those_made_anew(chance: np.random.Generator) -> None:
    same = unit(chance.normal(size=(30, 16)))
    vectors = unit(np.concatenate([same, same, same]) + chance.normal(size=(90, 16)) / 8)
    codes = np.repeat(np.arange(3), 30)[chance.permutation(90)]
    links, near = link(vectors, vectors.__getitem__, np.arange(91), codes)
    kept = KeptRows(np.sort(chance.choice(90, 85, replace=False)), 90, 6)
    now = kept.joined(vectors, unit(same[:6] + chance.normal(size=(6, 16)) / 8))
    spoken = kept.joined(codes, np.arange(6) % 3)
    whole, _ = link(now, now.__getitem__, np.arange(len(now) + 1), spoken)
    found, _ = link(now, now.__getitem__, np.arange(len(now) + 1), spoken, PreviousLinks(links, near, kept))
    assert len(whole.targets) > 20
    assert np.array_equal(found.offsets, whole.offsets)
    assert np.array_equal(found.targets, whole.targets)


def test_rows_that_stay_move_up_and_their_runs_with_them() -> None:
    kept = kept_of(np.array([2, 3, 5, 9]), np.array([2, 5, 9, 11, 12]))
    assert (kept.rows.tolist(), kept.gone, kept.added, kept.size) == ([0, 2, 3], 1, 2, 5)
    assert kept.places().tolist() == [0, -1, 1, 2]
    offsets = np.array([0, 2, 3, 3, 6])
    assert runs_of(offsets, kept.rows).tolist() == [0, 1, 3, 4, 5]
    assert runs_of(offsets, kept.rows[:0]).tolist() == []
    assert kept.of_runs(offsets, 4).places().tolist() == [0, 1, -1, 2, 3, 4]
    assert joined_runs(kept, offsets, np.array([1, 3])).tolist() == [0, 2, 2, 5, 6, 9]
