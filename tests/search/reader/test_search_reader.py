"""The reader's graphs compute what its adapter says, and its file keeps it."""

from __future__ import annotations

from math import erf
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from tiny_model import PIECES, SIZES, write_weights

from search.arrays.batches import Window, padded
from search.encoding.adapter import READER_ADAPTER, AdaptedModel, Adapter, read_adapter, write_adapters
from search.encoding.bundled import BundledModel
from search.encoding.graph import encoder_graph
from search.encoding.preparation import products_saturate
from search.encoding.protocol import ModelIdentity
from search.errors import ModelDamaged, ModelMissing
from search.reader.graph import lower_graph, upper_graph
from search.reader.loading import load_reader
from search.reader.protocol import IDS, LENGTHS, LOGITS, QUESTION, SENTENCES, STATES, titled

FIRST, RANK, INNER = 1, 4, 16
# A tiny model of random weights has activations of all sizes: what is measured on few texts would be cut.
CALIBRATION = [
    [0, *np.random.default_rng(size).integers(4, len(PIECES), size).tolist(), 2] for size in range(1, 31)
]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_weights(tmp_path_factory.mktemp("tiny") / "weights.bin")


@pytest.fixture(scope="module")
def model(weights: Path) -> BundledModel:
    return BundledModel(weights)


@pytest.fixture(scope="module")
def adapter(model: BundledModel, tmp_path_factory: pytest.TempPathFactory) -> Adapter:
    path = tmp_path_factory.mktemp("adapter") / "adapters.npz"
    other = Adapter(0, {"l0.q.up": np.ones((2, 1), np.float32)})
    write_adapters(path, {"other": other, READER_ADAPTER: Adapter(FIRST, _tensors(model))})
    return read_adapter(READER_ADAPTER, path)


@pytest.fixture(scope="module")
def lower(model: BundledModel) -> onnxruntime.InferenceSession:
    whole = encoder_graph(model, CALIBRATION, unsigned=products_saturate())
    return _session(lower_graph(whole, FIRST))


@pytest.fixture(scope="module")
def upper(
    weights: Path, adapter: Adapter, lower: onnxruntime.InferenceSession
) -> onnxruntime.InferenceSession:
    pairs = [(_states(lower, CALIBRATION[0]), _states(lower, ids)) for ids in CALIBRATION]
    return _session(upper_graph(AdaptedModel(weights, adapter), pairs, unsigned=products_saturate()))


def _session(graph: onnx.ModelProto) -> onnxruntime.InferenceSession:
    onnx.checker.check_model(graph)
    return onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])


def _states(lower: onnxruntime.InferenceSession, *rows: list[int]) -> np.ndarray:
    """The states of texts of one length, or padded to the longest."""
    ids, lengths = padded([Window(at, row) for at, row in enumerate(rows)])
    return lower.run([STATES], {IDS: ids, LENGTHS: lengths})[0]


def _read(upper: onnxruntime.InferenceSession, question: np.ndarray, sentences: np.ndarray) -> list[float]:
    lengths = np.full(len(sentences), sentences.shape[1], np.int32)
    return upper.run([LOGITS], {QUESTION: question, SENTENCES: sentences, LENGTHS: lengths})[0].tolist()


def _tensors(model: BundledModel) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    size = SIZES.hidden
    tensors = {
        "segments": rng.normal(0, 0.3, (2, size)),
        "in.w": rng.normal(0, 0.2, (INNER, 2 * size)),
        "in.b": rng.normal(0, 0.2, INNER),
        "out.w": rng.normal(0, 0.5, (1, INNER)),
        "out.b": np.array([0.25]),
    }
    for layer in range(FIRST, SIZES.layers):
        for part in ("q", "k", "v", "ao", "fi", "fo"):
            rows, columns = model.quantized(f"l{layer}.{part}.w").codes.shape
            tensors[f"l{layer}.{part}.up"] = rng.normal(0, 0.1, (rows, RANK))
            tensors[f"l{layer}.{part}.down"] = rng.normal(0, 0.1, (RANK, columns))
        for norm in ("aln", "oln"):
            tensors[f"l{layer}.{norm}.w"] = rng.normal(1, 0.1, size)
            tensors[f"l{layer}.{norm}.b"] = rng.normal(0, 0.1, size)
    return {name: values.astype(np.float32) for name, values in tensors.items()}


