"""The exact half of the lexical leg: a Whoosh index that answers quoted phrases and exclusions.

Ranking by words is :mod:`search.passages.postings`'; this index keeps positions, so that "a quoted phrase" is
found exactly, word by word, in any language, and ``-word`` keeps passages out. The user's text never reaches
Whoosh's own query parser (it can be made to run for minutes): :mod:`search.ranking.query` reads it, and
queries are put together here. The fields hold forms that :mod:`search.language.analysis` made.

There are two parts: passages that were written when all were, never written again, and those added since.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import fields, index, query
from whoosh.analysis import Token, Tokenizer

from kb.text.cached_arrays import read_array
from search.arrays.kept import Kept
from search.budget import checkpoint, remaining
from search.language import analysis

__all__ = ["ExactIndex", "ExactIndexBuilder"]

_SEPARATOR = "\n"
# Each part is a folder, with the rows of its documents beside it.
_WHOLE, _ADDED = "whole", "added"
_CHECKED = 256  # passages between two looks at the clock
_WINDOW = 8  # words of a phrase that are looked for at a time


class _Forms(Tokenizer):  # type: ignore[misc]
    """Takes forms that were made already, one a line; positions count them."""

    def __call__(self, value: str, positions: bool = False, **options: Any) -> Any:
        token = Token(positions, **options)
        for position, form in enumerate(value.split(_SEPARATOR)):
            token.text = form
            token.boost = 1.0
            if positions:
                token.pos = position
            yield token


def _schema() -> Any:
    return fields.Schema(forms=fields.TEXT(analyzer=_Forms(), phrase=True, stored=False))


class ExactIndexBuilder:
    """Writes passages in row order: all of them into one part, or, after those that stay of the index of the
    generation before, what was added since all were written into another."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._part = _WHOLE
        self._index: Any = None
        self._writer: Any = None
        self._first, self._rows = 0, 0

    def carry(self, before: Path, kept: Kept) -> NDArray[np.int64]:
        """Takes over what was written with all passages then, as it is, but for what is gone. The rows that
        were added since, and are there still, as they are now: they are to be given once more."""
        shutil.copytree(before / _WHOLE, self._directory / _WHOLE)
        places = kept.places()
        rows = _rows(before, _WHOLE)
        np.save(self._directory / f"{_WHOLE}.npy", np.where(rows >= 0, places[rows], -1))
        later = places[_rows(before, _ADDED)] if (before / _ADDED).exists() else rows[:0]
        later = later[later >= 0]
        self._part, self._first = _ADDED, len(kept.rows) - len(later)
        return later

    def add(self, text: str) -> None:
        """The next passage."""
        self.add_forms([word.form for word in analysis.words(text)])

    def add_forms(self, forms: Sequence[str]) -> None:
        """The next passage, given as its words' forms."""
        if self._writer is None:
            self._begin()
        self._writer.add_document(forms=_SEPARATOR.join(forms))
        self._rows += 1

    def finish(self) -> None:
        if self._writer is None and self._part == _WHOLE:
            self._begin()
        if self._writer is not None:
            self._writer.commit(optimize=True)
            self._index.close()
            rows = np.arange(self._first, self._first + self._rows)
            np.save(self._directory / f"{self._part}.npy", rows)

    def _begin(self) -> None:
        folder = self._directory / self._part
        folder.mkdir()
        self._index = index.create_in(str(folder), _schema())
        self._writer = self._index.writer(limitmb=64)


def _rows(directory: Path, part: str) -> NDArray[np.int64]:
    rows: NDArray[np.int64] = read_array(directory / f"{part}.npy")
    return rows


class _Part:
    """A Whoosh index, and the row of each of its documents, −1 where it is gone."""

    def __init__(self, directory: Path, name: str) -> None:
        self._index = index.open_dir(str(directory / name))
        self._searcher = self._index.searcher()
        self._row = _rows(directory, name)

    def rows(self, wanted: Any) -> NDArray[np.int64]:
        """The rows of the documents that have what is asked for, ascending."""
        found: list[int] = []
        for number in self._searcher.docs_for_query(wanted):
            if len(found) % _CHECKED == 0:
                checkpoint("phrases")
            found.append(number)
        rows = self._row[np.array(found, dtype=np.int64)]
        return rows[rows >= 0]

    def close(self) -> None:
        self._searcher.close()
        self._index.close()


class ExactIndex:
    """An index opened for reading; thread-safe (Whoosh's readers are not, so one at a time)."""

    def __init__(self, directory: Path, size: int) -> None:
        self._parts = [_Part(directory, name) for name in (_WHOLE, _ADDED) if (directory / name).exists()]
        self._size = size
        self._lock = threading.Lock()

    def holding(self, forms: Sequence[str]) -> NDArray[np.int64]:
        """The rows of the passages that have these word forms one after the other, ascending."""
        while not self._lock.acquire(timeout=remaining()):
            checkpoint("phrases")
        try:
            return np.flatnonzero(self._having(_windows(tuple(forms))))
        finally:
            self._lock.release()

    def close(self) -> None:
        for part in self._parts:
            part.close()

    def _having(self, windows: Sequence[tuple[str, ...]]) -> NDArray[np.bool_]:
        """Which passages have every one of these runs of words."""
        every = np.full(self._size, True)
        for window in windows:
            checkpoint("phrases")
            found = np.zeros(self._size, np.bool_)
            for part in self._parts:
                found[part.rows(_phrase(window))] = True
            every &= found
            if not every.any():
                break
        return every


def _windows(forms: tuple[str, ...]) -> list[tuple[str, ...]]:
    """A phrase in runs that overlap by half: what Whoosh takes for one grows with its length
    times the passages that have all of its words, to seconds for a long one of usual words."""
    if len(forms) <= _WINDOW:
        return [forms] if forms else []
    starts = [*range(0, len(forms) - _WINDOW, _WINDOW // 2), len(forms) - _WINDOW]
    return list(dict.fromkeys(forms[start : start + _WINDOW] for start in starts))


def _phrase(forms: tuple[str, ...]) -> Any:
    """A query for words next to one another."""
    return query.Term("forms", forms[0]) if len(forms) == 1 else query.Phrase("forms", list(forms))
