"""Token states at the layer where question and sentence meet, by the graph that runs them in use."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.arrays.batches import Window, equal_length_batches
from search.encoding.preparation import GRAPH, PASSAGE_PROMPT, QUERY_PROMPT, TOKENIZER, prepare_bundled
from search.encoding.protocol import cleaned
from search.encoding.tokenizer import Tokenizer

QUESTION_TOKENS, SENTENCE_TOKENS = 48, 96


class Lower:
    """Keeps the states of every text that it has seen, in half precision."""

    def __init__(self, layers: int) -> None:
        directory = prepare_bundled()
        self.tokenizer = Tokenizer(directory / TOKENIZER)
        self._session = _truncated(directory / GRAPH, f"l{layers - 1}.hidden")
        self._known: dict[str, NDArray[np.float16]] = {}

    def questions(self, texts: list[str]) -> list[NDArray[np.float16]]:
        return self._states([QUERY_PROMPT + cleaned(text) for text in texts], QUESTION_TOKENS)

    def sentences(self, texts: list[str]) -> list[NDArray[np.float16]]:
        return self._states([PASSAGE_PROMPT + cleaned(text) for text in texts], SENTENCE_TOKENS)

    def _states(self, texts: list[str], most: int) -> list[NDArray[np.float16]]:
        missing = sorted({text for text in texts if text not in self._known})
        windows = []
        for at, text in enumerate(missing):
            ids = self.tokenizer.ids(text)
            windows.append(Window(at, ids if len(ids) <= most else [*ids[: most - 1], ids[-1]]))

        def run(batch: list[Window]) -> None:
            ids = np.array([window.ids for window in batch], np.int64)
            (states,) = self._session.run(None, {"input_ids": ids})
            for window, state in zip(batch, states, strict=True):
                self._known[missing[window.text]] = state.astype(np.float16)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(run, equal_length_batches(windows)))
        return [self._known[text] for text in texts]


def _truncated(path: Path, output: str) -> Any:
    """The encoder's graph up to one tensor, with the weights where they are."""
    import onnx
    import onnxruntime

    graph = onnx.load(str(path), load_external_data=False)
    kept = []
    for node in graph.graph.node:
        kept.append(node)
        if output in node.output:
            break
    del graph.graph.node[len(kept) :]
    del graph.graph.output[:]
    graph.graph.output.append(onnx.helper.make_tensor_value_info(output, onnx.TensorProto.FLOAT, None))
    used = {name for node in kept for name in node.input}
    constants = [one for one in graph.graph.initializer if one.name in used]
    del graph.graph.initializer[:]
    graph.graph.initializer.extend(constants)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(path.parent))
    return onnxruntime.InferenceSession(
        graph.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
