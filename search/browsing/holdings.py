"""The nouns of looking through a library: what it lists."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from search.models import ArticleRef
from search.shown import Document

__all__ = ["Listed", "Listing", "Term"]


@dataclass(frozen=True, slots=True)
class Listed(Document):
    """An article in a list. ``words`` counts characters in scripts without spaces; ``also_in`` are the
    articles that are the same text."""

    article: ArticleRef
    words: int
    also_in: tuple[ArticleRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing(Document):
    """A page of a library's articles. ``total`` counts all that were asked for, and so do ``folders``, those
    directly below the one asked for, and ``years``; ``languages`` counts as if none had been chosen."""

    articles: tuple[Listed, ...]
    total: int
    offset: int
    languages: MappingProxyType[str, int]
    folders: MappingProxyType[str, int]
    years: MappingProxyType[str, int]


@dataclass(frozen=True, slots=True)
class Term(Document):
    """A term of a library's articles in one language, and how often it occurs."""

    text: str
    language: str
    count: int
