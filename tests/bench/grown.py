"""A library grown to any size: its articles again and again, each copy's vectors moved towards those of other
texts.

Postings, the vocabulary's occurrences, links and kept tokens are those of the copies; so the lexical side is
real text with real frequencies, and only the vectors are synthetic. What a query costs is that of a library
of the size; what it finds is worth nothing.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.store.seals import SPANS, seal_of_passage, seals_of
from kb.store.store import DATABASE
from search.arrays.int8 import Int8Rows
from search.arrays.runs import offsets_of
from search.disk import layout, manifest
from search.passages.matrices import StoredVectors

__all__ = ["grow"]

# So much of another text is added to a copy's vector, whose spectrum so stays that of real texts.
_OTHER = 0.7


def grow(library: Path, to: Path, copies: int) -> tuple[int, int]:
    """Writes the library so many times over into a new folder; its passages and sentences then."""
    shutil.copytree(library, to, ignore=shutil.ignore_patterns("cache"))
    generation = layout.read_live(to).generation
    folder = layout.generation_directory(to, generation)
    passages = _vectors(folder / "vectors", "passages", copies)
    sentences = _vectors(folder / "vectors", "sentences", copies)
    _offsets(folder / "vectors" / "bounds.npy", copies)
    words = ("prints/leads", "prints/gaps", "prints/lengths", "prints/numbers")
    for name in ("keys/article_language", "postings/row_language", "vectors/kinds", *words):
        path = folder / f"{name}.npy"
        np.save(path, np.tile(np.load(path), copies))
    rows = [Int8Rows.read(folder / "vectors", name) for name in ("passages", "sentences")]
    axes = np.load(folder / "vectors" / "axes.npy").astype(np.float32)
    arrays = [np.load(folder / "vectors" / f"{name}.npy") for name in ("bounds", "kinds")]
    StoredVectors.made(*rows, axes, *arrays).gists.write(folder / "vectors", "gists")
    _offsets(folder / "tokens" / "offsets.npy", copies)
    _offsets(folder / "links" / "offsets.npy", copies)
    _offsets(folder / "prints" / "offsets.npy", copies)
    _tokens(folder / "tokens" / "tokens.npy", copies)
    keys_of_tokens = folder / "tokens" / "keys.npy"
    np.save(keys_of_tokens, np.tile(np.load(keys_of_tokens), (copies, 1)))
    keys = _database(to / DATABASE, copies)
    steps = {
        "keys/passages": keys["passages"],
        "keys/articles": keys["articles"],
        "links/targets": passages,
    }
    for name, step in steps.items():
        old = np.load(folder / f"{name}.npy")
        every = old + step * np.arange(copies)[:, None]
        np.save(folder / f"{name}.npy", every.astype(old.dtype).ravel())
    _lists(folder / "postings", "offsets", ("passages", "impacts"), passages, copies)
    _lists(folder / "vocabulary", "term_rows", ("rows",), sentences, copies)
    (folder / manifest.MANIFEST).unlink()
    manifest.write(folder, layout.FORMAT_VERSION)
    return passages * copies, sentences * copies


# Columns that are other in every copy: keys by so much a copy, texts by the copy's number.
_TABLES = {
    "articles": {"key": "articles", "id": "", "source": ""},
    "passages": {"key": "passages", "article": "articles"},
    "sentences": {"key": "sentences", "passage": "passages"},
}


def _database(path: Path, copies: int) -> dict[str, int]:
    """Copies every article with its passages and sentences; by how much a copy's keys are higher."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        steps = {name: connection.execute(f"SELECT max(key) FROM {name}").fetchone()[0] for name in _TABLES}
        connection.execute("CREATE TEMP TABLE copy (n INTEGER)")
        connection.executemany("INSERT INTO copy VALUES (?)", [(n,) for n in range(1, copies)])
        for table, other in _TABLES.items():
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            made = [
                column
                if column not in other
                else f"{column} + copy.n * {steps[other[column]]}"
                if other[column]
                else f"{column} || '-' || copy.n"
                for column in columns
            ]
            names = ", ".join(f'"{column}"' for column in columns)
            values = ", ".join('"end"' if one == "end" else one for one in made)
            connection.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM {table}, copy")
        _sealed(connection)
        connection.commit()
    return steps


