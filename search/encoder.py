"""Texts in, unit vectors out.

Two encoders of one shape: :class:`OnnxEncoder` runs the bundled model's int8 graph without importing
torch; :class:`SentenceTransformerEncoder` runs any other sentence-transformers model, by name or folder.
``load`` picks one. Both are thread-safe and bound how many encodes run at a time.

Defined here for every model: an empty text (or only white space) has the zero vector, similar to
nothing; a text longer than the model's window is encoded in consecutive windows, and its vector is
their mean, weighted by their tokens, brought back to unit length. Nothing is cut off.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from search.errors import ModelDamaged, ModelMissing
from search.preparation import BUNDLED_NAME, PASSAGE_PROMPT, QUERY_PROMPT, prepare_bundled

__all__ = ["Encoder", "ModelIdentity", "OnnxEncoder", "SentenceTransformerEncoder", "Vectors", "load"]

Vectors = NDArray[np.float32]
Progress = Callable[[int, int], None]

# Small enough to stay in the cores' caches: larger batches are slower on a CPU.
_BATCH_TOKENS = 512
_BATCH_ROWS = 16


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model made a library's vectors. Two vectors compare only where all three are equal."""

    name: str
    revision: str
    dimension: int


class Encoder(Protocol):
    """What the rest of the engine needs of a model."""

    @property
    def identity(self) -> ModelIdentity: ...

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Questions as unit rows, float32 (len(texts), dimension)."""
        ...

    def passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Passages, sentences or words as unit rows, float32 (len(texts), dimension)."""
        ...


