from __future__ import annotations

import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.building.sources import find
from kb.building.watch import Change, Watcher
from kb.errors import InputError, LibraryLocked, LibraryVersionMismatch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "texts"
    made.mkdir()
    for name in ("a", "b"):
        (made / f"{name}.txt").write_text(name)
    return made


class Steps(threading.Event):
    """Time as the watcher knows it: each of its waits is a second, in which one of some things is done. When
    there are none left it is told to stop."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *actions: Callable[[], object]) -> None:
        super().__init__()
        self.now = 0.0
        self._actions = deque(actions)
        monkeypatch.setattr(time, "monotonic", lambda: self.now)

    def wait(self, timeout: float | None = None) -> bool:
        if not self._actions:
            return True
        self.now += 1
        self._actions.popleft()()
        return False


def nothing() -> None:
    pass


def test_a_change_is_told_when_it_has_settled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher = Watcher([folder], interval=1, settled=2)
    (folder / "a.txt").write_text("longer")
    (folder / "b.txt").unlink()
    (folder / "c.md").write_text("new")
    (folder / "picture.png").write_bytes(b"x")
    one_more = (folder / "d.txt").touch
    steps = Steps(monkeypatch, *[nothing] * 3, one_more, *[nothing] * 2)
    changes = watcher.changes(steps)
    assert next(changes) == Change((folder / "c.md",), (folder / "a.txt",), (folder / "b.txt",))
    assert steps.now == 3
    assert list(changes) == [Change(added=(folder / "d.txt",))]


def test_a_file_that_is_being_written_is_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher = Watcher([folder], interval=1, settled=3)

    def written() -> None:
        with (folder / "slow.txt").open("a") as file:
            file.write("x")

    steps = Steps(monkeypatch, *[written] * 10, *[nothing] * 3)
    assert next(watcher.changes(steps)).added == (folder / "slow.txt",)
    assert (folder / "slow.txt").read_text() == "x" * 10


def test_a_folder_that_is_gone_is_not_an_empty_one(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = Watcher([folder], interval=1, settled=2)
    steps = Steps(
        monkeypatch,
        lambda: shutil.move(folder, tmp_path / "away"),
        *[nothing] * 5,
        lambda: shutil.move(tmp_path / "away", folder),
        (folder / "c.txt").touch,
        *[nothing] * 5,
    )
    assert list(watcher.changes(steps)) == [Change(added=(folder / "c.txt",))]


def test_nothing_is_told_when_nothing_changes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(Watcher([folder]).changes(Steps(monkeypatch, *[nothing] * 9))) == []


def test_what_was_away_only_while_it_was_read_is_read_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No change tells that it is back: each look sees the same files."""
    watcher = Watcher([folder], interval=1, settled=2)
    away = folder.with_name("away")
    read: list[bool] = []

    def build() -> bool:
        read.append(len(read) > 2)
        if read[-1]:
            return True
        folder.rename(away)
        try:
            return bool(list(find([folder])))
        finally:
            away.rename(folder)

    told: list[str] = []
    steps = Steps(monkeypatch, (folder / "c.txt").touch, *[nothing] * 60)
    watcher.follow(build, lambda error: told.append(str(error)), steps)
    assert read == [False, False, False, True]
    assert told == [f"{folder}: no such file or folder; check the path"], "it is said once"


def test_a_lock_that_is_held_at_first_is_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher = Watcher([folder], interval=1, settled=2)
    built: list[float] = []
    steps = Steps(monkeypatch, *[nothing] * 30)

    def build() -> bool:
        built.append(steps.now)
        if len(built) == 1:
            raise LibraryLocked("another process writes")
        return True

    told: list[Exception] = []
    watcher.begin(build, told.append)
    watcher.follow(build, told.append, steps)
    assert built == [0, 5]
    assert len(told) == 1


def test_what_never_passes_ends_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher = Watcher([folder], interval=1, settled=2)

    def build() -> bool:
        raise LibraryVersionMismatch("of a later version")

    steps = Steps(monkeypatch, (folder / "c.txt").touch, *[nothing] * 30)
    with pytest.raises(LibraryVersionMismatch):
        watcher.follow(build, pytest.fail, steps)  # type: ignore[arg-type]


def test_real_time_passes_too(folder: Path) -> None:
    watcher = Watcher([folder], interval=0.01, settled=0.02)
    (folder / "c.txt").write_text("new")
    assert next(watcher.changes()) == Change(added=(folder / "c.txt",))


def test_a_path_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such"):
        Watcher([tmp_path / "nowhere"])
