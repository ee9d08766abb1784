"""The database file: its tables, how it is opened, and what its errors mean.

Rows that change with time carry the generations they belong to: ``since`` is the first, ``until`` the first
that no longer has them (NULL: still there). A build adds generation n + 1 in one transaction while readers
stay at n; the indexes of n + 1 are built elsewhere, and only then do readers move.

Of every article and passage there is a seal (:mod:`kb.store.seals`), and of every generation one.

``files`` is no truth but a memory: what a file of this signature (size, time, inode) was found to hold. It
is believed only where the articles still say the same.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kb.errors import LibraryDamaged, LibraryError, LibraryLocked, LibraryMissing, LibraryVersionMismatch
from kb.store.settings import STORE

__all__ = [
    "SCHEMA_VERSION",
    "VERSIONED",
    "at_generation",
    "connect_older",
    "connect_reader",
    "connect_writer",
    "create",
    "guarded",
]

_APPLICATION_ID = 0x526F7365  # "Rose"
SCHEMA_VERSION = 4
_OLDER = (3,)  # what :mod:`kb.store.upgrading` can bring to it

_REBUILD = "delete the library's folder and run `kb build` again"

_TABLES = """
CREATE TABLE articles (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    source TEXT NOT NULL,
    root TEXT NOT NULL,
    title TEXT NOT NULL,
    language TEXT NOT NULL,
    text TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    blocks TEXT NOT NULL,
    source_text TEXT NOT NULL,
    encoding TEXT NOT NULL,
    source_meta TEXT NOT NULL,
    date TEXT,
    url TEXT,
    author TEXT,
    lines BLOB NOT NULL,
    words INTEGER NOT NULL,
    passages INTEGER NOT NULL,
    sentences INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    shown BLOB NOT NULL, summary BLOB NOT NULL, rest BLOB NOT NULL
);
CREATE UNIQUE INDEX articles_live ON articles (source) WHERE until IS NULL;
CREATE UNIQUE INDEX articles_live_id ON articles (id) WHERE until IS NULL;
CREATE INDEX articles_id ON articles (id);
CREATE INDEX articles_source ON articles (source);
CREATE INDEX articles_until ON articles (until);
CREATE TABLE removed (
    article INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    reason TEXT NOT NULL, score REAL NOT NULL
);
CREATE INDEX removed_article ON removed (article);
CREATE TABLE repairs (
    article INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    after TEXT NOT NULL, reason TEXT NOT NULL
);
CREATE INDEX repairs_article ON repairs (article);
CREATE TABLE passages (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    article INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    text TEXT NOT NULL, language TEXT NOT NULL, heading TEXT NOT NULL,
    seal BLOB NOT NULL
);
CREATE INDEX passages_article ON passages (article);
CREATE TABLE sentences (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    passage INTEGER NOT NULL REFERENCES passages (key) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    kind TEXT NOT NULL
);
CREATE INDEX sentences_passage ON sentences (passage);
CREATE TABLE skipped (
    source TEXT NOT NULL, root TEXT NOT NULL, reason TEXT NOT NULL,
    since INTEGER NOT NULL, until INTEGER
);
CREATE TABLE restored (
    source TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, text TEXT NOT NULL,
    since INTEGER NOT NULL, until INTEGER
);
CREATE INDEX restored_source ON restored (source);
CREATE TABLE files (
    root TEXT NOT NULL, source TEXT NOT NULL,
    signature TEXT NOT NULL, pipeline TEXT NOT NULL, held TEXT NOT NULL, skipped TEXT NOT NULL,
    PRIMARY KEY (root, source)
) WITHOUT ROWID;
CREATE TABLE meta (
    name TEXT NOT NULL, value TEXT NOT NULL,
    since INTEGER NOT NULL, until INTEGER
);
"""

VERSIONED = ("articles", "skipped", "restored", "meta")
"""The tables with ``since`` and ``until``; the others hang on articles."""


def at_generation(table: str) -> str:
    """SQL condition: the row of ``table`` is there at generation ``:generation``."""
    return f"{table}.since <= :generation AND ({table}.until IS NULL OR {table}.until > :generation)"


def create(path: Path) -> sqlite3.Connection:
    """A new, empty database, opened for writing. Raises LibraryError where no file can be made.

    It is made under another name: a process that is killed leaves none here, or a whole one.
    """
    temporary = path.with_name(f".{path.name}.new")
    with guarded(path):
        for leftover in (temporary, temporary.with_name(f"{temporary.name}-journal")):
            leftover.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(temporary, isolation_level=None)) as connection:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.executescript(f"BEGIN; {_TABLES} COMMIT;")
        temporary.replace(path)
        return connect_writer(path)


def connect_writer(path: Path) -> sqlite3.Connection:
    """Raises LibraryMissing, LibraryDamaged, LibraryVersionMismatch."""
    _must_exist(path)
    with guarded(path):
        connection = sqlite3.connect(path, isolation_level=None, timeout=STORE.busy, check_same_thread=False)
        _look_at(path, connection)
        _set_up_writer(connection)
        return connection


def connect_older(path: Path) -> tuple[sqlite3.Connection, int]:
    """A connection as of :func:`connect_writer` to a database that may be of an older version, and which."""
    _must_exist(path)
    with guarded(path):
        connection = sqlite3.connect(path, isolation_level=None, timeout=STORE.busy)
        version = _look_at(path, connection, (*_OLDER, SCHEMA_VERSION))
        _set_up_writer(connection)
        return connection, version


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises LibraryMissing, LibraryDamaged, LibraryVersionMismatch."""
    _must_exist(path)
    with guarded(path):
        connection = _readable(path)
        _look_at(path, connection)
        connection.execute("PRAGMA query_only = ON")
        return connection