def load(
    model: str | None = None,
    *,
    cache: Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Encoder:
    """The bundled encoder, or the sentence-transformers model of that name or folder.

    ``cache`` is where prepared models live; ``progress`` is told of a preparation.
    Raises ModelMissing or ModelDamaged.
    """
    if model is None or model == BUNDLED_NAME:
        return OnnxEncoder(prepare_bundled(cache, progress))
    return SentenceTransformerEncoder(model)


class OnnxEncoder:
    """Runs a prepared directory's ONNX graph. A batch holds texts of one token length, so there is no
    padding to compute and no mask (see :mod:`search.graph`)."""

    def __init__(self, directory: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        try:
            self._tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
            options = onnxruntime.SessionOptions()
            # One thread in an encode and as many encodes as cores: no oversubscription under a server, and
            # builds run faster than with one encode spread over the cores.
            options.intra_op_num_threads = 1
            options.inter_op_num_threads = 1
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
            options.log_severity_level = 3
            self._session = onnxruntime.InferenceSession(
                str(directory / "onnx" / "model_qint8.onnx"), options, providers=["CPUExecutionProvider"]
            )
            settings = json.loads((directory / "config.json").read_text("utf-8"))
            manifest = json.loads((directory / "manifest.json").read_text("utf-8"))
        except Exception as error:  # both libraries raise bare exceptions for unreadable files
            raise ModelDamaged(
                f"the prepared model in {directory} cannot be loaded ({error}); delete that folder to have it made again"
            ) from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._window = int(settings["max_position_embeddings"])
        revision = f"{manifest['weights_sha256'][:12]}-{manifest['format']}"
        self._identity = ModelIdentity(BUNDLED_NAME, revision, int(settings["hidden_size"]))
        self._workers = os.cpu_count() or 1
        self._turn = threading.BoundedSemaphore(self._workers)

    @property
    def identity(self) -> ModelIdentity:
        return self._identity

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(QUERY_PROMPT, texts, None)

    def passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._encode(PASSAGE_PROMPT, texts, progress)

    def tokens(self, text: str) -> tuple[list[tuple[int, int]], Vectors, Vectors]:
        """A passage's tokens: their offsets in ``text``, their vectors, and the text's own unit vector.

        The text's vector is the mean of the token vectors before it is brought to unit length, so a dot
        product with it splits exactly into the tokens' shares. Reads the first window only.
        """
        encoding = self._tokenizer.encode(PASSAGE_PROMPT + text)
        ids = np.array([encoding.ids[: self._window]], dtype=np.int64)
        with self._turn:
            vector, tokens = self._session.run(["sentence_embedding", "token_embeddings"], {"input_ids": ids})
        offsets = [(max(0, a - len(PASSAGE_PROMPT)), max(0, b - len(PASSAGE_PROMPT))) for a, b in encoding.offsets]
        return offsets[: ids.shape[1]], tokens[0], vector[0]

    def _encode(self, prompt: str, texts: Sequence[str], progress: Progress | None) -> Vectors:
        windows, owners = self._windows(prompt, texts)
        pooled = np.zeros((len(texts), self._identity.dimension), dtype=np.float32)
        batches = list(_equal_length_batches(windows))
        done = 0
        # Batches may finish out of order; rows are added where they belong, in the calling thread.
        for batch, vectors in zip(batches, self._run_all(windows, batches), strict=True):
            for window, vector in zip(batch, vectors, strict=True):
                pooled[owners[window]] += vector * len(windows[window])
            done += len(batch)
            if progress is not None:
                progress(done, len(windows))
        return _unit_rows(pooled)

    def _windows(self, prompt: str, texts: Sequence[str]) -> tuple[list[list[int]], list[int]]:
        """Token ids of every window of every text, and the index of the text each belongs to."""
        windows: list[list[int]] = []
        owners: list[int] = []
        encodings = self._tokenizer.encode_batch([prompt + text for text in texts])
        for index, (text, encoding) in enumerate(zip(texts, encodings, strict=True)):
            if not text.strip():
                continue
            first, *inner, last = encoding.ids
            room = self._window - 2
            for start in range(0, len(inner), room):
                windows.append([first, *inner[start : start + room], last])
                owners.append(index)
        return windows, owners

    def _run_all(self, windows: list[list[int]], batches: list[list[int]]) -> Iterator[Vectors]:
        def run(batch: list[int]) -> Vectors:
            ids = np.array([windows[index] for index in batch], dtype=np.int64)
            with self._turn:
                vectors: Vectors = self._session.run(["sentence_embedding"], {"input_ids": ids})[0]
            return vectors

        if len(batches) == 1:
            yield run(batches[0])
            return
        with ThreadPoolExecutor(self._workers) as pool:
            yield from pool.map(run, batches)


class SentenceTransformerEncoder:
    """Any sentence-transformers model, with its own prompts where it has them."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import SentenceTransformer

        try:
            self._model = SentenceTransformer(name, device="cpu")
        except Exception as error:  # the hub's, transformers' and safetensors' errors share no base
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise ModelMissing(
                f"cannot load the model {name!r}: {reason}; give the name of a sentence-transformers model, "
                "or a folder that holds one"
            ) from error
        self._query_prompt = _prompt(self._model, "query")
        self._passage_prompt = _prompt(self._model, "passage") or _prompt(self._model, "document")
        self._window = int(self._model.max_seq_length or 512)
        dimension = int(self._model.get_embedding_dimension() or 0)
        self._identity = ModelIdentity(name, _revision(self._model, name), dimension)
        # torch spreads one encode over the cores by itself.
        self._turn = threading.Lock()

    @property
    def identity(self) -> ModelIdentity:
        return self._identity

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._query_prompt, texts, None)

    def passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._encode(self._passage_prompt, texts, progress)

    def _encode(self, prompt: str, texts: Sequence[str], progress: Progress | None) -> Vectors:
        pieces: list[str] = []
        owners: list[int] = []
        for index, text in enumerate(texts):
            if text.strip():
                windows = self._split(prompt, text)
                pieces += windows
                owners += [index] * len(windows)
        pooled = np.zeros((len(texts), self._identity.dimension), dtype=np.float32)
        order = sorted(range(len(pieces)), key=lambda index: len(pieces[index]), reverse=True)
        for start in range(0, len(order), _BATCH_ROWS):
            batch = order[start : start + _BATCH_ROWS]
            with self._turn:
                vectors = self._model.encode(
                    [prompt + pieces[index] for index in batch], prompt="", normalize_embeddings=True
                )
            for index, vector in zip(batch, vectors, strict=True):
                pooled[owners[index]] += vector * len(pieces[index])
            if progress is not None:
                progress(start + len(batch), len(order))
        return _unit_rows(pooled)

    def _split(self, prompt: str, text: str) -> list[str]:
        """The text in windows that fit the model, cut at token boundaries."""
        tokenizer: Any = self._model.tokenizer
        offsets = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, truncation=False)[
            "offset_mapping"
        ]
        taken = len(tokenizer(prompt, add_special_tokens=True)["input_ids"])
        room = max(1, self._window - taken)
        if len(offsets) <= room:
            return [text]
        starts = range(0, len(offsets), room)
        return [text[offsets[a][0] : offsets[min(a + room, len(offsets)) - 1][1]] for a in starts]


def _equal_length_batches(windows: list[list[int]]) -> Iterator[list[int]]:
    """Indices of windows of one length each, longest first, at most _BATCH_TOKENS tokens a batch."""
    by_length: dict[int, list[int]] = defaultdict(list)
    for index, window in enumerate(windows):
        by_length[len(window)].append(index)
    for length in sorted(by_length, reverse=True):
        rows = max(1, min(_BATCH_ROWS, _BATCH_TOKENS // length))
        group = by_length[length]
        yield from (group[start : start + rows] for start in range(0, len(group), rows))


def _unit_rows(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = vectors / np.where(lengths == 0, 1, lengths)
    return unit


def _prompt(model: Any, name: str) -> str:
    return str((model.prompts or {}).get(name) or "")


def _revision(model: Any, name: str) -> str:
    """The hub's commit where there is one; of a folder, a hash of its files' names, sizes and first bytes."""
    commit = getattr(getattr(model[0].auto_model, "config", None), "_commit_hash", None)
    if commit:
        return str(commit)
    digest = hashlib.sha256()
    for path in sorted(Path(name).rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                digest.update(f"{path.relative_to(name)}:{path.stat().st_size}:".encode() + file.read(1 << 20))
    return digest.hexdigest()[:16]
