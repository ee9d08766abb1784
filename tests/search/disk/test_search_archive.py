"""What is unpacked of a library's archive is what was written, and lies where a library has its files."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from kb.errors import LibraryDamaged
from search.disk import archive
from search.disk.archive import Contents

HELD = {
    "kb.sqlite": b"articles" * 99,
    "generations/2/manifest.json": b"{}",
    "generations/2/a/b.npy": b"\x00" * 9,
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An archive of a few files, in a folder of its own."""
    sources = tmp_path / "sources"
    sources.mkdir()
    for number, content in enumerate(HELD.values()):
        (sources / str(number)).write_bytes(content)
    made = tmp_path / "made"
    made.mkdir()
    archive.write(made / "file", 2, 13, {name: sources / str(n) for n, name in enumerate(HELD)})
    return made / "file"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where to unpack it."""
    made = tmp_path / "within" / "folder"
    made.mkdir(parents=True)
    return made


def remade(file: Path, more: dict[str, bytes], **said: object) -> None:
    """The archive with other files in it, which its list names unless it is ``said`` what that has."""
    held = {**HELD, **more}
    files = {name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in held.items()}
    about = {"format_version": 13, "generation": 2, "files": files, **said}
    with zipfile.ZipFile(file, "w") as made:
        for name, data in {**held, "backup.json": json.dumps(about).encode()}.items():
            made.writestr(name, data)


def test_what_is_unpacked_is_what_was_written(file: Path, folder: Path) -> None:
    files = {name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in HELD.items()}
    assert archive.unpack(file, folder) == archive.check(file) == Contents(13, 2, files)
    unpacked = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")}
    assert unpacked == HELD
    assert [path.name for path in file.parent.iterdir()] == ["file"]


def test_any_damage_to_what_it_holds_is_noticed(file: Path) -> None:
    content = file.read_bytes()
    for at in (0, 60, content.index(b"generations/"), content.rindex(b"generations/")):
        file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(LibraryDamaged, match="no whole backup"):
            archive.check(file)
    for end in (0, 10, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:end])
        with pytest.raises(LibraryDamaged, match="no whole backup"):
            archive.check(file)


@pytest.mark.parametrize(
    "name",
    [
        *("../evil", "/tmp/evil", "generations/2/../../../evil", "generations/2//evil", "C:\\evil"),
        *(
            "generations/2/..\\evil",
            "generations/2/.hidden",
            "live.json",
            "write.lock",
            "generations/2/evil\n",
        ),
    ],
)
def test_nothing_is_unpacked_but_where_a_library_has_its_files(
    file: Path, folder: Path, tmp_path: Path, name: str
) -> None:
    before = sorted(tmp_path.rglob("*"))
    remade(file, {name: b"evil"})
    with pytest.raises(LibraryDamaged, match="is no file of a library"):
        archive.unpack(file, folder)
    assert sorted(tmp_path.rglob("*")) == before


def test_the_list_is_of_what_is_there_and_no_more_is_unpacked_than_it_says(file: Path, folder: Path) -> None:
    digest = hashlib.sha256(b"").hexdigest()
    small = dict.fromkeys(HELD, (1, digest))
    for said, why in (
        ({"files": {}}, "no database"),
        ({"files": small | {"generations/2/more": (1, digest)}}, "other files than its list says"),
        ({"files": small}, "is not what was written"),
        ({"files": [1]}, "its list cannot be read"),
        ({"generation": None}, "its list cannot be read"),
        ({"generation": 3}, "no indexes"),
    ):
        remade(file, {}, **said)
        with pytest.raises(LibraryDamaged, match=why):
            archive.unpack(file, folder)
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) == 0
