"""Texts in, unit vectors out.

Two encoders of one shape: :class:`OnnxEncoder` runs the bundled model's int8 graph without importing
torch; :class:`SentenceTransformerEncoder` runs any other sentence-transformers model, by name or folder.
``load`` picks one. Both are thread-safe and bound how many encodes run at a time.

Defined here for every model: a text without a token (empty, white space, control characters) has the
zero vector, similar to nothing; a text longer than the model's window is encoded in consecutive windows,
and its vector is their mean, weighted by their tokens, brought back to unit length. Nothing is cut off.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from pathlib import Path
from weakref import WeakValueDictionary

import numpy as np

from search.arrays.batches import Window, cores, equal_length_batches, side_by_side, spread
from search.arrays.sessions import session
from search.arrays.vectors import Vectors, unit_rows
from search.encoding.bundled import TOKEN_EMBEDDINGS
from search.encoding.preparation import (
    BUNDLED_NAME,
    GRAPH,
    PASSAGE_PROMPT,
    QUERY_PROMPT,
    RUN_FILES,
    TOKENIZER,
    damaged_files,
    prepare_bundled,
    read_manifest,
)
from search.encoding.protocol import Encoder, ModelIdentity, Progress, cleaned
from search.encoding.sentence_transformer import SentenceTransformerEncoder
from search.encoding.settings import ENCODING
from search.encoding.tokenizer import Tokenizer
from search.encoding.turns import Turns
from search.errors import ModelDamaged

__all__ = ["OnnxEncoder", "load"]


# A process needs a model once, however many libraries it has open: what it takes, and the bound on encodes.
_encoders: WeakValueDictionary[tuple[object, ...], OnnxEncoder] = WeakValueDictionary()
_sharing = threading.Lock()


def load(
    model: str | None = None,
    *,
    cache: Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Encoder:
    """The bundled encoder, or the sentence-transformers model of that name or folder.

    ``cache`` is where prepared models live; ``progress`` is told of a preparation. The bundled encoder is
    there once in a process, for all who use it at a time.
    Raises ModelMissing, ModelDamaged, or ModelError where the cache cannot be written.
    """
    if model is not None and model != BUNDLED_NAME:
        return SentenceTransformerEncoder(model)
    try:
        return _shared(prepare_bundled(cache, progress))
    except ModelDamaged:  # noticed while loading: prepared anew, once
        return _shared(prepare_bundled(cache, progress, thorough=True))


def _shared(directory: Path) -> OnnxEncoder:
    """The encoder of a prepared directory that somebody has already, if its files have not changed since."""
    try:
        files = [(directory / name).stat() for name in RUN_FILES]
    except OSError as error:  # another process replaces it: whoever loads it sees what is wrong
        raise ModelDamaged(
            f"{directory}: {error.strerror}; delete that folder to have it made again"
        ) from error
    states = ((state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns) for state in files)
    key = (directory.resolve(), *states)
    with _sharing:
        found = _encoders.get(key)
        if found is None:
            found = _encoders[key] = OnnxEncoder(directory)
    return found


class OnnxEncoder:
    """Runs a prepared directory's ONNX graph. A batch holds texts of one token length, so there is no
    padding to compute and no mask (see :mod:`search.encoding.graph`)."""

    def __init__(self, directory: Path) -> None:
        """Raises ModelDamaged where a file that it reads is not, byte for byte, what was written."""
        try:
            damaged, (self._session, self._tokenizer) = side_by_side(
                lambda: damaged_files(directory, RUN_FILES),
                lambda: (session(directory / GRAPH, plans=True), Tokenizer(directory / TOKENIZER)),
            )
            if damaged:
                raise ValueError(f"{', '.join(damaged)}: not what was written")
            settings = json.loads((directory / "config.json").read_text("utf-8"))
            revision = str(read_manifest(directory)["revision"])
        except Exception as error:  # both libraries raise bare exceptions for unreadable files
            reason = str(error).strip().splitlines()[0]
            raise ModelDamaged(
                f"the prepared model in {directory} cannot be loaded ({reason}); "
                "delete that folder to have it made again"
            ) from error
        self._window = int(settings["max_position_embeddings"])
        self._identity = ModelIdentity(BUNDLED_NAME, revision, int(settings["hidden_size"]))
        # What a text without a token of its own comes to.
        self._bare = {prompt: self._tokenizer.ids(prompt) for prompt in (QUERY_PROMPT, PASSAGE_PROMPT)}
        self._workers = cores()
        self._turns, self._rank = Turns(self._workers), 0

    @property
    def identity(self) -> ModelIdentity:
        return self._identity

    def later(self, rank: int) -> OnnxEncoder:
        """The same encoder for work that can wait (see :class:`search.encoding.protocol.Encoder`)."""
        other = copy(self)
        other._rank = rank
        return other

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(QUERY_PROMPT, texts, None)

    def passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._encode(PASSAGE_PROMPT, texts, progress)

    def with_tokens(
        self, texts: Sequence[str], *, query: bool = False
    ) -> Iterator[tuple[int, Vectors, Vectors]]:
        """Each text's place, its unit vector, and its tokens' vectors (tokens, dimension) without the
        prompt's and the special ones; in no particular order. As queries, or as passages."""
        yield from self._encoded(QUERY_PROMPT if query else PASSAGE_PROMPT, texts)

    def pieces(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Where the tokens that :meth:`with_tokens` gives of each passage are in its text."""
        skip, shift = len(self._bare[PASSAGE_PROMPT]) - 2, len(PASSAGE_PROMPT)
        found = (self._tokenizer.offsets(PASSAGE_PROMPT + cleaned(text))[skip:] for text in texts)
        return [[(max(0, a - shift), max(0, b - shift)) for a, b in spans] for spans in found]

    def _encode(self, prompt: str, texts: Sequence[str], progress: Progress | None) -> Vectors:
        pooled = np.zeros((len(texts), self._identity.dimension), dtype=np.float32)
        for done, (place, vector, _tokens) in enumerate(self._encoded(prompt, texts), 1):
            pooled[place] = vector
            if progress is not None:
                progress(done, len(texts))
        return pooled

    def _encoded(self, prompt: str, texts: Sequence[str]) -> Iterator[tuple[int, Vectors, Vectors]]:
        """As :meth:`with_tokens` says; of a text without a token of its own there is nothing."""
        skip = len(self._bare[prompt]) - 1
        # A text of several windows is whole when its last one is there.
        sums: dict[int, Vectors] = {}
        parts: dict[int, list[Vectors]] = {}
        for batch, vectors, tokens in self._encode_batches(self._batches(prompt, texts)):
            for window, vector, row in zip(batch, vectors, tokens, strict=True):
                here = row[skip if window.number == 0 else 1 : -1]
                if window.last and window.number == 0:
                    yield window.text, vector, here
                    continue
                sums[window.text] = sums.get(window.text, np.float32(0)) + vector * len(window.ids)
                parts.setdefault(window.text, []).append(here)
        for place, total in sums.items():
            yield place, unit_rows(total[None])[0], np.concatenate(parts[place])

    def _encode_batches(
        self, batches: Iterator[list[Window]]
    ) -> Iterator[tuple[list[Window], Vectors, Vectors]]:
        """Each batch with its windows' unit vectors (windows, dimension) and their tokens' vectors (windows,
        tokens, dimension)."""

        def run(batch: list[Window]) -> tuple[list[Window], Vectors, Vectors]:
            tokens = self._run([window.ids for window in batch])
            # Not by the graph, whose mean over a batch of one is rounded otherwise than that over one of
            # several: a text's vector is the same, whatever it is encoded with.
            return batch, unit_rows(tokens.mean(axis=1)), tokens

        yield from spread(run, batches, self._workers, ahead=4 * self._workers)

    def _run(self, rows: list[list[int]]) -> Vectors:
        with self._turns.turn(self._rank):
            found: Vectors = self._session.run([TOKEN_EMBEDDINGS], {"input_ids": np.array(rows, np.int64)})[0]
        return found

    def _batches(self, prompt: str, texts: Sequence[str]) -> Iterator[list[Window]]:
        """Every text's windows, tokenised a slice at a time, longest texts first."""
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]), reverse=True)
        for start in range(0, len(order), ENCODING.tokenised_at_a_time):
            part = order[start : start + ENCODING.tokenised_at_a_time]
            yield from equal_length_batches(self._windows(prompt, [texts[index] for index in part], part))

    def _windows(self, prompt: str, texts: Sequence[str], places: Sequence[int]) -> Iterator[Window]:
        room = self._window - 2
        for place, text in zip(places, texts, strict=True):
            ids = self._tokenizer.ids(prompt + cleaned(text))
            if ids == self._bare[prompt]:
                continue
            for number, start in enumerate(range(1, len(ids) - 1, room)):
                end = min(start + room, len(ids) - 1)
                yield Window(place, [ids[0], *ids[start:end], ids[-1]], number, end == len(ids) - 1)
