"""What one server gets of a generation's passages, in a schema there: so that it may be killed at any time
and run again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from search.arrays.int8 import quantised
from search.arrays.vectors import Vectors
from search.passages.backend import Rows
from search.postgres import phrases, schema
from search.postgres.settings import POSTGRES
from search.postgres.values import array, halfvec, key, number, real, small
from search.postgres.writing import postings
from search.postgres.writing.portions import Portion
from search.postgres.writing.session import Session

__all__ = ["ShardWriter", "begun", "describe", "drop"]


def begun(session: Session, library: str, label: str, dimension: int, axes: Vectors | None = None) -> int:
    """Finds a generation by its label, or begins it, inside of a transaction; holds it, and returns its
    number there."""
    session.run("SELECT pg_advisory_xact_lock(%s, 0)", schema.SETTING_UP)
    session.run(schema.KNOWN)
    named = "SELECT id FROM rosetta.generations WHERE library = %s AND label = %s"
    found = session.run(named, library, label)
    if not found:
        found = session.run(
            "INSERT INTO rosetta.generations (library, label, axes) VALUES (%s, %s, %s) RETURNING id",
            library,
            label,
            None if axes is None else axes.tobytes(),
        )
        name = schema.schema_name(found[0][0])
        session.run(f"CREATE SCHEMA {name}")
        session.run(schema.TABLES.format(schema=name, dimension=max(1, dimension)))
    session.run("SELECT pg_advisory_lock_shared(%s, %s)", schema.HELD, found[0][0])
    return int(found[0][0])


def describe(session: Session, number: int, described: dict[str, Any]) -> None:
    """Notes what readers have to know of a generation, beside what is noted of it already."""
    session.run(
        "UPDATE rosetta.generations SET described = coalesce(described, '{}') || %s::jsonb WHERE id = %s",
        json.dumps(described),
        number,
    )


def drop(session: Session, library: str, label: str) -> None:
    """Takes a generation away, if it is there."""
    with session.at_once():
        session.run("SELECT pg_advisory_xact_lock(%s, 0)", schema.SETTING_UP)
        session.run(schema.KNOWN)
        for (old,) in session.run(
            "DELETE FROM rosetta.generations WHERE library = %s AND label = %s RETURNING id", library, label
        ):
            session.run(f"DROP SCHEMA IF EXISTS {schema.schema_name(old)} CASCADE")


class ShardWriter:
    """A shard's passages, being written by ``session`` to generation ``number`` there. ``along`` (d, d) turns
    vectors to the library's axes. Each portion is one transaction and replaces what was at its rows."""

    def __init__(self, session: Session, number: int, along: Vectors) -> None:
        self.session, self.number, self._along = session, number, along
        self._schema = schema.schema_name(number)
        self._run = session.run

    def write(self, portion: Portion, batch: range, digest: str) -> None:
        """Keeps a portion of the passages of a batch that has the rows ``batch``; once it has those of this
        ``digest``, nothing is sent again."""
        with self.session.at_once():
            # Another process that publishes the same waits here, and then finds it written.
            self._run("SELECT pg_advisory_xact_lock(%s, %s)", schema.SETTING_UP, self.number)
            there = self._run(f"SELECT digest FROM {self._schema}.written WHERE first_row = %s", batch.start)
            if there and there[0][0] == digest:
                return
            self._take_out(np.arange(batch.start, batch.stop))
            self._run(f"DELETE FROM {self._schema}.unsorted WHERE first_row = %s", batch.start)
            self._copy_portion(portion, batch.start)
            self._run(
                f"INSERT INTO {self._schema}.written VALUES (%s, %s, %s) ON CONFLICT (first_row)"
                " DO UPDATE SET count = excluded.count, digest = excluded.digest",
                batch.start,
                len(batch),
                digest,
            )

    def delete(self, rows: Rows) -> None:
        """Takes passages out again."""
        with self.session.at_once():
            self._take_out(rows)

    def finish(self) -> dict[str, Any]:
        """Makes what was written searchable, in one transaction; once it is, so it stays. Returns what
        readers have to know of it."""
        with self.session.at_once():
            self._run("SELECT pg_advisory_xact_lock(%s, %s)", schema.SETTING_UP, self.number)
            there = self._described()
            if there is not None:
                return there
            self._sort_postings()
            large = self._large()
            for statement in schema.finishing(self._schema, large):
                self._run(statement)
            self._run(f"DROP TABLE {self._schema}.unsorted")
            counted = f"SELECT coalesce(sum(cardinality(terms)), 0)::bigint FROM {self._schema}.postings"
            described = {"neighbours": large, "terms": self._run(counted)[0][0]}
            describe(self.session, self.number, {"shard": described})
            return described

    def finished(self) -> bool:
        """Whether all of it is there, and searchable."""
        return self._described() is not None

    def _described(self) -> dict[str, Any] | None:
        described: dict[str, Any] | None
        ((described,),) = self._run(
            "SELECT described -> 'shard' FROM rosetta.generations WHERE id = %s", self.number
        )
        return described

    def _copy_portion(self, portion: Portion, batch: int) -> None:
        own, steps = quantised(np.asarray(portion.vectors, np.float32) @ self._along)
        owner = np.repeat(np.arange(len(portion.rows)), np.diff(portion.bounds)).tolist()
        said, said_steps = quantised(np.asarray(portion.sentences, np.float32) @ self._along)
        rows, spoken = list(map(number, portion.rows.tolist())), list(map(number, portion.spoken.tolist()))
        bounds, offsets = portion.bounds.tolist(), portion.token_offsets.tolist()
        keys, of = map(key, portion.keys.tolist()), map(key, portion.articles.tolist())
        kinds = (portion.kinds[start:end].tobytes() for start, end in pairwise(bounds))
        languages = list(map(small, portion.languages.tolist()))
        articles = list(map(small, portion.article_languages.tolist()))
        firsts = map(number, portion.first.tolist())
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
            ((one, portion.tokens[offsets[at] : offsets[at + 1]].tobytes()) for at, one in enumerate(spoken)),
        )
        adjacent = (array(phrases.adjacent(words)) for words in portion.words)
        self._copy("phrases", zip(rows, adjacent, map(phrases.packed, portion.words), strict=True))
        self._copy("unsorted", postings.unsorted(portion, batch))

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

    def _large(self) -> dict[str, list[int]]:
        """The languages with so many vectors that they get an index, by table."""
        every: set[int] = set()
        for table in ("passage_vectors", "sentence_vectors"):
            found = self._run(
                f"SELECT language FROM {self._schema}.{table} GROUP BY 1 HAVING count(*) > %s",
                POSTGRES.exact_up_to,
            )
            every.update(int(code) for (code,) in found)
        # A passage that is looked for by its sentences is looked for by itself, too.
        return dict.fromkeys(("passage_vectors", "sentence_vectors"), sorted(every)) if every else {}

    def _sort_postings(self) -> None:
        """From what each batch has of each part to lists of passages by term."""
        there = {int(row) for (row,) in self._run(f'SELECT "row" FROM {self._schema}.numbers')}
        kept = np.zeros(max(there, default=-1) + 1, np.bool_)
        kept[list(there)] = True
        sizes = self._run(
            f"SELECT part, sum(length(data))::bigint FROM {self._schema}.unsorted GROUP BY 1 ORDER BY 1"
        )
        for first, last in postings.together(sizes):
            found = self._run(
                f"SELECT data FROM {self._schema}.unsorted WHERE part BETWEEN %s AND %s", first, last
            )
            self._copy("postings", postings.lists(postings.read((bytes(data) for (data,) in found), kept)))

    def _copy(self, table: str, rows: Iterable[Sequence[bytes | None]]) -> None:
        self.session.copy(f"{self._schema}.{table}", rows)
