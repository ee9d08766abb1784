"""Connections to a library's servers: few, shared, prepared, and none without a deadline.

Readers go to a standby where the address names several hosts, and to another host where one dies: a
question that was under way is asked again there, for as long as it may take. Writers go to the primary.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

from kb.errors import LibraryMissing
from search.budget import checkpoint, remaining
from search.errors import BackendUnavailable, ExtraMissing
from search.postgres.settings import POSTGRES
from search.remote import Remote

if TYPE_CHECKING:
    import psycopg

__all__ = ["Server", "connect", "explained"]

_OPTIONS = (
    "-c jit=off -c client_connection_check_interval=1s -c hnsw.ef_search=400"
    " -c hnsw.iterative_scan=strict_order"
)

Row = tuple[Any, ...]


def connect(
    remote: Remote, *, writing: bool = False, seconds: float = POSTGRES.connecting
) -> psycopg.Connection[Row]:
    """A connection, to the primary for ``writing``. Raises ExtraMissing and BackendUnavailable."""
    psycopg = _client()
    from search.postgres.deadlines import Timed, prepared

    several = "," in remote.uri.partition("?")[0]
    whom = "primary" if writing else "prefer-standby" if several else "any"
    defaults: dict[str, Any] = {"application_name": "rosetta", "connect_timeout": max(2, int(seconds))}
    if remote.token:
        defaults["password"] = remote.token
    try:
        connection = Timed.connect(
            remote.uri,
            autocommit=True,
            target_session_attrs=whom,
            load_balance_hosts="disable" if writing else "random",
            options=f"{_OPTIONS} -c statement_timeout={int(POSTGRES.writing * 1000)}",
            tcp_user_timeout=int(POSTGRES.reading * 1000),
            **defaults,
        )
    except psycopg.Error as error:
        raise explained(remote, error) from error
    prepared(connection)
    return connection


class Server:
    """The servers of one library, asked by any number of threads."""

    def __init__(self, remote: Remote, seconds: float = POSTGRES.reading) -> None:
        """``seconds`` are those that an answer may take where no question says so."""
        self.remote = remote
        self.asked = 0  # statements so far
        self._seconds = seconds
        self._idle: list[psycopg.Connection[Row]] = []
        self._turns = threading.BoundedSemaphore(POSTGRES.connections)
        self._lock = threading.Lock()
        self._closed = False

    def one(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Row:
        """The only row of a statement."""
        return self.rows(sql, parameters)[0]

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """The rows of a statement that changes nothing, within the time of the question.

        Raises ExtraMissing, SearchTooSlow and BackendUnavailable, and LibraryMissing where what was open is
        gone.
        """
        psycopg = _client()
        from search.postgres.deadlines import is_silence

        end = time.monotonic() + min(self._seconds, remaining())
        self.asked += 1
        for attempt in range(POSTGRES.tries):
            try:
                with self._taken(end) as connection:
                    return connection.timed(sql, parameters, max(0.001, end - time.monotonic()))  # type: ignore[attr-defined,no-any-return]
            except psycopg.errors.QueryCanceled as error:
                # A server that says nothing beyond its own limit is the one to be named, not the question.
                if not is_silence(error):
                    checkpoint("the server")
                raise explained(self.remote, error) from error
            except psycopg.OperationalError as error:
                self._forget()
                checkpoint("the server")
                if attempt == POSTGRES.tries - 1 or time.monotonic() > end:
                    raise explained(self.remote, error) from error
            except psycopg.Error as error:
                raise explained(self.remote, error) from error
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        self._closed = True
        self._forget()

    @contextmanager
    def _taken(self, end: float) -> Iterator[psycopg.Connection[Row]]:
        """A connection for one statement. One that broke is not used again."""
        if not self._turns.acquire(timeout=max(0.0, end - time.monotonic())):
            checkpoint("the server")
            raise BackendUnavailable(
                f"{self.remote}: all {POSTGRES.connections} connections are in use; try again when less is "
                "going on"
            )
        try:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                left = max(1.0, min(POSTGRES.connecting, end - time.monotonic()))
                connection = connect(self.remote, seconds=left)
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
            with self._lock:
                if not self._closed:
                    self._idle.append(connection)
                    return
            connection.close()
        finally:
            self._turns.release()

    def _forget(self) -> None:
        """Closes what is idle: where one connection broke, others to the same host may have, too."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            with contextlib.suppress(Exception):
                connection.close()


def _client() -> ModuleType:
    """psycopg, which an extra installs. Raises ExtraMissing."""
    try:
        import psycopg
    except ImportError as error:
        raise ExtraMissing.of("a library in PostgreSQL", "postgres") from error
    return psycopg


def explained(remote: Remote, error: Exception) -> BackendUnavailable | LibraryMissing:
    """What went wrong, with its remedy, and without anything that is secret."""
    said = " ".join(str(error).split())
    if remote.token:
        said = said.replace(remote.token, "…")
    said, state = said[:200], getattr(error, "sqlstate", None) or ""
    if state in ("42P01", "3F000"):
        return LibraryMissing(
            f"{remote}: what was open is no longer there; a newer generation took its place: open it again"
        )
    if state.startswith("28") or "authentication failed" in said or "no password supplied" in said:
        return BackendUnavailable(f"{remote}: refuses these credentials ({said}); check name and password")
    if state.startswith("57014"):
        return BackendUnavailable(f"{remote}: took too long ({said}); try again when less is going on")
    if not state or state.startswith(("08", "57P")):
        return BackendUnavailable(
            f"{remote}: does not answer ({said}); check the address, and that PostgreSQL runs there"
        )
    return BackendUnavailable(f"{remote}: PostgreSQL refused ({state}: {said}); its own log says more")