def _sealed(connection: sqlite3.Connection) -> None:
    """Seals the copies, as whoever writes an article does."""
    run = connection.execute
    for (key,) in run("SELECT key FROM articles").fetchall():
        row = run("SELECT * FROM articles WHERE key = ?", (key,)).fetchone()
        spans = [run(sql, {"key": key}).fetchall() for sql in SPANS]
        seals = seals_of(row, *spans)
        run("UPDATE articles SET shown = ?, summary = ?, rest = ? WHERE key = ?", (*seals, key))
    sentences = 'SELECT key, ordinal, start, "end", kind FROM sentences WHERE passage = ? ORDER BY key'
    for *row, _ in run("SELECT * FROM passages").fetchall():
        seal = seal_of_passage(row, run(sentences, (row[0],)))
        run("UPDATE passages SET seal = ? WHERE key = ?", (seal, row[0]))


def _vectors(folder: Path, name: str, copies: int) -> int:
    rows, axes = Int8Rows.read(folder, name), np.load(folder / "axes.npy").astype(np.float32)
    exact, chance = rows.floats(slice(None), axes), np.random.default_rng(0)
    count = len(exact)
    shapes = {"prefix": rows.prefix.shape[1], "rest": rows.rest.shape[1]}
    grown: dict[str, Any] = {
        part: np.lib.format.open_memmap(folder / f"{part}.tmp", "w+", np.int8, (count * copies, width))
        for part, width in shapes.items()
    }
    steps = np.zeros(count * copies, np.float32)
    for copy in range(copies):
        others = exact[chance.permutation(count)] * np.float32(_OTHER if copy else 0)
        mixed = exact + others
        mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
        part = Int8Rows.of(mixed, axes)
        span = slice(copy * count, (copy + 1) * count)
        grown["prefix"][span], grown["rest"][span], steps[span] = part.prefix, part.rest, part.steps
    for part in shapes:
        grown[part].flush()
        (folder / f"{part}.tmp").replace(folder / f"{name}_{part}.npy")
    np.save(folder / f"{name}_steps.npy", steps)
    return count


def _offsets(path: Path, copies: int) -> None:
    offsets = np.load(path)
    sizes = np.tile(np.diff(offsets), copies)
    np.save(path, offsets_of(sizes).astype(offsets.dtype))


def _tokens(path: Path, copies: int) -> None:
    """The kept tokens of every copy, without holding all of them at once."""
    tokens = np.load(path)
    shape = (len(tokens) * copies, tokens.shape[1])
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
        for _ in range(copies):
            file.write(tokens.tobytes())


def _lists(folder: Path, offsets: str, columns: tuple[str, ...], size: int, copies: int) -> None:
    """Ascending lists of numbers below ``size``, each followed by itself, ``size`` higher every time; the
    first column has the numbers, the others what goes with them."""
    starts: NDArray[np.int64] = np.load(folder / f"{offsets}.npy").astype(np.int64)
    lengths = np.diff(starts)
    ends = offsets_of(lengths * copies)
    old = {name: np.load(folder / f"{name}.npy") for name in columns}
    old[columns[0]] = old[columns[0]].astype(np.uint32)  # in fewer bytes where there are fewer
    new = {name: np.empty(int(ends[-1]), one.dtype) for name, one in old.items()}
    for start, length, end in zip(starts[:-1].tolist(), lengths.tolist(), ends[:-1].tolist(), strict=True):
        for at, name in enumerate(columns):
            grown = np.tile(old[name][start : start + length], copies)
            if at == 0:
                grown += np.repeat(np.arange(copies, dtype=grown.dtype) * size, length).astype(grown.dtype)
            new[name][end : end + length * copies] = grown
    for name, one in new.items():
        np.save(folder / f"{name}.npy", one)
    np.save(folder / f"{offsets}.npy", ends)
