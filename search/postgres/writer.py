"""Writing one generation of a library into PostgreSQL, so that it may be killed at any time and run again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from search.arrays.int8 import quantised
from search.arrays.vectors import Vectors
from search.errors import BackendUnavailable
from search.language.index_terms import exact_terms, indexed_words
from search.passages.backend import PassageBatch, Rows
from search.postgres import phrases, schema
from search.postgres.articles import copy_articles
from search.postgres.connection import connect, explained
from search.postgres.files import Files
from search.postgres.values import array, copied, halfvec, key, number, real, small
from search.remote import Remote

if TYPE_CHECKING:
    import psycopg

__all__ = ["PostgresWriter"]

_OLDEST, _OLDEST_PGVECTOR = 140000, (0, 8)  # server_version_num, and the extension's
# Postings are sorted in so many parts, by the hash of their term, so that one fits into memory.
_PARTS, _SHIFT = 64, 58
_SORTED = 256 << 20  # bytes of them at a time
_POSTING = np.dtype([("term", "<i8"), ("row", "<u4"), ("impact", "<f4")])
# Bytes of a row of their table, four of which fill a page; of what it costs by itself, a term, and a posting.
_ROW, _HEAD, _TERM, _POSTED = 2032, 144, 10, 6
_MOST = 2**15 - 1


class PostgresWriter:
    """One generation being written.

    ``generation`` names it: another content needs another name. Each batch is one transaction and replaces
    what was at its rows, so nothing can be there twice; ``axes`` (d, d) are those that vectors are kept
    along, None for their own. Raises ExtraMissing and BackendUnavailable.
    """

    def __init__(self, remote: Remote, generation: str, dimension: int, axes: Vectors | None = None) -> None:
        self._remote, self._dimension = remote, dimension
        self._axes = np.eye(dimension, dtype=np.float32) if axes is None else np.asarray(axes, np.float32)
        # Batches were turned back from these axes, which are rounded: this gives just what the folder has.
        self._along = np.linalg.inv(self._axes).T
        self._connection = connect(remote, writing=True)
        try:
            _require_supported(self._connection, remote)
            self._set_up(generation)
        except BaseException:
            self._connection.close()
            raise

    @staticmethod
    def reach(remote: Remote) -> None:
        """Raises ExtraMissing or BackendUnavailable where a server cannot be published to."""
        with closing(connect(remote, writing=True)) as connection:
            _require_supported(connection, remote)

    def _set_up(self, label: str) -> None:
        """Finds the generation, or begins it, and holds it."""
        with self._at_once():
            self._run("SELECT pg_advisory_xact_lock(%s, 0)", schema.SETTING_UP)
            self._run(schema.KNOWN)
            found = self._run(
                "SELECT id FROM rosetta.generations WHERE library = %s AND label = %s",
                self._remote.name,
                label,
            )
            if found:
                self.number = int(found[0][0])
            else:
                made = self._run(
                    "INSERT INTO rosetta.generations (library, label, axes) VALUES (%s, %s, %s) RETURNING id",
                    self._remote.name,
                    label,
                    self._axes.tobytes(),
                )
                self.number = int(made[0][0])
                name = schema.schema_name(self.number)
                self._run(f"CREATE SCHEMA {name}")
                self._run(schema.TABLES.format(schema=name, dimension=max(1, self._dimension)))
            self._run("SELECT pg_advisory_lock_shared(%s, %s)", schema.HELD, self.number)
        self._schema = schema.schema_name(self.number)
        self.files = Files(self._run, self._schema)

    def write(self, batch: PassageBatch) -> None:
        digest, first = _digest(batch), int(batch.first_row)
        with self._at_once():
            # Another process that publishes the same waits here, and then finds it written.
            self._run("SELECT pg_advisory_xact_lock(%s, %s)", schema.SETTING_UP, self.number)
            there = self._run(f"SELECT digest FROM {self._schema}.written WHERE first_row = %s", first)
            if there and there[0][0] == digest:
                return
            rows = np.arange(first, first + len(batch.keys))
            self._take_out(rows)
            self._run(f"DELETE FROM {self._schema}.unsorted WHERE first_row = %s", first)
            self._copy_batch(batch)
            self._run(
                "UPDATE rosetta.generations SET width = %s WHERE id = %s AND width = 0",
                int(batch.tokens.shape[1]),
                self.number,
            )
            self._run(
                f"INSERT INTO {self._schema}.written VALUES (%s, %s, %s) ON CONFLICT (first_row)"
                " DO UPDATE SET count = excluded.count, digest = excluded.digest",
                first,
                len(rows),
                digest,
            )

    def delete(self, rows: Rows) -> None:
        """Takes passages out again."""
        with self._at_once():
            self._take_out(rows)

    def put_articles(self, database: Path) -> None:
        """Makes the articles those of a folder's database, which holds this generation only."""
        with self._at_once():
            copy_articles(database, self._connection, self._schema)

    def finish(self) -> None:
        """Makes what was written searchable, in one transaction. Once it is, so it stays."""
        if self.finished():
            return
        with self._at_once():
            languages, large = self._counted()
            self._sort_postings()
            for statement in schema.finishing(self._schema, large):
                self._run(statement)
            self._run(f"DROP TABLE {self._schema}.unsorted")
            described = {
                "format": schema.FORMAT,
                "languages": languages,
                "dimension": self._dimension,
                "neighbours": large,
                "terms": self._run(
                    f"SELECT coalesce(sum(cardinality(terms)), 0)::bigint FROM {self._schema}.postings"
                )[0][0],
            }
            self._run(
                "UPDATE rosetta.generations SET finished = true, described = %s WHERE id = %s",
                json.dumps(described),
                self.number,
            )

    def finished(self) -> bool:
        """Whether the generation is there, whole."""
        found = self._run("SELECT finished FROM rosetta.generations WHERE id = %s", self.number)
        return bool(found and found[0][0])

    def swap(self) -> None:
        """Makes the generation the live one, in one transaction. The one before stays until the next swap
        at least, and for as long as anybody holds it; what is older, and held by nobody, goes."""
        name = self._remote.name
        with self._at_once():
            # Those standbys that the server waits for have all of it, and show it, when this is done.
            self._run("SET LOCAL synchronous_commit = remote_apply")
            self._run("SELECT pg_advisory_xact_lock(%s, 0)", schema.SETTING_UP)
            self._run(
                "INSERT INTO rosetta.libraries AS l VALUES (%s, %s, NULL) ON CONFLICT (name) DO UPDATE"
                " SET live = excluded.live, before = l.live WHERE l.live <> excluded.live",
                name,
                self.number,
            )
        for (old,) in self._run(
            "SELECT g.id FROM rosetta.generations g JOIN rosetta.libraries l ON l.name = g.library"
            " WHERE g.library = %s AND g.id <> l.live AND g.id IS DISTINCT FROM l.before ORDER BY 1",
            name,
        ):
            self._sweep(int(old))

    def close(self) -> None:
        self._connection.close()

    def _sweep(self, old: int) -> None:
        """Drops a generation that nobody holds."""
        with self._at_once():
            if self._run("SELECT pg_try_advisory_xact_lock(%s, %s)", schema.HELD, old)[0][0]:
                self._run(f"DROP SCHEMA IF EXISTS {schema.schema_name(old)} CASCADE")
                self._run("DELETE FROM rosetta.generations WHERE id = %s", old)

    def _copy_batch(self, batch: PassageBatch) -> None:
        codes = self._codes([*batch.languages, *batch.article_languages])
        of_rows, of_articles = (
            [codes[name] for name in names] for names in (batch.languages, batch.article_languages)
        )
        own, steps = quantised(np.asarray(batch.vectors, np.float32) @ self._along)
        owner = np.repeat(np.arange(len(batch.keys)), np.diff(batch.bounds)).tolist()
        said, said_steps = quantised(np.asarray(batch.sentences, np.float32) @ self._along)
        rows = [number(batch.first_row + at) for at in range(len(batch.keys))]
        spoken = [number(batch.first_sentence + at) for at in range(len(owner))]
        bounds, offsets = batch.bounds.tolist(), batch.token_offsets.tolist()
        keys, of = map(key, batch.keys.tolist()), map(key, batch.articles.tolist())
        firsts = (number(batch.first_sentence + bound) for bound in bounds[:-1])
        kinds = (batch.kinds[start:end].tobytes() for start, end in pairwise(bounds))
        languages, articles = [small(one) for one in of_rows], [small(one) for one in of_articles]
        self._copy("numbers", zip(rows, keys, of, firsts, kinds, languages, articles, strict=True))
        vectors = zip(rows, languages, articles, map(real, steps.tolist()), halfvec(own), strict=True)
        self._copy("passage_vectors", vectors)
        sentences = zip(owner, map(real, said_steps.tolist()), halfvec(said), strict=True)
        self._copy(
            "sentence_vectors",
            (
                (spoken[at], rows[of], languages[of], articles[of], step, vector)
                for at, (of, step, vector) in enumerate(sentences)
            ),
        )
        self._copy(
            "tokens",
            ((one, batch.tokens[offsets[at] : offsets[at + 1]].tobytes()) for at, one in enumerate(spoken)),
        )
        self._copy("phrases", zip(rows, *_words(batch), strict=True))
        self._copy("unsorted", _unsorted(batch))

    def _codes(self, names: Iterable[str]) -> dict[str, int]:
        """The codes of languages, which new ones get in their order."""
        there = {str(name) for _, name in self._run(f"SELECT * FROM {self._schema}.languages")}
        for name in dict.fromkeys(name for name in names if name not in there):
            self._run(
                f"INSERT INTO {self._schema}.languages SELECT coalesce(max(code) + 1, 0), %s"
                f" FROM {self._schema}.languages ON CONFLICT (name) DO NOTHING",
                name,
            )
        return {name: int(code) for code, name in self._run(f"SELECT * FROM {self._schema}.languages")}

    def _take_out(self, rows: Rows) -> None:
        here, rows = self._schema, np.asarray(rows, np.int64)
        sentences = f'SELECT sentence FROM {here}.sentence_vectors WHERE "row" = ANY(%s)'
        self._run(f"DELETE FROM {here}.tokens WHERE sentence IN ({sentences})", rows)
        for table in ("sentence_vectors", "passage_vectors", "phrases", "numbers"):
            self._run(f'DELETE FROM {here}.{table} WHERE "row" = ANY(%s)', rows)
        self._run(
            f"DELETE FROM {here}.written w WHERE EXISTS (SELECT 1 FROM unnest(%s) AS r"
            " WHERE r >= w.first_row AND r < w.first_row + w.count)",
            rows,
        )

    def _counted(self) -> tuple[list[str], dict[str, list[int]]]:
        """The languages by code, and those with so many vectors that they get an index, by table."""
        here = self._schema
        languages = [
            str(name) for _, name in self._run(f"SELECT code, name FROM {here}.languages ORDER BY 1")
        ]
        large = {
            table: [
                int(code)
                for (code,) in self._run(
                    f"SELECT language FROM {here}.{table} GROUP BY 1 HAVING count(*) > {schema.EXACT_UP_TO}"
                    " ORDER BY 1"
                )
            ]
            for table in ("passage_vectors", "sentence_vectors")
        }
        # A passage that is looked for by its sentences is looked for by itself, too.
        every = sorted({code for codes in large.values() for code in codes})
        return languages, dict.fromkeys(large, every) if every else {}

    def _sort_postings(self) -> None:
        """From what each batch has of each part to lists of passages by term."""
        there = {int(row) for (row,) in self._run(f'SELECT "row" FROM {self._schema}.numbers')}
        kept = np.zeros(max(there, default=-1) + 1, np.bool_)
        kept[list(there)] = True
        sizes = self._run(
            f"SELECT part, sum(length(data))::bigint FROM {self._schema}.unsorted GROUP BY 1 ORDER BY 1"
        )
        for first, last in _together(sizes):
            found = self._run(
                f"SELECT data FROM {self._schema}.unsorted WHERE part BETWEEN %s AND %s", first, last
            )
            flat = np.frombuffer(b"".join(bytes(data) for (data,) in found), _POSTING)
            flat = flat[flat["row"] < len(kept)]
            flat = flat[kept[flat["row"]]]
            self._copy("postings", _lists(flat[np.lexsort((flat["row"], flat["term"]))]))

    def _copy(self, table: str, rows: Iterable[Sequence[bytes | None]]) -> None:
        statement = f"COPY {self._schema}.{table} FROM STDIN (FORMAT BINARY)"
        with self._explaining(), self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for some in copied(rows):
                copy.write(some)

    def _run(self, sql: str, *given: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement, if it has any."""
        with self._explaining():
            cursor = self._connection.execute(sql, given or None, binary=bool(given))
            return list(cursor.fetchall()) if cursor.description else []

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """One transaction: all that is done in it, or nothing."""
        with self._explaining(), self._connection.transaction():
            yield

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        import psycopg

        try:
            yield
        except psycopg.Error as error:
            raise explained(self._remote, error) from error


def _require_supported(connection: psycopg.Connection[Any], remote: Remote) -> None:
    """Raises BackendUnavailable where the server is too old, or has no pgvector that can do what is asked."""
    import psycopg

    version = connection.info.server_version
    if version < _OLDEST:
        raise BackendUnavailable(
            f"{remote}: runs PostgreSQL {version // 10_000}; {_OLDEST // 10_000} or newer is needed"
        )
    try:
        found = connection.execute(
            "SELECT coalesce((SELECT extversion FROM pg_extension WHERE extname = 'vector'),"
            " (SELECT default_version FROM pg_available_extensions WHERE name = 'vector'))"
        ).fetchone()
    except psycopg.Error as error:
        raise explained(remote, error) from error
    there = str(found[0]) if found and found[0] else ""
    if not there or tuple(map(int, there.split(".")[:2])) < _OLDEST_PGVECTOR:
        needed = ".".join(map(str, _OLDEST_PGVECTOR))
        raise BackendUnavailable(
            f"{remote}: has {f'pgvector {there}' if there else 'no pgvector'}; {needed} or newer is needed: "
            "install it there (`ALTER EXTENSION vector UPDATE` where an older one is in use)"
        )


def _words(batch: PassageBatch) -> tuple[list[bytes], list[bytes]]:
    """Of each passage the hashes by which phrases are found in it, and its words."""
    texts = zip(batch.texts, batch.languages, strict=True)
    words = [[exact_terms(word) for word in indexed_words(text, language)] for text, language in texts]
    return [array(phrases.adjacent(one)) for one in words], [phrases.packed(one) for one in words]


def _unsorted(batch: PassageBatch) -> Iterator[tuple[bytes, bytes, bytes]]:
    """A batch's postings, by parts of the range of hashes."""
    held = np.empty(len(batch.terms), _POSTING)
    held["term"] = np.ascontiguousarray(batch.terms).view(np.int64)
    held["row"] = batch.first_row + np.repeat(np.arange(len(batch.keys)), np.diff(batch.term_offsets))
    held["impact"] = batch.impacts
    part = ((held["term"] >> _SHIFT) + _PARTS // 2).astype(np.int16)
    for one in np.unique(part).tolist():
        yield number(batch.first_row), small(one), held[part == one].tobytes()


def _together(sizes: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Neighbouring parts that are sorted together, first and last, given each one's bytes."""
    first, last, held = 0, -1, 0
    for part, size in sizes:
        if last >= 0 and held + size > _SORTED:
            yield first, last
            last, held = -1, 0
        first, last, held = (part if last < 0 else first), part, held + size
    if last >= 0:
        yield first, last


def _lists(postings: NDArray[np.void]) -> Iterator[tuple[bytes, ...]]:
    """Postings in the order of their terms, and of their rows, as rows of the table: as many terms together
    as a quarter of a page takes."""
    terms, starts = np.unique(postings["term"], return_index=True)
    ends = np.append(starts[1:], len(postings)).tolist()
    first, begins, size = 0, 0, _HEAD
    for at in range(len(terms)):
        size += _TERM + _POSTED * (ends[at] - (ends[at - 1] if at else 0))
        full = at + 1 == len(terms) or size + _TERM + _POSTED * (ends[at + 1] - ends[at]) > _ROW
        if full:
            span = slice(begins, ends[at])
            yield (
                key(int(terms[first])),
                array(terms[first : at + 1]),
                array((np.array(ends[first:at], np.int64) - begins).astype(np.int16)),
                array(postings["row"][span].astype(np.int32)),
                array(np.minimum(np.rint(postings["impact"][span] * schema.IMPACT), _MOST).astype(np.int16)),
            )
            first, begins, size = at + 1, ends[at], _HEAD


def _digest(batch: PassageBatch) -> str:
    """Of all that a batch holds."""
    digest = hashlib.blake2b(digest_size=16)
    for field in fields(batch):
        value = getattr(batch, field.name)
        held = (
            np.ascontiguousarray(value).tobytes()
            if isinstance(value, np.ndarray)
            else json.dumps(value).encode()
        )
        digest.update(held)
    return digest.hexdigest()
