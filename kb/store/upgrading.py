"""A database of an older version is brought to the one of today where it lies, in one transaction.

Nothing of it is lost: articles, what was taken out of them and put back by hand, and what files were found
to hold. Version 3, which libraries of the formats 1 to 11 have, has no seals, and ids of twelve digits.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from kb.errors import LibraryDamaged
from kb.store.schema import SCHEMA_VERSION, VERSIONED, connect_older, guarded
from kb.store.seals import SEAL, seal_all, seal_of_generation
from kb.store.snapshot import MEND
from kb.store.store import article_id

__all__ = ["upgrade"]

_STEPS = (
    "ALTER TABLE articles ADD COLUMN shown BLOB NOT NULL DEFAULT x''",
    "ALTER TABLE articles ADD COLUMN summary BLOB NOT NULL DEFAULT x''",
    "ALTER TABLE articles ADD COLUMN rest BLOB NOT NULL DEFAULT x''",
    "ALTER TABLE passages ADD COLUMN seal BLOB NOT NULL DEFAULT x''",
    "UPDATE articles SET id = article_id(source)",
    "CREATE UNIQUE INDEX articles_live_id ON articles (id) WHERE until IS NULL",
)


def upgrade(path: Path, live: int) -> None:
    """Brings the database at ``path`` to the version of today, if it is of an older one; ``live`` is the
    generation that readers are at, and what was written for later ones is undone.

    Raises LibraryDamaged, LibraryMissing, LibraryLocked, and LibraryVersionMismatch for what is of no version
    that can be upgraded.
    """
    connection, version = connect_older(path)
    with contextlib.closing(connection), guarded(path):
        if version == SCHEMA_VERSION:
            return
        # What is sealed is believed from now on.
        found = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
        if found != ["ok"]:
            raise LibraryDamaged(f"{path}: is damaged ({'; '.join(map(str, found))}); {MEND}")
        connection.create_function("article_id", 1, article_id, deterministic=True)
        connection.execute("BEGIN IMMEDIATE")
        try:
            _bring(connection, live)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _bring(connection: sqlite3.Connection, live: int) -> None:
    for table in VERSIONED:
        connection.execute(f"DELETE FROM {table} WHERE since > ?", (live,))
        connection.execute(f"UPDATE {table} SET until = NULL WHERE until > ?", (live,))
    for step in _STEPS:
        connection.execute(step)
    seal_all(connection)
    made = seal_of_generation(connection, live)
    connection.execute("INSERT INTO meta VALUES (?, ?, ?, NULL)", (SEAL, made, live))
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
