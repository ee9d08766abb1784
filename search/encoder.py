"""Texts in, unit vectors out.

Two encoders of one shape: :class:`OnnxEncoder` runs the bundled model's int8 graph without importing
torch; :class:`SentenceTransformerEncoder` runs any other sentence-transformers model, by name or folder.
``load`` picks one. Both are thread-safe and bound how many encodes run at a time.

Defined here for every model: a text without a token (empty, white space, control characters) has the
zero vector, similar to nothing; a text longer than the model's window is encoded in consecutive windows,
and its vector is their mean, weighted by their tokens, brought back to unit length. Nothing is cut off.
"""

from __future__ import annotations

import hashlib
import json
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from search.batches import Window, cores, equal_length_batches, in_order
from search.errors import ModelDamaged, ModelMissing
from search.preparation import (
    BUNDLED_NAME,
    GRAPH,
    PASSAGE_PROMPT,
    QUERY_PROMPT,
    RUN_FILES,
    SENTENCE_EMBEDDING,
    TOKEN_EMBEDDINGS,
    damaged_files,
    prepare_bundled,
    read_manifest,
)

__all__ = [
    "Encoder",
    "ModelIdentity",
    "OnnxEncoder",
    "Progress",
    "SentenceTransformerEncoder",
    "Vectors",
    "load",
]

Vectors = NDArray[np.float32]
Progress = Callable[[int, int], None]

# Texts tokenised at a time: the token ids of a large library need not be in memory at once.
_SLICE = 1024
# Texts that a sentence-transformers model takes at a time.
_TORCH_ROWS = 16


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

    def with_tokens(
        self, texts: Sequence[str], *, query: bool = False
    ) -> Iterator[tuple[int, Vectors, Vectors]]:
        """Each text's place, its unit vector, and its tokens' vectors (tokens, dimension) without the
        prompt's and the special ones; in no particular order. As queries, or as passages."""
        ...


