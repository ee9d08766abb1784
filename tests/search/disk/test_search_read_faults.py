"""What cannot be read at the moment: of the library and its caches. (Of sources: test_kb_absence.py.)"""

from __future__ import annotations

import errno
import logging
import random
import shutil
from pathlib import Path

import faults
import numpy as np
import pytest

import search
from kb.errors import KBError, LibraryError
from search.disk import layout
from search.disk.leases import is_held
from webapp import library as shelves
from webapp.config import Settings
from webapp.library import Shelf

PASSING = (errno.EIO, errno.EACCES, errno.ESTALE)


@pytest.fixture
def library(tmp_path: Path, two_generations: Path) -> Path:
    shutil.copytree(two_generations, tmp_path, dirs_exist_ok=True)
    return tmp_path / "kb"


@pytest.mark.parametrize("code", PASSING)
def test_where_the_live_generation_cannot_be_read_the_one_before_is_served_and_told_and_then_the_live_one(
    library: Path,
    tiny_cache: Path,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = [1_000.0]
    monkeypatch.setattr(shelves.time, "monotonic", lambda: now[0])
    shelf = Shelf(Settings(library, cache=tiny_cache))
    with faults.unreadable(monkeypatch, "*/generations/2/manifest.json", code) as tried:
        assert shelf.engine().generation == 1
        assert shelf.behind == 1
        assert "generation 1 is served, though 2 is the live one" in caplog.text
        caplog.clear()
        for _ in range(20):
            now[0] += 3
            assert shelf.engine().generation == 1
        assert tried
        assert not caplog.records, "it is said once"
    now[0] += 31
    shelf.look()
    assert (shelf.engine().generation, shelf.behind) == (2, 0)
    shelf.engine().close()


@pytest.mark.parametrize("code", PASSING)
def test_a_file_of_a_generation_that_cannot_be_read_hides_it_and_is_named(
    library: Path, tiny_cache: Path, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with faults.unreadable(monkeypatch, "*/generations/2/model/model.json", code):
        (problem,) = search.verify(library, cache=tiny_cache)
        assert "model.json: cannot be read" in problem
        with search.open(library, cache=tiny_cache) as engine:
            assert engine.generation == 1
    assert search.verify(library, cache=tiny_cache) == ()


def test_nothing_is_said_to_be_missing_that_only_cannot_be_read(
    library: Path, tiny_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        faults.unreadable(monkeypatch, "*/kb/live.json", errno.ESTALE),
        pytest.raises(LibraryError, match=r"live\.json: cannot be read \(Stale file handle\)"),
    ):
        search.open(library, cache=tiny_cache)


def test_a_write_that_cannot_read_the_library_leaves_it_as_it_was(
    library: Path, tiny_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = library.parent / "pages"
    (pages / "d.md").write_text(faults.article(random.Random(5), "d.md"), "utf-8")
    for name in ("*/kb/live.json", "*/kb/kb.digest"):
        with (
            faults.unreadable(monkeypatch, name, errno.EIO) as tried,
            pytest.raises(LibraryError, match="cannot be read"),
        ):
            search.build([pages], library, cache=tiny_cache)
        assert tried
        assert layout.generations(library) == [2, 1]
    assert search.build([pages], library, cache=tiny_cache).added == ("d.md",)
    assert search.verify(library, cache=tiny_cache) == ()


def test_a_generation_of_which_it_cannot_be_told_whether_it_is_read_is_kept(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = layout.generation_directory(library, 1)
    assert not is_held(folder)
    with faults.unreadable(monkeypatch, "*/manifest.json", errno.EIO):
        assert is_held(folder)
    assert not is_held(folder.with_name("9"))


@pytest.mark.parametrize("suffix", [".vectors", ".tokens"])
def test_a_librarys_cache_that_cannot_be_read_ends_the_write_and_changes_nothing(
    library: Path, tiny_cache: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = library.parent / "pages"
    (pages / "d.md").write_text(faults.article(random.Random(5), "d.md"), "utf-8")
    with (
        faults.unreadable(monkeypatch, f"*{suffix}", errno.EIO) as tried,
        pytest.raises(KBError, match=r"(?i)input/output error"),
    ):
        search.build([pages], library, cache=tiny_cache)
    assert tried
    assert sorted(faults.texts(library, tiny_cache)) == ["a.md", "b.md", "c.md"]
    assert search.build([pages], library, cache=tiny_cache).added == ("d.md",)


def test_a_cache_beside_the_models_that_cannot_be_read_is_made_anew(
    library: Path, tiny_cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pages = library.parent / "pages"
    (pages / "d.md").write_text(faults.article(random.Random(5), "d.md"), "utf-8")
    with (
        faults.unreadable(monkeypatch, "*/background/*-words-*.npz", errno.EACCES),
        caplog.at_level(logging.WARNING),
    ):
        assert search.build([pages], library, cache=tiny_cache).added == ("d.md",)
    assert "is made anew" in caplog.text
    assert search.verify(library, cache=tiny_cache) == ()


@pytest.mark.parametrize("number", [1, 20, 60])
def test_where_there_is_no_more_memory_a_write_ends_and_changes_nothing(
    library: Path, tiny_cache: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = library.parent / "pages"
    (pages / "d.md").write_text(faults.article(random.Random(5), "d.md"), "utf-8")
    left = [number]

    def failing(*arguments: object, **options: object) -> object:
        left[0] -= 1
        if left[0] <= 0:
            raise MemoryError
        return real(*arguments, **options)  # type: ignore[call-overload]

    real = np.zeros
    with monkeypatch.context() as patched, pytest.raises((KBError, MemoryError)):
        patched.setattr(np, "zeros", failing)
        search.build([pages], library, cache=tiny_cache)
    assert left[0] <= 0
    assert sorted(faults.texts(library, tiny_cache)) == ["a.md", "b.md", "c.md"]
    assert search.build([pages], library, cache=tiny_cache).added == ("d.md",)
    assert search.verify(library, cache=tiny_cache) == ()
