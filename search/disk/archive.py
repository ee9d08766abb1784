"""Files of a library in one file, a ZIP, with a list of their sizes and SHA-256 in it.

What is unpacked is named in that list, lies where a library has its files, and is of the size and the content
that the list says: an archive may be damaged, and may come from elsewhere.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kb.errors import LibraryDamaged
from search.disk import durable
from search.disk.manifest import MANIFEST
from search.disk.settings import DISK

__all__ = ["Contents", "check", "unpack", "write"]

_LIST = "backup.json"
_NAME = re.compile(
    r"kb\.sqlite|generations/[0-9]{1,9}/(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*/){0,4}[A-Za-z0-9_-][A-Za-z0-9_.-]*"
)
# What :mod:`zipfile` raises for what is none, is cut off, is encrypted, or is packed in another way.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, KeyError)


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive says of itself: the live generation, its format, and each file's size and SHA-256."""

    format_version: int
    generation: int
    files: Mapping[str, tuple[int, str]]


def write(path: Path, generation: int, format_version: int, files: Mapping[str, Path]) -> None:
    """Makes an archive of these files by their names in it; it is there whole, and was read again, or what
    was there before still is. Raises OSError, and LibraryDamaged where it does not hold what was written."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    try:
        # Nobody else is to read it, as nobody else may read a library.
        descriptor = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
        )
        with os.fdopen(descriptor, "wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.compresslevel = 1
            listed = {name: _packed(archive, name, source) for name, source in files.items()}
            about = {"format_version": format_version, "generation": generation, "files": listed}
            archive.writestr(_LIST, json.dumps(about, indent=1))
        durable.sync(temporary)
        check(temporary)
        durable.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def check(path: Path) -> Contents:
    """Reads all of an archive; what it says of itself. Raises LibraryDamaged, and OSError."""
    with _opened(path) as (archive, contents):
        for name, (size, digest) in contents.files.items():
            _copied(archive, name, size, digest, None)
    return contents


def unpack(path: Path, folder: Path) -> Contents:
    """Unpacks an archive into an empty folder, and says what it is. Raises LibraryDamaged, and OSError."""
    with _opened(path) as (archive, contents):
        if sum(size for size, _ in contents.files.values()) > shutil.disk_usage(folder).free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
        for name, (size, digest) in contents.files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                _copied(archive, name, size, digest, file)
    return contents


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Contents]]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive, _contents(archive)
    except _BROKEN as error:
        why = " ".join(str(error).split())
        raise LibraryDamaged(f"{path}: is no whole backup of a library ({why}); take another one") from error


def _contents(archive: zipfile.ZipFile) -> Contents:
    """Raises ValueError where the list is no list, or not of what is there."""
    if archive.getinfo(_LIST).file_size > DISK.list_bytes:
        raise ValueError("its list is too long")
    try:
        said = json.loads(archive.read(_LIST))
        files = {str(name): (int(size), str(digest)) for name, (size, digest) in said["files"].items()}
        contents = Contents(int(said["format_version"]), int(said["generation"]), files)
    except (TypeError, AttributeError, RecursionError) as error:
        raise ValueError("its list cannot be read") from error
    if not {"kb.sqlite", f"generations/{contents.generation}/{MANIFEST}"} <= files.keys():
        raise ValueError("it has no database, or no indexes")
    if sorted(archive.namelist()) != sorted([*files, _LIST]):
        raise ValueError("it holds other files than its list says")
    for name in files:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name[:100]!r} is no file of a library")
    return contents


def _packed(archive: zipfile.ZipFile, name: str, source: Path) -> tuple[int, str]:
    """A file's size and SHA-256, once it is in the archive."""
    digest, size = hashlib.sha256(), 0
    # Not the file's own time, nor its rights: only what it holds is kept.
    with source.open("rb") as file, archive.open(name, "w", force_zip64=True) as packed:
        while piece := file.read(DISK.piece_bytes):
            digest.update(piece)
            packed.write(piece)
            size += len(piece)
    return size, digest.hexdigest()


def _copied(archive: zipfile.ZipFile, name: str, size: int, sha256: str, target: IO[bytes] | None) -> None:
    """Raises ValueError where a file is not of that size and content; no more than that is unpacked."""
    digest, left = hashlib.sha256(), size
    with archive.open(name) as file:
        while piece := file.read(DISK.piece_bytes):
            left -= len(piece)
            if left < 0:
                break
            digest.update(piece)
            if target is not None:
                target.write(piece)
    if left or digest.hexdigest() != sha256:
        raise ValueError(f"{name} is not what was written")
