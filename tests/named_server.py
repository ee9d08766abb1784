"""A server that whoever runs the tests names, PostgreSQL or Milvus: ``KB_TEST_SERVER`` is the address of a
library there without the library."""

from __future__ import annotations

import os
import uuid
from contextlib import closing

__all__ = ["NamedServer", "named"]

POSTGRES = ("postgresql://", "postgres://")


class NamedServer:
    """Tests' libraries there have names of their own, and are taken away by :meth:`close`."""

    def __init__(self, where: str) -> None:
        self._where, self._prefix = where.rstrip("/"), f"test{uuid.uuid4().hex[:8]}_"

    def address(self, library: str, password: str = "") -> str:
        """The address of a library there; its own password is the one that counts."""
        if not self._where.startswith(POSTGRES):
            return f"{self._where}/{self._prefix}{library}"
        return f"{self._where}{'&' if '?' in self._where else '?'}library={self._prefix}{library}"

    def close(self) -> None:
        if self._where.startswith(POSTGRES):
            self._drop_schemas()
        else:
            self._drop_collections()

    def _drop_schemas(self) -> None:
        import psycopg

        with psycopg.connect(self._where, autocommit=True) as connection:
            ours = f"{self._prefix}%"
            found = "SELECT id FROM rosetta.generations WHERE library LIKE %s"
            for (number,) in connection.execute(found, [ours]).fetchall():
                connection.execute(f"DROP SCHEMA IF EXISTS rosetta_{number} CASCADE")
            connection.execute("DELETE FROM rosetta.libraries WHERE name LIKE %s", [ours])
            connection.execute("DELETE FROM rosetta.generations WHERE library LIKE %s", [ours])

    def _drop_collections(self) -> None:
        from search.cluster.milvus_connection import Connection
        from search.remote import parse

        with closing(Connection(parse(self.address("any")))) as connection:
            for collection in connection.read("list_collections"):
                if collection.startswith(self._prefix):
                    described = connection.read("list_aliases", collection_name=collection)
                    for alias in described.get("aliases", []):
                        connection.write("drop_alias", alias=alias)
                    connection.write("drop_collection", collection)


def named(*, postgres: bool) -> NamedServer | None:
    """The server that is named, if it is of this kind."""
    where = os.environ.get("KB_TEST_SERVER", "")
    if not where or where.startswith(POSTGRES) != postgres:
        return None
    return NamedServer(where)
