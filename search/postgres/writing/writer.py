"""Writing one generation of a library into PostgreSQL, on one server or on several, so that it may be killed
at any time and run again.

Shards are written first, side by side; when all of them are complete, the head is; then the one row moves
there that says which generation is live. So nobody ever sees some shards of one and some of another.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import numpy as np

from search.arrays.vectors import Vectors
from search.errors import BackendUnavailable
from search.passages.backend import PassageBatch, Rows
from search.postgres import schema
from search.postgres.articles import copy_articles
from search.postgres.files import Files
from search.postgres.shards import at_host, spread
from search.postgres.side_by_side import SideBySide
from search.postgres.writing.portions import Portion, digest
from search.postgres.writing.session import Session
from search.postgres.writing.shard import ShardWriter, begun, describe, drop
from search.remote import Remote

__all__ = ["PostgresWriter"]

_log = logging.getLogger(__name__)


class PostgresWriter:
    """One generation being written.

    ``generation`` names it: another content needs another name. Each batch is one transaction of each shard
    and replaces what was at its rows, so nothing can be there twice; ``axes`` (d, d) are those that vectors
    are kept along, None for their own. ``shards`` are hosts, as of :func:`search.postgres.shards.hosts`;
    none are the server alone, None those that the library has so far. Raises ExtraMissing and
    BackendUnavailable.
    """

    def __init__(
        self,
        remote: Remote,
        generation: str,
        dimension: int,
        axes: Vectors | None = None,
        shards: Sequence[str] | None = None,
    ) -> None:
        self._remote, self._dimension = remote, dimension
        self._axes = np.eye(dimension, dtype=np.float32) if axes is None else np.asarray(axes, np.float32)
        self._codes: dict[str, int] = {}
        self._open = ExitStack()
        try:
            self._head = self._opened(remote)
            hosts = _shards(self._head) if shards is None else tuple(shards)
            self._side_by_side = SideBySide(len(hosts))
            self._open.callback(self._side_by_side.close)
            self._set_up(generation, hosts)
        except BaseException:
            self.close()
            raise
        self._schema = schema.schema_name(self.number)
        self.files = Files(self._head.run, self._schema)

    @staticmethod
    def reach(remote: Remote, shards: Sequence[str] | None = None) -> None:
        """Raises ExtraMissing or BackendUnavailable where a server, or one of its shards, cannot be published
        to."""
        with closing(Session(remote)) as head:
            for host in _shards(head) if shards is None else shards:
                Session(at_host(remote, host)).close()

    def _set_up(self, label: str, hosts: Sequence[str]) -> None:
        """Finds the generation, or begins it, on all of its servers, and holds it."""
        self._name = _labelled(label, hosts)
        with self._head.at_once():
            self.number = begun(self._head, self._remote.name, self._name, self._dimension, self._axes)
            for place, host in enumerate(hosts):
                self._head.run(
                    "INSERT INTO rosetta.shards VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                    self.number,
                    place,
                    host,
                )
        # Batches were turned back from these axes, which are rounded: this gives just what the folder has.
        along = np.linalg.inv(self._axes).T
        self._parts = _parts(self._head, self.number)
        sessions = self._side_by_side.done([partial(self._shard, host) for host, _ in self._parts])
        numbers = self._side_by_side.done(
            [
                partial(self._begun, session, part)
                for session, (_, part) in zip(sessions, self._parts, strict=True)
            ]
        )
        self._shards = [
            ShardWriter(session, number, along) for session, number in zip(sessions, numbers, strict=True)
        ] or [ShardWriter(self._head, self.number, along)]

    def _opened(self, remote: Remote) -> Session:
        """A connection that is closed with this."""
        session = Session(remote)
        self._open.callback(session.close)
        return session

    def _shard(self, host: str) -> Session:
        return self._opened(at_host(self._remote, host))

    def _begun(self, session: Session, part: str) -> int:
        with session.at_once():
            return begun(session, schema.shard_library(self._remote.name), part, self._dimension)

    def write(self, batch: PassageBatch) -> None:
        said, codes = digest(batch), self._coded(batch)
        rows = range(int(batch.first_row), int(batch.first_row) + len(batch.keys))
        self._side_by_side.done(
            [
                lambda shard=shard, places=places: shard.write(  # type: ignore[misc]
                    Portion.of(batch, places, codes), rows, said
                )
                for shard, places in zip(self._shards, spread(batch.keys, len(self._shards)), strict=True)
            ]
        )

    def delete(self, rows: Rows) -> None:
        """Takes passages out again."""
        self._side_by_side.done([partial(shard.delete, rows) for shard in self._shards])

    def put_articles(self, database: Path) -> None:
        """Makes the articles those of a folder's database, which holds this generation only."""
        with self._head.at_once():
            copy_articles(database, self._head.connection, self._schema)

    def finish(self) -> None:
        """Makes what was written searchable, each shard in one transaction, and then the whole. Once it is,
        so it stays."""
        if self.finished():
            return
        described = self._side_by_side.done([shard.finish for shard in self._shards])
        where: list[tuple[str | None, str]] = [*self._parts] or [(None, self._name)]
        shards = [
            {"host": host, "label": label, "number": shard.number, **known}
            for (host, label), shard, known in zip(where, self._shards, described, strict=True)
        ]
        languages = self._head.run(f"SELECT name FROM {self._schema}.languages ORDER BY code")
        with self._head.at_once():
            whole = {
                "format": schema.FORMAT,
                "languages": [name for (name,) in languages],
                "dimension": self._dimension,
                "shards": shards,
            }
            describe(self._head, self.number, whole)
            self._head.run("UPDATE rosetta.generations SET finished = true WHERE id = %s", self.number)

    def finished(self) -> bool:
        """Whether the generation is there, whole, on all of its servers: one may have lost what it had."""
        ((finished,),) = self._head.run("SELECT finished FROM rosetta.generations WHERE id = %s", self.number)
        return bool(finished) and all(self._side_by_side.done([shard.finished for shard in self._shards]))

    def swap(self) -> None:
        """Makes the generation the live one, in one transaction. The one before stays until the next swap
        at least, and for as long as anybody holds it; what is older, and held by nobody, goes."""
        name = self._remote.name
        with self._head.at_once():
            # Those standbys that the server waits for have all of it, and show it, when this is done.
            self._head.run("SET LOCAL synchronous_commit = remote_apply")
            self._head.run("SELECT pg_advisory_xact_lock(%s, 0)", schema.SETTING_UP)
            self._head.run(
                "INSERT INTO rosetta.libraries AS l VALUES (%s, %s, NULL) ON CONFLICT (name) DO UPDATE"
                " SET live = excluded.live, before = l.live WHERE l.live <> excluded.live",
                name,
                self.number,
            )
        for (old,) in self._head.run(
            "SELECT g.id FROM rosetta.generations g JOIN rosetta.libraries l ON l.name = g.library"
            " WHERE g.library = %s AND g.id <> l.live AND g.id IS DISTINCT FROM l.before ORDER BY 1",
            name,
        ):
            self._sweep(int(old))

    def close(self) -> None:
        self._open.close()

    def _sweep(self, old: int) -> None:
        """Drops a generation that nobody holds: its shards, and then what knows of them."""
        with self._head.at_once():
            if not self._head.run("SELECT pg_try_advisory_xact_lock(%s, %s)", schema.HELD, old)[0][0]:
                return
            if not all(self._dropped(old, host, part) for host, part in _parts(self._head, old)):
                return
            self._head.run(f"DROP SCHEMA IF EXISTS {schema.schema_name(old)} CASCADE")
            self._head.run("DELETE FROM rosetta.generations WHERE id = %s", old)

    def _dropped(self, old: int, host: str, part: str) -> bool:
        """Drops what a shard has of a generation; False where it cannot be asked now. What is left is taken
        away with the next publication."""
        try:
            with closing(Session(at_host(self._remote, host))) as shard:
                drop(shard, schema.shard_library(self._remote.name), part)
        except BackendUnavailable as error:
            _log.warning(
                "%s; so generation %d stays until the next publication; where that shard is gone for good: "
                "DELETE FROM rosetta.shards WHERE generation = %d AND host = '%s'",
                *(error, old, old, host),
            )
            return False
        return True

    def _coded(self, batch: PassageBatch) -> dict[str, int]:
        """The codes of languages, which new ones get in their order; the same on all shards."""
        names = dict.fromkeys([*batch.languages, *batch.article_languages])
        if self._codes.keys() >= names.keys():
            return self._codes
        here = f"{self._schema}.languages"
        with self._head.at_once():
            self._head.run("SELECT pg_advisory_xact_lock(%s, %s)", schema.SETTING_UP, self.number)
            there = {str(name) for (name,) in self._head.run(f"SELECT name FROM {here}")}
            for name in names:
                if name not in there:
                    self._head.run(
                        f"INSERT INTO {here} SELECT coalesce(max(code) + 1, 0), %s FROM {here}", name
                    )
            self._head.run(
                "UPDATE rosetta.generations SET width = %s WHERE id = %s AND width = 0",
                int(batch.tokens.shape[1]),
                self.number,
            )
            self._codes = {str(name): int(code) for code, name in self._head.run(f"SELECT * FROM {here}")}
        return self._codes


def _shards(head: Session) -> tuple[str, ...]:
    """The hosts of the live generation's shards."""
    ((known,),) = head.run("SELECT to_regclass('rosetta.shards') IS NOT NULL")
    if not known:  # a database that was never published to
        return ()
    found = head.run(
        "SELECT s.host FROM rosetta.shards s JOIN rosetta.libraries l ON l.live = s.generation"
        " WHERE l.name = %s ORDER BY s.place",
        head.remote.name,
    )
    return tuple(host for (host,) in found)


def _parts(head: Session, generation: int) -> list[tuple[str, str]]:
    """Of a generation's shards: hosts, and labels there."""
    return [
        (str(host), str(label))
        for host, label in head.run(
            "SELECT host, label::text FROM rosetta.shards WHERE generation = %s ORDER BY place", generation
        )
    ]


def _labelled(generation: str, hosts: Iterable[str]) -> str:
    """A generation's name on a server: the same content in another format, or on other shards, is another
    generation."""
    where = hashlib.sha256(",".join(hosts).encode()).hexdigest()[:16]
    return f"{generation}_{schema.FORMAT}_{where}"
