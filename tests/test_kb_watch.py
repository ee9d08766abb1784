from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.errors import InputError
from kb.watch import Change, Watcher


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "texts"
    made.mkdir()
    for name in ("a", "b"):
        (made / f"{name}.txt").write_text(name)
    return made


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    timer = threading.Timer(30, event.set)  # a test that waits for nothing ends
    timer.start()
    yield event
    timer.cancel()


def test_a_change_is_told_when_it_has_settled(folder: Path, stop: threading.Event) -> None:
    watcher = Watcher([folder], interval=0.01, settled=0.05)
    (folder / "a.txt").write_text("longer")
    (folder / "b.txt").unlink()
    (folder / "c.md").write_text("new")
    (folder / "picture.png").write_bytes(b"x")
    changes = watcher.changes(stop)
    assert next(changes) == Change((folder / "c.md",), (folder / "a.txt",), (folder / "b.txt",))
    (folder / "d.txt").write_text("one more")
    assert next(changes) == Change(added=(folder / "d.txt",))


def test_a_file_that_is_being_written_is_waited_for(folder: Path, stop: threading.Event) -> None:
    watcher = Watcher([folder], interval=0.01, settled=0.3)
    done = threading.Event()

    def write() -> None:
        for n in range(10):
            (folder / "slow.txt").write_text("x" * (n + 1))
            stop.wait(0.05)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert next(watcher.changes(stop)).added == (folder / "slow.txt",)
    assert done.is_set()
    writer.join()


def test_a_folder_that_is_gone_is_not_an_empty_one(
    folder: Path, tmp_path: Path, stop: threading.Event
) -> None:
    watcher = Watcher([folder], interval=0.01, settled=0.05)
    shutil.move(folder, tmp_path / "away")
    timer = threading.Timer(0.3, lambda: shutil.move(tmp_path / "away", folder))
    timer.start()
    threading.Timer(0.6, lambda: (folder / "c.txt").write_text("c")).start()
    assert next(watcher.changes(stop)) == Change(added=(folder / "c.txt",))


def test_nothing_is_told_when_nothing_changes(folder: Path) -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    assert list(Watcher([folder], interval=0.01, settled=0.05).changes(stop)) == []


def test_a_path_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such"):
        Watcher([tmp_path / "nowhere"])
