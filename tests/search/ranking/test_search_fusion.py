"""Merging languages: words order within a language, dense scores across."""

from __future__ import annotations

import numpy as np

from search.arrays.vectors import Vectors
from search.ranking import fusion


def floats(*values: float) -> Vectors:
    return np.array(values, dtype=np.float32)


LANGUAGE = np.array([0, 0, 0, 1, 1], dtype=np.int16)
EVERY = np.ones(5, dtype=np.bool_)
NEITHER = floats(0, 0)


def test_words_reorder_within_a_language_and_never_across() -> None:
    dense = floats(5, 4, 3, 4.5, 2)
    rows, _, taken = fusion.merge_languages(dense, floats(0, 0, 6, 0, 0), LANGUAGE, EVERY, NEITHER)
    assert [row for row in rows if row < 3] == [2, 0, 1]
    assert sorted(taken.tolist(), reverse=True) == [5, 4.5, 4, 3, 2]


def test_a_strong_language_does_not_drown_a_weak_one() -> None:
    dense = floats(6, 5.8, 5.6, 4, 1)
    rows, _, _ = fusion.merge_languages(dense, np.zeros(5, np.float32), LANGUAGE, EVERY, NEITHER)
    assert rows.tolist().index(3) < 4
    assert rows[0] == 0


def test_the_questions_own_language_has_no_start() -> None:
    dense = floats(5, 4, 3, 4.8, 2)
    rows, _, taken = fusion.merge_languages(dense, np.zeros(5, np.float32), LANGUAGE, EVERY, floats(1, 0))
    assert rows[0] == 3
    assert taken[rows.tolist().index(0)] == 5


def test_only_allowed_passages_come_back() -> None:
    allowed = np.array([False, True, False, True, False])
    rows, _, _ = fusion.merge_languages(
        floats(5, 4, 3, 2, 1), np.zeros(5, np.float32), LANGUAGE, allowed, NEITHER
    )
    assert set(rows.tolist()) == {1, 3}


def test_nothing_allowed_gives_nothing() -> None:
    rows, scores, taken = fusion.merge_languages(
        floats(1, 1, 1, 1, 1), floats(0, 0, 0, 0, 0), LANGUAGE, ~EVERY, NEITHER
    )
    assert len(rows) == len(scores) == len(taken) == 0


def test_reranking_never_puts_an_unseen_passage_first() -> None:
    dense = floats(5, 4, 3, 2, 1)
    result = fusion.reranked(dense, np.array([1, 3]), floats(-3, 0))
    assert result[[1, 3]].min() > result[[0, 2, 4]].max()
    assert result[0] > result[2] > result[4]


def test_the_lexical_leg_alone_finds_only_matches() -> None:
    rows, _, _ = fusion.by_words(floats(0, 2, 0, 3, 0), floats(9, 1, 9, 1, 9), EVERY)
    assert rows.tolist() == [3, 1]


def test_a_passage_with_all_of_the_rare_words_is_first_whatever_its_language() -> None:
    dense = floats(6, 5, 4, 3, 1)
    covered = floats(0.5, 0, 0, 0, 1)
    rows, _, _ = fusion.merge_languages(dense, np.zeros(5, np.float32), LANGUAGE, EVERY, NEITHER, covered)
    assert rows[0] == 4


def test_half_of_the_rare_words_moves_nothing_across_languages() -> None:
    dense = floats(6, 5, 4, 3, 1)
    without, _, _ = fusion.merge_languages(dense, np.zeros(5, np.float32), LANGUAGE, EVERY, NEITHER)
    covered = floats(0, 0, 0, 0.5, 0.7)
    rows, _, _ = fusion.merge_languages(dense, np.zeros(5, np.float32), LANGUAGE, EVERY, NEITHER, covered)
    assert rows.tolist() == without.tolist()
