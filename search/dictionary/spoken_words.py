"""The words of a library's sentences, read for its vocabulary: they need no vectors."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from kb.mishaps import at_cost_of_all
from search.arrays.runs import offsets_of
from search.arrays.vectors import Ints
from search.dictionary.settings import DICTIONARY
from search.dictionary.term_vectors import piece_ends
from search.encoding.protocol import Encoder
from search.language.terms import LanguageTokens

__all__ = ["Read", "SpokenWords"]


@dataclass(frozen=True, slots=True)
class Read:
    """One language's words; the rows of its sentences, the last characters of the encoder's pieces of each,
    and the offsets of those (see :func:`search.dictionary.term_vectors.piece_ends`)."""

    tokens: LanguageTokens
    rows: Ints
    ends: Ints
    offsets: Ints


class SpokenWords:
    """The words of sentences by language, read in a thread of ``aside`` before anyone takes them, since that
    needs no vectors: it begins while the sentences are encoded."""

    def __init__(
        self, texts: Sequence[str], languages: Sequence[str], encoder: Encoder, aside: ThreadPoolExecutor
    ) -> None:
        self._texts, self._encoder, self._aside = texts, encoder, aside
        self._labels = np.array(languages)
        self._sizes = Counter(languages)
        # The largest first: what remains to be done after the last of them is little.
        self.languages = sorted(self._sizes, key=lambda code: (-self._sizes[code], code))
        self._coming = iter(self.languages)
        self._begun: dict[str, Future[Read]] = {}
        self._lock = threading.Lock()
        self._read_ahead()

    def __len__(self) -> int:
        return len(self._texts)

    def take(self, language: str) -> Read:
        """The words of one language; each is taken once, in the order of ``languages`` or nearly so. Raises
        CancelledError where nobody wants them any more."""
        with self._lock:
            while language not in self._begun and self._begin():
                pass
            waiting = self._begun.get(language)
        if waiting is None:
            raise CancelledError(f"the words in {language!r} were taken, or are no longer wanted")
        found = waiting.result()
        with self._lock:
            del self._begun[language]
            self._read_ahead()
        return found

    def __enter__(self) -> SpokenWords:
        return self

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._coming = iter(())
            for reading in self._begun.values():
                reading.cancel()

    def _read_ahead(self) -> None:
        while sum(map(self._sizes.__getitem__, self._begun)) < DICTIONARY.sentences_ahead and self._begin():
            pass

    def _begin(self) -> bool:
        language = next(self._coming, None)
        if language is not None:
            self._begun[language] = self._aside.submit(self._read, language)
        return language is not None

    @at_cost_of_all("reading words")
    def _read(self, language: str) -> Read:
        rows = np.flatnonzero(self._labels == language)
        tokens, ends = LanguageTokens(), []
        for start in range(0, len(rows), DICTIONARY.sentences_at_a_time):
            part = rows[start : start + DICTIONARY.sentences_at_a_time].tolist()
            texts = [self._texts[row] for row in part]
            pieces = self._encoder.pieces(texts)
            for row, text, spans in zip(part, texts, pieces, strict=True):
                tokens.add(row, text, language, spans)
            ends += [piece_ends(spans) for spans in pieces]
        offsets = offsets_of([len(of_sentence) for of_sentence in ends])
        return Read(tokens, rows, np.concatenate([np.zeros(0, np.int64), *ends]), offsets)
