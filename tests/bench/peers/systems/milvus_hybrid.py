"""milvus-lite: dense vectors and BM25 in one collection, hybrid search fused by reciprocal ranks.

It takes vectors: those of the same graph. BM25 is its own function with the ``standard`` analyzer, the dense
index what ``AUTOINDEX`` chooses.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from pymilvus import AnnSearchRequest, DataType, Function, FunctionType, MilvusClient, RRFRanker

from peers import texts as held
from peers.encoders import Encoder

_NAME, _BATCH, _LONGEST = "passages", 1_000, 65_535


def load(model: Path, *, real: bool) -> Milvus:
    return Milvus(model, real=real)


class Milvus:
    def __init__(self, model: Path, *, real: bool) -> None:
        self.versions = {name: version(name) for name in ("milvus-lite", "pymilvus", "faiss-cpu")}
        self._encoder_of = lambda: Encoder(model, real=real)
        self._encoder: Encoder | None = None
        self._client: Any = None

    def build(self, texts: Path, library: Path) -> None:
        encoder = self._encoder_of()
        names, passages = zip(*held.read(texts), strict=True)
        vectors = encoder.passages([one.text for one in passages])
        library.mkdir(parents=True)
        client = MilvusClient(str(library / "milvus.db"))
        client.create_collection(_NAME, schema=_schema(vectors.shape[1]), index_params=_indexes())
        rows = [
            {"name": name, "text": one.text, "dense": vector}
            for name, one, vector in zip(names, passages, vectors, strict=True)
        ]
        for start in range(0, len(rows), _BATCH):
            client.insert(_NAME, rows[start : start + _BATCH])
        client.flush(_NAME)
        # Indexes are made when a collection is loaded first.
        client.load_collection(_NAME)
        client.close()

    def open(self, library: Path) -> None:
        self._encoder = self._encoder_of()
        self._client = MilvusClient(str(library / "milvus.db"))
        self._client.load_collection(_NAME)

    def search(self, question: str, limit: int) -> list[str]:
        dense = AnnSearchRequest([self.encode(question)], "dense", {"metric_type": "COSINE"}, limit=limit)
        words = AnnSearchRequest([question], "words", {"metric_type": "BM25"}, limit=limit)
        (found,) = self._client.hybrid_search(
            _NAME, [dense, words], RRFRanker(), limit=limit, output_fields=["name", "text"]
        )
        return [one["entity"]["name"] for one in found]

    def encode(self, question: str) -> Any:
        assert self._encoder is not None
        return self._encoder.query(question)


def _schema(dimension: int) -> Any:
    schema = MilvusClient.create_schema(auto_id=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("name", DataType.VARCHAR, max_length=64)
    schema.add_field(
        "text",
        DataType.VARCHAR,
        max_length=_LONGEST,
        enable_analyzer=True,
        analyzer_params={"tokenizer": "standard"},
    )
    schema.add_field("dense", DataType.FLOAT_VECTOR, dim=dimension)
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("bm25", FunctionType.BM25, ["text"], ["words"]))
    return schema


def _indexes() -> Any:
    indexes = MilvusClient.prepare_index_params()
    indexes.add_index("dense", index_type="AUTOINDEX", metric_type="COSINE")
    indexes.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    return indexes
