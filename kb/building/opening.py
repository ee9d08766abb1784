"""Source files opened as they were listed: no link is followed that was put in their way since, no pipe is
waited for.

A file is opened below its folder, which is open itself, name by name; what was opened must be a plain file.
Where the system cannot open below a folder (Windows), the path is resolved, and looked at again when it is
open.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

__all__ = ["NotAFile", "opened"]

_BELOW = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW") and hasattr(os, "O_DIRECTORY")
_READ = os.O_RDONLY
for _name in ("O_NONBLOCK", "O_CLOEXEC", "O_NOFOLLOW", "O_BINARY"):
    _READ |= getattr(os, _name, 0)
# What the system says of a link that is not to be followed, of no folder, and of a socket.
_NO_FILE = (errno.ELOOP, errno.EMLINK, errno.ENOTDIR, errno.ENXIO)


class NotAFile(Exception):
    """What stands there is no plain file below its folder (any more)."""


@contextmanager
def opened(root: str, place: str) -> Iterator[BinaryIO]:
    """The file at ``place`` below the folder ``root``, in the disk's own spelling; "": ``root`` is the file.
    ``root`` is a path without links.

    Raises NotAFile, and OSError where it cannot be opened now.
    """
    folder, names = (root, place) if place else os.path.split(root)
    try:
        descriptor = _below(folder, names.split("/")) if _BELOW else _resolved(folder, names)
    except OSError as error:
        if error.errno in _NO_FILE:
            raise NotAFile from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotAFile
    with os.fdopen(descriptor, "rb") as file:
        yield file


def _below(folder: str, names: list[str]) -> int:
    here = os.open(folder, _READ | os.O_DIRECTORY)
    try:
        for name in names[:-1]:
            below = os.open(name, _READ | os.O_DIRECTORY, dir_fd=here)
            os.close(here)
            here = below
        return os.open(names[-1], _READ, dir_fd=here)
    finally:
        os.close(here)


def _resolved(folder: str, place: str) -> int:
    path = Path(folder, place)
    real = path.resolve(strict=True)
    if not real.is_relative_to(Path(folder).resolve()) or not real.is_file():
        raise NotAFile
    descriptor = os.open(real, _READ)
    if not os.path.samestat(os.fstat(descriptor), path.stat(follow_symlinks=False)):
        os.close(descriptor)
        raise NotAFile
    return descriptor
