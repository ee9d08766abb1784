"""A retriever for LlamaIndex (the extra ``llama-index``)."""

from __future__ import annotations

from search.engine import Engine
from search.errors import ExtraMissing
from search.integrations import found, metadata

try:
    from llama_index.core.retrievers import BaseRetriever
    from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
except ImportError as error:
    raise ExtraMissing.of("a retriever for LlamaIndex", "llama-index") from error

__all__ = ["RosettaRetriever"]


class RosettaRetriever(BaseRetriever):
    """Gives the best passages for a question, in every language or in those named::

    RosettaRetriever(search.open(".kb"), limit=4, languages=["pl"]).retrieve("how do I …")
    """

    def __init__(self, engine: Engine, limit: int = 4, languages: list[str] | None = None) -> None:
        super().__init__()
        self._engine, self._limit, self._languages = engine, limit, languages

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = found(self._engine, query_bundle.query_str, self._limit, self._languages)
        return [
            NodeWithScore(node=TextNode(text=hit.passage.text, metadata=metadata(hit)), score=hit.score)
            for hit in hits
        ]
