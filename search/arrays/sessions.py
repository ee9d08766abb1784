"""ONNX Runtime as this project runs its graphs: as they are written, one thread in a call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["session"]


def session(
    graph: bytes | Path, *, weights: Path | None = None, plans: bool = False, arena: bool = True
) -> Any:
    """The graph, or the file that has it, ready to run; ``weights`` is the folder of the files that it names.

    One thread in a call, and as many calls as cores: no oversubscription under a server, and builds run
    faster than with one call spread over the cores. ``plans`` of where each tensor goes are kept for each
    shape of the inputs, which is of no use where all batches differ; an ``arena`` keeps memory for the next
    call.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    options.enable_mem_pattern, options.enable_cpu_mem_arena = plans, arena
    if weights is not None:
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(weights))
    held = str(graph) if isinstance(graph, Path) else graph
    return onnxruntime.InferenceSession(held, options, providers=["CPUExecutionProvider"])
