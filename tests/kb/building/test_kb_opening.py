"""What is read is what was listed: nothing that was put in its place since."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest
from kb_samples import write

from kb.building import opening
from kb.building.sources import Found, find, read
from kb.models import SkippedSource, SourceFile

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")


def found(folder: Path, source: str) -> Found:
    (one,) = [one for one in find([folder]) if isinstance(one, Found) and one.source == source]
    return one


@pytest.fixture(params=[True, False], ids=["below an open folder", "by name"])
def folder(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(opening, "_BELOW", request.param)
    write(tmp_path, {"in/a.txt": "What is ours.", "in/deep/b.txt": "Ours, too.", "out/b.txt": "A secret."})
    return tmp_path / "in"


def refused(one: Found) -> str:
    (told,) = read(one)
    assert isinstance(told, SkippedSource)
    return told.reason


def test_a_link_put_in_a_files_place_is_not_followed(folder: Path) -> None:
    one = found(folder, "a.txt")
    (folder / "a.txt").unlink()
    (folder / "a.txt").symlink_to(folder.parent / "out/b.txt")
    assert "regular file" in refused(one)


def test_a_link_put_in_a_folders_place_is_not_followed(folder: Path) -> None:
    one = found(folder, "deep/b.txt")
    (folder / "deep").rename(folder / "other")
    (folder / "deep").symlink_to(folder.parent / "out")
    assert "regular file" in refused(one)


def _read_into(one: Found, told: multiprocessing.SimpleQueue[str]) -> None:
    told.put(refused(one))


def test_a_pipe_put_in_a_files_place_does_not_hang(folder: Path) -> None:
    one = found(folder, "a.txt")
    (folder / "a.txt").unlink()
    os.mkfifo(folder / "a.txt")
    context = multiprocessing.get_context("fork")
    told = context.SimpleQueue()
    process = context.Process(target=_read_into, args=(one, told), daemon=True)
    process.start()
    process.join(60)
    hangs = process.is_alive()
    process.kill()
    assert not hangs
    assert "regular file" in told.get()


def test_links_inside_the_folder_and_named_files_are_read(folder: Path) -> None:
    (folder / "again.txt").symlink_to(folder / "deep/b.txt")
    (folder.parent / "named.txt").symlink_to(folder / "a.txt")
    (linked,) = read(found(folder, "again.txt"))
    (named,) = [
        one for item in find([folder.parent / "named.txt"]) if isinstance(item, Found) for one in read(item)
    ]
    assert isinstance(linked, SourceFile)
    assert isinstance(named, SourceFile)
    assert (linked.text, named.text) == ("Ours, too.", "What is ours.")
