"""Searching a library: ``search.open`` for questions, ``search.build`` to make one.

    with search.open("path/to/library") as engine:
        engine.ask("how does service relate to loyalty").by_language["lv"][0].quote

It knows the knowledge base's models and nothing of the web.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kb.on_demand import on_demand
from search.browsing.holdings import Listed, Listing, Term
from search.budget import watched as time_limit
from search.engine import Engine
from search.models import (
    Aligned,
    Answer,
    ArticleRef,
    Candidate,
    Entry,
    Evidence,
    Example,
    Gloss,
    Highlight,
    Hit,
    Results,
    SideBySide,
    Snippet,
    Status,
    Suggestion,
    TermMatch,
    Translation,
    Version,
    Why,
)
from search.opening import open_engine

if TYPE_CHECKING:
    from search.building.backup import backup, restore_backup
    from search.building.build import add, build, remove, restore
    from search.building.upgrading import upgrade
    from search.building.verification import repair, verify

__all__ = [
    "Aligned",
    "Answer",
    "ArticleRef",
    "Candidate",
    "Engine",
    "Entry",
    "Evidence",
    "Example",
    "Gloss",
    "Highlight",
    "Hit",
    "Listed",
    "Listing",
    "Results",
    "SideBySide",
    "Snippet",
    "Status",
    "Suggestion",
    "Term",
    "TermMatch",
    "Translation",
    "Version",
    "Why",
    "add",
    "backup",
    "build",
    "open",
    "remove",
    "repair",
    "restore",
    "restore_backup",
    "time_limit",
    "upgrade",
    "verify",
]

__getattr__ = on_demand(
    __name__,
    {
        "search.building.backup": ("backup", "restore_backup"),
        "search.building.build": ("add", "build", "remove", "restore"),
        "search.building.upgrading": ("upgrade",),
        "search.building.verification": ("repair", "verify"),
    },
)


def __dir__() -> list[str]:
    return sorted(__all__)


def open(
    path: str | Path = ".kb",
    *,
    model: str | None = None,
    reader: str | None = None,
    cache: str | Path | None = None,
) -> Engine:
    """Opens a library read-only: a folder, or the address of one on a Milvus server
    (``milvus+http://HOST:19530/NAME``). ``model`` is needed only where the library's own goes by another name
    here; ``reader`` names what reads question and sentence together when something is asked: "bundled", which
    is used by default where it goes with the model, "none", or a sentence-transformers cross-encoder or its
    folder; ``cache`` is where prepared models live (the user's cache directory by default). Where the live
    generation is damaged the one before it is opened, and the log says so. What is open stays whole, whatever
    is built.

    Raises LibraryMissing, LibraryDamaged, LibraryVersionMismatch, ModelMismatch or ModelMissing.
    """
    return open_engine(path, model=model, reader=reader, cache=Path(cache) if cache is not None else None)
