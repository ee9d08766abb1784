"""LanceDB: hybrid search, fused by its default (reciprocal ranks). It takes vectors: those of the same graph.

Words are cut by ICU, without English stemming and stop words: the setting its documentation has for texts in
several languages. Vectors are all compared below ``EXACT`` passages, as its documentation advises, and by an
index from there on.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import lancedb
import pyarrow as pa
from lancedb.index import FTS, IvfPq

from peers import texts as held
from peers.encoders import Encoder

EXACT = 100_000
_BATCH = 10_000


def load(model: Path, *, real: bool) -> Lance:
    return Lance(model, real=real)


class Lance:
    def __init__(self, model: Path, *, real: bool) -> None:
        self.versions = {name: version(name) for name in ("lancedb", "pyarrow")}
        self._encoder_of = lambda: Encoder(model, real=real)
        self._encoder: Encoder | None = None
        self._table: Any = None

    def build(self, texts: Path, library: Path) -> None:
        encoder = self._encoder_of()
        names, passages = zip(*held.read(texts), strict=True)
        written = [one.text for one in passages]
        vectors = encoder.passages(written)
        table = lancedb.connect(library).create_table("passages", data=_batches(names, written, vectors))
        table.create_index("text", config=FTS(base_tokenizer="icu", stem=False, remove_stop_words=False))
        if len(names) >= EXACT:
            table.create_index("vector", config=IvfPq(distance_type="cosine"))
        table.optimize()

    def open(self, library: Path) -> None:
        self._encoder = self._encoder_of()
        self._table = lancedb.connect(library).open_table("passages")

    def search(self, question: str, limit: int) -> list[str]:
        query = self._table.search(query_type="hybrid").vector(self.encode(question)).text(question)
        found = query.distance_type("cosine").limit(limit).to_list()
        return [one["name"] for one in found]

    def encode(self, question: str) -> Any:
        assert self._encoder is not None
        return self._encoder.query(question)


def _batches(names: Any, written: list[str], vectors: Any) -> pa.Table:
    flat = pa.array(vectors.reshape(-1))
    return pa.table(
        {
            "name": pa.array(names),
            "text": pa.array(written),
            "vector": pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1]),
        }
    )
