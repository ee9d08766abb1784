"""Files kept in PostgreSQL, in pieces: the small parts of a generation, read whole when it is opened."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kb.errors import LibraryDamaged
from kb.progress import Progress, silent
from search.disk import durable, layout

__all__ = ["Files", "fetch_all"]

_BYTES = 4 << 20  # of a file in a piece
_FETCHING = "fetching the library"

Run = Callable[..., list[tuple[Any, ...]]]


class Files:
    """The files of a generation in ``schema``; ``run`` executes a statement."""

    def __init__(self, run: Run, schema: str) -> None:
        self._run, self._schema = run, schema

    def put(self, path: str, source: Path) -> None:
        """Keeps a file under a relative path, with forward slashes. What is there is not sent again."""
        size, digest = source.stat().st_size, durable.sha256(source)
        there = self._run(f"SELECT size, sha256 FROM {self._schema}.files WHERE path = %s", path)
        if there == [(size, digest)]:
            return
        self._run(f"DELETE FROM {self._schema}.pieces WHERE path = %s", path)
        with source.open("rb") as file:
            for number, data in enumerate(iter(lambda: file.read(_BYTES), b"")):
                self._run(f"INSERT INTO {self._schema}.pieces VALUES (%s, %s, %s)", path, number, data)
        # Last: where this is, all of the pieces are.
        self._run(
            f"INSERT INTO {self._schema}.files VALUES (%s, %s, %s) ON CONFLICT (path)"
            " DO UPDATE SET size = excluded.size, sha256 = excluded.sha256",
            path,
            size,
            digest,
        )


def fetch_all(run: Run, schema: str, folder: Path, shown: str, progress: Progress = silent) -> None:
    """Writes all files of a generation into a folder. Raises LibraryDamaged where one is another than was
    published."""
    kept = run(f"SELECT path, size, sha256 FROM {schema}.files ORDER BY path")
    total, done = sum(size for _, size, _ in kept), 0
    for path, size, expected in kept:
        target = folder / layout.inside(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with target.open("wb") as out:
            for number in range(-(-size // _BYTES)):
                sql = f"SELECT data FROM {schema}.pieces WHERE path = %(path)s AND piece = %(piece)s"
                for (data,) in run(sql, {"path": path, "piece": number}):
                    digest.update(data)
                    out.write(data)
        if digest.hexdigest() != expected:
            raise LibraryDamaged(f"{shown}: {path} came as another than was published; publish it again")
        done += size
        progress(_FETCHING, done, total)
