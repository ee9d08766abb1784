"""What is computed once per model and kept: the background set's vectors, and a generation's copy of them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import regex

from kb.build import Progress, silent
from kb.cached_arrays import write_arrays
from search import background
from search.calibration import BackgroundVectors, Calibration, encode_background
from search.encoder import Encoder
from search.in_context import ContextMap, fit_context_map
from search.preparation import cache_directory
from search.tokens import TokenSpace
from search.word_space import WordSpace, fit_word_space

__all__ = [
    "background_vectors",
    "context_map",
    "read_calibration",
    "read_token_space",
    "word_space",
    "write_calibration",
    "write_token_space",
]

# Raised when what is kept of the background changes.
_FORMAT = 3
_WORDS_FORMAT = 2
_CONTEXT_FORMAT = 1

_Held = TypeVar("_Held", WordSpace, ContextMap)


def background_vectors(
    encoder: Encoder, cache: Path | None, progress: Progress = silent
) -> BackgroundVectors:
    """The background set as this model encodes it, from the user's cache or encoded now into it."""
    path = _cached(encoder, cache, str(_FORMAT))
    if path.exists():
        try:
            with np.load(path, allow_pickle=False) as held:
                names = tuple(str(name) for name in held["languages"])
                return BackgroundVectors(names, held["questions"], held["statements"], _space(held))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            path.unlink()  # torn by a kill or a full disk, or damaged since: made again
    progress("encoding the background", 0, 1)
    made = encode_background(encoder)
    write_arrays(
        path,
        languages=np.array(made.languages),
        questions=made.questions,
        statements=made.statements,
        **_space_arrays(made.tokens),
    )
    progress("encoding the background", 1, 1)
    return made


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
    if path.exists():
        try:
            return read(path)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            path.unlink(missing_ok=True)  # torn by a kill or a full disk: made again
    progress("encoding the background's words", 0, 1)
    made = make()
    made.write(path)
    progress("encoding the background's words", 1, 1)
    return made


def _cached(encoder: Encoder, cache: Path | None, what: str) -> Path:
    """Where what is computed from the background with a model is kept."""
    identity = encoder.identity
    safe = regex.sub(r"[^\w.-]+", "_", f"{identity.name}-{identity.revision}")[-80:]
    return cache_directory(cache) / "background" / f"{safe}-{background.digest()}-{what}.npz"


def write_calibration(calibration: Calibration, directory: Path) -> None:
    """Saves a generation's calibration; :func:`read_calibration` is its inverse."""
    names = sorted(calibration.text_means)
    np.savez(
        directory / "calibration.npz",
        query_mean=calibration.query_mean,
        text_mean=calibration.text_mean,
        languages=np.array(names),
        text_means=np.stack([calibration.text_means[name] for name in names]),
        subspace=calibration.subspace,
        query_languages=np.array(list(calibration.query_offsets)),
        query_offsets=np.stack(list(calibration.query_offsets.values())),
        null=calibration.null.astype(np.float16),
    )


def read_calibration(directory: Path) -> Calibration:
    with np.load(directory / "calibration.npz", allow_pickle=False) as held:
        means = dict(zip((str(name) for name in held["languages"]), held["text_means"], strict=True))
        asked = dict(zip(map(str, held["query_languages"]), held["query_offsets"], strict=True))
        null = held["null"].astype(np.float32)
        return Calibration(held["query_mean"], held["text_mean"], means, held["subspace"], asked, null)


def write_token_space(space: TokenSpace, directory: Path) -> None:
    """Saves a generation's token space; :func:`read_token_space` is its inverse."""
    np.savez(directory / "token_space.npz", **_space_arrays(space))


def read_token_space(directory: Path) -> TokenSpace:
    with np.load(directory / "token_space.npz", allow_pickle=False) as held:
        return _space(held)


def _space_arrays(space: TokenSpace) -> dict[str, Any]:
    names = sorted(space.means)
    return {
        "token_languages": np.array(names),
        "token_means": np.stack([space.means[name] for name in names]),
        "token_mean": space.mean,
        "token_query_mean": space.query_mean,
        "token_basis": space.basis,
        "token_axes": space.axes,
        "null_tokens": space.null_tokens,
        "null_offsets": space.null_offsets,
    }


def _space(held: Mapping[str, Any]) -> TokenSpace:
    names = (str(name) for name in held["token_languages"])
    return TokenSpace(
        dict(zip(names, held["token_means"], strict=True)),
        held["token_mean"],
        held["token_query_mean"],
        held["token_basis"],
        held["token_axes"],
        held["null_tokens"],
        held["null_offsets"],
    )
