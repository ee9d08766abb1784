"""The exact half of the lexical leg: a Whoosh index that answers quoted phrases and exclusions.

Ranking by words is :mod:`search.postings`'; this index keeps positions, so that "a quoted phrase" is
found exactly, word by word, in any language, and ``-word`` keeps passages out. The user's text never
reaches Whoosh's own query parser (it can be made to run for minutes): :mod:`search.query` reads it, and
queries are put together here. The fields hold forms that :mod:`search.analysis` made.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import fields, index, query
from whoosh.analysis import Token, Tokenizer

from search import analysis
from search.budget import checkpoint, remaining

__all__ = ["ExactIndex", "ExactIndexBuilder"]

_SEPARATOR = "\n"
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
    forms = fields.TEXT(analyzer=_Forms(), phrase=True, stored=False)
    return fields.Schema(row=fields.STORED, forms=forms)


class ExactIndexBuilder:
    """Writes passages in row order into one segment."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        self._index = index.create_in(str(directory), _schema())
        self._writer = self._index.writer(limitmb=64)
        self._rows = 0

    def add(self, text: str) -> None:
        """The next passage."""
        forms = _SEPARATOR.join(word.form for word in analysis.words(text))
        self._writer.add_document(row=self._rows, forms=forms)
        self._rows += 1

    def finish(self) -> None:
        self._writer.commit(optimize=True)
        self._index.close()


class ExactIndex:
    """An index opened for reading; thread-safe (Whoosh's readers are not, so one at a time)."""

    def __init__(self, directory: Path, size: int) -> None:
        self._index = index.open_dir(str(directory))
        self._searcher = self._index.searcher()
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
        self._searcher.close()
        self._index.close()

    def _having(self, windows: Sequence[tuple[str, ...]]) -> NDArray[np.bool_]:
        """Which passages have every one of these runs of words."""
        every = np.full(self._size, True)
        for window in windows:
            checkpoint("phrases")
            found = np.zeros(self._size, np.bool_)
            found[self._rows(_phrase(window))] = True
            every &= found
            if not every.any():
                break
        return every

    def _rows(self, wanted: Any) -> list[int]:
        searcher = self._searcher
        found: list[int] = []
        for number in searcher.docs_for_query(wanted):
            if len(found) % _CHECKED == 0:
                checkpoint("phrases")
            found.append(searcher.stored_fields(number)["row"])
        return found


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
