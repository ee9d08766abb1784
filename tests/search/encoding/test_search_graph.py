"""The ONNX graph computes the encoder whose weights it was written from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from tiny_model import PIECES, SIZES, write_weights

from search.encoding.bundled import BundledModel
from search.encoding.graph import (
    SENTENCE_EMBEDDING,
    TOKEN_EMBEDDINGS,
    GraphWriter,
    encoder_graph,
    measured,
)
from search.encoding.preparation import products_saturate

CALIBRATION = [[0, 5, 7, 8, 2], [0, *range(4, 30), 2], [0, 20, 21, 2]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> BundledModel:
    return BundledModel(write_weights(tmp_path_factory.mktemp("tiny") / "weights.bin"))


@pytest.fixture(scope="module")
def graph(model: BundledModel) -> onnx.ModelProto:
    return encoder_graph(model, CALIBRATION, unsigned=products_saturate())


@pytest.fixture(scope="module")
def session(graph: onnx.ModelProto) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])


def plain(model: BundledModel, ids: list[int]) -> np.ndarray:
    """The encoder in float64 numpy, as the BERT paper has it: token vectors (tokens, hidden)."""

    def normalized(x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + SIZES.layer_norm_eps)
        return scaled * model.floats(name + ".w") + model.floats(name + ".b")

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return x @ model.quantized(name + ".w").dequantized().T.astype(np.float64) + model.floats(name + ".b")

    def heads(x: np.ndarray) -> np.ndarray:
        return x.reshape(len(ids), SIZES.heads, -1).transpose(1, 0, 2)

    x = model.quantized("emb.word").dequantized()[ids].astype(np.float64)
    x = x + model.floats("emb.pos").reshape(-1, SIZES.hidden)[: len(ids)]
    x = normalized(x + model.floats("emb.type")[: SIZES.hidden], "emb.ln")
    for n in range(SIZES.layers):
        q, k, v = (heads(linear(x, f"l{n}.{part}")) for part in "qkv")
        weights = np.exp(q @ k.transpose(0, 2, 1) / np.sqrt(SIZES.hidden // SIZES.heads))
        attended = (weights / weights.sum(axis=-1, keepdims=True)) @ v
        attended = attended.transpose(1, 0, 2).reshape(len(ids), -1)
        x = normalized(linear(attended, f"l{n}.ao") + x, f"l{n}.aln")
        inner = linear(x, f"l{n}.fi")
        inner = inner * 0.5 * (1 + np.vectorize(_erf)(inner / np.sqrt(2)))
        x = normalized(linear(inner, f"l{n}.fo") + x, f"l{n}.oln")
    return x


def _erf(x: float) -> float:
    from math import erf

    return erf(x)


def test_vectors_are_the_plain_encoders(model: BundledModel, session: onnxruntime.InferenceSession) -> None:
    rng = np.random.default_rng(1)
    for length in (3, 9, SIZES.positions):
        ids = [0, *rng.integers(4, len(PIECES), length - 2).tolist(), 2]
        tokens = plain(model, ids)
        expected = tokens.mean(axis=0) / np.linalg.norm(tokens.mean(axis=0))
        (found,) = session.run([SENTENCE_EMBEDDING], {"input_ids": np.array([ids])})
        assert found[0] @ expected > 0.995


def test_unsigned_weights_are_the_same_numbers(model: BundledModel) -> None:
    inputs = [{"input_ids": np.array([ids])} for ids in CALIBRATION]
    ranges = measured(GraphWriter(model, None), inputs)
    signed, unsigned = (
        {one.name: onnx.numpy_helper.to_array(one) for one in made.graph.initializer}
        for made in (GraphWriter(model, ranges).write(), GraphWriter(model, ranges, unsigned=True).write())
    )
    weights = [name for name in signed if name.endswith("_weight")]
    assert len(weights) == 4 * SIZES.layers
    for name in weights:
        assert unsigned[name].dtype == np.uint8
        assert (unsigned[name].astype(int) - 128 == signed[name]).all()
        assert (unsigned[name.replace("_weight", "_zero")] == 128).all()


def test_a_texts_vector_does_not_depend_on_its_batch(session: onnxruntime.InferenceSession) -> None:
    rows = np.random.default_rng(2).integers(4, len(PIECES), (5, 11))
    (together,) = session.run([SENTENCE_EMBEDDING], {"input_ids": rows})
    for row, vector in zip(rows, together, strict=True):
        (alone,) = session.run([SENTENCE_EMBEDDING], {"input_ids": row[None]})
        np.testing.assert_allclose(alone[0], vector, atol=1e-6)


def test_token_vectors_mean_is_the_texts_vector(session: onnxruntime.InferenceSession) -> None:
    ids = np.array([[0, 9, 10, 11, 2]])
    vector, tokens = session.run([SENTENCE_EMBEDDING, TOKEN_EMBEDDINGS], {"input_ids": ids})
    mean = tokens[0].mean(axis=0)
    np.testing.assert_allclose(vector[0], mean / np.linalg.norm(mean), atol=1e-6)


def test_every_vector_has_unit_length(session: onnxruntime.InferenceSession) -> None:
    rows = np.random.default_rng(3).integers(0, len(PIECES), (8, 4))
    (vectors,) = session.run([SENTENCE_EMBEDDING], {"input_ids": rows})
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_the_same_weights_and_calibration_give_the_same_graph(
    model: BundledModel, graph: onnx.ModelProto
) -> None:
    assert encoder_graph(model, CALIBRATION, unsigned=products_saturate()) == graph


def test_word_embeddings_stay_four_bit_codes(graph: onnx.ModelProto) -> None:
    codes = next(one for one in graph.graph.initializer if one.name == "word_codes")
    assert codes.data_type == onnx.TensorProto.INT8


def test_the_graph_is_valid_onnx(graph: onnx.ModelProto, tmp_path: Path) -> None:
    onnx.checker.check_model(graph)
