"""A library in one file: made while others write, and put in place whole or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import faults
import pytest

import kb.build
import search
from kb.errors import LibraryDamaged, LibraryError, LibraryLocked, LibraryVersionMismatch
from kb.progress import silent
from search.building.writing import writing
from search.disk import archive, layout
from search.disk import locking as locks


@pytest.fixture
def cache(tiny_cache: Path) -> Path:
    return tiny_cache


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, tiny_cache: Path) -> Path:
    folder = tmp_path_factory.mktemp("template")
    faults.two_generations(folder, tiny_cache)
    search.backup(folder / "kb", folder / "kb.backup")
    return folder


@pytest.fixture
def library(tmp_path: Path, template: Path) -> Path:
    shutil.copytree(template / "kb", tmp_path / "kb")
    return tmp_path / "kb"


@pytest.fixture
def file(tmp_path: Path, template: Path) -> Path:
    return Path(shutil.copy(template / "kb.backup", tmp_path / "kb.backup"))


def texts(library: Path, cache: Path) -> dict[str, str]:
    with search.open(library, cache=cache) as engine:
        return {one.source: engine.article(one.source).article.text for one in engine.articles()}


def test_a_backup_is_the_live_state_though_others_read_and_write(
    library: Path, cache: Path, tmp_path: Path
) -> None:
    file, there = tmp_path / "one" / "kb.backup", tmp_path / "elsewhere" / "kb"
    file.parent.mkdir()
    with search.open(library, cache=cache) as engine, writing(library) as (live, store):
        kb.build.add(store, {"source": "unfinished", "text": "What a writer has begun."}, live + 1)
        search.backup(library, file)
        assert engine.generation == live
    assert [path.name for path in file.parent.iterdir()] == ["kb.backup"]
    if os.name == "posix":
        assert file.stat().st_mode & 0o077 == 0
    assert search.restore_backup(file, there) == layout.FORMAT_VERSION
    assert search.verify(there, cache=cache) == ()
    assert texts(there, cache) == texts(library, cache)
    assert "unfinished" not in texts(there, cache)
    # It goes on as any library does.
    assert search.add({"source": "more", "text": "And one more."}, there, cache=cache).added == ("more",)


def test_a_backup_is_written_whole_or_not_at_all(
    library: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file.read_bytes()
    with pytest.raises(LibraryError, match="is there already"):
        search.backup(library, file)

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive, "check", full)
    with pytest.raises(LibraryError, match="No space left"):
        search.backup(library, file, overwrite=True)
    assert file.read_bytes() == before
    assert sorted(path.name for path in file.parent.iterdir()) == ["kb", "kb.backup"]


def test_no_backup_is_made_of_what_is_damaged(library: Path, tmp_path: Path) -> None:
    path = next(faults.live_folder(library).rglob("*.npy"))
    path.write_bytes(path.read_bytes()[:-1] + b"\x07\x07")
    with pytest.raises(LibraryDamaged, match="kb verify --repair"):
        search.backup(library, tmp_path / "kb.backup")
    assert not (tmp_path / "kb.backup").exists()


def test_a_library_that_is_there_stays_unless_it_may_go(
    library: Path, file: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search.add({"source": "later", "text": "Written after the backup."}, library, cache=cache)
    with pytest.raises(LibraryError, match="holds a library already"):
        search.restore_backup(file, library)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "cat.png").write_bytes(b"cat")
    with pytest.raises(LibraryError, match="holds something that is no library"):
        search.restore_backup(file, pictures, overwrite=True)
    monkeypatch.setattr(locks, "DISK", dataclasses.replace(locks.DISK, wait_seconds=0.1))
    with layout.locked(library, silent), pytest.raises(LibraryLocked):
        search.restore_backup(file, library, overwrite=True)
    assert "later" in texts(library, cache)
    with search.open(library, cache=cache) as engine:
        search.restore_backup(file, library, overwrite=True)
        assert engine.article("later").article.text == "Written after the backup."
    assert "later" not in texts(library, cache)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kb", "kb.backup", "pictures"]


def test_a_damaged_backup_is_not_put_in_place(file: Path, tmp_path: Path) -> None:
    content = file.read_bytes()
    at = len(content) // 2
    file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    with pytest.raises(LibraryDamaged):
        search.restore_backup(file, tmp_path / "new")
    with pytest.raises(LibraryError, match="cannot be read"):
        search.restore_backup(tmp_path / "none", tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["kb.backup"]


def remade(file: Path, more: dict[str, bytes], version: int = layout.FORMAT_VERSION) -> None:
    """The archive with other files in it, which its list names."""
    with zipfile.ZipFile(file) as before:
        held = {name: before.read(name) for name in before.namelist()}
    about = json.loads(held.pop("backup.json"))
    held.update(more)
    files = {name: [len(data), hashlib.sha256(data).hexdigest()] for name, data in held.items()}
    listed = json.dumps({**about, "format_version": version, "files": files})
    with zipfile.ZipFile(file, "w") as after:
        for name, data in {**held, "backup.json": listed.encode()}.items():
            after.writestr(name, data)


def test_what_is_of_a_later_format_or_no_sound_library_is_refused(file: Path, tmp_path: Path) -> None:
    original = file.read_bytes()
    remade(file, {}, version=1_000)
    with pytest.raises(LibraryVersionMismatch):
        search.restore_backup(file, tmp_path / "new")
    # The list fits, yet an article is not as it was written.
    file.write_bytes(original)
    with zipfile.ZipFile(file) as held:
        (tmp_path / "altered").write_bytes(held.read("kb.sqlite"))
    with closing(sqlite3.connect(tmp_path / "altered")) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("UPDATE articles SET text = replace(text, 'every', 'never')")
        connection.commit()
    remade(file, {"kb.sqlite": (tmp_path / "altered").read_bytes()})
    with pytest.raises(LibraryDamaged, match="not as it was written"):
        search.restore_backup(file, tmp_path / "new")
    assert not (tmp_path / "new").exists()
