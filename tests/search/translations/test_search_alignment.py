"""Alignment of sentences: in order, whole, and never crossing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.translations.alignment import Text, align, finer
from search.translations.settings import TRANSLATIONS


def text(numbers, noise=0.0, seed=0):
    """Sentences that each say one thing, given as its number; None says what nothing else does."""
    chance = np.random.default_rng(seed)
    directions = np.eye(64, dtype=np.float32)
    rows = [directions[n] if n is not None else unit(chance.normal(size=64)) for n in numbers]
    vectors = np.array(rows, np.float32).reshape(-1, 64) + noise * chance.normal(size=(len(rows), 64)) / 8
    return Text(unit(vectors).astype(np.float32), np.full(len(rows), 10, np.float32))


def unit(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)


def spans(alignment):
    return [(b.left_start, b.left_end, b.right_start, b.right_end) for b in alignment.beads]


def test_the_same_text_aligns_sentence_by_sentence():
    alignment = align(text(range(6)), text(range(6)))
    assert spans(alignment) == [(n, n + 1, n, n + 1) for n in range(6)]
    assert alignment.gain == pytest.approx(1 - TRANSLATIONS.least, abs=1e-5)


def test_a_sentence_that_only_one_text_has_stays_out():
    alignment = align(text([0, 1, None, 2, 3]), text([0, 1, 2, 3]))
    assert spans(alignment) == [(0, 1, 0, 1), (1, 2, 1, 2), (3, 4, 2, 3), (4, 5, 3, 4)]


def test_two_sentences_may_stand_for_one():
    both = text([0, 1, 2])
    joined = Text(
        unit(np.array([both.vectors[0] + both.vectors[1], both.vectors[2]])), np.array([20, 10], np.float32)
    )
    assert spans(align(both, joined)) == [(0, 2, 0, 1), (2, 3, 1, 2)]
    assert spans(align(joined, both)) == [(0, 1, 0, 2), (1, 2, 2, 3)]


def test_the_same_sentences_in_another_order_gain_less():
    in_order = align(text(range(8)), text(range(8))).gain
    shuffled = align(text(range(8)), text([5, 2, 7, 0, 3, 6, 1, 4])).gain
    assert shuffled < in_order / 2


def test_texts_without_sentences_align_to_nothing():
    assert align(text([]), text([1, 2])).beads == ()
    assert align(text([1]), text([])).gain == 0


def test_beads_of_two_and_two_are_cut_where_the_halves_agree():
    left, right = text([0, 1], noise=1.0, seed=1), text([0, 1], noise=1.0, seed=2)
    alignment = align(left, right)
    beads = finer(alignment.beads, left, right)
    assert [(b.left_start, b.left_end, b.right_start, b.right_end) for b in beads] == [
        (0, 1, 0, 1),
        (1, 2, 1, 2),
    ]


def test_a_book_is_aligned_in_runs_that_lose_no_sentence():
    numbers = np.random.default_rng(0).integers(0, 64, 2 * TRANSLATIONS.longest + 100).tolist()
    alignment = align(text(numbers), text(numbers))
    covered = [n for b in alignment.beads for n in range(b.left_start, b.left_end)]
    assert covered == list(range(len(numbers)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 9), max_size=12), st.lists(st.integers(0, 9), max_size=12), st.integers(0, 5))
def test_beads_never_cross_and_the_gain_is_theirs(left, right, seed):
    ours, theirs = text(left, 0.5, seed), text(right, 0.5, seed + 1)
    alignment = align(ours, theirs)
    at = (0, 0)
    gain = 0.0
    for bead in alignment.beads:
        assert at <= (bead.left_start, bead.right_start)
        assert bead.left_start >= at[0]
        assert bead.right_start >= at[1]
        at = bead.left_end, bead.right_end
        covered = ours.shares[bead.left_start : bead.left_end].sum()
        covered += theirs.shares[bead.right_start : bead.right_end].sum()
        gain += (bead.similarity - TRANSLATIONS.least) * covered / 2
    assert alignment.gain == pytest.approx(gain, abs=1e-5)
