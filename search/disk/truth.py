"""Is ``kb.sqlite``, byte for byte, what the last write left?

Only writers change it, under the library's lock; so each notes first that it writes, and in the end the
digest of what is there then. What a write that died left is told by the seals of its articles
(:mod:`kb.store.seals`).

A file that SQLite has open is read by a process of its own: when a process closes any descriptor of a file,
POSIX takes away all its locks on that file, SQLite's too.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from kb.errors import LibraryError
from search.disk import durable, layout

__all__ = ["NOTE", "State", "begin", "finish", "state"]

NOTE = "kb.digest"
_WRITING = b"a write is under way, or was when its process ended\n"
_LONGEST = 3600  # seconds that reading the file may take
_READER = """
import hashlib, json, os, sys
made = {}
for path in sys.argv[1:]:
    if os.path.exists(path) and os.path.getsize(path):
        with open(path, "rb") as file:
            made[os.path.basename(path)] = hashlib.file_digest(file, "sha256").hexdigest()
print(json.dumps(made))
"""

State = str
"""What is known of the file: "" (as it was written), "unfinished" (a write goes on, or died), "missing"
(there is no note), "changed"."""


def begin(library: Path) -> None:
    """Notes that the file is being written. Raises OSError where that cannot be noted."""
    durable.write(library / NOTE, _WRITING)


def finish(library: Path) -> None:
    """Notes what the file is now that it is written. Raises OSError or LibraryError."""
    durable.write(library / NOTE, _noted(library))


def state(library: Path) -> State:
    """Raises LibraryError where that cannot be told."""
    while True:
        before = _note(library)
        if before is None:
            return "missing"
        if before == _WRITING:
            return "unfinished"
        if before == _noted(library):
            return ""
        if before == _note(library):  # else somebody has begun to write meanwhile
            return "changed"


def _note(library: Path) -> bytes | None:
    try:
        return (library / NOTE).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LibraryError(
            f"{library / NOTE}: cannot be read ({error.strerror}); check its permissions"
        ) from error


def _noted(library: Path) -> bytes:
    """The digests of the file, and of SQLite's log where that holds something."""
    path = layout.database(library)
    command = [sys.executable, "-I", "-S", "-c", _READER, str(path), f"{path}-wal"]
    try:
        made = subprocess.run(command, check=True, capture_output=True, timeout=_LONGEST)
    except (OSError, subprocess.SubprocessError) as error:
        raise LibraryError(
            f"{path}: cannot be read ({type(error).__name__}); check its permissions"
        ) from error
    return json.dumps(json.loads(made.stdout), sort_keys=True).encode() + b"\n"
