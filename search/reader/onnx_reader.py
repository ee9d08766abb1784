"""The bundled reader: the prepared graphs, run without torch."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from search.arrays.batches import Window, cores, padded, side_by_side, similar_length_batches, spread
from search.arrays.sessions import session
from search.arrays.vectors import Vectors
from search.encoding.adapter import ADAPTERS, digest_of
from search.encoding.preparation import GRAPH, PASSAGE_PROMPT, QUERY_PROMPT, TOKENIZER
from search.encoding.protocol import cleaned
from search.encoding.tokenizer import Tokenizer
from search.encoding.turns import Turns
from search.errors import ModelDamaged
from search.reader.preparation import LOWER, UPPER, prepare_reader
from search.reader.protocol import IDS, LENGTHS, LOGITS, QUESTION, SENTENCES, STATES
from search.reader.settings import READER

__all__ = ["NAME", "OnnxReader"]

NAME = "reader"


class _Opened(NamedTuple):
    lower: Any
    upper: Any
    tokenizer: Tokenizer


class OnnxReader:
    """Reads sentences in batches of similar lengths, as many at a time as there are cores. It is opened when
    something is first read; what it has in memory besides the graphs is a few batches."""

    def __init__(self, adapters: Path = ADAPTERS, cache: Path | None = None) -> None:
        """Raises ModelDamaged where the adapters' file is missing."""
        self._name = f"{NAME}-{digest_of(adapters)}"
        self._adapters, self._cache = adapters, cache
        self._opened: _Opened | None = None
        self._opening = threading.Lock()
        self._workers = cores()
        self._turns = Turns(self._workers)

    @property
    def name(self) -> str:
        return self._name

    def score(self, question: str, sentences: Sequence[str]) -> Vectors:
        """See :class:`search.reader.protocol.Reader`. Raises ModelMissing, ModelDamaged or ModelError as
        :func:`prepare_reader` does."""
        logits = np.zeros(len(sentences), np.float32)
        if not sentences:
            return logits
        graphs = self._graphs()
        asked = self._states(
            graphs, [Window(0, _ids(graphs, QUERY_PROMPT, question, READER.question_tokens))]
        )

        def read(batch: list[Window]) -> tuple[list[Window], Vectors]:
            states = self._states(graphs, batch)
            lengths = np.array([len(window.ids) for window in batch], np.int32)
            with self._turns.turn():
                (found,) = graphs.upper.run([LOGITS], {QUESTION: asked, SENTENCES: states, LENGTHS: lengths})
            return batch, found

        for batch, found in spread(read, _batches(graphs, sentences), self._workers, ahead=2 * self._workers):
            logits[[window.text for window in batch]] = found
        return logits

    def _states(self, graphs: _Opened, batch: list[Window]) -> Vectors:
        ids, lengths = padded(batch)
        with self._turns.turn():
            states: Vectors = graphs.lower.run([STATES], {IDS: ids, LENGTHS: lengths})[0]
        return states

    def _graphs(self) -> _Opened:
        with self._opening:
            if self._opened is None:
                self._opened = _open(self._adapters, self._cache)
            return self._opened


def _open(adapters: Path, cache: Path | None) -> _Opened:
    encoder, made = prepare_reader(adapters, cache)
    weights = (encoder / GRAPH).parent
    try:
        upper, lower = side_by_side(
            lambda: session(made / UPPER), lambda: session((made / LOWER).read_bytes(), weights=weights)
        )
        return _Opened(lower, upper, Tokenizer(encoder / TOKENIZER))
    except Exception as error:  # ONNX Runtime raises bare exceptions for unreadable files
        reason = str(error).strip().splitlines()[0]
        raise ModelDamaged(
            f"the prepared reader in {made} cannot be loaded ({reason}); "
            "delete that folder to have it made again"
        ) from error


def _batches(graphs: _Opened, sentences: Sequence[str]) -> Iterator[list[Window]]:
    for start in range(0, len(sentences), READER.sentences_at_a_time):
        yield from similar_length_batches(
            Window(place, _ids(graphs, PASSAGE_PROMPT, sentence, READER.sentence_tokens))
            for place, sentence in enumerate(sentences[start : start + READER.sentences_at_a_time], start)
        )


def _ids(graphs: _Opened, prompt: str, text: str, most: int) -> list[int]:
    ids = graphs.tokenizer.ids(prompt + cleaned(text))
    return ids if len(ids) <= most else [*ids[: most - 1], ids[-1]]