def load(
    model: str | None = None,
    *,
    cache: Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Encoder:
    """The bundled encoder, or the sentence-transformers model of that name or folder.

    ``cache`` is where prepared models live; ``progress`` is told of a preparation.
    Raises ModelMissing, ModelDamaged, or ModelError where the cache cannot be written.
    """
    if model is not None and model != BUNDLED_NAME:
        return SentenceTransformerEncoder(model)
    try:
        return OnnxEncoder(prepare_bundled(cache, progress))
    except ModelDamaged:  # noticed while loading: prepared anew, once
        return OnnxEncoder(prepare_bundled(cache, progress, thorough=True))


class OnnxEncoder:
    """Runs a prepared directory's ONNX graph. A batch holds texts of one token length, so there is no
    padding to compute and no mask (see :mod:`search.graph`)."""

    def __init__(self, directory: Path) -> None:
        """Raises ModelDamaged where a file that it reads is not, byte for byte, what was written."""
        try:
            with ThreadPoolExecutor(1) as checker:
                # Hashing and the session release the interpreter, reading the tokenizer does not: in this
                # order the three overlap.
                damaged = checker.submit(damaged_files, directory, RUN_FILES)
                self._session = _session(directory / GRAPH)
                self._tokenizer = _tokenizer(directory / "tokenizer.json")
            if damaged.result():
                raise ValueError(f"{', '.join(damaged.result())}: not what was written")
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
        self._bare = {prompt: self._tokenizer.encode(prompt).ids for prompt in (QUERY_PROMPT, PASSAGE_PROMPT)}
        self._workers = cores()
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
        encoding = self._tokenizer.encode(PASSAGE_PROMPT + _clean(text))
        room, skip = self._window - 1, len(PASSAGE_PROMPT)
        ids = [*encoding.ids[:-1][:room], encoding.ids[-1]]
        spans = [*encoding.offsets[:-1][:room], encoding.offsets[-1]]
        vector, tokens = self._run([SENTENCE_EMBEDDING, TOKEN_EMBEDDINGS], [ids])
        return [(max(0, a - skip), max(0, b - skip)) for a, b in spans], tokens[0], vector[0]

    def with_tokens(
        self, texts: Sequence[str], *, query: bool = False
    ) -> Iterator[tuple[int, Vectors, Vectors]]:
        """Each text's place, its unit vector, and its tokens' vectors (tokens, dimension) without the
        prompt's and the special ones; in no particular order. As queries, or as passages."""
        prompt = QUERY_PROMPT if query else PASSAGE_PROMPT
        skip = len(self._bare[prompt]) - 1
        outputs = [SENTENCE_EMBEDDING, TOKEN_EMBEDDINGS]
        # A text of several windows is whole when its last one is there.
        sums: dict[int, Vectors] = {}
        parts: dict[int, list[Vectors]] = {}
        for batch, (vectors, tokens) in self._encode_batches(self._batches(prompt, texts), outputs):
            for window, vector, row in zip(batch, vectors, tokens, strict=True):
                here = row[skip if window.number == 0 else 1 : -1]
                if window.last and window.number == 0:
                    yield window.text, vector, here
                    continue
                sums[window.text] = sums.get(window.text, np.float32(0)) + vector * len(window.ids)
                parts.setdefault(window.text, []).append(here)
        for place, total in sums.items():
            yield place, _unit_rows(total[None])[0], np.concatenate(parts[place])

    def _encode(self, prompt: str, texts: Sequence[str], progress: Progress | None) -> Vectors:
        pooled = np.zeros((len(texts), self._identity.dimension), dtype=np.float32)
        done = np.zeros(len(texts), np.bool_)
        for batch, (vectors,) in self._encode_batches(self._batches(prompt, texts), [SENTENCE_EMBEDDING]):
            for window, vector in zip(batch, vectors, strict=True):
                pooled[window.text] += vector * len(window.ids)
                done[window.text] = True
            if progress is not None:
                progress(int(done.sum()), len(texts))
        return _unit_rows(pooled)

    def _encode_batches(
        self, batches: Iterator[list[Window]], outputs: list[str]
    ) -> Iterator[tuple[list[Window], list[Vectors]]]:
        def run(batch: list[Window]) -> tuple[list[Window], list[Vectors]]:
            return batch, self._run(outputs, [window.ids for window in batch])

        first = list(islice(batches, 2))
        if len(first) == 1:  # a query: not worth a thread
            yield run(first[0])
        elif first:
            with ThreadPoolExecutor(self._workers) as pool:
                yield from in_order(pool, run, chain(first, batches), ahead=4 * self._workers)

    def _run(self, outputs: list[str], rows: list[list[int]]) -> list[Any]:
        with self._turn:
            found: list[Any] = self._session.run(outputs, {"input_ids": np.array(rows, dtype=np.int64)})
        return found

    def _batches(self, prompt: str, texts: Sequence[str]) -> Iterator[list[Window]]:
        """Every text's windows, tokenised a slice at a time, longest texts first."""
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]), reverse=True)
        for start in range(0, len(order), _SLICE):
            part = order[start : start + _SLICE]
            yield from equal_length_batches(self._windows(prompt, [texts[index] for index in part], part))

    def _windows(self, prompt: str, texts: Sequence[str], places: Sequence[int]) -> Iterator[Window]:
        encodings = self._tokenizer.encode_batch_fast([prompt + _clean(text) for text in texts])
        room = self._window - 2
        for place, encoding in zip(places, encodings, strict=True):
            ids = encoding.ids
            if ids == self._bare[prompt]:
                continue
            for number, start in enumerate(range(1, len(ids) - 1, room)):
                end = min(start + room, len(ids) - 1)
                yield Window(place, [ids[0], *ids[start:end], ids[-1]], number, end == len(ids) - 1)


