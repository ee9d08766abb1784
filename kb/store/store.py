"""The library's truth, one SQLite file: many readers at their generations, one writer at a time."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from kb.errors import LibraryDamaged, LibraryError
from kb.models import Article, Passage, SkippedSource, SourceFile
from kb.store.rows import pack_blocks, pack_source
from kb.store.schema import VERSIONED, connect_reader, connect_writer, create, guarded
from kb.store.seals import SEAL, damaged_rows, seal_of_generation, seal_of_passage, seals_of
from kb.store.settings import STORE
from kb.store.snapshot import MEND, Snapshot, not_as_written
from kb.text.line_shapes import count_words

__all__ = ["DATABASE", "Articles", "Store", "Writer", "article_id"]

DATABASE = "kb.sqlite"


def article_id(source: str) -> str:
    """The public id: 128 bits of the source's SHA-256, in hexadecimal digits."""
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Articles(Protocol):
    """Where articles are read from: a database here, or on a server."""

    def at(self, generation: int) -> Snapshot:
        """The library as it is at a generation."""
        ...

    def close(self) -> None: ...


class Store:
    """The database at ``path``.

    Opened for reading it is safe to share between threads (a connection each); opened for writing it is one
    connection for one thread. Close it, or use it as a context manager.
    """

    def __init__(self, path: Path, connect: Callable[[Path], sqlite3.Connection], *, writable: bool) -> None:
        self.path = path
        self.writable = writable
        self._connect = connect
        self._local = threading.local()
        self._lock = threading.Lock()
        self._connections: list[sqlite3.Connection] = []
        self._closed = False
        self._shared = self._opened() if writable else None
        self._connection()  # fail now rather than at the first question

    @classmethod
    def open(cls, path: str | Path, *, writable: bool = False) -> Store:
        """Raises LibraryMissing, LibraryDamaged, LibraryVersionMismatch."""
        return cls(Path(path), connect_writer if writable else connect_reader, writable=writable)

    @classmethod
    def create(cls, path: str | Path) -> Store:
        """A new, empty store, open for writing. Raises LibraryError when something is there already."""
        where = Path(path)
        if where.exists():
            raise LibraryError(f"{where}: already exists; open it instead")
        return cls(where, create, writable=True)

    def at(self, generation: int) -> Snapshot:
        """The library as it is at ``generation``."""
        return Snapshot(self.path, self._connection, generation)

    def latest(self) -> int:
        """The highest generation that any row mentions; 0 for an empty store."""
        highest = " UNION ALL ".join(
            f"SELECT max(max(since, coalesce(until, 0))) FROM {t}" for t in VERSIONED
        )
        with guarded(self.path):
            return max((row[0] or 0) for row in self._connection().execute(highest))

    @contextmanager
    def writing(self, generation: int) -> Iterator[Writer]:
        """Write what is new at ``generation`` in one transaction: all of it, or, on an error, nothing.

        Raises LibraryLocked while another process writes.
        """
        with self._transaction() as connection:
            writer = Writer(connection, generation)
            yield writer
            writer.flush()
            writer.set_meta(SEAL, seal_of_generation(connection, generation))
            writer.flush()

    def discard_after(self, generation: int) -> None:
        """Undo everything written for later generations, as after a build that was cut off."""
        with self._transaction() as connection:
            for table in VERSIONED:
                connection.execute(f"DELETE FROM {table} WHERE since > ?", (generation,))
                connection.execute(f"UPDATE {table} SET until = NULL WHERE until > ?", (generation,))

    def sweep(self, kept: Iterable[int]) -> None:
        """Delete what is gone at the newest of these generations, and was not there at any other of them;
        readers of further generations lose it."""
        wanted = sorted(kept)
        with self._transaction() as connection:
            for table in VERSIONED:
                connection.execute(
                    f"DELETE FROM {table} WHERE until <= ? AND NOT EXISTS (SELECT 1 FROM json_each(?)"
                    " WHERE value >= since AND value < until)",
                    (wanted[-1], json.dumps(wanted)),
                )
        with guarded(self.path):
            connection.execute("PRAGMA incremental_vacuum").fetchall()

    def check_content(self, generation: int) -> None:
        """Read every article of a generation. Raises LibraryDamaged when one is not as it was written."""
        connection, sealed = self._connection(), self.at(generation).seal()
        with guarded(self.path):
            try:
                damaged = damaged_rows(connection, generation)
                found = seal_of_generation(connection, generation)
            except (sqlite3.OperationalError, TypeError) as error:  # as bytes that are no text raise it
                raise LibraryDamaged(f"{self.path}: is damaged ({error}); {MEND}") from error
        if damaged:
            more = f" (and {len(damaged) - 1} more)" if len(damaged) > 1 else ""
            raise LibraryDamaged(f"{self.path}: {not_as_written(damaged[0])}{more}; {MEND}")
        if sealed != found:
            raise LibraryDamaged(f"{self.path}: its articles are not those that were written; {MEND}")

    def forget_all_files(self) -> None:
        """What files were found to hold is not to be believed any more: each is read again."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM files")

    def check(self) -> None:
        """Read the whole file through. Raises LibraryDamaged when something in it is not as it should be."""
        with guarded(self.path):
            found = [row[0] for row in self._connection().execute("PRAGMA integrity_check(3)")]
            orphans = self._connection().execute("PRAGMA foreign_key_check").fetchall()
        if found != ["ok"] or orphans:
            what = "rows without their article" if orphans and found == ["ok"] else "; ".join(map(str, found))
            raise LibraryDamaged(f"{self.path}: is damaged ({what}); {MEND}")

    def copy(self, path: Path) -> None:
        """Make a file at ``path`` that holds what this one holds now, whoever writes to it meanwhile."""
        with guarded(self.path), contextlib.closing(sqlite3.connect(path)) as target:
            self._connection().backup(target)  # in one step, so that nobody can write between two

    def settle(self) -> None:
        """Bring all that was written into the file itself, as far as readers let it be; else it is in the log
        beside it."""
        with guarded(self.path):
            self._writer().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            connections, self._connections = self._connections, []
        for connection in connections:
            connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connection(self) -> sqlite3.Connection:
        if self._closed:
            raise LibraryError(f"{self.path}: the library was closed; open it again")
        if self._shared is not None:
            return self._shared
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._opened()
        return connection

    def _opened(self) -> sqlite3.Connection:
        connection = self._connect(self.path)
        with self._lock:
            self._connections.append(connection)
        return connection

    def _writer(self) -> sqlite3.Connection:
        if not self.writable:
            raise LibraryError(f"{self.path}: is open for reading only; open it with writable=True")
        return self._connection()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._writer()
        with guarded(self.path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # some errors of SQLite's have ended it already
                    connection.execute("ROLLBACK")
                raise


class Writer:
    """What changes at one generation. Nothing of it shows before its transaction ends."""

    def __init__(self, connection: sqlite3.Connection, generation: int) -> None:
        self.generation = generation
        self._connection = connection
        self._waiting: dict[str, list[Sequence[Any]]] = {}
        self._count = 0
        self._fresh: set[str] = set()  # sources of articles that wait to be written
        self._keys = {table: self._last_key(table) for table in ("articles", "passages", "sentences")}

    def add(
        self,
        article: Article,
        source: SourceFile,
        passages: Iterable[Passage],
        *,
        pipeline: str = "",
        lines: bytes = b"",
    ) -> int:
        """Add an article, ending the one of the same source that was there; its key."""
        self.end([article.source])
        self._fresh.add(article.source)
        key = self._next("articles")
        passage_count = sentence_count = 0
        for passage in passages:
            passage_key = self._next("passages")
            place = (passage_key, key, passage_count, passage.start, passage.end)
            row = (*place, passage.text, passage.language, passage.heading)
            inside = [
                (self._next("sentences"), ordinal, sentence.start, sentence.end, sentence.kind)
                for ordinal, sentence in enumerate(passage.sentences, sentence_count)
            ]
            self._put("passages", (*row, seal_of_passage(row, inside)))
            for sentence_key, *rest in inside:
                self._put("sentences", (sentence_key, passage_key, *rest))
            passage_count += 1
            sentence_count += len(inside)
        meta, blocks = pack_source(source), pack_blocks(article.blocks)
        names = (
            key,
            article_id(article.source),
            article.source,
            source.root,
            article.title,
            article.language,
        )
        texts = (article.text, article.content_hash, pipeline, blocks, source.text, source.encoding, meta)
        counts = (count_words(article.text), passage_count, sentence_count)
        about = (article.date, article.url, article.author, lines)
        removed = [(span.start, span.end, span.reason, float(span.score)) for span in article.removed]
        repairs = [(repair.start, repair.end, repair.after, repair.reason) for repair in article.repairs]
        whole = (*names, *texts, *about, *counts, self.generation, None)
        self._put("articles", (*whole, *seals_of(whole, removed, repairs)))
        for spans, table in ((removed, "removed"), (repairs, "repairs")):
            for span in spans:
                self._put(table, (key, *span))
        if self._count >= STORE.rows_held:
            self.flush()
        return key

    def end(self, sources: Iterable[str]) -> None:
        """The articles of these sources are no longer there."""
        ended = list(sources)
        if not self._fresh.isdisjoint(ended):
            self.flush()
        self._connection.executemany(
            "UPDATE articles SET until = ? WHERE source = ? AND until IS NULL",
            [(self.generation, source) for source in ended],
        )

    def move(self, source: str, root: str) -> None:
        """The file of this unchanged article now comes from another SOURCE argument."""
        self._connection.execute(
            "UPDATE articles SET root = ? WHERE source = ? AND until IS NULL", (root, source)
        )

    def remember(
        self,
        root: str,
        source: str,
        signature: str,
        pipeline: str,
        held: Iterable[tuple[str, str]],
        skipped: Iterable[SkippedSource],
    ) -> None:
        """Note what a file was found to hold (see :mod:`kb.building.files`)."""
        refused = [(left.source, left.reason) for left in skipped]
        self._connection.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)",
            (root, source, signature, pipeline, json.dumps(list(held)), json.dumps(refused)),
        )

    def forget_files(self, files: Iterable[tuple[str, str]]) -> None:
        """These files, each a root and a source, are no longer there."""
        self._connection.executemany("DELETE FROM files WHERE root = ? AND source = ?", list(files))

    def skip(self, skipped: Iterable[tuple[SkippedSource, str]]) -> None:
        """Make this the list of skipped sources, each with the SOURCE argument it was found under."""
        self._connection.execute("UPDATE skipped SET until = ? WHERE until IS NULL", (self.generation,))
        for left, root in skipped:
            self._put("skipped", (left.source, root, left.reason, self.generation, None))

    def leave_out(self, source: str, reason: str, *, revive: bool) -> None:
        """Undo that an article is there, and note why: of the one that was there before, too, unless
        ``revive``."""
        self.flush()
        run, at = self._connection.execute, {"source": source, "now": self.generation}
        row = run("SELECT root FROM articles WHERE source = :source AND until IS NULL", at).fetchone()
        run("DELETE FROM articles WHERE source = :source AND since = :now", at)
        run("UPDATE articles SET until = :now WHERE source = :source AND until IS NULL", at)
        if revive:
            run("UPDATE articles SET until = NULL WHERE source = :source AND until = :now", at)
        if row is None:
            return
        self._put("skipped", (source, row[0], reason, self.generation, None))
        # The file is remembered as one that holds no such article.
        found = run(
            "SELECT source, held, skipped FROM files WHERE root = ? AND instr(held, ?)",
            (row[0], json.dumps(source)),
        ).fetchall()
        for file, held, skipped in found:
            left = [row for row in json.loads(held) if row[0] != source]
            refused = [*json.loads(skipped), (source, reason)]
            run(
                "UPDATE files SET held = ?, skipped = ? WHERE root = ? AND source = ?",
                (json.dumps(left), json.dumps(refused), row[0], file),
            )

    def restore(self, source: str, start: int, end: int, text: str) -> None:
        """Note that a removed span of a source's text was put back."""
        self._put("restored", (source, start, end, text, self.generation, None))

    def forget_restored(self, sources: Iterable[str]) -> None:
        """Spans put back in these sources no longer hold (their text changed, or they are gone)."""
        self._connection.executemany(
            "UPDATE restored SET until = ? WHERE source = ? AND until IS NULL",
            [(self.generation, source) for source in sources],
        )

    def set_meta(self, name: str, value: str) -> None:
        self.flush()
        self._connection.execute(
            "UPDATE meta SET until = ? WHERE name = ? AND until IS NULL", (self.generation, name)
        )
        self._put("meta", (name, value, self.generation, None))

    def articles(self) -> int:
        """How many articles there will be."""
        self.flush()
        row = self._connection.execute("SELECT count(*) FROM articles WHERE until IS NULL").fetchone()
        return int(row[0])

    def flush(self) -> None:
        # Articles before their passages before their sentences: foreign keys are checked at once.
        for table in (
            "articles",
            "passages",
            "sentences",
            "removed",
            "repairs",
            "skipped",
            "restored",
            "meta",
        ):
            rows = self._waiting.pop(table, [])
            if rows:
                places = ", ".join("?" * len(rows[0]))
                self._connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
        self._count = 0
        self._fresh.clear()

    def _put(self, table: str, row: Sequence[Any]) -> None:
        self._waiting.setdefault(table, []).append(row)
        self._count += 1

    def _next(self, table: str) -> int:
        self._keys[table] += 1
        return self._keys[table]

    def _last_key(self, table: str) -> int:
        """The highest key ever given, so that none is given twice, not even after a deletion."""
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
        return int(row[0]) if row else 0
