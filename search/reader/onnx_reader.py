"""The bundled reader: the prepared graphs, run without torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path

import numpy as np

from search.arrays.batches import Window, cores, equal_length_batches, in_order
from search.arrays.vectors import Vectors
from search.encoding.preparation import GRAPH, PASSAGE_PROMPT, QUERY_PROMPT, TOKENIZER
from search.encoding.protocol import cleaned
from search.encoding.tokenizer import Tokenizer
from search.encoding.turns import Turns
from search.errors import ModelDamaged
from search.reader.adapter import Adapter
from search.reader.preparation import LOWER, UPPER, prepare_reader
from search.reader.protocol import LOGITS, QUESTION, SENTENCES, STATES
from search.reader.sessions import session

__all__ = ["NAME", "OnnxReader"]

NAME = "reader"
# What is longer is cut: the reader has learnt from texts of up to so many tokens.
_QUESTION_TOKENS, _SENTENCE_TOKENS = 48, 96


class OnnxReader:
    """Reads sentences in batches of one length, as many at a time as there are cores. What it has in memory
    besides the graphs is a few batches, however many sentences there are."""

    def __init__(self, adapter: Adapter, cache: Path | None = None) -> None:
        """Raises ModelMissing, ModelDamaged or ModelError as :func:`prepare_reader` does."""
        encoder, made = prepare_reader(adapter, cache)
        try:
            self._lower = session(made / LOWER, weights=(encoder / GRAPH).parent)
            self._upper = session(made / UPPER)
            self._tokenizer = Tokenizer(encoder / TOKENIZER)
        except Exception as error:  # ONNX Runtime raises bare exceptions for unreadable files
            reason = str(error).strip().splitlines()[0]
            raise ModelDamaged(
                f"the prepared reader in {made} cannot be loaded ({reason}); "
                "delete that folder to have it made again"
            ) from error
        self._name = f"{NAME}-{adapter.digest}"
        self._workers = cores()
        self._turns = Turns(self._workers)

    @property
    def name(self) -> str:
        return self._name

    def score(self, question: str, sentences: Sequence[str]) -> Vectors:
        """See :class:`search.reader.protocol.Reader`."""
        logits = np.zeros(len(sentences), np.float32)
        if not sentences:
            return logits
        with self._turns.turn():
            asked = self._states([self._ids(QUERY_PROMPT, question, _QUESTION_TOKENS)])

        def read(batch: list[Window]) -> tuple[list[Window], Vectors]:
            with self._turns.turn():
                states = self._states([window.ids for window in batch])
                (found,) = self._upper.run([LOGITS], {QUESTION: asked, SENTENCES: states})
            return batch, found

        for batch, found in self._each(read, equal_length_batches(self._windows(sentences))):
            logits[[window.text for window in batch]] = found
        return logits

    def _each(
        self, read: Callable[[list[Window]], tuple[list[Window], Vectors]], batches: Iterator[list[Window]]
    ) -> Iterator[tuple[list[Window], Vectors]]:
        first = list(islice(batches, 2))
        if len(first) == 1 or self._workers == 1:
            yield from map(read, chain(first, batches))
            return
        with ThreadPoolExecutor(self._workers) as pool:
            yield from in_order(pool, read, chain(first, batches), ahead=2 * self._workers)

    def _states(self, rows: list[list[int]]) -> Vectors:
        states: Vectors = self._lower.run([STATES], {"input_ids": np.array(rows, np.int64)})[0]
        return states

    def _windows(self, sentences: Sequence[str]) -> Iterator[Window]:
        for place, sentence in enumerate(sentences):
            yield Window(place, self._ids(PASSAGE_PROMPT, sentence, _SENTENCE_TOKENS))

    def _ids(self, prompt: str, text: str, most: int) -> list[int]:
        ids = self._tokenizer.ids(prompt + cleaned(text))
        return ids if len(ids) <= most else [*ids[: most - 1], ids[-1]]