class SentenceTransformerEncoder:
    """Any sentence-transformers model, with its own prompts where it has them."""

    def __init__(self, name: str) -> None:
        """Raises ModelMissing, with the library's reason in one line, where it cannot be loaded."""
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
        limit = self._model.max_seq_length
        self._window = int(limit) if limit is not None and math.isfinite(limit) else None
        # A folder by its full path, so that the library finds it from wherever it is opened.
        named = str(Path(name).resolve()) if Path(name).is_dir() else name
        dimension = int(self._model.get_embedding_dimension() or 0)
        self._identity = ModelIdentity(named, _revision(self._model), dimension)
        # torch spreads one encode over the cores by itself.
        self._turn = threading.Lock()

    @property
    def identity(self) -> ModelIdentity:
        return self._identity

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._query_prompt, texts, None)

    def passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._encode(self._passage_prompt, texts, progress)

    def with_tokens(
        self, texts: Sequence[str], *, query: bool = False
    ) -> Iterator[tuple[int, Vectors, Vectors]]:
        """Each text's place, its unit vector, and its tokens' vectors (tokens, dimension) without the
        prompt's and the special ones; in no particular order. Reads a text's first window."""
        prompt = self._query_prompt if query else self._passage_prompt
        vectors = self._encode(prompt, texts, None)
        tokenizer: Any = self._model.tokenizer
        skip = len(tokenizer(prompt)["input_ids"]) - 1 if prompt else 1
        for place, text in enumerate(texts):
            pieces = self._split(prompt, _clean(text))
            if not pieces:
                continue
            with self._turn:
                tokens = self._model.encode(
                    [prompt + pieces[0][0]],
                    prompt="",
                    output_value="token_embeddings",
                    show_progress_bar=False,
                )[0]
            yield place, vectors[place], np.asarray(tokens.float().cpu())[skip:-1]

    def _encode(self, prompt: str, texts: Sequence[str], progress: Progress | None) -> Vectors:
        pieces: list[tuple[int, str, int]] = []
        for place, text in enumerate(texts):
            pieces += [(place, prompt + piece, tokens) for piece, tokens in self._split(prompt, _clean(text))]
        pooled = np.zeros((len(texts), self._identity.dimension), dtype=np.float32)
        pieces.sort(key=lambda piece: len(piece[1]), reverse=True)
        for start in range(0, len(pieces), _TORCH_ROWS):
            batch = pieces[start : start + _TORCH_ROWS]
            with self._turn:
                vectors = self._model.encode(
                    [text for _, text, _ in batch],
                    prompt="",
                    normalize_embeddings=True,
                    show_progress_bar=False,
                )
            for (place, _, tokens), vector in zip(batch, vectors, strict=True):
                pooled[place] += vector * tokens
            if progress is not None:
                progress(start + len(batch), len(pieces))
        return _unit_rows(pooled)

    def _split(self, prompt: str, text: str) -> list[tuple[str, int]]:
        """The text in windows that fit the model, cut at token boundaries, each with its tokens; none of an
        empty text."""
        if not text.strip():
            return []
        if self._window is None:
            return [(text, 1)]
        tokenizer: Any = self._model.tokenizer
        ends = {"add_special_tokens": False, "truncation": False, "verbose": False}
        offsets = tokenizer(text, return_offsets_mapping=True, **ends)["offset_mapping"]
        # A piece that begins inside a word may take a token more than it took in the whole text.
        room = max(1, self._window - len(tokenizer(prompt)["input_ids"]) - 2)
        cuts = range(0, len(offsets), room)
        spans = [offsets[cut : cut + room] for cut in cuts]
        return [(text[span[0][0] : span[-1][1]], len(span)) for span in spans]


def _session(graph: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # One thread in an encode and as many encodes as cores: no oversubscription under a server, and
    # builds run faster than with one encode spread over the cores.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # The graph is written as it should run.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def _tokenizer(path: Path) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _prompt(model: Any, name: str) -> str:
    return str((model.prompts or {}).get(name) or "")


def _revision(model: Any) -> str:
    """The hub's commit where there is one; else a hash of modules, prompts and samples of the weights."""
    commit = getattr(getattr(getattr(model[0], "auto_model", None), "config", None), "_commit_hash", None)
    if commit:
        return str(commit)
    digest = hashlib.sha256(f"{model!r}{sorted((model.prompts or {}).items())}".encode())
    for name, weights in sorted(model.state_dict().items()):
        flat = weights.detach().flatten()
        sample = flat[:: max(1, len(flat) // 1024)].float().cpu().numpy()
        digest.update(f"{name}{tuple(weights.shape)}".encode() + sample.tobytes())
    return digest.hexdigest()[:16]


def _clean(text: str) -> str:
    """The text with lone surrogates, which no tokenizer takes, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _unit_rows(vectors: Vectors) -> Vectors:
    """Rows brought to unit length; zero rows stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32, copy=False)
    return unit
