"""The live generation of a library in PostgreSQL, opened and held, and what is read of it at once."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.errors import LibraryMissing, LibraryVersionMismatch
from kb.progress import Progress, silent
from search.errors import BackendUnavailable
from search.postgres import schema
from search.postgres.connection import Server, connect
from search.postgres.files import fetch_all
from search.remote import Remote

if TYPE_CHECKING:
    import psycopg

__all__ = ["Generation", "live"]

_LIVE = """
SELECT g.id, g.label, g.described, g.axes, g.width FROM rosetta.libraries l
JOIN rosetta.generations g ON g.id = l.live WHERE l.name = %(name)s
"""
_TRIES = 5  # a generation may be swept before it is held; each time there is a newer one


def live(server: Server) -> tuple[Any, ...] | None:
    """What is known of the live generation: its number, label, description, axes and width of tokens; None
    where there is no library of this name. Raises BackendUnavailable."""
    try:
        found = server.rows(_LIVE, {"name": server.remote.name})
    except LibraryMissing:  # a database that was never published to has no such table
        return None
    return found[0] if found else None


class Generation:
    """The live generation, as it was when this was opened; held until it is closed.

    Raises LibraryMissing, LibraryVersionMismatch, ExtraMissing and BackendUnavailable.
    """

    def __init__(self, remote: Remote) -> None:
        self.server = Server(remote)
        self._holding: psycopg.Connection[Any] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        for _ in range(_TRIES):
            found = live(self.server)
            if found is None:
                shown = self.server.remote
                raise LibraryMissing(
                    f"{shown}: there is no library of this name; make one with `kb build --to {shown}`"
                )
            self.number, self.label, described, axes, self.width = found
            self._hold()
            again = live(self.server)
            if again is not None and again[0] == self.number:
                break
        else:
            raise BackendUnavailable(f"{self.server.remote}: is published again and again; try again later")
        if described["format"] != schema.FORMAT:
            raise LibraryVersionMismatch(
                f"{self.server.remote}: was published by another version of Rosetta; publish it again"
            )
        self.schema = schema.schema_name(self.number)
        self.languages = tuple(described["languages"])
        self.terms = int(described["terms"])
        self.neighbours: dict[str, list[int]] = described["neighbours"]
        dimension = int(described["dimension"])
        self.axes = np.frombuffer(axes, np.float32).reshape(dimension, dimension)

    def _hold(self) -> None:
        """Holds the generation on the primary, where others would take it away. Where no primary answers,
        nobody can."""
        if self._holding is not None:
            self._holding.close()
            self._holding = None
        with contextlib.suppress(BackendUnavailable):
            self._holding = connect(self.server.remote, writing=True)
            self._holding.execute(f"SELECT pg_advisory_lock_shared({schema.HELD}, {self.number})")

    def folder(self, progress: Progress = silent) -> Path:
        """A folder with the small parts of the generation, for as long as this is open."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="rosetta-", ignore_cleanup_errors=True)
            fetch_all(
                self.server.rows, self.schema, Path(self._folder.name), str(self.server.remote), progress
            )
        return Path(self._folder.name)

    def close(self) -> None:
        """Gives the generation up; again is no error."""
        if self._holding is not None:
            self._holding.close()
        self.server.close()
        if self._folder is not None:
            self._folder.cleanup()
