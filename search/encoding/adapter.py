"""What this project adds to the bundled encoder: low-rank matrices beside those of its upper layers.

One ``.npz`` holds two adapters, by name: ``encoder``, by which questions and the sentences that answer them
come near each other in whatever languages they are, and ``reader``, which reads both together and has a head.
Matrices are int8 with a float16 scale a row, vectors float16. Training (``tests/training``) writes it; its
README names the commands and the texts that they were trained on.
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
from search.encoding.bundled import BundledModel
from search.errors import ModelDamaged

__all__ = [
    "ADAPTERS",
    "ENCODER_ADAPTER",
    "READER_ADAPTER",
    "AdaptedModel",
    "Adapter",
    "digest_of",
    "read_adapter",
    "width_of",
    "write_adapters",
]

# The file that is part of this package, and the names of the two.
ADAPTERS = Path(__file__).parent.parent / "data" / "adapters.npz"
ENCODER_ADAPTER, READER_ADAPTER = "encoder", "reader"
_FIRST, _SCALES = "first", ":scales"


@dataclass(frozen=True, slots=True)
class Adapter:
    """Tensors by name, float32; ``first`` is the first layer that is changed, for the reader that in which
    question and sentence meet.

    Of each layer ``N`` from ``first``: ``lN.P.up`` (rows, rank) and ``lN.P.down`` (rank, columns) for the
    parts q, k, v, ao, fi and fo, and ``lN.aln.w``, ``.b``, ``lN.oln.w``, ``.b``. The reader's have
    ``segments`` (2, hidden), of the question and of the sentence, and a head: ``in.w`` (inner, 2 × hidden),
    ``in.b``, ``out.w`` (1, inner), ``out.b``.
    """

    first: int
    tensors: Mapping[str, NDArray[np.float32]]

    def added(self, name: str) -> NDArray[np.float32]:
        """What is added to the encoder's matrix of that name (rows, columns)."""
        return self.tensors[name + ".up"] @ self.tensors[name + ".down"]


class AdaptedModel(BundledModel):
    """The bundled model with an adapter's matrices added to its own, and the adapter's normalisations."""

    def __init__(self, path: Path, adapter: Adapter) -> None:
        """Raises ModelDamaged as `BundledModel` does."""
        super().__init__(path)
        self.adapter = adapter

    def matrix(self, name: str) -> NDArray[np.float32]:
        plain = super().matrix(name)
        return plain + self.adapter.added(name) if name + ".up" in self.adapter.tensors else plain

    def norm(self, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        if name + ".w" not in self.adapter.tensors:
            return super().norm(name)
        return self.adapter.tensors[name + ".w"], self.adapter.tensors[name + ".b"]


def digest_of(path: Path = ADAPTERS) -> str:
    """What tells one file of adapters from another. Raises ModelDamaged where it is missing."""
    try:
        return durable.sha256(path)[:12]
    except OSError as error:
        raise _unreadable(path, error) from error


@cache
def width_of(path: Path = ADAPTERS) -> int:
    """The width of the encoder that the adapters go with. Raises ModelDamaged as `read_adapter` does."""
    with _opened(path) as held:
        return int(held[f"{READER_ADAPTER}/segments"].shape[1])


def read_adapter(name: str, path: Path = ADAPTERS) -> Adapter:
    """The one of that ``name``. Raises ModelDamaged where the file is missing or has none."""
    start = name + "/"
    with _opened(path) as held:
        stored = {key.removeprefix(start): held[key] for key in held.files if key.startswith(start)}
        first = int(stored.pop(_FIRST))
        tensors = {
            key: _restored(values, stored.get(key + _SCALES))
            for key, values in stored.items()
            if not key.endswith(_SCALES)
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
    return ModelDamaged(f"the file of adapters {path} cannot be read ({error}); install Rosetta anew")


def write_adapters(path: Path, adapters: Mapping[str, Adapter]) -> None:
    """Saves adapters by name, as described above."""
    stored: dict[str, NDArray[np.generic]] = {}
    for name, adapter in adapters.items():
        stored[f"{name}/{_FIRST}"] = np.array(adapter.first)
        for key, values in adapter.tensors.items():
            stored |= _stored(f"{name}/{key}", values)
    with path.open("wb") as file:
        np.savez_compressed(file, **stored)  # type: ignore[arg-type]


def _stored(name: str, values: NDArray[np.float32]) -> dict[str, NDArray[np.generic]]:
    if values.ndim < 2:
        return {name: values.astype(np.float16)}
    scales = np.maximum(np.abs(values).max(axis=1) / 127, 1e-7).astype(np.float16)
    scales = np.maximum(scales, np.float16(1e-7))
    codes = np.rint(values / scales.astype(np.float32)[:, None])
    return {name: np.clip(codes, -127, 127).astype(np.int8), name + _SCALES: scales}


def _restored(values: NDArray[np.generic], scales: NDArray[np.generic] | None) -> NDArray[np.float32]:
    numbers: NDArray[np.float32] = values.astype(np.float32)
    return numbers if scales is None else numbers * scales.astype(np.float32)[:, None]
