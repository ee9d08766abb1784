"""The right to write to a library: one process at a time.

The lock is the operating system's, so it ends with its process, however that ends: a writer that was killed
leaves nothing behind that anyone would have to delete. Beside it a note says who has it.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from kb.errors import LibraryError, LibraryLocked
from kb.progress import Progress, silent
from search.disk import durable
from search.disk.settings import DISK

__all__ = ["OWNER", "locked"]

_LOCK, OWNER = "write.lock", "write.lock.owner"


@contextmanager
def locked(library: Path, progress: Progress = silent) -> Iterator[None]:
    """Holds the right to write. Raises LibraryLocked, which names the holder, after half a minute."""
    try:
        durable.make_folder(library, 0o700)
        lock = FileLock(library / _LOCK)
        _acquire(lock, library, progress)
    except OSError as error:
        raise LibraryError(
            f"{library}: cannot be written to ({error.strerror or error}); "
            "check its permissions and the disk, or choose another folder"
        ) from error
    try:
        note = {"pid": os.getpid(), "since": datetime.now().astimezone().isoformat(timespec="seconds")}
        with contextlib.suppress(OSError):  # only a courtesy: a full disk must not keep one from removing
            (library / OWNER).write_text(json.dumps(note), "utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):
            (library / OWNER).unlink(missing_ok=True)
        lock.release()


def _acquire(lock: FileLock, library: Path, progress: Progress) -> None:
    end = time.monotonic() + DISK.wait_seconds
    while True:
        try:
            lock.acquire(timeout=max(0.0, min(DISK.look_seconds, end - time.monotonic())))
        except Timeout:
            if time.monotonic() < end:
                progress(f"waiting for {_holder(library)}, which is writing to the library", 0, 1)
                continue
            raise LibraryLocked(
                f"{library}: {_holder(library)} is writing to it; wait for it to finish and try again"
            ) from None
        else:
            return


def _holder(library: Path) -> str:
    try:
        note = json.loads((library / OWNER).read_text("utf-8"))
        return f"process {int(note['pid'])} (since {note['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
