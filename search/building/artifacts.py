"""What is computed once per model and kept: the background set's vectors, and a generation's copy of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np
import regex

from kb.progress import Progress, silent
from kb.text.cached_arrays import read_arrays, read_kept, write_arrays
from search.dictionary.in_context import ContextMap, fit_context_map
from search.dictionary.word_space import WordSpace, fit_word_space
from search.encoding.preparation import cache_directory
from search.encoding.protocol import Encoder
from search.errors import ModelError
from search.language import background
from search.passages.tokens import TokenSpace
from search.ranking.calibration import BackgroundVectors, encode_background

__all__ = ["background_vectors", "context_map", "word_space"]

# Raised when what is kept of the background changes.
_FORMAT = 5
_VECTORS = ("questions", "keywords", "statements")
_WORDS_FORMAT = 4
_CONTEXT_FORMAT = 4

_Held = TypeVar("_Held", WordSpace, ContextMap)


def background_vectors(
    encoder: Encoder, cache: Path | None, progress: Progress = silent
) -> BackgroundVectors:
    """The background set as this model encodes it, from the user's cache or encoded now into it."""
    path = _cached(encoder, cache, str(_FORMAT))
    held = read_kept(path, _background)
    if held is not None:
        return held
    progress("encoding the background", 0, 1)
    made = encode_background(encoder)
    with _writing(path):
        write_arrays(
            path,
            languages=np.array(made.languages),
            **{name: getattr(made, name) for name in _VECTORS},
            **made.tokens.arrays(),
        )
    progress("encoding the background", 1, 1)
    return made


def _background(path: Path) -> BackgroundVectors:
    with read_arrays(path) as held:
        names = tuple(str(name) for name in held["languages"])
        questions, keywords, statements = (held[name] for name in _VECTORS)
        return BackgroundVectors(names, questions, keywords, statements, TokenSpace.of(held))


def word_space(encoder: Encoder, cache: Path | None, progress: Progress = silent) -> WordSpace:
    """The model's word space, from the user's cache or made now into it."""
    path = _cached(encoder, cache, f"words-{_WORDS_FORMAT}")
    return _kept(path, WordSpace.read, lambda: fit_word_space(encoder.passages), progress)


def context_map(
    encoder: Encoder, cache: Path | None, tokens: TokenSpace, words: WordSpace, progress: Progress = silent
) -> ContextMap:
    """The model's map from words where they stand in a query to their own vectors, from the user's cache or
    made now into it."""
    path = _cached(encoder, cache, f"context-{_CONTEXT_FORMAT}")
    return _kept(path, ContextMap.read, lambda: fit_context_map(encoder, tokens, words), progress)


def _kept(path: Path, read: Callable[[Path], _Held], make: Callable[[], _Held], progress: Progress) -> _Held:
    """What is in a file of the cache, or is made now into it."""
    held = read_kept(path, read)
    if held is not None:
        return held
    progress("encoding the background's words", 0, 1)
    made = make()
    with _writing(path):
        made.write(path)
    progress("encoding the background's words", 1, 1)
    return made


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Raises ModelError where the cache, which is no part of the library, cannot be written to."""
    try:
        yield
    except OSError as error:
        raise ModelError(
            f"{path.parent}: what the model is used with cannot be kept there ({error.strerror or error}); "
            "make room there, or set KB_CACHE to another folder"
        ) from error


def _cached(encoder: Encoder, cache: Path | None, what: str) -> Path:
    """Where what is computed from the background with a model is kept."""
    identity = encoder.identity
    safe = regex.sub(r"[^\w.-]+", "_", f"{identity.name}-{identity.revision}")[-80:]
    return cache_directory(cache) / "background" / f"{safe}-{background.digest()}-{what}.npz"
