"""Paths to source files: what is read, what is skipped and why. How is :mod:`kb.readers`' matter."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kb.building.given import MEMORY, as_said, data_of, suffix_of
from kb.building.opening import NotAFile, opened
from kb.documents import Document
from kb.errors import InputError, SourceRefused, SourceUnreadable
from kb.export.record import RECORD, Written, unpack
from kb.export.settings import EXPORT
from kb.mishaps import at_cost_of
from kb.models import SkippedSource, SourceFile
from kb.readers import FORMATS, NO_FIELDS, Fields, RawFile, actual, is_silent, unread
from kb.readers.settings import READERS
from kb.text.names import source_name

__all__ = ["Found", "find", "found_of", "load", "parse", "read", "same_name", "skipped", "sources"]

# At the top of a source folder these describe the folder and are no articles of it.
_ABOUT_THE_FOLDER = frozenset(
    ["authors", "changelog", "contributing", "copying", "licence", "license", "notice", "readme"]
)


@dataclass(frozen=True, slots=True)
class Found:
    """A file to be read: its place on disk, its public name, and the SOURCE argument it came from.

    ``form`` is the suffix that its content speaks for, where its own is that of no format. ``place`` is where
    it is opened, below ``root`` and in the disk's own spelling ("": ``root`` is the file). ``name`` is its
    article's own, where the record of an export says so. ``document``: it is no file, but this.
    """

    path: Path
    source: str
    root: str
    form: str = ""
    place: str = ""
    name: str = ""
    document: Document | None = None

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
        try:
            known = path.suffix.lower() in FORMATS
            form = path.suffix.lower() if known else _looked_at(path, str(path.resolve()), "")
        except OSError as error:
            raise InputError(f"{given}: cannot be read ({_why(error)}); check its permissions") from error
        if form not in FORMATS:
            yield SkippedSource(source_name(path.name), unread(path.suffix, always=True) or "")
        else:
            yield Found(path, source_name(path.name), str(path.resolve()), form)


def found_of(document: Document) -> Found:
    """A document, to be read as a file is."""
    source = source_name(document.source)
    return Found(Path(source), source, MEMORY, suffix_of(document), document=document)


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
        yield skipped(refused)


def skipped(refused: SourceRefused) -> SkippedSource:
    """What is reported of a source that was refused."""
    return SkippedSource(refused.source, refused.reason, passing=isinstance(refused, SourceUnreadable))


def load(found: Found, limit: int | None = None, fields: Fields = NO_FIELDS) -> RawFile:
    """A file's bytes; ``fields`` says which fields of its records are text and title.

    Raises SourceRefused when they are more than the limit or no file's, SourceUnreadable when they cannot be
    had at the moment.
    """
    limit = FORMATS[found.suffix].limit if limit is None else limit
    if found.document is not None:
        data, digest = data_of(found.document)
        _must_fit(found, len(data), limit)
    else:
        data = _bytes(found, limit)
        digest = hashlib.sha256(data).hexdigest()
    return RawFile(found.name or found.source, found.root, data, digest, fields)


def parse(found: Found, raw: RawFile) -> Iterator[SourceFile | SkippedSource]:
    """The source files in a file's bytes. Raises SourceRefused when there are none."""
    if found.document is not None:  # which says itself what it is
        for item in FORMATS[found.suffix].read(raw):
            yield item if isinstance(item, SkippedSource) else as_said(item, found.document)
        return
    form = actual(found.path.stem, found.suffix, raw.data[: READERS.head], raw.data[-READERS.head :])
    yield from FORMATS.get(form, FORMATS[found.suffix]).read(raw)


def same_name(earlier: Path) -> str:
    """Why a file is skipped whose name another file has."""
    return f"has the same name as {source_name(str(earlier))}; rename one of the two"


def _walk(root: Path) -> Iterator[Found | SkippedSource]:
    real_root = root.resolve()
    folders = [(root, "", "")]
    spelled: dict[str, Path] = {}  # names that a normal form may have made alike
    names: Mapping[str, Written] = {}
    while folders:
        here, inside, place = folders.pop()
        try:
            with os.scandir(here) as listed:
                # Scanning tells of links without a call of the system for each file.
                every = sorted(listed, key=lambda entry: entry.name)
        except OSError as error:
            if not inside:
                raise InputError(f"{root}: {_folder_unreadable(error)}") from error
            yield SkippedSource(inside[:-1], _folder_unreadable(error), passing=True)
            continue
        if not inside and any(entry.name == RECORD for entry in every):
            recorded = _record(str(real_root))
            if isinstance(recorded, SkippedSource):
                yield recorded
            else:
                names = recorded
        below: list[tuple[Path, str, str]] = []
        for entry in every:
            path, source = here / entry.name, inside + source_name(entry.name)
            try:
                item = None if _hidden(entry.name) else _item(entry, path, source, place, real_root, names)
            except OSError as error:
                item = SkippedSource(source, _unreadable(error), passing=True)
            if isinstance(item, str):
                below.append((path, f"{source}/", item))
                continue
            if isinstance(item, Found) and not source.isascii():
                earlier = spelled.setdefault(source, path)
                item = item if earlier == path else SkippedSource(source, same_name(earlier))
            if item:
                yield item
        folders += reversed(below)


