"""Reading in processes of their own: what hangs, crashes or takes all memory is stopped, the rest goes on."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kb_samples import PL, record

from kb.building import reader_process
from kb.building.prepare import Failed, Prepared, Reading, Renewal
from kb.building.processes import Processes
from kb.building.settings import BUILDING
from kb.building.sources import Found, find
from kb.errors import LibraryError
from kb.models import SkippedSource, SourceFile


class Trap:
    """Does something when it is unpickled, which is what a hostile file does when it is parsed."""

    def __init__(self, call: Callable[..., Any], *arguments: object) -> None:
        self._trap = (call, arguments)

    def __reduce__(self) -> Any:
        return self._trap


def renewal(source: object) -> Renewal:
    return Renewal(source, (), frozenset())  # type: ignore[arg-type]


def readings(folder: Path) -> list[Reading]:
    return [Reading(found) for found in find([folder]) if isinstance(found, Found)]


def article(name: str) -> SourceFile:
    return SourceFile(name, f"Chleb {name}\n\n{PL}", "utf-8", "0")


def test_results_come_in_the_order_of_the_tasks() -> None:
    names = [f"{n}.txt" for n in range(60)]
    with Processes(2) as pool:
        got = [list(items) for items in pool.run(renewal(article(name)) for name in names)]
    made = [item.article.source for items in got for item in items if isinstance(item, Prepared)]
    assert made == names


def test_a_file_of_many_articles_comes_piece_by_piece(tmp_path: Path) -> None:
    (tmp_path / "many.jsonl").write_text("\n".join(record(f"{PL} {n}") for n in range(300)))
    (tmp_path / "one.txt").write_text(PL)
    with Processes(2) as pool:
        counts = [sum(1 for _ in items) for items in pool.run(readings(tmp_path))]
    assert counts == [300, 1]


def test_what_hangs_is_stopped_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_process, "BUILDING", replace(BUILDING, patience=1))
    tasks = [
        renewal(article("a")),
        renewal(Trap(time.sleep, 300)),
        renewal(article("b")),
        renewal(article("c")),
    ]
    with Processes(1, seconds=4) as pool:
        got = [list(items) for items in pool.run(tasks)]
    assert [type(items[0]) for items in got] == [Prepared, Failed, Prepared, Prepared]
    failed = got[1][0]
    assert isinstance(failed, Failed)
    assert "4 seconds" in failed.reason


def test_a_process_that_is_late_to_start_is_not_the_file_s_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_process, "BUILDING", replace(BUILDING, starting=0))
    # None that waits was started with so much memory.
    with Processes(1, memory=487 << 20) as pool:
        (got,) = [next(items) for items in pool.run([renewal(article("a"))])]
    assert isinstance(got, Failed)
    assert got.reason == (
        "was not read, for no process was ready for it within 0 seconds; "
        "build again when the machine has less to do"
    )


def test_what_crashes_or_takes_all_memory_is_named() -> None:
    tasks = [
        renewal(Trap(os.abort)),
        renewal(article("a")),
        renewal(Trap(bytearray, 1 << 40)),
        renewal(article("b")),
    ]
    with Processes(1) as pool:
        got = [next(items) for items in pool.run(tasks)]
    assert [type(item) for item in got] == [Failed, Prepared, Failed, Prepared]
    assert all("; " in item.reason for item in got if isinstance(item, Failed))


def test_memory_is_limited_while_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "big.jsonl").write_text(record("ж" * 9_000_000) + "\n" + " \n" * 39_000_000)
    (tmp_path / "small.txt").write_text(PL)
    with Processes(1, memory=500 << 20) as pool:
        big, small = [list(results) for results in pool.run(readings(tmp_path))]
    assert [item.source for item in big if isinstance(item, SkippedSource)] == ["big.jsonl"]
    assert [item.reason.split(";")[0] for item in big if isinstance(item, SkippedSource)] == [
        "takes more memory than there is for reading it"
    ]
    assert [item.article.source for item in small if isinstance(item, Prepared)] == ["small.txt"]


def test_leaving_early_leaves_no_process() -> None:
    with Processes(2) as pool:
        results = pool.run(renewal(article(str(n))) for n in range(100))
        items = next(results)
        next(items)
        processes = [runner._process._process for runner in pool._runners]
    waiting = reader_process._waiting._held
    assert any(processes)
    assert all(
        process.poll() is not None or (waiting and process is waiting[1]) for process in processes if process
    )
    reader_process._waiting.clear()
    assert all(process.poll() is not None for process in processes if process)


def test_a_second_build_finds_the_process_of_the_first(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text(PL)
    reader_process._waiting.clear()
    processes = []
    for _ in range(2):
        with Processes(1) as pool:
            assert [type(item) for items in pool.run(readings(tmp_path)) for item in items] == [Prepared]
            processes.append(pool._runners[0]._process._process)
    assert processes[0] is processes[1]
    with Processes(1, seconds=9) as pool:  # under other limits it is another
        assert [type(item) for items in pool.run(readings(tmp_path)) for item in items] == [Prepared]
        assert pool._runners[0]._process._process is not processes[0]
    reader_process._waiting.clear()


def doubtful(folder: Path) -> Path:
    """A page below whose text stands a list that only its meaning tells from a part of it."""
    words = [
        f"{first}{last}" for first in ("mlýn", "řeka", "jez", "kolo", "dub", "voda") for last in "ABCDEFGHIJ"
    ]
    body = "\n\n".join(" ".join(words[n : n + 15]) + "." for n in range(0, 60, 5))
    lines = "- Levné půjčky\n- Letenky do Říma\n- Nové telefony"
    (folder / "one.md").write_text(f"# Chleba\n\n{body}\n\n## Nejnovější\n\n{lines}\n", "utf-8")
    return folder


def test_lists_in_doubt_are_judged_by_the_model_of_this_process(tmp_path: Path) -> None:
    asked: list[int] = []

    def encode(texts: Sequence[str]) -> Any:
        asked.append(len(texts))
        assert threading.current_thread() is threading.main_thread()
        return np.eye(len(texts), 64, dtype=np.float32)

    with Processes(1) as pool:
        (items,) = [list(items) for items in pool.run(readings(doubtful(tmp_path)), encode)]
    assert [type(item) for item in items] == [Prepared]
    assert asked


def test_where_the_model_fails_it_costs_the_article_and_what_the_disk_refuses_ends_the_build(
    tmp_path: Path,
) -> None:
    doubtful(tmp_path)
    (tmp_path / "two.txt").write_text(PL, "utf-8")

    def encode(error: Exception, _texts: Sequence[str]) -> Any:
        raise error

    with Processes(1) as pool:
        got = [list(items) for items in pool.run(readings(tmp_path), partial(encode, MemoryError()))]
        assert [type(item) for items in got for item in items] == [SkippedSource, Prepared]
    with Processes(1) as pool, pytest.raises(LibraryError):
        for items in pool.run(readings(tmp_path), partial(encode, LibraryError("the disk is full"))):
            list(items)


def test_what_works_without_end_is_stopped_by_the_time_that_it_worked() -> None:
    tasks = [renewal(Trap(exec, "while True: pass")), renewal(article("a"))]
    with Processes(1, seconds=2) as pool:
        failed, made = [next(items) for items in pool.run(tasks)]
    assert isinstance(failed, Failed)
    assert "2 seconds" in failed.reason
    assert isinstance(made, Prepared)
