"""The knowledge base: source files become articles, passages and sentences, kept in one SQLite file.

It knows nothing of indexes, models or the web. The way of a file through it::

    sources → readers → normalize → passages → store

``build`` walks it (``run`` keeps its books, ``processes`` are where files are read, ``sites`` knows what
recurs from page to page); ``watch`` says when to walk it again; ``render`` and ``export`` are two ways out.
Functions live in modules named after them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.documents import Document
from kb.languages import LANGUAGES, Language
from kb.models import (
    Article,
    Block,
    Passage,
    RemovedSpan,
    Repair,
    Sentence,
    SkippedSource,
    SourceFile,
)
from kb.on_demand import on_demand
from kb.store.snapshot import (
    ArticleSummary,
    LanguageCount,
    Snapshot,
    StoredArticle,
    StoredPassage,
    StoredSentence,
)
from kb.store.store import Store, article_id

if TYPE_CHECKING:
    from kb.build import BuildReport, add, remove, restore, update
    from kb.building.watch import Change, Watcher

__all__ = [
    "LANGUAGES",
    "Article",
    "ArticleSummary",
    "Block",
    "BuildReport",
    "Change",
    "Document",
    "Language",
    "LanguageCount",
    "Passage",
    "RemovedSpan",
    "Repair",
    "Sentence",
    "SkippedSource",
    "Snapshot",
    "SourceFile",
    "Store",
    "StoredArticle",
    "StoredPassage",
    "StoredSentence",
    "Watcher",
    "add",
    "article_id",
    "remove",
    "restore",
    "update",
]

__getattr__ = on_demand(
    __name__,
    {
        "kb.build": ("BuildReport", "add", "remove", "restore", "update"),
        "kb.building.watch": ("Change", "Watcher"),
    },
)
