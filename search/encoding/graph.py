"""The bundled encoder as an ONNX graph with int8 weights, written out node by node.

A BERT encoder (post-layer-norm, exact GELU), mean pooling and L2 normalisation in one graph.
Three choices make it about twice as fast as the exported and quantised graph of the same weights:

* No attention mask. A batch holds texts of one length only (see :mod:`search.encoding.encoder`), so nothing
  is padded, and ONNX Runtime takes its fused attention path, which has no mask.
* Residual sums are ``Add`` then ``LayerNormalization``: the fused ``SkipLayerNormalization`` runs
  three times slower on the CPU.
* Query, key and value are one matrix product, and the weights are stored as int8 per output channel,
  so nothing is left to optimise when the graph is loaded.

A few channels of the activations are far larger than the rest, and int8 activations have one scale for
all. So each matrix product's input channels are divided, and its weights multiplied, by a smoothing
factor found from the activations of some background texts (SmoothQuant, Xiao et al. 2023): the
cosine to the exact weights rises from 0.996 to 0.999 for 5 % of the time.

The scale itself is measured on these texts, too, once. Scales found on the fly are those of a batch: a
text's vector then depends on the texts beside it (cosine 0.9993), and a library on how it was cut into
batches. With measured ones it does not, the vectors are as near to the exact ones, and take the same time.

The word embeddings keep their 4-bit blocks as they are in the wheel (int8 codes, fp16 scales): 100 MB
instead of 384 MB, and exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from search.arrays.batches import Window, equal_length_batches
from search.encoding.bundled import BLOCK, SENTENCE_EMBEDDING, TOKEN_EMBEDDINGS, BundledModel
from search.encoding.settings import ENCODING

__all__ = ["GraphWriter", "Ranges", "encoder_graph", "measured"]

_MICROSOFT = "com.microsoft"


@dataclass(frozen=True, slots=True)
class Ranges:
    """The least and the largest number that each input channel of a matrix product takes: float32
    (channels,)."""

    least: NDArray[np.float32]
    largest: NDArray[np.float32]


def encoder_graph(
    model: BundledModel, calibration: Sequence[Sequence[int]], *, unsigned: bool = False
) -> onnx.ModelProto:
    """``input_ids`` int64 (batch, tokens), unpadded → ``sentence_embedding`` float32 (batch, hidden) of
    unit length, and ``token_embeddings`` (batch, tokens, hidden), computed only when asked for.

    ``calibration`` holds token ids of ordinary texts, by which the activations' ranges are measured.
    ``unsigned`` weights are the same numbers, 128 higher, for processors that need them.
    """
    cut = (Window(at, list(ids[: model.sizes.positions])) for at, ids in enumerate(calibration))
    batches = equal_length_batches(cut)
    inputs = ({"input_ids": np.array([window.ids for window in batch], np.int64)} for batch in batches)
    return GraphWriter(model, measured(GraphWriter(model, None), inputs), unsigned).write()


def measured(writer: GraphWriter, inputs: Iterable[Mapping[str, NDArray[Any]]]) -> dict[str, Ranges]:
    """The ranges of each matrix product of a graph that is written without any."""
    import onnxruntime

    graph = writer.write()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        graph.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    names = list(writer.watched)
    outputs = [output for name in names for output in writer.watched[name]]
    seen = [session.run(outputs, dict(fed)) for fed in inputs]
    least = (np.min([one[at] for one in seen], axis=0) for at in range(0, len(outputs), 2))
    largest = (np.max([one[at] for one in seen], axis=0) for at in range(1, len(outputs), 2))
    room = ENCODING.room
    return {
        name: Ranges(room * low, room * high) for name, low, high in zip(names, least, largest, strict=True)
    }


class GraphWriter:
    """Writes the graph; where ``ranges`` is None, with exact products, and what is to be measured as outputs.

    ``mask`` is what attention is given beside queries, keys and values."""

    mask: tuple[str, ...] = ()

    def __init__(
        self,
        model: BundledModel,
        ranges: Mapping[str, Ranges] | None,
        unsigned: bool = False,
    ) -> None:
        self._model = model
        self._sizes = model.sizes
        self._ranges = ranges
        self._unsigned = unsigned
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._known: set[str] = set()
        self.watched: dict[str, tuple[str, str]] = {}

    def write(self) -> onnx.ModelProto:
        hidden = self._embeddings()
        for layer in range(self._sizes.layers):
            hidden = self.layer(f"l{layer}.", hidden)
        self.node("Identity", [hidden], TOKEN_EMBEDDINGS)
        token_axis = self.constant("token_axis", np.array([1], np.int64))
        mean = self.node("ReduceMean", [hidden, token_axis], "mean", keepdims=0)
        self.node("LpNormalization", [mean], SENTENCE_EMBEDDING, axis=-1, p=2)
        size = self._sizes.hidden
        return self.finished(
            "multilingual-e5-small",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"])],
            [
                helper.make_tensor_value_info(SENTENCE_EMBEDDING, TensorProto.FLOAT, ["batch", size]),
                helper.make_tensor_value_info(TOKEN_EMBEDDINGS, TensorProto.FLOAT, ["batch", "tokens", size]),
            ],
        )

    def finished(
        self, name: str, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[onnx.ValueInfoProto]
    ) -> onnx.ModelProto:
        """The model of the nodes written so far, with what is to be measured among its outputs."""
        watched = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [None])
            for names in self.watched.values()
            for name in names
        ]
        graph = helper.make_graph(self._nodes, name, inputs, [*outputs, *watched], self._constants)
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid(_MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="rosetta-kb")

    def _embeddings(self) -> str:
        sizes, model = self._sizes, self._model
        words = model.quantized("emb.word")
        blocks = (sizes.vocabulary, sizes.hidden // BLOCK, -1)
        codes = self.node("Gather", [self.constant("word_codes", words.codes.reshape(blocks)), "input_ids"])
        scales = self.node(
            "Gather", [self.constant("word_scales", words.scales.reshape(blocks)), "input_ids"]
        )
        codes = self.node("Cast", [codes], to=TensorProto.FLOAT)
        scales = self.node("Cast", [scales], to=TensorProto.FLOAT)
        shape = self.constant("rows", np.array([0, 0, sizes.hidden], np.int64))
        embedded = self.node("Reshape", [self.node("Mul", [codes, scales]), shape])
        # Every text is of token type 0: its embedding is added to the positions here, once.
        types = model.floats("emb.type").reshape(sizes.token_types, sizes.hidden)
        positions = model.floats("emb.pos").reshape(sizes.positions, sizes.hidden) + types[0]
        zero = self.constant("zero", np.array([0], np.int64))
        length = self.node("Shape", ["input_ids"], start=1, end=2)
        here = self.node("Slice", [self.constant("positions", positions), zero, length, zero])
        return self._add_and_normalize("emb.ln", embedded, here, "embeddings")

    def layer(self, name: str, hidden: str) -> str:
        joined = self._linear(name + "qkv", hidden, [name + part for part in ("q", "k", "v")])
        parts = [name + "query", name + "key", name + "value"]
        self._nodes.append(helper.make_node("Split", [joined], parts, axis=-1, num_outputs=3))
        attended = self.node(
            "MultiHeadAttention",
            [*parts, *self.mask],
            name + "attention",
            _MICROSOFT,
            num_heads=self._sizes.heads,
        )
        attended = self._linear(name + "attention_out", attended, [name + "ao"])
        hidden = self._add_and_normalize(name + "aln", attended, hidden, name + "attended")
        inner = self._linear(name + "inner", hidden, [name + "fi"])
        inner = self.node("Gelu", [inner], name + "gelu", _MICROSOFT)
        outer = self._linear(name + "outer", inner, [name + "fo"])
        return self._add_and_normalize(name + "oln", outer, hidden, name + "hidden")

    def _linear(self, name: str, values: str, parts: list[str]) -> str:
        """One matrix product with the named weights side by side."""
        weights = np.concatenate([self._model.matrix(part) for part in parts])
        bias = self.constant(
            name + "_bias", np.concatenate([self._model.floats(part + ".b") for part in parts])
        )
        if self._ranges is None:
            return self._watched(name, values, weights, bias)
        ranges = self._ranges[name]
        factor = _smoothing_factor(np.maximum(-ranges.least, ranges.largest), weights)
        values = self.node("Mul", [values, self.constant(name + "_smoothing", 1 / factor)])
        step, middle = _steps(float((ranges.least / factor).min()), float((ranges.largest / factor).max()))
        weights = weights * factor
        scale = np.abs(weights).max(axis=1) / 127
        codes = np.rint(weights / scale[:, None]).astype(np.int8)
        zero_point = ""  # the codes are symmetric
        stored: NDArray[Any] = codes.T
        if self._unsigned:
            stored = (stored.astype(np.int16) + 128).astype(np.uint8)
            zero_point = self.constant(name + "_zero", np.full(len(scale), 128, np.uint8))
        step_, middle_ = self.constant(name + "_step", step), self.constant(name + "_middle", middle)
        inputs = [
            self.node("QuantizeLinear", [values, step_, middle_]),
            self.constant(name + "_weight", stored),
            step_,
            self.constant(name + "_scale", scale.astype(np.float32)),
            middle_,
            zero_point,
            bias,
        ]
        return self.node("MatMulIntegerToFloat", inputs, name, _MICROSOFT)

    def _watched(self, name: str, values: str, weights: NDArray[np.float32], bias: str) -> str:
        """The exact product, and its input channels' ranges."""
        axes = self.constant("all_rows", np.array([0, 1], np.int64))
        least, largest = (
            self.node(operator, [values, axes], f"{name}_{operator}", keepdims=0)
            for operator in ("ReduceMin", "ReduceMax")
        )
        self.watched[name] = least, largest
        product = self.node("MatMul", [values, self.constant(name + "_weight", weights.T)])
        return self.node("Add", [product, bias], name)

    def _add_and_normalize(self, name: str, left: str, right: str, output: str) -> str:
        total = self.node("Add", [left, right], output + "_sum")
        scale, shift = self._model.norm(name)
        weight, bias = self.constant(name + ".w", scale), self.constant(name + ".b", shift)
        epsilon = self._sizes.layer_norm_eps
        return self.node("LayerNormalization", [total, weight, bias], output, axis=-1, epsilon=epsilon)

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        if name not in self._known:
            self._known.add(name)
            self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(
        self, operator: str, inputs: list[str], output: str = "", domain: str = "", **attributes: Any
    ) -> str:
        output = output or f"{operator.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output


def _smoothing_factor(activations: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """What each input channel is divided by, and its weights multiplied by; geometric mean 1."""
    columns = np.abs(weights).max(axis=0)
    share = ENCODING.smoothing
    factor = np.maximum(activations, 1e-3) ** share / np.maximum(columns, 1e-5) ** (1 - share)
    balanced: NDArray[np.float32] = (factor / np.exp(np.log(factor).mean())).astype(np.float32)
    return balanced


def _steps(low: float, high: float) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """The size of a step of a byte, and the byte that stands for 0; what is beyond the range is cut."""
    low, high = min(low, 0.0), max(high, 0.0)
    step = np.float32(max(high - low, 1e-6) / 255)
    return np.array(step), np.array(np.rint(-low / step), np.uint8)
