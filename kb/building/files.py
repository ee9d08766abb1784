"""What files were found to hold, remembered by size, times and inode: they need not be opened again.

Of the times, one is the content's, which anybody can set back; the other is the inode's own, which nobody
can: where it is another, the file is read and hashed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kb.building.settings import BUILDING
from kb.building.sources import Found
from kb.models import SkippedSource

__all__ = ["FileMemory", "FileRecord", "signature"]


@dataclass(frozen=True, slots=True)
class FileRecord:
    """``held``: (source, content hash) of the articles found in the file; ``skipped``: what was refused."""

    signature: str
    pipeline: str
    held: tuple[tuple[str, str], ...]
    skipped: tuple[SkippedSource, ...]


class FileMemory:
    """Records by file, made of the rows of the table ``files`` when they are asked for."""

    def __init__(self, rows: Iterable[tuple[str, str, str, str, str, str]]) -> None:
        self._rows = {(root, source): rest for root, source, *rest in rows}

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """(root, source) of every file."""
        return iter(self._rows)

    def get(self, found: Found) -> FileRecord | None:
        file = (found.root, found.source)
        return self.of(file) if file in self._rows else None

    def of(self, file: tuple[str, str]) -> FileRecord:
        """What is remembered of a file, by its root and source. Raises KeyError where nothing is."""
        mark, pipeline, held, skipped = self._rows[file]
        return FileRecord(
            mark,
            pipeline,
            tuple((source, content_hash) for source, content_hash in json.loads(held)),
            tuple(SkippedSource(*row) for row in json.loads(skipped)),
        )


def signature(found: Found, now: int) -> str:
    """Size, times and inode of a file, and the name that it is given; empty (never the same) where they
    cannot be trusted.

    ``now`` is the time in nanoseconds before the file is read: one that was written just then is read again.
    """
    try:
        about = found.path.stat()
    except OSError:
        return ""
    if now - about.st_mtime_ns < BUILDING.tick:
        return ""
    return f"{about.st_size}:{about.st_mtime_ns}:{about.st_ctime_ns}:{about.st_ino}:{found.name}"