def _plain(model: BundledModel, adapter: Adapter, question: np.ndarray, sentence: np.ndarray) -> float:
    """The upper half in float64 numpy: states (tokens, hidden) of both → the logit."""
    held = adapter.tensors

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        weight = model.quantized(name + ".w").dequantized() + adapter.added(name)
        return x @ weight.T.astype(np.float64) + model.floats(name + ".b")

    def normalized(x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + SIZES.layer_norm_eps)
        return scaled * held[name + ".w"] + held[name + ".b"]

    def gelu(x: np.ndarray) -> np.ndarray:
        return x * 0.5 * (1 + np.vectorize(erf)(x / np.sqrt(2)))

    x = np.concatenate([question + held["segments"][0], sentence + held["segments"][1]]).astype(np.float64)
    for n in range(FIRST, SIZES.layers):
        q, k, v = (linear(x, f"l{n}.{p}").reshape(len(x), SIZES.heads, -1).transpose(1, 0, 2) for p in "qkv")
        weights = np.exp(q @ k.transpose(0, 2, 1) / np.sqrt(SIZES.hidden / SIZES.heads))
        attended = (weights / weights.sum(axis=-1, keepdims=True)) @ v
        x = normalized(linear(attended.transpose(1, 0, 2).reshape(len(x), -1), f"l{n}.ao") + x, f"l{n}.aln")
        x = normalized(linear(gelu(linear(x, f"l{n}.fi")), f"l{n}.fo") + x, f"l{n}.oln")
    means = np.concatenate([x[: len(question)].mean(axis=0), x[len(question) :].mean(axis=0)])
    inner = gelu(held["in.w"] @ means + held["in.b"])
    return float((held["out.w"] @ inner + held["out.b"])[0])


def test_logits_are_the_plain_readers(
    model: BundledModel,
    adapter: Adapter,
    lower: onnxruntime.InferenceSession,
    upper: onnxruntime.InferenceSession,
) -> None:
    rng = np.random.default_rng(1)
    expected, found = [], []
    for asked, read in ((3, 9), (12, 4), (7, 25)):
        question = _states(lower, [0, *rng.integers(4, len(PIECES), asked - 2).tolist(), 2])
        rows = [[0, *rng.integers(4, len(PIECES), read - 2).tolist(), 2] for _ in range(5)]
        sentences = _states(lower, *rows)
        found += _read(upper, question, sentences)
        expected += [_plain(model, adapter, question[0], one) for one in sentences]
    assert np.corrcoef(expected, found)[0, 1] > 0.99
    np.testing.assert_allclose(found, expected, atol=0.1)


def test_padding_changes_nothing(
    lower: onnxruntime.InferenceSession, upper: onnxruntime.InferenceSession
) -> None:
    rng = np.random.default_rng(3)
    rows = [[0, *rng.integers(4, len(PIECES), size).tolist(), 2] for size in (28, 1, 9, 17)]
    question = _states(lower, rows[2])
    alone = [_states(lower, row) for row in rows]
    together = _states(lower, *rows)
    for states, one in zip(together, alone, strict=True):
        np.testing.assert_allclose(states[: one.shape[1]], one[0], atol=1e-5)
    # What stands where a sentence has ended is nothing to it, however large.
    for row, states in zip(rows, together, strict=True):
        states[len(row) :] = 1e4
    lengths = np.array([len(row) for row in rows], np.int32)
    found = upper.run([LOGITS], {QUESTION: question, SENTENCES: together, LENGTHS: lengths})[0]
    expected = [_read(upper, question, one)[0] for one in alone]
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert np.ptp(expected) > 0.1


def test_the_lower_graph_is_the_encoder_up_to_there(
    model: BundledModel, lower: onnxruntime.InferenceSession
) -> None:
    whole = encoder_graph(model, CALIBRATION, unsigned=products_saturate())
    assert lower.get_outputs()[0].name == STATES
    whole.graph.output.append(onnx.helper.make_tensor_value_info(f"l{FIRST - 1}.hidden", 1, [None] * 3))
    ids = [0, *range(4, 24), 2]
    (expected,) = _session(whole).run([f"l{FIRST - 1}.hidden"], {IDS: np.array([ids])})
    assert np.corrcoef(_states(lower, ids).ravel(), expected.ravel())[0, 1] > 0.999
    with pytest.raises(ValueError, match="no layer 8"):
        lower_graph(whole, 9)


def test_an_adapter_is_kept_within_a_byte_a_number(model: BundledModel, adapter: Adapter) -> None:
    assert adapter.first == FIRST
    for name, values in _tensors(model).items():
        kept = adapter.tensors[name]
        assert kept.dtype == np.float32
        assert kept.shape == values.shape
        np.testing.assert_allclose(kept, values, atol=np.abs(values).max() / 120)


def test_what_is_no_adapter_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "cut.npz").write_bytes(b"PK\x03\x04 cut off")
    write_adapters(tmp_path / "other.npz", {"other": Adapter(0, {})})
    for name in ("cut.npz", "missing.npz", "other.npz"):
        with pytest.raises(ModelDamaged, match=name):
            read_adapter(READER_ADAPTER, tmp_path / name)


def test_no_reader_goes_with_another_encoder() -> None:
    assert load_reader(ModelIdentity("intfloat/multilingual-e5-base", "1", 768), name="bundled") is None


@pytest.mark.slow
def test_a_cross_encoder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="cross-encoder"):
        load_reader(ModelIdentity("any", "1", 8), name=str(tmp_path))


def test_a_title_comes_first() -> None:
    assert titled("Bees", "They fly.") == "Bees. They fly."
    assert titled("", "They fly.") == "They fly."
