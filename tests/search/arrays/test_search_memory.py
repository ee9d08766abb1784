"""What a process holds in memory."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from search.arrays.memory import Remembered, collected_rarely, remembered
from search.language import analysis
from search.language.folding import readings
from search.passages.postings import FORM, term_hashes

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_what_is_remembered_has_bounds() -> None:
    known = Remembered[str, int](3)
    known.remember({"a": 1, "b": 2})
    known.remember({"c": 3})
    assert known == {"a": 1, "b": 2, "c": 3}
    known.remember({"d": 4})
    assert known == {"d": 4}


def test_cycles_are_looked_for_as_usual_after_a_build() -> None:
    gc.set_threshold(600, 9, 8)
    with pytest.raises(OSError, match="full"), collected_rarely():
        assert gc.get_threshold()[0] >= 10_000
        assert gc.get_threshold()[1:] == (9, 8)
        raise OSError("the disk is full")
    assert gc.get_threshold() == (600, 9, 8)


def test_builds_that_overlap_put_back_what_was_there_before_the_first() -> None:
    gc.set_threshold(600, 9, 8)
    first, second = ExitStack(), ExitStack()
    first.enter_context(collected_rarely())
    second.enter_context(collected_rarely())
    first.close()
    assert gc.get_threshold()[0] >= 10_000
    second.close()
    assert gc.get_threshold() == (600, 9, 8)


def test_who_looks_for_cycles_more_rarely_still_does() -> None:
    gc.set_threshold(1_000_000, 9, 8)
    with collected_rarely():
        assert gc.get_threshold() == (1_000_000, 9, 8)
    assert gc.get_threshold() == (1_000_000, 9, 8)


def test_a_function_of_words_remembers_short_ones_only() -> None:
    asked: list[str] = []

    @remembered(2)
    def length(word: str) -> int:
        asked.append(word)
        return len(word)

    long = "x" * 1_000
    assert [length(word) for word in ("a", "a", long, long)] == [1, 1, 1_000, 1_000]
    assert asked == ["a", long]
    for word in ("b", "c", "a"):
        length(word)
    assert asked[2:] == ["b", "c", "a"], "two of them"
    for letter in "bcdefx":
        length(letter * 1_000)
    assert asked[-1] == long, "a few of them"


def test_made_up_words_of_any_length_fill_no_memory() -> None:
    def ask(number: int) -> None:
        form = f"{number}{chr(0x400 + number % 50)}" + "ключ" * 250
        analysis.grams(form)
        readings(form, "ru")
        term_hashes(["ru"], FORM, [form])

    ask(0)
    tracemalloc.start()
    try:
        for number in range(1, 60):
            ask(number)
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] < 600_000  # what a few take
    finally:
        tracemalloc.stop()
