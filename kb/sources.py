"""Paths to source files: what is read, what is skipped and why. How is :mod:`kb.readers`' matter."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kb.errors import InputError, SourceRefused
from kb.models import SkippedSource, SourceFile
from kb.readers import FORMATS, RawFile, unread

__all__ = ["Found", "find", "load", "parse", "read", "sources"]

# At the top of a source folder these describe the folder and are no articles of it.
_ABOUT_THE_FOLDER = frozenset(
    ["authors", "changelog", "contributing", "copying", "licence", "license", "notice", "readme"]
)


@dataclass(frozen=True, slots=True)
class Found:
    """A file to be read: its place on disk, its public name, and the SOURCE argument it came from."""

    path: Path
    source: str
    root: str

    @property
    def suffix(self) -> str:
        return self.path.suffix.lower()


def sources(paths: Iterable[str | Path], *, limit: int | None = None) -> Iterator[SourceFile | SkippedSource]:
    """Every source file under ``paths`` (folders and files), in a fixed order, and every file refused.

    Raises InputError when a path does not exist or cannot be listed. Parsers run in this process: for files
    that may be hostile use :mod:`kb.processes`, which a build does.
    """
    seen: dict[str, Path] = {}
    for item in find(paths):
        if isinstance(item, SkippedSource):
            yield item
            continue
        for read_one in read(item, limit=limit):
            earlier = seen.setdefault(read_one.source, item.path)
            if earlier != item.path:
                yield SkippedSource(read_one.source, f"has the same name as {earlier}; rename one of the two")
            else:
                yield read_one


def find(paths: Iterable[str | Path]) -> Iterator[Found | SkippedSource]:
    """The files to read under ``paths``, sorted inside each of them, without opening any."""
    for given in paths:
        path = Path(given)
        try:
            kind = "folder" if path.is_dir() else "file" if path.exists() else None
        except OSError as error:
            raise InputError(f"{given}: cannot be read ({_why(error)}); check its permissions") from error
        if kind is None:
            raise InputError(f"{given}: no such file or folder; check the path")
        if kind == "folder":
            yield from _walk(path)
        elif path.suffix.lower() in FORMATS:
            yield Found(path, _encodable(path.name), str(path.resolve()))
        else:
            yield SkippedSource(_encodable(path.name), unread(path.suffix, always=True) or "")


def read(found: Found, *, limit: int | None = None) -> Iterator[SourceFile | SkippedSource]:
    """The source files that one file holds (mostly one), or why it holds none.

    ``limit`` is in bytes; None is the format's own.
    """
    try:
        yield from parse(found, load(found, limit))
    except SourceRefused as refused:
        yield SkippedSource(refused.source, refused.reason)


def load(found: Found, limit: int | None = None) -> RawFile:
    """A file's bytes. Raises SourceRefused when they cannot be had or are more than the limit."""
    data = _bytes(found, FORMATS[found.suffix].limit if limit is None else limit)
    return RawFile(found.source, found.root, data, hashlib.sha256(data).hexdigest())


def parse(found: Found, raw: RawFile) -> Iterator[SourceFile | SkippedSource]:
    """The source files in a file's bytes. Raises SourceRefused when there are none."""
    yield from FORMATS[found.suffix].read(raw)


def _walk(root: Path) -> Iterator[Found | SkippedSource]:
    real_root = root.resolve()
    folders = [(root, "")]
    while folders:
        here, inside = folders.pop()
        try:
            with os.scandir(here) as listed:
                # Scanning tells of links without a call of the system for each file.
                entries = sorted((one for one in listed if not _hidden(one.name)), key=lambda one: one.name)
        except OSError as error:
            if not inside:
                raise InputError(f"{root}: {_folder_unreadable(error)}") from error
            yield SkippedSource(inside[:-1], _folder_unreadable(error))
            continue
        below: list[tuple[Path, str]] = []
        for entry in entries:
            path, source = here / entry.name, inside + _encodable(entry.name)
            if not _is_folder(entry):
                item = None if entry.name.endswith("~") else _file(path, source, entry, real_root)
                if item:
                    yield item
            elif not entry.is_symlink():
                below.append((path, f"{source}/"))
            elif not path.resolve().is_relative_to(real_root):
                yield SkippedSource(source, _OUTSIDE)
        folders += reversed(below)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads round in a circle
        return False


def _file(path: Path, source: str, entry: os.DirEntry[str], real_root: Path) -> Found | SkippedSource | None:
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        why = unread(suffix)
        return SkippedSource(source, why) if why else None
    if "/" not in source and path.stem.lower() in _ABOUT_THE_FOLDER:
        return SkippedSource(source, "describes its folder; to include it, name the file itself")
    if entry.is_symlink() and not path.resolve().is_relative_to(real_root):
        return SkippedSource(source, _OUTSIDE)
    return Found(path, source, str(real_root))


def _bytes(found: Found, limit: int) -> bytes:
    try:
        if not found.path.is_file():  # a pipe or a device would block, a dangling link has nothing
            raise SourceRefused(found.source, "is not a regular file; replace it by one")
        size = found.path.stat().st_size
        if size > limit:
            raise SourceRefused(
                found.source, f"is {size / 1e6:.0f} MB, more than the limit of {limit / 1e6:.0f} MB; split it"
            )
        with found.path.open("rb") as file:
            data = file.read(limit + 1)  # it may have grown since
    except OSError as error:
        raise SourceRefused(found.source, f"cannot be read ({_why(error)}); check its permissions") from error
    if len(data) > limit:
        raise SourceRefused(found.source, f"is more than the limit of {limit / 1e6:.0f} MB; split it")
    return data


_OUTSIDE = "is a link to a place outside the source folder; copy the file in, or name its own folder"


def _encodable(name: str) -> str:
    # A file name that is not UTF-8 comes with lone surrogates, which neither SQLite nor JSON can hold.
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _hidden(name: str) -> bool:
    return name.startswith(".") or name in ("__MACOSX", "__pycache__", "node_modules")


def _folder_unreadable(error: OSError) -> str:
    return f"the folder cannot be read ({_why(error)}); check its permissions"


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
