"""The exact half of the lexical leg: a Whoosh index that answers quoted phrases and exclusions.

Ranking by words is :mod:`search.passages.postings`'; this index keeps positions, so that "a quoted phrase" is
found exactly, word by word, in any language, and ``-word`` keeps passages out. The user's text never reaches
Whoosh's own query parser (it can be made to run for minutes): :mod:`search.ranking.query` reads it, and
queries are put together here. It is given the words of our own analysis, each with all that it is found by
(:mod:`search.language.index_terms`).

There are two parts: passages that were written when all were, never written again, and those added since.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from whoosh import fields, index, query
from whoosh.analysis import Token, Tokenizer
from whoosh.query import spans

from kb.text.cached_arrays import read_array
from search.arrays.kept import KeptRows
from search.budget import checkpoint, remaining
from search.language.index_terms import IndexedWord, exact_terms, indexed_words
from search.passages.settings import PASSAGES

__all__ = ["ExactIndex", "ExactIndexBuilder"]

_SEPARATOR, _BESIDE = "\n", "\t"
# Each part is a folder, with the rows of its documents beside it.
_WHOLE, _ADDED = "whole", "added"
_FIELD = "words"

_Words: TypeAlias = tuple[tuple[str, ...], ...]


class _Analysed(Tokenizer):  # type: ignore[misc]
    """Takes words that were analysed already, one a line, with all the terms that each is found by; positions
    count the words."""

    def __call__(self, value: str, positions: bool = False, **options: Any) -> Any:
        token = Token(positions, **options)
        for position, terms in enumerate(value.split(_SEPARATOR)):
            for term in terms.split(_BESIDE):
                token.text = term
                token.boost = 1.0
                if positions:
                    token.pos = position
                yield token


def _schema() -> Any:
    return fields.Schema(words=fields.TEXT(analyzer=_Analysed(), phrase=True, stored=False))


class ExactIndexBuilder:
    """Writes passages in row order: all of them into one part, or, after those that stay of the index of the
    generation before, what was added since all were written into another."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._part = _WHOLE
        self._index: Any = None
        self._writer: Any = None
        self._first, self._rows = 0, 0

    def carry(self, before: Path, kept: KeptRows) -> NDArray[np.int64]:
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

    def add(self, text: str, language: str) -> None:
        """The next passage."""
        self.add_words(indexed_words(text, language))

    def add_words(self, words: Sequence[IndexedWord]) -> None:
        """The next passage, given as its words."""
        if self._writer is None:
            self._begin()
        self._writer.add_document(words=_SEPARATOR.join(_BESIDE.join(exact_terms(word)) for word in words))
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

    def rows(self, words: _Words) -> NDArray[np.int64]:
        """The rows of the documents that have these words one after the other, ascending."""
        found: list[int] = []
        for number in self._searcher.docs_for_query(self._next_to_one_another(words)):
            if len(found) % PASSAGES.checked == 0:
                checkpoint("phrases")
            found.append(number)
        rows = self._row[np.array(found, dtype=np.int64)]
        return rows[rows >= 0]

    def _next_to_one_another(self, words: _Words) -> Any:
        """A query for words in a row, each by whichever of its terms there are."""
        reader = self._searcher.reader()
        every = []
        for terms in words:
            known = [query.Term(_FIELD, term) for term in terms if (_FIELD, term) in reader]
            if not known:
                return query.NullQuery
            every.append(known[0] if len(known) == 1 else query.Or(known))
        return every[0] if len(every) == 1 else spans.SpanNear2(every)

    def close(self) -> None:
        self._searcher.close()
        self._index.close()


class ExactIndex:
    """An index opened for reading; thread-safe (Whoosh's readers are not, so one at a time)."""

    def __init__(self, directory: Path, size: int) -> None:
        self._parts = [_Part(directory, name) for name in (_WHOLE, _ADDED) if (directory / name).exists()]
        self._size = size
        self._lock = threading.Lock()

    def holding(self, words: Sequence[tuple[str, ...]]) -> NDArray[np.int64]:
        """The rows of the passages that have these words one after the other, each by any of its terms (see
        :mod:`search.language.index_terms`), ascending."""
        while not self._lock.acquire(timeout=remaining()):
            checkpoint("phrases")
        try:
            return np.flatnonzero(self._having(_windows(tuple(words))))
        finally:
            self._lock.release()

    def close(self) -> None:
        for part in self._parts:
            part.close()

    def _having(self, windows: Sequence[_Words]) -> NDArray[np.bool_]:
        """Which passages have every one of these runs of words."""
        every = np.full(self._size, True)
        for window in windows:
            checkpoint("phrases")
            found = np.zeros(self._size, np.bool_)
            for part in self._parts:
                found[part.rows(window)] = True
            every &= found
            if not every.any():
                break
        return every


def _windows(words: _Words) -> list[_Words]:
    """A phrase in runs that overlap by half: what Whoosh takes for one grows with its length
    times the passages that have all of its words, to seconds for a long one of usual words."""
    window = PASSAGES.phrase_window
    if len(words) <= window:
        return [words] if words else []
    starts = [*range(0, len(words) - window, window // 2), len(words) - window]
    return list(dict.fromkeys(words[start : start + window] for start in starts))
