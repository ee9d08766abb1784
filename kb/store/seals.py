"""What a row was when it was written: a digest beside it, by which damage is told before anything is shown.

A seal is of a row's values, its key among them, so that neither a changed byte nor a row in another's
place goes unnoticed. An article has three: of what is shown of it, of its summary, and of the rest. A
generation has one, of which articles there are. Where an article comes from (``root``) has none: it changes
while the article stays. This finds damage, not forgery.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from kb.store.schema import at_generation
from kb.text.hashes import digest

__all__ = [
    "SEAL",
    "SPANS",
    "damaged_rows",
    "seal",
    "seal_all",
    "seal_of_article",
    "seal_of_generation",
    "seal_of_passage",
    "seals_of",
]

_SHOWN = "key, id, source, title, language, text, content_hash, blocks, source_text, date, url, author"
_SUMMARY = "key, id, source, title, language, date, url, words, passages, sentences, content_hash, pipeline"
_REST = "key, encoding, source_meta, lines"
_COLUMNS = (
    "key, id, source, root, title, language, text, content_hash, pipeline, blocks, source_text, encoding,"
    " source_meta, date, url, author, lines, words, passages, sentences"
)
SPANS = (
    'SELECT start, "end", reason, score FROM removed WHERE article = :key ORDER BY start, "end"',
    'SELECT start, "end", after, reason FROM repairs WHERE article = :key ORDER BY start, "end"',
)
"""What was taken out of an article, and what was mended in it."""
_PASSAGE = 'key, article, ordinal, start, "end", text, language, heading'
_SENTENCE = 'key, ordinal, start, "end", kind'

SEAL = "seal"
"""What the seal of a generation is called among what is kept of the library as a whole."""

Row = Sequence[Any]


def seal(*values: object) -> bytes:
    """Eight bytes for some values in their order."""
    return digest(*(value.hex() if isinstance(value, bytes) else str(value) for value in values), size=8)


def seals_of(row: Row, removed: Iterable[Row], repairs: Iterable[Row]) -> tuple[bytes, bytes, bytes]:
    """The three seals of an article whose values these are, in the order of the table's columns."""
    named = dict(zip(_COLUMNS.split(", "), row, strict=False))
    shown, summary, rest = ([named[name] for name in part.split(", ")] for part in (_SHOWN, _SUMMARY, _REST))
    return seal_of_article(shown, removed, repairs), seal(*summary), seal(*rest)


def seal_of_article(shown: Row, removed: Iterable[Row], repairs: Iterable[Row]) -> bytes:
    """Of what is shown of an article: the values of ``_SHOWN`` and of ``SPANS``."""
    return seal(*shown, *_joined(sorted(map(tuple, removed))), "", *_joined(sorted(map(tuple, repairs))))


def seal_of_passage(passage: Row, sentences: Iterable[Row]) -> bytes:
    """Of a passage and its sentences: the values of ``_PASSAGE`` and, for each, of its key, its place, its
    start, its end and its kind."""
    return seal(*passage, *_joined(sentences))


def _joined(rows: Iterable[Row]) -> Iterable[object]:
    return (value for row in rows for value in row)


def seal_of_generation(connection: sqlite3.Connection, generation: int) -> str:
    """Of which articles there are at a generation, by their seals, and of all that is kept beside them."""

    def rows(columns: str, table: str, order: str, but: str = "") -> Iterable[object]:
        sql = f"SELECT {columns} FROM {table} WHERE {at_generation(table)}{but} ORDER BY {order}"
        return _joined(connection.execute(sql, {"generation": generation}))

    return seal(
        *rows("key, shown, summary, rest", "articles", "key"),
        "",
        *rows("source, root, reason", "skipped", "1, 2, 3"),
        "",
        *rows('source, start, "end", text', "restored", "1, 2, 3"),
        "",
        *rows("name, value", "meta", "1", f" AND name != '{SEAL}'"),
    ).hex()


def seal_all(connection: sqlite3.Connection) -> None:
    """Seals every article and every passage as it is now, where there were no seals yet."""
    run = connection.execute
    for (key,) in run("SELECT key FROM articles").fetchall():
        of = {"key": key}
        row = run(f"SELECT {_COLUMNS} FROM articles WHERE key = :key", of).fetchone()
        removed, repairs = (run(sql, of).fetchall() for sql in SPANS)
        sealed = (*seals_of(row, removed, repairs), key)
        run("UPDATE articles SET shown = ?, summary = ?, rest = ? WHERE key = ?", sealed)
        for passage in run(f"SELECT {_PASSAGE} FROM passages WHERE article = :key", of).fetchall():
            inside = run(f"SELECT {_SENTENCE} FROM sentences WHERE passage = ? ORDER BY key", passage[:1])
            made = seal_of_passage(passage, inside.fetchall())
            run("UPDATE passages SET seal = ? WHERE key = ?", (made, passage[0]))


def damaged_rows(connection: sqlite3.Connection, generation: int) -> list[str]:
    """The sources of a generation's articles of which any value is not what was written."""
    live, at = at_generation("articles"), {"generation": generation}
    damaged: list[str] = []
    keys = list(connection.execute(f"SELECT key FROM articles WHERE {live} ORDER BY key", at))
    for (key,) in keys:
        if not _is_sound(connection, key):
            named = connection.execute("SELECT source FROM articles WHERE key = ?", (key,)).fetchone()
            damaged.append(str(named[0]))
    return damaged


def _is_sound(connection: sqlite3.Connection, key: int) -> bool:
    of = {"key": key}

    def row(columns: str) -> Row:
        found: Row = connection.execute(f"SELECT {columns} FROM articles WHERE key = :key", of).fetchone()
        return found

    removed, repairs = (connection.execute(sql, of).fetchall() for sql in SPANS)
    shown, summary, rest, passages, sentences = row("shown, summary, rest, passages, sentences")
    if shown != seal_of_article(row(_SHOWN), removed, repairs):
        return False
    if summary != seal(*row(_SUMMARY)) or rest != seal(*row(_REST)):
        return False
    found = connection.execute(f"SELECT {_PASSAGE}, seal FROM passages WHERE article = :key", of).fetchall()
    counted = 0
    for *passage, sealed in found:
        sql = f"SELECT {_SENTENCE} FROM sentences WHERE passage = ? ORDER BY key"
        inside = connection.execute(sql, (passage[0],)).fetchall()
        counted += len(inside)
        if sealed != seal_of_passage(passage, inside):
            return False
    return (len(found), counted) == (passages, sentences)
