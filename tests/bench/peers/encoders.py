"""The encoder of those that bring none: the prepared model's graph, as bare as can be, or looked-up vectors.

*real*: ONNX Runtime on the graph that Rosetta runs. *looked up*: a text's vector is the mean of its tokens'
vectors in a table of random ones, so that a hundred thousand passages can be indexed without an hour of
encoding. Questions go through the real graph in both cases, and take its time; looked up, its result is then
thrown away for the one from the table, since only that compares with the passages.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

__all__ = ["PASSAGE", "QUERY", "Encoder", "looked_up"]

QUERY, PASSAGE = "query: ", "passage: "
_GRAPH, _OUTPUT = "onnx/model_qint8.onnx", "sentence_embedding"
_WINDOW = 512
_BATCH_TOKENS, _BATCH_ROWS = 512, 16  # what is fastest on this graph
_TABLE = np.random.default_rng(0).normal(size=(4096, 384)).astype(np.float32)


def looked_up(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Unit vectors (rows, 384) and tokens' vectors (rows, tokens, 384) of token ids, rows of one length."""
    tokens = _TABLE[np.array(rows) % len(_TABLE)]
    pooled = tokens.mean(axis=1)
    pooled /= np.linalg.norm(pooled, axis=1, keepdims=True)
    return pooled, tokens


class Encoder:
    """The graph takes no mask: a batch holds texts of one length."""

    def __init__(self, model: Path, *, real: bool) -> None:
        """``model`` is a directory that Rosetta prepared."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            str(model / _GRAPH), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
        self._tokenizer.enable_truncation(_WINDOW)
        self._tokenizer.no_padding()
        self._real = real
        self._cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()

    def query(self, text: str) -> NDArray[np.float32]:
        """A question's unit vector (384,)."""
        ids = self._tokenizer.encode(QUERY + text).ids
        found = self._run([ids])
        return (found if self._real else looked_up([ids])[0])[0]

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors (texts, 384), on all cores."""
        lengths: dict[int, list[tuple[int, list[int]]]] = defaultdict(list)
        for place, encoding in enumerate(self._tokenizer.encode_batch([PASSAGE + text for text in texts])):
            lengths[len(encoding.ids)].append((place, encoding.ids))
        batches = []
        for length, group in sorted(lengths.items(), reverse=True):
            rows = max(1, min(_BATCH_ROWS, _BATCH_TOKENS // length))
            batches += [group[start : start + rows] for start in range(0, len(group), rows)]
        made = np.zeros((len(texts), _TABLE.shape[1]), np.float32)

        def encode(batch: list[tuple[int, list[int]]]) -> None:
            ids = [one for _, one in batch]
            made[[place for place, _ in batch]] = self._run(ids) if self._real else looked_up(ids)[0]

        with ThreadPoolExecutor(self._cores) as pool:
            list(pool.map(encode, batches))
        return made

    def _run(self, rows: list[list[int]]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = self._session.run(
            [_OUTPUT], {"input_ids": np.array(rows, dtype=np.int64)}
        )[0]
        return found