def _readable(path: Path) -> sqlite3.Connection:
    end = time.monotonic() + STORE.busy
    while True:
        connection = _read_only(path, "mode=ro")
        try:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            return connection
        except sqlite3.OperationalError:
            connection.close()
            if not os.access(path.parent, os.W_OK) and not _has_log(path):
                # In a folder that cannot be written to, SQLite cannot share a write-ahead log; as there is
                # none, nobody is writing. Only then: to a file that changes this would be blind.
                return _read_only(path, "immutable=1")
            # A writer is just closing the file, and with it its log: there is one again in a moment.
            if time.monotonic() > end:
                raise
            time.sleep(STORE.again)


def _read_only(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?{how}",
        uri=True,
        isolation_level=None,
        timeout=STORE.busy,
        check_same_thread=False,
    )


def _has_log(path: Path) -> bool:
    """Whether there is a write-ahead log with something in it."""
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def _set_up_writer(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA journal_mode = WAL")


def _must_exist(path: Path) -> None:
    """Raises LibraryMissing where there is no file.

    The file is never opened but by SQLite: when a process closes any descriptor of a file, POSIX takes away
    all its locks on that file, SQLite's too, and a writer would delete the log under its readers.
    """
    try:
        path.stat()
    except FileNotFoundError as error:
        raise LibraryMissing(f"{path}: no library here; build one with `kb build`") from error
    except OSError as error:
        raise LibraryError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error


def _look_at(
    path: Path, connection: sqlite3.Connection, accepted: tuple[int, ...] = (SCHEMA_VERSION,)
) -> int:
    """The version of a database of ours, if it is ``accepted``. Closes the connection where it is not."""

    def pragma(name: str) -> int:
        return int(connection.execute(f"PRAGMA {name}").fetchone()[0])

    try:
        application, version = pragma("application_id"), pragma("user_version")
        if application != _APPLICATION_ID and not version and not pragma("schema_version"):
            raise LibraryDamaged(f"{path}: is not a library's database; {_REBUILD}")
        if application != _APPLICATION_ID:
            raise LibraryDamaged(f"{path}: is another program's database; move it away and {_REBUILD}")
        if version not in accepted:
            raise LibraryVersionMismatch(
                f"{path}: was written in format {version}, this program reads format {SCHEMA_VERSION}; "
                + ("`kb upgrade` brings it there" if version in _OLDER else _REBUILD)
            )
        return version
    except BaseException:
        connection.close()
        raise


@contextmanager
def guarded(path: Path | str) -> Iterator[None]:
    """Turn SQLite's errors into the library's."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise LibraryLocked(f"{path}: another process is writing to it; wait for it to end") from error
        raise LibraryError(f"{path}: cannot be used ({error}); check the disk and its permissions") from error
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as error:
        raise LibraryDamaged(f"{path}: is damaged ({error}); {_REBUILD}") from error
