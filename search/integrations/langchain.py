"""A retriever for LangChain (the extra ``langchain``)."""

from __future__ import annotations

from typing import Any

from search.errors import ExtraMissing
from search.integrations import found, metadata

try:
    from langchain_core.callbacks import CallbackManagerForRetrieverRun
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever
except ImportError as error:
    raise ExtraMissing.of("a retriever for LangChain", "langchain") from error

__all__ = ["RosettaRetriever"]


class RosettaRetriever(BaseRetriever):
    """Gives the best passages for a question, in every language or in those named::

    RosettaRetriever(engine=search.open(".kb"), limit=4, languages=["pl"]).invoke("how do I …")
    """

    engine: Any
    limit: int = 4
    languages: list[str] | None = None

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        hits = found(self.engine, query, self.limit, self.languages)
        return [
            Document(
                page_content=hit.passage.text, metadata={**metadata(hit), "score": hit.score}, id=_id(hit)
            )
            for hit in hits
        ]


def _id(hit: Any) -> str:
    """A passage's name: the same for as long as its article is."""
    return f"{hit.article.id}:{hit.passage.start}"
