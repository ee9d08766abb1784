"""Articles in PostgreSQL: the tables of a folder's database, and how a snapshot reads them there.

:class:`kb.store.snapshot.Snapshot` asks in SQL that both databases understand, but for parameters and lists
of keys; these are put here as PostgreSQL has them. Its texts may have no NUL: two characters stand for it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.store.schema import connect_reader
from kb.store.snapshot import Snapshot
from search.postgres.connection import Server

if TYPE_CHECKING:
    import psycopg

__all__ = ["Articles", "copy_articles"]

Row = tuple[Any, ...]

# What a snapshot reads, in the order in which it is copied; and what is looked for by which column.
_TABLES = ("articles", "removed", "repairs", "passages", "sentences", "skipped", "restored", "meta")
_INDEXES = (
    *("articles (id)", "articles (source)", "articles (key)", "removed (article)", "repairs (article)"),
    *("passages (key)", "passages (article)", "sentences (passage)"),
)
# Numbers of SQLite are as large as they need to be: keys may be large, all else is a place or a count.
_KEYS = frozenset({"key", "article", "passage"})
_TYPES = {"TEXT": 'text COLLATE "C"', "BLOB": "bytea", "REAL": "double precision"}

_ESCAPE = "\ufffe"  # no character: text has it by accident only
_TABLE = re.compile(rf"\b(FROM|JOIN) ({'|'.join(_TABLES)})\b")
_NAMED = re.compile(r":(\w+)")
_LIST = re.compile(r"SELECT value FROM json_each\(:(\w+)\)")


class Articles:
    """The articles of one generation, read like :class:`kb.store.store.Store`; thread-safe."""

    def __init__(self, server: Server, schema: str) -> None:
        self._server, self._schema = server, schema

    def at(self, generation: int) -> Snapshot:
        """The articles as they are at a generation, which is the one that was published."""
        return Snapshot(self._server.remote.shown, lambda: self, generation)

    def execute(self, sql: str, parameters: Mapping[str, object]) -> Iterator[Row]:
        """The rows of a statement in SQLite's words."""
        wanted = {name: parameters[name] for name in _NAMED.findall(sql)}
        for row in self._server.rows(_dialect(sql, self._schema, wanted), wanted):
            yield tuple(_with_nul(one) if isinstance(one, str) else one for one in row)

    def close(self) -> None:
        """The servers are closed by whoever opened them."""


def _dialect(sql: str, schema: str, parameters: Mapping[str, object]) -> str:
    """A statement of a snapshot as PostgreSQL has it."""
    listed = r"SELECT value::%s FROM json_array_elements_text(:\1::json) AS value"
    texts = "a.source IN (SELECT" in sql
    sql = _LIST.sub(listed % ("text" if texts else "bigint"), sql)
    sql = _TABLE.sub(rf"\1 {schema}.\2", sql)
    return re.sub(
        r"(?<!:):(\w+)",
        lambda found: f"%({found[1]})s" + ("::bigint" if isinstance(parameters[found[1]], int) else "::text"),
        sql.replace("%", "%%"),
    )


def copy_articles(database: Path, connection: psycopg.Connection[Row], schema: str) -> None:
    """Copies all that a snapshot reads of a database of one generation into a schema, in the place of what
    is there."""
    with closing(connect_reader(database)) as source:
        for table in _TABLES:
            columns = source.execute(f"SELECT name, type FROM pragma_table_info('{table}')").fetchall()
            defined = ", ".join(f'"{name}" {_type(name, kind)}' for name, kind in columns)
            names = ", ".join(f'"{name}"' for name, _ in columns)
            connection.execute(f"DROP TABLE IF EXISTS {schema}.{table}")
            connection.execute(f"CREATE TABLE {schema}.{table} ({defined})")
            _copy_rows(source, connection, f"SELECT {names} FROM {table}", f"{schema}.{table} ({names})")
        for index in _INDEXES:
            connection.execute(f"CREATE INDEX ON {schema}.{index}")


def _copy_rows(
    source: sqlite3.Connection, connection: psycopg.Connection[Row], sql: str, target: str
) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in source.execute(sql):
            copy.write_row([_without_nul(one) if isinstance(one, str) else one for one in row])


def _type(name: str, kind: str) -> str:
    return _TYPES.get(kind) or ("bigint" if name in _KEYS else "integer")


def _without_nul(text: str) -> str:
    return text.replace(_ESCAPE, f"{_ESCAPE}1").replace("\0", f"{_ESCAPE}0")


def _with_nul(text: str) -> str:
    return text.replace(f"{_ESCAPE}0", "\0").replace(f"{_ESCAPE}1", _ESCAPE) if _ESCAPE in text else text
