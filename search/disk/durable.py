"""Files that outlive a crash: what a library writes beside SQLite's own file gets to the disk through here.

Two rules. A file's content is synced before anything names it; a folder is synced once what it should name
is in it. Until then, a power cut may leave either state, in any order. The tests take these calls
(``os.fsync``, ``os.replace``, ``os.rename``) for the only ones that reach the disk and forget all the rest.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

__all__ = ["files", "make_folder", "remove_tree", "replace", "sha256", "sync", "sync_tree", "write"]


def sha256(path: Path) -> str:
    """A file's SHA-256, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Waits until a file's content, or a folder's list of names, is on the disk."""
    if path.is_dir() and os.name != "posix":  # elsewhere a folder cannot be opened to be synced
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Syncs everything in a folder, the innermost first, and the folder."""
    for here, _, names in os.walk(folder, topdown=False):
        for name in sorted(names):
            sync(Path(here, name))
        sync(Path(here))


def make_folder(path: Path, mode: int = 0o777) -> None:
    """Makes a folder and those above it, and has each named by the one above it for good."""
    missing = []
    above = path.absolute()
    while not above.exists():
        missing.append(above)
        above = above.parent
    for folder in reversed(missing):
        folder.mkdir(mode=mode, exist_ok=True)
        sync(folder.parent)


def write(path: Path, content: bytes) -> None:
    """Makes a file hold this, or, after whatever crash, what it held before."""
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    replace(temporary, path)


def replace(path: Path, target: Path) -> None:
    """Renames a synced file or folder; what was called ``target`` before, a file only, is gone."""
    path.replace(target)
    sync(target.parent)


def remove_tree(folder: Path) -> None:
    """Deletes a folder; after a crash in the middle it goes by another name, and nobody takes it for whole.

    Raises OSError where it cannot be deleted.
    """
    gone = folder if folder.name.startswith(".") else folder.with_name(f".{folder.name}.gone")
    if gone != folder:
        shutil.rmtree(gone, ignore_errors=True)
        folder.rename(gone)
    shutil.rmtree(gone)


def files(folder: Path) -> list[Path]:
    """Every file in a folder and those inside it, sorted."""
    return sorted(path for path in folder.rglob("*") if path.is_file())
