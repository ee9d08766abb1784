"""Runs of values laid end to end."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.arrays.runs import offsets_of, places_of, runs_of


@given(st.lists(st.integers(0, 5)))
def test_offsets_cut_what_lies_end_to_end_into_the_runs_it_was_made_of(lengths: list[int]) -> None:
    runs = [[number] * length for number, length in enumerate(lengths)]
    flat = [value for run in runs for value in run]
    offsets = offsets_of(lengths)
    assert offsets.dtype == np.int64
    assert [flat[a:b] for a, b in pairwise(offsets)] == runs
    assert offsets[-1] == len(flat)


@given(st.lists(st.integers(0, 5), min_size=1), st.data())
def test_the_places_of_some_runs_come_in_the_order_asked_for(lengths: list[int], data: st.DataObject) -> None:
    offsets = offsets_of(lengths)
    rows = data.draw(st.lists(st.integers(0, len(lengths) - 1)))
    expected = [place for row in rows for place in range(offsets[row], offsets[row + 1])]
    assert runs_of(offsets, np.array(rows, np.int64)).tolist() == expected


@pytest.mark.parametrize(
    ("starts", "lengths", "expected"), [([], [], []), ([7], [0], []), ([7, 2], [2, 3], [7, 8, 2, 3, 4])]
)
def test_runs_may_begin_anywhere(starts: list[int], lengths: list[int], expected: list[int]) -> None:
    assert places_of(np.array(starts, np.int64), np.array(lengths, np.int64)).tolist() == expected
