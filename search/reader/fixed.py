"""Graphs that quantise activations by scales measured beforehand, so that texts can be padded.

The encoder's products find one scale for all that they are given (``DynamicQuantizeMatMul``): what a text
comes to depends a little on those beside it, and on padding a lot. Smoothed activations have nearly the same
range in every text, so a scale that is measured once does as well (cosine to the exact weights 0.9992, and
0.9991 with scales found on the fly), takes the same time, and makes a row independent of all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from search.reader.sessions import session

__all__ = ["with_fixed_scales"]

_MICROSOFT = "com.microsoft"
_DYNAMIC = "DynamicQuantizeMatMul"


def with_fixed_scales(
    model: onnx.ModelProto,
    inputs: Iterable[Mapping[str, NDArray[Any]]],
    *,
    weights: Path | None = None,
) -> onnx.ModelProto:
    """The same graph, whose activations are quantised by the ranges that they have for ``inputs``.

    ``weights`` is the folder of the files that the graph names. What is beyond a range is cut."""
    ranges = _ranges(model, inputs, weights)
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    graph = changed.graph
    del graph.node[:]
    for node in model.graph.node:
        if node.op_type != _DYNAMIC:
            graph.node.append(node)
            continue
        values, codes, scale, zero, bias = node.input
        name = node.output[0]
        step, middle = _steps(*ranges[values])
        held = [f"{name}_step", f"{name}_middle"]
        graph.initializer.append(numpy_helper.from_array(step, held[0]))
        graph.initializer.append(numpy_helper.from_array(middle, held[1]))
        graph.node.append(helper.make_node("QuantizeLinear", [values, *held], [f"{name}_codes"]))
        product = [f"{name}_codes", codes, held[0], scale, held[1], zero, bias]
        graph.node.append(helper.make_node("MatMulIntegerToFloat", product, [name], domain=_MICROSOFT))
    return changed


def _ranges(
    model: onnx.ModelProto, inputs: Iterable[Mapping[str, NDArray[Any]]], weights: Path | None
) -> dict[str, tuple[float, float]]:
    """The least and the largest number that each product is given."""
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    names = [node.input[0] for node in model.graph.node if node.op_type == _DYNAMIC]
    outputs = []
    for name in names:
        for operator in ("ReduceMin", "ReduceMax"):
            outputs.append(f"{name}_{operator}")
            watched.graph.node.append(helper.make_node(operator, [name], [outputs[-1]], keepdims=0))
            watched.graph.output.append(helper.make_tensor_value_info(outputs[-1], TensorProto.FLOAT, []))
    run = session(watched.SerializeToString(), weights=weights).run
    seen = np.array([run(outputs, dict(fed)) for fed in inputs]).reshape(-1, len(names), 2)
    least, most = seen[:, :, 0].min(axis=0), seen[:, :, 1].max(axis=0)
    return {name: (float(low), float(high)) for name, low, high in zip(names, least, most, strict=True)}


def _steps(low: float, high: float) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """The size of a step of a byte, and the byte that stands for 0."""
    low, high = min(low, 0.0), max(high, 0.0)
    step = np.float32(max(high - low, 1e-6) / 255)
    return np.array(step), np.array(np.rint(-low / step), np.uint8)
