"""The live generation of a library in PostgreSQL, opened and held, and what is read of it at once."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.errors import LibraryDamaged, LibraryMissing, LibraryVersionMismatch
from kb.progress import Progress, silent
from search.errors import BackendUnavailable
from search.postgres import schema
from search.postgres.connection import Server, connect, explained
from search.postgres.files import fetch_all
from search.postgres.settings import POSTGRES
from search.postgres.shards import at_host
from search.postgres.side_by_side import SideBySide
from search.postgres.statements import Statements
from search.remote import Remote

if TYPE_CHECKING:
    import psycopg

__all__ = ["Generation", "Shard", "live"]

_LIVE = """
SELECT g.id, g.label, g.described, g.axes, g.width FROM rosetta.libraries l
JOIN rosetta.generations g ON g.id = l.live WHERE l.name = %(name)s
"""
_TRIES = 5  # a generation may be swept before it is held; each time there is a newer one


@dataclass(frozen=True, slots=True)
class Shard:
    """Where passages of a generation lie: a ``server``, the ``schema`` there, what it is asked (``sql``), and
    how many ``terms`` they have."""

    server: Server
    schema: str
    sql: Statements
    terms: int


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

    ``server`` is the library's head, ``shards`` are where its passages lie: the head alone, or others.
    Raises LibraryMissing, LibraryDamaged, LibraryVersionMismatch, ExtraMissing and BackendUnavailable.
    """

    def __init__(self, remote: Remote) -> None:
        self.server = Server(remote)
        self.shards: tuple[Shard, ...] = ()
        self.side_by_side = SideBySide(0)
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
        dimension = int(described["dimension"])
        self.axes = np.frombuffer(axes, np.float32).reshape(dimension, dimension)
        shards = described["shards"]
        self.side_by_side = SideBySide(POSTGRES.connections * (len(shards) - 1))
        self.shards = tuple(self._shard(one) for one in shards)
        self.side_by_side.done(
            [partial(self._require, *both) for both in zip(self.shards, shards, strict=True)]
        )

    def _shard(self, described: dict[str, Any]) -> Shard:
        """Where some of the passages lie, as it was noted when they were published."""
        host, where = described["host"], schema.schema_name(described["number"])
        server = self.server if host is None else Server(at_host(self.server.remote, host))
        return Shard(server, where, Statements(where, described["neighbours"]), int(described["terms"]))

    def _require(self, shard: Shard, described: dict[str, Any]) -> None:
        """Raises LibraryDamaged where another server than the head has not what was published there."""
        if shard.server is self.server:
            return
        asked = "SELECT 1 FROM rosetta.generations WHERE id = %(number)s AND label = %(label)s"
        try:
            there = shard.server.rows(asked, described)
        except LibraryMissing:
            there = []
        if not there:
            raise LibraryDamaged(
                f"{shard.server.remote}: has no part of the library; `kb publish` sends it again"
            )

    def _hold(self) -> None:
        """Holds the generation on the primary, where others would take it away. Where no primary answers,
        nobody can."""
        if self._holding is not None:
            self._holding.close()
            self._holding = None
        with contextlib.suppress(BackendUnavailable):
            holding = self._holding = connect(self.server.remote, writing=True)
            # Whoever takes a generation away has its lock for as long as that takes; then another is live.
            sql = f"SELECT pg_advisory_lock_shared({schema.HELD}, {self.number})"
            try:
                holding.timed(sql, None, POSTGRES.reading)  # type: ignore[attr-defined]
            except holding.Error as error:
                raise explained(self.server.remote, error) from error

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
        for server in {self.server, *(shard.server for shard in self.shards)}:
            server.close()
        self.side_by_side.close()
        if self._folder is not None:
            self._folder.cleanup()
