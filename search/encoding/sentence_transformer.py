"""Any sentence-transformers model as an encoder, by name or folder. torch is imported when one is made."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np

from search.arrays.vectors import Vectors, unit_rows
from search.encoding.protocol import ModelIdentity, Progress, cleaned
from search.encoding.settings import ENCODING
from search.encoding.turns import Turns
from search.errors import ModelMissing

__all__ = ["SentenceTransformerEncoder", "from_hub"]


class SentenceTransformerEncoder:
    """Any sentence-transformers model, with its own prompts where it has them."""

    def __init__(self, name: str) -> None:
        """Raises ModelMissing, with the reason in one line, where it cannot be loaded."""
        self._model = _sentence_transformer(name)
        self._query_prompt = _prompt(self._model, "query")
        self._passage_prompt = _prompt(self._model, "passage") or _prompt(self._model, "document")
        limit = self._model.max_seq_length
        self._window = int(limit) if limit is not None and math.isfinite(limit) else None
        # A folder by its full path, so that the library finds it from wherever it is opened.
        named = str(Path(name).resolve()) if Path(name).is_dir() else name
        dimension = int(self._model.get_embedding_dimension() or 0)
        self._identity = ModelIdentity(named, _revision(self._model), dimension)
        # torch spreads one encode over the cores by itself.
        self._turns, self._rank = Turns(1), 0

    @property
    def identity(self) -> ModelIdentity:
        return self._identity

    def later(self, rank: int) -> SentenceTransformerEncoder:
        """The same encoder for work that can wait (see :class:`search.encoding.protocol.Encoder`)."""
        other = copy(self)
        other._rank = rank
        return other

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
        skip = len(self._tokenized(prompt)["input_ids"]) - 1 if prompt else 1
        for place, text in enumerate(texts):
            pieces = self._split(prompt, cleaned(text))
            if not pieces:
                continue
            with self._turns.turn(self._rank):
                tokens = self._model.encode(
                    [prompt + pieces[0][0]],
                    prompt="",
                    output_value="token_embeddings",
                    show_progress_bar=False,
                )[0]
            yield place, vectors[place], np.asarray(tokens.float().cpu())[skip:-1]

    def pieces(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Where the tokens that :meth:`with_tokens` gives of each passage are in its text."""
        skip, shift = len(self._tokenized(self._passage_prompt)["input_ids"]) - 1, len(self._passage_prompt)
        found = []
        for text in texts:
            first = next(iter(self._split(self._passage_prompt, cleaned(text))), ("", 0))[0]
            given = self._tokenized(self._passage_prompt + first, return_offsets_mapping=True)
            offsets = given["offset_mapping"]
            found.append([(max(0, a - shift), max(0, b - shift)) for a, b in offsets[max(1, skip) : -1]])
        return found

    def _encode(self, prompt: str, texts: Sequence[str], progress: Progress | None) -> Vectors:
        pieces: list[tuple[int, str, int]] = []
        for place, text in enumerate(texts):
            pieces += [
                (place, prompt + piece, tokens) for piece, tokens in self._split(prompt, cleaned(text))
            ]
        pooled = np.zeros((len(texts), self._identity.dimension), dtype=np.float32)
        pieces.sort(key=lambda piece: len(piece[1]), reverse=True)
        for start in range(0, len(pieces), ENCODING.hub_rows):
            batch = pieces[start : start + ENCODING.hub_rows]
            with self._turns.turn(self._rank):
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
        return unit_rows(pooled)

    def _split(self, prompt: str, text: str) -> list[tuple[str, int]]:
        """The text in windows that fit the model, cut at token boundaries, each with its tokens; none of an
        empty text."""
        if not text.strip():
            return []
        if self._window is None:
            return [(text, 1)]
        ends = {"add_special_tokens": False, "truncation": False, "verbose": False}
        offsets = self._tokenized(text, return_offsets_mapping=True, **ends)["offset_mapping"]
        # A piece that begins inside a word may take a token more than it took in the whole text.
        room = max(1, self._window - len(self._tokenized(prompt)["input_ids"]) - 2)
        cuts = range(0, len(offsets), room)
        spans = [offsets[cut : cut + room] for cut in cuts]
        return [(text[span[0][0] : span[-1][1]], len(span)) for span in spans]

    def _tokenized(self, text: str, **options: Any) -> Any:
        # Encoding sets how the tokenizer cuts and pads; in two threads at once it raises "Already borrowed".
        with self._turns.turn(self._rank):
            return self._model.tokenizer(text, **options)


def _sentence_transformer(name: str) -> Any:
    def make(name: str, **options: Any) -> Any:
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(name, **options)

    return from_hub(make, name, "model", "sentence-transformers model")


def from_hub(make: Callable[..., Any], name: str, role: str, kind: str) -> Any:
    """What is on this machine first: a model from a hub, once there, is not asked about at every start.

    ``make`` loads it by its name; ``role`` and ``kind`` are what it is to us, and to its makers. Raises
    ModelMissing, with the reason in one line.
    """
    try:
        from transformers.utils import logging
    except ImportError as error:
        raise ModelMissing(
            f"the {role} {name!r} needs sentence-transformers and torch, which a light install leaves out: "
            f"install Rosetta whole (`make install`), or take the bundled {role}"
        ) from error

    # No bar on stderr for reading a file.
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        try:
            return make(name, device="cpu", local_files_only=True)
        except Exception:
            if Path(name).exists() or not _hub_is_reachable():
                raise
        return make(name, device="cpu")
    except Exception as error:  # the hub's, transformers' and safetensors' errors share no base
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelMissing(
            f"cannot load the {role} {name!r}: {reason.rstrip('.')}; give the name of a {kind}, "
            "with a network to fetch it by, or a folder that holds one"
        ) from error


def _hub_is_reachable() -> bool:
    """Asked first, since without a network the hub's client tries again for a minute, saying so each time."""
    import socket
    from urllib.parse import urlsplit
    from urllib.request import getproxies

    from huggingface_hub import constants

    try:
        return bool(getproxies() or socket.getaddrinfo(urlsplit(constants.ENDPOINT).hostname, 443))
    except OSError:
        return False


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
