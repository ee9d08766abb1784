"""Files kept in Milvus, in pieces: what a server needs of a generation besides its passages."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.errors import LibraryDamaged
from search.cluster.milvus_collections import PIECE, Collections
from search.cluster.milvus_connection import Connection, consistency
from search.disk import durable

__all__ = ["Files", "Kept"]

_BYTES = PIECE // 4 * 3  # of a file in a piece
_PIECES = 200  # sent, or fetched, at a time: 13 MB
# Prefixes of ids: what is known of a file, one of its pieces.
_FILE, _PIECE = "file#", "piece#"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a file that is kept whole."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one generation; ``path`` is always relative, with forward slashes. ``settled``: it is
    finished, and nothing is written any more, so that the server need not make sure that it has seen the last
    of it; whoever finished it has."""

    connection: Connection
    names: Collections
    settled: bool = False

    def kept(self) -> dict[str, Kept]:
        """The files that are there, by path."""
        found = self._rows(f'id like "{_FILE}%"', ["data"], 1000)
        files = [Kept(**json.loads(one["data"])) for one in found]
        return {one.path: one for one in files}

    def text(self, path: str) -> str | None:
        """A small text kept by :meth:`put_text`."""
        found = list(self._rows(f"id == {json.dumps(path)}", ["data"], 1))
        return str(found[0]["data"]) if found else None

    def put_text(self, path: str, text: str) -> None:
        """Keeps a text of at most PIECE characters under an id of its own."""
        self.connection.write("upsert", self.names.files, [_entity(path, 0, path, text)])

    def drop_text(self, path: str) -> None:
        self.connection.write("delete", self.names.files, filter=f"id == {json.dumps(path)}")

    def texts(self, prefix: str) -> dict[str, str]:
        """Small texts by what follows a prefix of their ids."""
        found = self._rows(f'id like "{prefix}%"', ["id", "data"], 1000)
        return {str(one["id"]).removeprefix(prefix): str(one["data"]) for one in found}

    def put(self, path: str, source: Path) -> None:
        """Keeps a file. What is there already of the same content is not sent again."""
        digest = durable.sha256(source)
        size = source.stat().st_size
        record = self.text(f"{_FILE}{path}")
        wanted = Kept(path, size, digest)
        if record and Kept(**json.loads(record)) == wanted:
            return
        with source.open("rb") as file:
            waiting = []
            for number, data in enumerate(iter(lambda: file.read(_BYTES), b"")):
                piece = base64.b64encode(data).decode("ascii")
                waiting.append(_entity(f"{_PIECE}{path}#{number}", number, path, piece))
                if len(waiting) == _PIECES:
                    self.connection.write("upsert", self.names.files, waiting)
                    waiting = []
            if waiting:
                self.connection.write("upsert", self.names.files, waiting)
        # Last: where this is, all of the pieces are.
        said = json.dumps({"path": path, "size": size, "sha256": digest})
        self.put_text(f"{_FILE}{path}", said)

    def get(self, kept: Kept, target: Path) -> None:
        """Writes a file as it was. Raises LibraryDamaged where it is another."""
        digest = hashlib.sha256()
        with target.open("wb") as out:
            for data in self._pieces(kept):
                digest.update(data)
                out.write(data)
        if digest.hexdigest() != kept.sha256:
            raise LibraryDamaged(
                f"{self.names.base}: {kept.path} came as another than was published; publish it again with "
                "`kb build --to`"
            )

    def _rows(self, where: str, fields: Sequence[str], at_a_time: int) -> Iterator[Any]:
        return self.connection.rows(self.names.files, where, fields, at_a_time, settled=self.settled)

    def _pieces(self, kept: Kept) -> Iterator[bytes]:
        count = -(-kept.size // _BYTES)
        for start in range(0, count, _PIECES):
            wanted = [f"{_PIECE}{kept.path}#{at}" for at in range(start, min(start + _PIECES, count))]
            found = self.connection.write(
                "query",
                self.names.files,
                filter=f"id in {json.dumps(wanted)}",
                output_fields=["piece", "data"],
                consistency_level=consistency(self.settled),
            )
            for one in sorted(found, key=lambda one: int(one["piece"])):
                yield base64.b64decode(one["data"])


def _entity(name: str, piece: int, path: str, data: str) -> dict[str, object]:
    return {"id": name, "path": path, "piece": piece, "data": data, "nothing": [0.0, 0.0]}