def _item(
    entry: os.DirEntry[str],
    path: Path,
    source: str,
    inside: str,
    root: Path,
    names: Mapping[str, Written],
) -> Found | SkippedSource | str | None:
    """What an entry of the folder ``inside`` is; of a folder to walk, its own place. Raises OSError where
    that cannot be told at the moment."""
    is_folder, is_link = _is_folder(entry), entry.is_symlink()
    if is_folder and not is_link:
        return f"{inside}{entry.name}/"
    real = _target(path) if is_link else None
    if is_link and real is None:
        return _no_file(path, source, "is a link that leads nowhere; replace it by the file")
    if real and not real.is_relative_to(root):
        return SkippedSource(source, _OUTSIDE) if is_folder else _no_file(path, source, _OUTSIDE)
    if is_folder or entry.name.endswith("~"):
        return None
    place = real.relative_to(root).as_posix() if real else f"{inside}{entry.name}"
    return _file(path, source, place, str(root), names[source].source if source in names else "")


def _record(root: str) -> Mapping[str, Written] | SkippedSource:
    """What the record of an export at the top of a folder says of its files."""
    try:
        with opened(root, RECORD) as file:
            return unpack(file.read(EXPORT.record))
    except (OSError, NotAFile, ValueError):
        return SkippedSource(RECORD, "is no record of an export that can be read; delete it, or export again")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Raises OSError where that cannot be told at the moment."""
    try:
        return entry.is_dir()
    except OSError as error:
        if error.errno == errno.ELOOP:  # a link that leads round in a circle
            return False
        raise


def _target(link: Path) -> Path | None:
    """Where a link leads; None where that is nowhere. Raises OSError where that cannot be told now."""
    try:
        return link.resolve(strict=True)
    except (FileNotFoundError, RuntimeError):  # or it leads round in a circle
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            return None
        raise


def _no_file(path: Path, source: str, why: str | None) -> SkippedSource | None:
    """Why a link is not read, where it would be read if it were a file."""
    suffix = path.suffix.lower()
    why = why if suffix in FORMATS else unread(suffix)
    return SkippedSource(source, why) if why else None


def _file(path: Path, source: str, place: str, root: str, name: str) -> Found | SkippedSource | None:
    """Raises OSError where its content must be looked at, and cannot be at the moment."""
    suffix = path.suffix.lower()
    form = suffix if suffix in FORMATS or is_silent(suffix) else _looked_at(path, root, place)
    if form not in FORMATS:
        why = unread(suffix)
        return SkippedSource(source, why) if why else None
    if "/" not in source and path.stem.lower() in _ABOUT_THE_FOLDER:
        return SkippedSource(source, "describes its folder; to include it, name the file itself")
    return Found(path, source, root, form, place, name)


def _looked_at(path: Path, root: str, place: str) -> str:
    """The suffix that a file's content speaks for; its own where nothing is sure, or it is no file.

    Raises OSError where it cannot be opened at the moment.
    """
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            return path.suffix.lower()
        return _seen(path, root, place, about.st_size, about.st_mtime_ns)
    except (FileNotFoundError, NotAFile):
        return path.suffix.lower()
    except OSError as error:
        if error.errno == errno.ELOOP:
            return path.suffix.lower()
        raise


@lru_cache(maxsize=20_000)  # those who follow a folder ask every second
def _seen(path: Path, root: str, place: str, size: int, changed: int) -> str:
    with opened(root, place) as file:
        head = file.read(READERS.head)
        file.seek(max(0, size - READERS.head))
        tail = file.read(READERS.head)
    return actual(path.stem, path.suffix.lower(), head, tail)


def _bytes(found: Found, limit: int) -> bytes:
    try:
        with opened(found.root, found.place) as file:
            _must_fit(found, os.fstat(file.fileno()).st_size, limit)
            data = file.read(limit + 1)  # it may have grown since
    except NotAFile as error:  # a pipe, a device, a link that was put there since
        raise SourceRefused(found.source, "is not a regular file; replace it by one") from error
    except OSError as error:
        # Though it is not there any more: a share may have gone since, and only a listing tells.
        raise SourceUnreadable(found.source, _unreadable(error)) from error
    if len(data) > limit:
        raise SourceRefused(found.source, f"is more than the limit of {limit / 1e6:.0f} MB; split it")
    return data


def _must_fit(found: Found, size: int, limit: int) -> None:
    if size > limit:
        raise SourceRefused(
            found.source, f"is {size / 1e6:.0f} MB, more than the limit of {limit / 1e6:.0f} MB; split it"
        )


_OUTSIDE = "is a link to a place outside the source folder; copy the file in, or name its own folder"


def _hidden(name: str) -> bool:
    return name.startswith(".") or name in ("__MACOSX", "__pycache__", "node_modules")


def _unreadable(error: OSError) -> str:
    return f"cannot be read ({_why(error)}); check its permissions"


def _folder_unreadable(error: OSError) -> str:
    return f"the folder cannot be read ({_why(error)}); check its permissions"


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
