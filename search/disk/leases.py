"""Generations that are being read: a shared lock on the manifest of each keeps writers from deleting it.

The lock is the operating system's (flock), so it ends with its process, however that ends, and needs no
right to write. Where there is no flock (Windows), open files cannot be deleted anyway.
"""

from __future__ import annotations

import os
from pathlib import Path

from search.disk.manifest import MANIFEST

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["Lease", "is_held"]


class Lease:
    """Keeps a generation's folder for as long as it is held. Raises FileNotFoundError where there is none."""

    def __init__(self, folder: Path, generation: int) -> None:
        self.folder = folder
        self.generation = generation
        path = folder / MANIFEST
        self._file = path.open("rb")
        if fcntl is None:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_SH)
        except OSError:  # a file system without locks: as before, N-1 is kept, and nothing older
            return
        # A writer may have deleted it between the two lines above.
        try:
            same = os.path.samestat(path.stat(), os.fstat(self._file.fileno()))
        except FileNotFoundError:
            same = False
        if not same:
            self._file.close()
            raise FileNotFoundError(path)

    def release(self) -> None:
        """Gives the generation up; again is no error."""
        self._file.close()


def is_held(folder: Path) -> bool:
    """Whether any process reads a generation."""
    if fcntl is None:
        return False
    try:
        file = (folder / MANIFEST).open("rb")
    except (FileNotFoundError, NotADirectoryError):  # no manifest: it was never whole
        return False
    except OSError:  # it cannot be told at the moment: rather one too many is kept
        return True
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:  # a file system without locks: nobody could take one
            return False
    return False
