"""A connection that writes to one server, for one thread at a time, and what that server must be."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from search.errors import BackendUnavailable
from search.postgres.connection import connect, explained
from search.postgres.settings import POSTGRES
from search.postgres.values import copied
from search.remote import Remote

__all__ = ["Session"]


class Session:
    """Statements to the primary of ``remote``, each with a deadline.

    Raises ExtraMissing and BackendUnavailable, when made for a server that is too old, too.
    """

    def __init__(self, remote: Remote) -> None:
        self.remote = remote
        self.connection = connect(remote, writing=True)
        try:
            self._require_supported()
        except BaseException:
            self.connection.close()
            raise

    def run(self, sql: str, *given: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement, if it has any."""
        with self._explaining():
            cursor = self.connection.execute(sql, given or None, binary=bool(given))
            return list(cursor.fetchall()) if cursor.description else []

    def copy(self, table: str, rows: Iterable[Sequence[bytes | None]]) -> None:
        """Rows of binary values into a table."""
        statement = f"COPY {table} FROM STDIN (FORMAT BINARY)"
        with self._explaining(), self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            for some in copied(rows):
                copy.write(some)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """One transaction: all that is done in it, or nothing."""
        with self._explaining(), self.connection.transaction():
            yield

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        import psycopg

        # The end of a transaction has what its last statement had.
        self.connection.end = time.monotonic() + POSTGRES.writing  # type: ignore[attr-defined]
        try:
            yield
        except psycopg.Error as error:
            raise explained(self.remote, error) from error

    def _require_supported(self) -> None:
        """Raises BackendUnavailable where the server is too old, or has no pgvector that can do what is
        asked."""
        version = self.connection.info.server_version
        if version < POSTGRES.oldest:
            raise BackendUnavailable(
                f"{self.remote}: runs PostgreSQL {version // 10_000}; "
                f"{POSTGRES.oldest // 10_000} or newer is needed"
            )
        found = self.run(
            "SELECT coalesce((SELECT extversion FROM pg_extension WHERE extname = 'vector'),"
            " (SELECT default_version FROM pg_available_extensions WHERE name = 'vector'))"
        )
        there = str(found[0][0]) if found and found[0][0] else ""
        if not there or tuple(map(int, there.split(".")[:2])) < POSTGRES.oldest_pgvector:
            needed = ".".join(map(str, POSTGRES.oldest_pgvector))
            raise BackendUnavailable(
                f"{self.remote}: has {f'pgvector {there}' if there else 'no pgvector'}; {needed} or newer is "
                "needed: install it there (`ALTER EXTENSION vector UPDATE` where an older one is in use)"
            )
