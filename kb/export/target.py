"""A folder of files that are written whole or not at all, and over nothing that was not written so before.

The files go into a new folder beside the target, which takes its place when all are there and on the disk.
Both are used through the folder above, which stays open: whatever is put in the way meanwhile, nothing is
written elsewhere. A target that is there already must be empty, or hold an earlier export as it was written.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator, Mapping, Set
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from kb.errors import InputError
from kb.export.record import RECORD, Written, pack, unpack
from kb.export.settings import EXPORT

__all__ = ["Target", "new_target"]

_BELOW = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW") and hasattr(os, "O_DIRECTORY")
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_FOLDER = os.O_RDONLY | _NO_LINK | getattr(os, "O_DIRECTORY", 0)
_READ = os.O_RDONLY | _NO_LINK | getattr(os, "O_NONBLOCK", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK


class _Folder:
    """An open folder; where the system cannot work below one (Windows), its path."""

    def __init__(self, path: Path, descriptor: int | None) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def of(cls, path: Path) -> _Folder:
        return cls(path, os.open(path, _FOLDER) if _BELOW else None)

    def below(self, name: str) -> _Folder:
        """Raises OSError where it is no folder, or a link."""
        if not _BELOW and (self.path / name).is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        descriptor = os.open(name, _FOLDER, dir_fd=self._descriptor) if _BELOW else None
        return _Folder(self.path / name, descriptor)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def names(self) -> list[str]:
        where = self.path if self._descriptor is None else self._descriptor
        return sorted(os.listdir(where))  # noqa: PTH208  # of an open folder

    def make(self, name: str) -> None:
        os.mkdir(self._at(name), dir_fd=self._descriptor)

    def read(self, name: str, limit: int) -> bytes:
        with os.fdopen(os.open(self._at(name), _READ, dir_fd=self._descriptor), "rb") as file:
            return file.read(limit)

    def write(self, name: str, content: bytes) -> None:
        with os.fdopen(os.open(self._at(name), _NEW, 0o666, dir_fd=self._descriptor), "wb") as file:
            file.write(content)

    def mode(self, name: str) -> int:
        """0 where there is nothing of that name."""
        try:
            return os.lstat(self._at(name), dir_fd=self._descriptor).st_mode
        except FileNotFoundError:
            return 0

    def changed(self, name: str) -> float:
        return os.lstat(self._at(name), dir_fd=self._descriptor).st_mtime

    def rename(self, name: str, other: str) -> None:
        here = self._descriptor
        os.rename(self._at(name), self._at(other), src_dir_fd=here, dst_dir_fd=here)

    def remove(self, name: str) -> None:
        os.unlink(self._at(name), dir_fd=self._descriptor)

    def remove_empty(self, name: str) -> None:
        os.rmdir(self._at(name), dir_fd=self._descriptor)

    def _at(self, name: str) -> str:
        return name if self._descriptor is not None else str(self.path / name)


class Target:
    """Takes files, each by its path below the target, and what article it is of."""

    def __init__(self, folder: _Folder) -> None:
        self._folder = folder
        self.files: dict[str, Written] = {}

    def write(self, path: str, content: bytes, source: str) -> None:
        *inside, name = path.split("/")
        with _opened(self._folder, inside, make=True) as here:
            here.write(name, content)
        self.files[path] = Written(source, hashlib.sha256(content).hexdigest())


@contextmanager
def new_target(folder: Path) -> Iterator[Target]:
    """What is written into it is at ``folder`` when the block ends without an error; else nothing is.

    Raises InputError where ``folder`` cannot be written, or holds what no export wrote.
    """
    path = folder.absolute()  # a link is not to be followed, so not resolved
    if path.name in ("", ".."):
        raise InputError(f"{folder}: cannot be written; name a folder of its own")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            above = _Folder.of(path.parent.resolve())
            stack.callback(above.close)
            before = _files_of(above, path)
            _sweep(above, path.name)
            fresh, gone = (
                f".{path.name[: EXPORT.named]}.{secrets.token_hex(8)}.{what}" for what in ("new", "old")
            )
            above.make(fresh)
            stack.callback(_delete, above, fresh)
            inside = above.below(fresh)
            stack.callback(inside.close)
            target = Target(inside)
            yield target
            inside.write(RECORD, pack(target.files))
            if hasattr(os, "sync"):
                os.sync()
            _put_in_place(above, fresh, path.name, gone, before)
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise InputError(f"{folder}: cannot be written ({why}); choose another folder") from error


def _sweep(above: _Folder, name: str) -> None:
    """Deletes what exports to the same target left that were killed, once nobody can be writing it."""
    leftover = re.compile(re.escape(f".{name[: EXPORT.named]}.") + r"[0-9a-f]{16}\.new")
    for leftover_name in filter(leftover.fullmatch, above.names()):
        if time.time() - above.changed(leftover_name) > EXPORT.abandoned:
            _delete(above, leftover_name)


def _put_in_place(
    above: _Folder, fresh: str, name: str, gone: str, before: Mapping[str, Written] | None
) -> None:
    if before is None:
        above.rename(fresh, name)
        return
    above.rename(name, gone)
    try:
        above.rename(fresh, name)
    except OSError:
        above.rename(gone, name)
        raise
    with suppress(OSError):  # what somebody put there meanwhile stays, in a folder of that name
        _delete(above, gone, {*before, RECORD})


def _files_of(above: _Folder, path: Path) -> Mapping[str, Written] | None:
    """The files of the export that is there; None where nothing is. Raises InputError for all else."""
    mode = above.mode(path.name)
    if not mode:
        return None
    if stat.S_ISLNK(mode):
        raise InputError(f"{path}: cannot be written (it is a link); name the folder that it leads to")
    with _opened(above, [path.name]) as target:
        names = target.names()
        if not names:
            return {}
        try:
            files = unpack(target.read(RECORD, EXPORT.record))
        except (OSError, ValueError) as error:
            raise InputError(
                f"{path}: holds files that no export wrote, such as {names[0]}; "
                "choose a new or an empty folder"
            ) from error
        _must_be_as_written(target, "", files)
    return files


def _must_be_as_written(folder: _Folder, inside: str, files: Mapping[str, Written]) -> None:
    for name in folder.names():
        path = f"{inside}{name}"
        if stat.S_ISDIR(folder.mode(name)):
            with _opened(folder, [name]) as below:
                _must_be_as_written(below, f"{path}/", files)
        elif path != RECORD and not _is_as_written(folder, name, files.get(path)):
            raise InputError(
                f"{folder.path / name}: was not written by an export, or changed since; "
                "move it away, or choose another folder"
            )


def _is_as_written(folder: _Folder, name: str, written: Written | None) -> bool:
    if written is None or not stat.S_ISREG(folder.mode(name)):
        return False
    return hashlib.sha256(folder.read(name, EXPORT.record)).hexdigest() == written.sha256


@contextmanager
def _opened(folder: _Folder, names: list[str], *, make: bool = False) -> Iterator[_Folder]:
    """A folder below an open one, made where it is not there and ``make`` says so."""
    with ExitStack() as stack:
        here = folder
        for name in names:
            if make and not here.mode(name):
                here.make(name)
            here = here.below(name)
            stack.callback(here.close)
        yield here


def _delete(above: _Folder, name: str, files: Set[str] | None = None) -> None:
    """Deletes a folder of ours, if it is still there: all of it, or these files and what is empty then."""
    if not above.mode(name):
        return
    with _opened(above, [name]) as folder:
        _empty(folder, "", files)
    above.remove_empty(name)


def _empty(folder: _Folder, inside: str, files: Set[str] | None) -> None:
    for name in folder.names():
        path = f"{inside}{name}"
        if stat.S_ISDIR(folder.mode(name)):
            with _opened(folder, [name]) as below:
                _empty(below, f"{path}/", files)
            folder.remove_empty(name)
        elif files is None or path in files:
            folder.remove(name)
