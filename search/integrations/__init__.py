"""A library as a retriever of other frameworks: a module each, imported by who uses it, behind an extra."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from search.engine import Engine
from search.models import Hit

__all__ = ["found", "metadata"]


def found(engine: Engine, query: str, limit: int, languages: Sequence[str] | None) -> tuple[Hit, ...]:
    """The hits for a question: of each article that matches its best passage, the best first."""
    return engine.search(query, limit=limit, languages=languages).hits


def metadata(hit: Hit) -> dict[str, Any]:
    """What is known of a hit's passage: where it stands (``article text[start:end]`` is the passage), and its
    best sentence."""
    article = hit.article.to_dict()
    return {**article, "start": hit.passage.start, "end": hit.passage.end, "sentence": hit.sentence.text}
