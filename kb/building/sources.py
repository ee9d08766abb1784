"""Paths to source files: what is read, what is skipped and why. How is :mod:`kb.readers`' matter."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kb.errors import InputError, SourceRefused
from kb.mishaps import at_cost_of
from kb.models import SkippedSource, SourceFile
from kb.readers import FORMATS, HEAD, NO_FIELDS, Fields, RawFile, actual, is_silent, unread
from kb.text.names import source_name

__all__ = ["Found", "find", "load", "parse", "read", "same_name", "sources"]

# At the top of a source folder these describe the folder and are no articles of it.
_ABOUT_THE_FOLDER = frozenset(
    ["authors", "changelog", "contributing", "copying", "licence", "license", "notice", "readme"]
)


@dataclass(frozen=True, slots=True)
class Found:
    """A file to be read: its place on disk, its public name, and the SOURCE argument it came from.

    ``form`` is the suffix that its content speaks for, where its own is that of no format.
    """

    path: Path
    source: str
    root: str
    form: str = ""

    @property
    def suffix(self) -> str:
        return self.form or self.path.suffix.lower()


def sources(
    paths: Iterable[str | Path], *, limit: int | None = None, fields: Fields = NO_FIELDS
) -> Iterator[SourceFile | SkippedSource]:
    """Every source file under ``paths`` (folders and files), in a fixed order, and every file refused.

    Raises InputError when a path does not exist or cannot be listed. Parsers run in this process: for files
    that may be hostile use :mod:`kb.building.processes`, which a build does.
    """
    seen: dict[str, Path] = {}
    for item in find(paths):
        if isinstance(item, SkippedSource):
            yield item
            continue
        for read_one in read(item, limit=limit, fields=fields):
            earlier = seen.setdefault(read_one.source, item.path)
            if earlier != item.path:
                yield SkippedSource(read_one.source, same_name(earlier))
            else:
                yield read_one


def find(paths: Iterable[str | Path]) -> Iterator[Found | SkippedSource]:
    """The files to read under ``paths``, sorted inside each of them.

    Only those are opened whose names do not say what they are.
    """
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
            continue
        form = path.suffix.lower() if path.suffix.lower() in FORMATS else _looked_at(path)
        if form not in FORMATS:
            yield SkippedSource(source_name(path.name), unread(path.suffix, always=True) or "")
        else:
            yield Found(path, source_name(path.name), str(path.resolve()), form)


def read(
    found: Found, *, limit: int | None = None, fields: Fields = NO_FIELDS
) -> Iterator[SourceFile | SkippedSource]:
    """The source files that one file holds (mostly one), or why it holds none.

    ``limit`` is in bytes; None is the format's own.
    """
    try:
        with at_cost_of(found.source, "reading it"):
            yield from parse(found, load(found, limit, fields))
    except SourceRefused as refused:
        yield SkippedSource(refused.source, refused.reason)


def load(found: Found, limit: int | None = None, fields: Fields = NO_FIELDS) -> RawFile:
    """A file's bytes; ``fields`` says which fields of its records are text and title.

    Raises SourceRefused when they cannot be had or are more than the limit.
    """
    data = _bytes(found, FORMATS[found.suffix].limit if limit is None else limit)
    return RawFile(found.source, found.root, data, hashlib.sha256(data).hexdigest(), fields)


def parse(found: Found, raw: RawFile) -> Iterator[SourceFile | SkippedSource]:
    """The source files in a file's bytes. Raises SourceRefused when there are none."""
    form = actual(found.path.stem, found.suffix, raw.data[:HEAD], raw.data[-HEAD:])
    yield from FORMATS.get(form, FORMATS[found.suffix]).read(raw)


def same_name(earlier: Path) -> str:
    """Why a file is skipped whose name another file has."""
    return f"has the same name as {source_name(str(earlier))}; rename one of the two"


def _walk(root: Path) -> Iterator[Found | SkippedSource]:
    real_root = root.resolve()
    folders = [(root, "")]
    spelled: dict[str, Path] = {}  # names that a normal form may have made alike
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
            path, source = here / entry.name, inside + source_name(entry.name)
            if not _is_folder(entry):
                item = None if entry.name.endswith("~") else _file(path, source, entry, real_root)
                if isinstance(item, Found) and not source.isascii():
                    earlier = spelled.setdefault(source, path)
                    item = item if earlier == path else SkippedSource(source, same_name(earlier))
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
    outside = entry.is_symlink() and not path.resolve().is_relative_to(real_root)
    form = suffix if suffix in FORMATS or outside or is_silent(suffix) else _looked_at(path)
    if form not in FORMATS:
        why = unread(suffix)
        return SkippedSource(source, why) if why else None
    if "/" not in source and path.stem.lower() in _ABOUT_THE_FOLDER:
        return SkippedSource(source, "describes its folder; to include it, name the file itself")
    if outside:
        return SkippedSource(source, _OUTSIDE)
    return Found(path, source, str(real_root), form)


def _looked_at(path: Path) -> str:
    """The suffix that a file's content speaks for; its own where nothing is sure, or it cannot be opened."""
    try:
        about = path.stat()
    except OSError:
        return path.suffix.lower()
    if not stat.S_ISREG(about.st_mode):
        return path.suffix.lower()
    return _seen(path, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=20_000)  # those who follow a folder ask every second
def _seen(path: Path, size: int, changed: int) -> str:
    suffix = path.suffix.lower()
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
            file.seek(max(0, size - HEAD))
            tail = file.read(HEAD)
    except OSError:
        return suffix
    return actual(path.stem, suffix, head, tail)


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


def _hidden(name: str) -> bool:
    return name.startswith(".") or name in ("__MACOSX", "__pycache__", "node_modules")


def _folder_unreadable(error: OSError) -> str:
    return f"the folder cannot be read ({_why(error)}); check its permissions"


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
