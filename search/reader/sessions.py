"""ONNX Runtime as the reader uses it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["session"]


def session(graph: bytes | Path, *, weights: Path | None = None) -> Any:
    """The graph, or the file that has it, run as it is written, one thread in a call; ``weights`` is the
    folder of the files that it names."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    # A plan of where each tensor goes is kept for each shape of the inputs, and here all batches differ.
    options.enable_mem_pattern = False
    if weights is not None:
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(weights))
    held = str(graph) if isinstance(graph, Path) else graph
    return onnxruntime.InferenceSession(held, options, providers=["CPUExecutionProvider"])
