"""The exact half of the lexical leg: a Whoosh index that answers quoted phrases and exclusions.

Ranking by words is :mod:`search.passages.postings`'; here "a quoted phrase" is found exactly, word by word,
in any language, and ``-word`` keeps passages out. Whoosh tells which passages may have all of the words:
terms are dealt out to a few thousand numbers, of which it keeps a passage's. Whether the words are there, and
one after the other, is told by where each passage's words are (:mod:`search.passages.word_prints`). The
user's text never reaches Whoosh's own query parser (it can be made to run for minutes):
:mod:`search.ranking.query` reads it, and queries are put together here. It is given the words of our own
analysis, each with all that it is found by (:mod:`search.language.index_terms`).

There are two parts: passages that were written when all were, never written again, and those added since.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from whoosh import fields, formats, index, query
from whoosh.analysis import Token, Tokenizer
from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.filedb.filestore import FileStorage

from kb.text.cached_arrays import read_array
from kb.text.hashes import hash64
from search.arrays.kept import KeptRows
from search.budget import checkpoint, remaining
from search.language.index_terms import IndexedWord, exact_terms, indexed_words
from search.passages.settings import PASSAGES
from search.passages.word_prints import WordPrints

__all__ = ["ExactIndex", "ExactIndexBuilder"]

# Each part is a folder, with the rows of its documents beside it.
_WHOLE, _ADDED = "whole", "added"
_FIELD = "words"
# As many numbers as terms are dealt out to: with few, more passages have a word's number that have not the
# word, with many Whoosh's own tables are larger than what is in them.
_DEALT = 1 << 12

_Words: TypeAlias = Sequence[tuple[str, ...]]


class _Numbers(Tokenizer):  # type: ignore[misc]
    """Takes what was analysed already."""

    def __call__(self, value: str, **options: Any) -> Any:
        token = Token(**options)
        for number in value.split():
            token.text, token.boost = number, 1.0
            yield token


class _Held(fields.FieldType):  # type: ignore[misc]
    """A field of which it is kept which passages have what, and nothing else."""

    def __init__(self) -> None:
        self.analyzer, self.format = _Numbers(), formats.Existence()
        self.scorable = self.stored = self.unique = False
        self.vector = None


class _Named(W3Codec):  # type: ignore[misc]
    """Whoosh's own, but for the name of what it writes, which would be made up: the same passages make the
    same files. A folder has one segment."""

    def new_segment(self, storage: Any, indexname: str) -> Any:
        # It is kept with the segment, whose reader shall need nothing of ours.
        return W3Segment(W3Codec(), indexname, segid=_FIELD)


class _Timeless(FileStorage):  # type: ignore[misc]
    """A folder for Whoosh, which would write down when its files were made."""

    def file_modified(self, name: str) -> float:
        return 0.0


def _schema() -> Any:
    return fields.Schema(words=_Held())


@lru_cache(maxsize=1 << 15)
def _number(term: str) -> str:
    """The number that a term is dealt out to."""
    return f"{hash64(term) % _DEALT:x}"


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
        numbers = {_number(term) for word in words for term in exact_terms(word)}
        self._writer.add_document(words=" ".join(sorted(numbers)))
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
        self._index = _Timeless(str(folder)).create_index(_schema())
        self._writer = self._index.writer(limitmb=64, codec=_Named())


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
        """The rows of the documents that may have all of these words, ascending."""
        found: list[int] = []
        some = query.And([self._any_of(terms) for terms in words])
        for number in self._searcher.docs_for_query(some.normalize()):
            if len(found) % PASSAGES.checked == 0:
                checkpoint("phrases")
            found.append(number)
        rows = self._row[np.array(found, dtype=np.int64)]
        return rows[rows >= 0]

    def _any_of(self, terms: Sequence[str]) -> Any:
        """A query for what may have any of some terms."""
        reader = self._searcher.reader()
        numbers = sorted({_number(term) for term in terms})
        return query.Or([query.Term(_FIELD, number) for number in numbers if (_FIELD, number) in reader])

    def close(self) -> None:
        self._searcher.close()
        self._index.close()


class ExactIndex:
    """An index opened for reading, with the ``words`` of the passages; thread-safe (Whoosh's readers are not,
    so one at a time)."""

    def __init__(self, directory: Path, words: WordPrints) -> None:
        self._parts = [_Part(directory, name) for name in (_WHOLE, _ADDED) if (directory / name).exists()]
        self._words = words
        self._lock = threading.Lock()

    def holding(self, words: _Words) -> NDArray[np.int64]:
        """The rows of the passages that have these words one after the other, each by any of its terms (see
        :mod:`search.language.index_terms`), ascending."""
        known = {terms: self._words.found_by(terms) for terms in dict.fromkeys(words)}
        if not all(there for there, _ in known.values()):
            return np.zeros(0, np.int64)
        while not self._lock.acquire(timeout=remaining()):
            checkpoint("phrases")
        try:
            rows = np.unique(
                np.concatenate([part.rows([there for there, _ in known.values()]) for part in self._parts])
            )
        finally:
            self._lock.release()
        found = [rows[:0]]
        for start in range(0, len(rows), PASSAGES.checked):
            checkpoint("phrases")
            some = rows[start : start + PASSAGES.checked]
            found.append(self._words.in_a_row([known[terms][1] for terms in words], some))
        return np.concatenate(found)

    def close(self) -> None:
        for part in self._parts:
            part.close()
