"""A retriever for Haystack (the extra ``haystack``)."""

from __future__ import annotations

from search.engine import Engine
from search.errors import ExtraMissing
from search.integrations import found, metadata

try:
    from haystack import Document, component
except ImportError as error:
    raise ExtraMissing.of("a retriever for Haystack", "haystack") from error

__all__ = ["RosettaRetriever"]


@component
class RosettaRetriever:
    """A component that gives the best passages for a query, in every language or in those named::

    pipeline.add_component("retriever", RosettaRetriever(search.open(".kb"), top_k=4))
    """

    def __init__(self, engine: Engine, top_k: int = 10, languages: list[str] | None = None) -> None:
        self.engine, self.top_k, self.languages = engine, top_k, languages

    @component.output_types(documents=list[Document])
    def run(self, query: str, top_k: int | None = None) -> dict[str, list[Document]]:
        """Of each article that matches the best passage; ``top_k`` of them at most."""
        hits = found(self.engine, query, top_k or self.top_k, self.languages)
        documents = [Document(content=hit.passage.text, meta=metadata(hit), score=hit.score) for hit in hits]
        return {"documents": documents}
