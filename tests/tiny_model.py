"""A weights file like the bundled model's, a thousand times smaller, for tests that prepare models."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from search.encoding.bundled import BLOCK, Sizes

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
PIECES = (
    *SPECIAL,
    *("▁", "▁query", "▁passage", ":", "▁the", "▁loyal", "ty", "▁service", "ing", "ъ", "я", "あ"),
    *"abcdefghijklmnopqrstuvwxyz",
    "<mask>",
)
CHARACTERS = {
    0x01: "",
    0x02: "",
    0x09: " ",
    0x0A: " ",
    0x3000: " ",
    0xFF21: "A",
    0x200B: " ",
    0x200D: " ",
    0xFB01: "fi",
}
SIZES = Sizes(
    hidden=64,
    layers=2,
    heads=2,
    intermediate=128,
    vocabulary=len(PIECES),
    positions=32,
    token_types=2,
    layer_norm_eps=1e-12,
)


def weights_bytes(
    sizes: Sizes = SIZES,
    *,
    magic: bytes = b"E5S1",
    version: int = 1,
    block: int = BLOCK,
    leave_out: str = "",
    kinds: Mapping[str, int] | None = None,
) -> bytes:
    """The file's bytes, its weights random; the options make it wrong in one way each."""
    rng = np.random.default_rng(0)
    head = magic + struct.pack("<I7ifi", version, *(getattr(sizes, n) for n in sizes.__slots__), block)
    tensors = {name: one for name, one in sizes.tensors().items() if name != leave_out}
    contents = {name: _content(name, kind, values, rng) for name, (kind, values) in tensors.items()}
    entry_bytes = sum(2 + len(name.encode()) + struct.calcsize("<BIQQ") for name in tensors)
    middle = _tokenization()
    offset = len(head) + len(middle) + 4 + entry_bytes
    directory = struct.pack("<i", len(tensors))
    for name, (kind, values) in tensors.items():
        told = (kinds or {}).get(name, kind)
        directory += struct.pack("<H", len(name.encode())) + name.encode()
        directory += struct.pack("<BIQQ", told, values, offset, len(contents[name]))
        offset += len(contents[name])
    return head + middle + directory + b"".join(contents.values())


def write_weights(path: Path) -> Path:
    path.write_bytes(weights_bytes())
    return path


def _content(name: str, kind: int, values: int, rng: np.random.Generator) -> bytes:
    if kind == 0:
        flat = rng.normal(0, 0.3, values)
        if name.endswith("ln.w"):  # a layer norm scales by about one
            flat = 1 + flat / 10
        return flat.astype("<f4").tobytes()
    blocks = np.zeros(values // BLOCK, np.dtype([("scale", "<f2"), ("codes", "u1", BLOCK // 2)]))
    blocks["scale"] = rng.uniform(0.01, 0.05, len(blocks))
    blocks["codes"] = rng.integers(0, 256, (len(blocks), BLOCK // 2))
    return blocks.tobytes()


def _tokenization() -> bytes:
    blob = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0, *map(len, blob)]).astype("<u4")
    scores = np.array(
        [0.0] * len(SPECIAL) + [-2.0 - 0.1 * n for n in range(len(PIECES) - len(SPECIAL))], "<f4"
    )
    packed = struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, sum(map(len, blob)))
    packed += offsets.tobytes() + scores.tobytes() + b"".join(blob)
    entries = b"".join(
        struct.pack(f"<IB{len(output)}I", code, len(output), *map(ord, output))
        for code, output in sorted(CHARACTERS.items())
    )
    return packed + struct.pack("<iI", len(CHARACTERS), len(entries)) + entries
