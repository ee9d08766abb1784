"""The reader's own numbers: what is added to the bundled encoder's upper layers, and its head.

An ``.npz`` of the tensors by name. Matrices are int8 with a float16 scale a row, vectors float16. Training
(``tests/training``) writes it; its README names the command and the texts that it was trained on.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.text.cached_arrays import read_arrays
from search.disk import durable
from search.errors import ModelDamaged

__all__ = ["ADAPTER", "Adapter", "digest_of", "read_adapter", "width_of", "write_adapter"]

# The one that is part of this package.
ADAPTER = Path(__file__).parent.parent / "data" / "reader.npz"
_SCALES = ":scales"


@dataclass(frozen=True, slots=True)
class Adapter:
    """Tensors by name, float32; ``first`` is the layer where question and sentence meet.

    Of each layer ``N`` from ``first``: ``lN.P.up`` (rows, rank) and ``lN.P.down`` (rank, columns) for the
    parts q, k, v, ao, fi and fo, and ``lN.aln.w``, ``.b``, ``lN.oln.w``, ``.b``. ``segments`` (2, hidden): of
    the question, of the sentence. The head: ``in.w`` (inner, 2 × hidden), ``in.b``, ``out.w`` (1, inner),
    ``out.b``.
    """

    first: int
    tensors: Mapping[str, NDArray[np.float32]]

    def added(self, name: str) -> NDArray[np.float32]:
        """What is added to the encoder's matrix of that name (rows, columns)."""
        return self.tensors[name + ".up"] @ self.tensors[name + ".down"]


def digest_of(path: Path = ADAPTER) -> str:
    """What tells one adapter from another. Raises ModelDamaged where the file is missing."""
    try:
        return durable.sha256(path)[:12]
    except OSError as error:
        raise _unreadable(path, error) from error


@cache
def width_of(path: Path = ADAPTER) -> int:
    """The width of the encoder that an adapter goes with. Raises ModelDamaged as `read_adapter` does."""
    with _opened(path) as held:
        return int(held["segments"].shape[1])


def read_adapter(path: Path = ADAPTER) -> Adapter:
    """Raises ModelDamaged where the file is missing or is no adapter."""
    with _opened(path) as held:
        stored = {name: held[name] for name in held.files}
        first = int(stored.pop("first"))
        tensors = {
            name: _restored(values, stored.get(name + _SCALES))
            for name, values in stored.items()
            if not name.endswith(_SCALES)
        }
    return Adapter(first, tensors)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        with read_arrays(path) as held:
            yield held
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> ModelDamaged:
    return ModelDamaged(f"the reader's file {path} cannot be read ({error}); install Rosetta anew")


def write_adapter(path: Path, first: int, tensors: Mapping[str, NDArray[np.float32]]) -> None:
    """Saves tensors as described above."""
    stored: dict[str, NDArray[np.generic]] = {"first": np.array(first)}
    for name, values in tensors.items():
        if values.ndim == 2:
            scales = np.maximum(np.abs(values).max(axis=1) / 127, 1e-7).astype(np.float16)
            scales = np.maximum(scales, np.float16(1e-7))
            codes = np.rint(values / scales.astype(np.float32)[:, None])
            stored[name] = np.clip(codes, -127, 127).astype(np.int8)
            stored[name + _SCALES] = scales
        else:
            stored[name] = values.astype(np.float16)
    with path.open("wb") as file:
        np.savez_compressed(file, **stored)  # type: ignore[arg-type]


def _restored(values: NDArray[np.generic], scales: NDArray[np.generic] | None) -> NDArray[np.float32]:
    numbers: NDArray[np.float32] = values.astype(np.float32)
    return numbers if scales is None else numbers * scales.astype(np.float32)[:, None]
