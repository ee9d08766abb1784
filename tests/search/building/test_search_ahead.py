"""Passages that are encoded while files are still being read."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import kb.run
import search
from kb.models import Passage
from search.building.ahead import PassagesAhead
from search.disk import layout
from search.encoding.settings import ENCODING


def passages(*texts: str) -> list[Passage]:
    return [Passage(0, len(text), text, "en", "", ()) for text in texts]


@pytest.mark.unit
def test_slices_do_not_depend_on_how_passages_come() -> None:
    texts = [f"{number}" * 9_000 for number in range(10, 40)]

    def slices(step: int) -> list[list[str]]:
        made: list[list[str]] = []

        def encode(part: Sequence[str]) -> int:
            made.append(list(part))
            return len(part)

        with PassagesAhead(encode) as ahead:
            for start in range(0, len(texts), step):
                ahead.take(passages(*texts[start : start + step]))
            ahead.finish(lambda stage, done, total: None)
        return sorted(made)

    one_by_one = slices(1)
    assert sorted(text for part in one_by_one for text in part) == sorted(texts)
    assert len(one_by_one) > 3
    assert all(sum(map(len, part[:-1])) < ENCODING.slice_bytes for part in one_by_one)
    assert slices(7) == slices(30) == one_by_one


@pytest.mark.unit
def test_what_two_articles_have_is_encoded_once() -> None:
    encoded: list[str] = []

    def encode(texts: Sequence[str]) -> int:
        encoded.extend(texts)
        return len(texts)

    long, footer = "x" * ENCODING.slice_bytes, "Written by the library."
    with PassagesAhead(encode) as ahead:
        for own in ("one", "two"):
            ahead.take(passages(own, footer, long))
        ahead.finish(lambda stage, done, total: None)
    assert sorted(encoded) == sorted(["one", "two", footer, long])


@pytest.mark.unit
def test_the_end_is_told_how_many_are_encoded() -> None:
    told: list[tuple[str, int, int]] = []
    gate = threading.Event()

    def wait(texts: Sequence[str]) -> int:
        gate.wait(10)
        return len(texts)

    with PassagesAhead(wait) as ahead:
        ahead.take(passages("x" * ENCODING.slice_bytes, "y" * ENCODING.slice_bytes, "last"))
        threading.Timer(0.05, gate.set).start()
        ahead.finish(lambda stage, done, total: told.append((stage, done, total)))
    assert told == [("encoding passages", done, 3) for done in (1, 2, 3)]


@pytest.mark.unit
def test_nothing_is_told_where_all_was_encoded_before() -> None:
    told: list[str] = []
    with PassagesAhead(lambda texts: 0) as ahead:
        ahead.take(passages("x" * ENCODING.slice_bytes, "y"))
        ahead.finish(lambda stage, done, total: told.append(stage))
    assert not told


@pytest.mark.unit
def test_what_encoding_raises_stops_the_reading() -> None:
    def fail(texts: Sequence[str]) -> int:
        raise OSError("the disk is full")

    with PassagesAhead(fail) as ahead, pytest.raises(OSError, match="disk is full"):
        ahead.take(passages("x" * ENCODING.slice_bytes))
        ahead.finish(lambda stage, done, total: None)


@pytest.mark.unit
def test_reading_waits_where_too_much_waits_for_it() -> None:
    gate, begun = threading.Event(), threading.Event()
    taken: list[int] = []

    def wait(texts: Sequence[str]) -> int:
        begun.set()
        gate.wait(10)
        return len(texts)

    def read(ahead: PassagesAhead) -> None:
        for number in range(100):
            ahead.take(passages(f"{number:03}" * ENCODING.slice_bytes))
            taken.append(number)

    with PassagesAhead(wait) as ahead:
        reader = threading.Thread(target=read, args=(ahead,))
        reader.start()
        assert begun.wait(10)
        time.sleep(0.2)
        assert 0 < len(taken) < 100
        gate.set()
        reader.join(10)
    assert len(taken) == 100


@pytest.mark.unit
def test_who_leaves_early_does_not_wait_for_what_has_not_begun() -> None:
    encoded: list[str] = []
    gate = threading.Event()

    def slow(texts: Sequence[str]) -> int:
        gate.wait(10)
        encoded.extend(texts)
        return len(texts)

    with pytest.raises(KeyboardInterrupt), PassagesAhead(slow) as ahead:
        ahead.take(passages(*(f"{number:02}" * ENCODING.slice_bytes for number in range(20))))
        threading.Timer(0.05, gate.set).start()
        raise KeyboardInterrupt
    assert len(encoded) <= 2


def test_how_fast_files_are_read_changes_no_vector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for number in range(6):
        facts = "\n\n".join(f"The tide of day {number}.{part} was {part} m high. " * 9 for part in range(9))
        (pages / f"{number}.md").write_text(f"# Tides {number}\n\n{facts}", "utf-8")
    read = kb.run.Run._read

    def slowly(self: kb.run.Run, *args: object) -> None:
        time.sleep(0.1)
        read(self, *args)  # type: ignore[arg-type]

    search.build([pages], tmp_path / "fast")
    monkeypatch.setattr(kb.run.Run, "_read", slowly)
    search.build([pages], tmp_path / "slow")
    for name in ("passages_prefix.npy", "passages_rest.npy", "passages_steps.npy"):
        fast, slow = (
            np.load(layout.generation_directory(tmp_path / library, 1) / "vectors" / name)
            for library in ("fast", "slow")
        )
        assert len(fast) > 6
        np.testing.assert_array_equal(fast, slow)
