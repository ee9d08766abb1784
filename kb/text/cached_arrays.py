"""Arrays on disk, and other files of a cache: read one at a time, and written so that a later process finds
them whole or not at all.

numpy reads a file's head by Python's own parser of literals, which loses count where two threads are in it at
once (CPython 3.11: "AST constructor recursion depth mismatch"): every head is read under one lock.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from kb.mishaps import is_mishap
from kb.text.settings import TEXT

__all__ = ["read_array", "read_arrays", "read_kept", "write_arrays", "write_kept"]

_log = logging.getLogger(__name__)
_reading = threading.RLock()
_UNFINISHED = ".unfinished"
_Held = TypeVar("_Held")


def read_kept(path: Path, read: Callable[[Path], _Held]) -> _Held | None:
    """What ``read`` makes of a cache's file; None where there is none, or it is not as it was written: then
    it is to be made anew. A parser that meets a changed bit raises anything."""
    try:
        return read(path)
    except FileNotFoundError:
        return None
    except BaseException as error:
        if not is_mishap(error):
            raise
        _log.warning("%s cannot be used (%s): it is made anew", path, type(error).__name__)
        return None


def read_array(path: Path, mode: Literal["r"] | None = None) -> NDArray[Any]:
    """A saved array; memory-mapped with ``mode`` "r"."""
    with _reading:
        array: NDArray[Any] = np.load(path, mmap_mode=mode, allow_pickle=False)
    return array


@contextmanager
def read_arrays(path: Path) -> Iterator[Any]:
    """Named arrays of one file, by name, to be taken within the block."""
    with _reading, np.load(path, allow_pickle=False) as held:
        yield held


def write_arrays(path: Path, **arrays: Any) -> None:
    """Saves named arrays for :func:`numpy.load`. Raises OSError."""
    _write(path, lambda file: np.savez(file, allow_pickle=False, **arrays))


def write_kept(path: Path, content: bytes) -> None:
    """Saves what :func:`read_kept` is to find. Raises OSError."""
    _write(path, lambda file: file.write(content))


def _write(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Of several processes that make the same, each writes its own, and the last one stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path.parent)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=_UNFINISHED, delete=False) as file:
        written = Path(file.name)
    try:
        with written.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        written.chmod(0o644)
        written.replace(path)
    except BaseException:
        written.unlink(missing_ok=True)
        raise


def _sweep(folder: Path) -> None:
    """Removes what processes left that were killed while they wrote."""
    for leftover in folder.glob(f"*{_UNFINISHED}"):
        with suppress(FileNotFoundError):
            if time.time() - leftover.stat().st_mtime > TEXT.abandoned:
                leftover.unlink()
