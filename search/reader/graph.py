"""The reader's two graphs: the encoder's lower layers as they are, and its upper ones, adapted, over both
texts.

What the lower layers make of a question and of a sentence does not depend on the other: it is computed for
each apart (PreTTR, MacAvaney et al. 2020), with the positions that each has alone. From the layer on where
they meet, every token sees both. A vector for whose a token is is added there; a head on the two means gives
the logit.

A batch has one question; its sentences are padded at their ends to the length of the longest, and ``lengths``
says how long each is. No token sees padding, nor do the means, and the scales are measured beforehand, so
that a sentence's logit does not depend on those beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from search.encoding.adapter import AdaptedModel
from search.encoding.graph import GraphWriter, Ranges, measured
from search.reader.protocol import LENGTHS, LOGITS, QUESTION, SENTENCES, STATES

__all__ = ["lower_graph", "upper_graph"]


_ATTENTION = "MultiHeadAttention"


def lower_graph(encoder: onnx.ModelProto, first: int) -> onnx.ModelProto:
    """The encoder's graph up to the layer where the texts meet: ``input_ids`` int64 (batch, tokens) and
    ``lengths`` int32 (batch,) → ``states`` float32 (batch, tokens, hidden).

    Its large weights stay in the files where the encoder has them, so that both share one mapped file.
    """
    last = f"l{first - 1}.hidden"
    names = [output for node in encoder.graph.node for output in node.output]
    if last not in names:
        raise ValueError(f"the encoder's graph has no layer {first - 1}")
    nodes = list(encoder.graph.node)
    end = next(at for at, node in enumerate(nodes) if last in node.output)
    kept = [*nodes[: end + 1], helper.make_node("Identity", [last], [STATES])]
    used = {name for node in kept for name in node.input}
    for node in kept:
        if node.op_type == _ATTENTION:
            node.input.extend(["", LENGTHS])  # no bias, and how many keys there are
    graph = helper.make_graph(
        kept,
        "reader-lower",
        [*encoder.graph.input, helper.make_tensor_value_info(LENGTHS, TensorProto.INT32, ["batch"])],
        [helper.make_tensor_value_info(STATES, TensorProto.FLOAT, ["batch", "tokens", "hidden"])],
        [tensor for tensor in encoder.graph.initializer if tensor.name in used],
    )
    return helper.make_model(
        graph, opset_imports=encoder.opset_import, ir_version=encoder.ir_version, producer_name="rosetta-kb"
    )


def upper_graph(
    model: AdaptedModel,
    calibration: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]],
    *,
    unsigned: bool = False,
) -> onnx.ModelProto:
    """``question`` float32 (1, tokens, hidden), ``sentences`` float32 (rows, tokens, hidden) and ``lengths``
    int32 (rows,) → ``logits`` float32 (rows,).

    ``calibration``: states of questions and sentences, by which the activations' ranges are measured.
    """
    inputs = (
        {QUESTION: question, SENTENCES: sentences, LENGTHS: np.array([sentences.shape[1]], np.int32)}
        for question, sentences in calibration
    )
    ranges = measured(_UpperWriter(model, None, unsigned), inputs)
    return _UpperWriter(model, ranges, unsigned).write()


class _UpperWriter(GraphWriter):
    """Writes the upper graph, with the adapter's matrices added to the encoder's."""

    mask = ("", "keys")  # no bias, and how many keys there are

    def __init__(
        self,
        model: AdaptedModel,
        ranges: Mapping[str, Ranges] | None,
        unsigned: bool,
    ) -> None:
        super().__init__(model, ranges, unsigned)
        self._adapter = model.adapter

    def write(self) -> onnx.ModelProto:
        hidden = self._together()
        for number in range(self._adapter.first, self._sizes.layers):
            hidden = self.layer(f"l{number}.", hidden)
        self._head(hidden)
        shapes: dict[str, list[Any]] = {QUESTION: [1, "asked", None], SENTENCES: ["rows", "read", None]}
        for shape in shapes.values():
            shape[-1] = self._sizes.hidden
        inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, of) for name, of in shapes.items()]
        return self.finished(
            "reader-upper",
            [*inputs, helper.make_tensor_value_info(LENGTHS, TensorProto.INT32, ["rows"])],
            [helper.make_tensor_value_info(LOGITS, TensorProto.FLOAT, ["rows"])],
        )

    def _together(self) -> str:
        """Each sentence's tokens after the question's, with the vectors that say whose they are."""
        segments = self._adapter.tensors["segments"]
        asked = self.node("Add", [QUESTION, self.constant("segment.question", segments[0])])
        read = self.node("Add", [SENTENCES, self.constant("segment.sentence", segments[1])])
        tokens = self.node("Shape", [QUESTION], "asked", start=1, end=2)
        self.node("Add", [self.node("Cast", [tokens], to=TensorProto.INT32), LENGTHS], "keys")
        rows = self.node("Shape", [SENTENCES], start=0, end=1)
        once = self.constant("once", np.array([1, 1], np.int64))
        asked = self.node("Expand", [asked, self.node("Concat", [rows, once], axis=0)])
        return self.node("Concat", [asked, read], "together", axis=1)

    def _head(self, hidden: str) -> None:
        """Two means, two small products, one number."""
        zero = self.constant("zero", np.array([0], np.int64))
        axis = self.constant("token_axis", np.array([1], np.int64))
        end = self.constant("end", np.array([np.iinfo(np.int64).max], np.int64))
        asked = self.node("Slice", [hidden, zero, "asked", axis])
        asked = self.node("ReduceMean", [asked, axis], keepdims=0)
        read = self.node("Slice", [hidden, "asked", end, axis])
        values = self.node("Concat", [asked, self._mean_of_read(read, axis)], axis=-1)
        tensors = self._adapter.tensors
        for name in ("in", "out"):
            parts = [self.constant(f"head.{name}.{part}", tensors[f"{name}.{part}"]) for part in "wb"]
            values = self.node("Gemm", [values, *parts], transB=1)
            if name == "in":
                values = self.node("Gelu", [values], domain="com.microsoft")
        self.node("Squeeze", [values, self.constant("last_axis", np.array([-1], np.int64))], LOGITS)

    def _mean_of_read(self, read: str, axis: str) -> str:
        """The mean of each sentence's own tokens: a product with 1 over their number, and 0 for padding."""
        lengths = self.node("Unsqueeze", [LENGTHS, axis])
        size = self.node("Squeeze", [self.node("Shape", [SENTENCES], start=1, end=2)])
        numbers = [self.constant(f"number.{number}", np.array(number, np.int32)) for number in (0, 1)]
        places = self.node("Range", [numbers[0], self.node("Cast", [size], to=TensorProto.INT32), numbers[1]])
        inside = self.node("Cast", [self.node("Less", [places, lengths])], to=TensorProto.FLOAT)
        shares = self.node("Div", [inside, self.node("Cast", [lengths], to=TensorProto.FLOAT)])
        means = self.node("MatMul", [self.node("Unsqueeze", [shares, axis]), read])
        return self.node("Squeeze", [means, axis])
