"""A quote in a language that the reader may not read: what helps her to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from webapp import payload
from webapp.interface import offered as interface
from webapp.serving.replies import engine

if TYPE_CHECKING:
    from search.models import Evidence, Gloss, Version

__all__ = ["Readable", "readable"]


@dataclass(frozen=True, slots=True)
class Readable:
    """What the quote's article says there in the reader's language, where it has a version in that; else what
    the quote's marked words are called in it."""

    version: Version | None = None
    glosses: tuple[Gloss, ...] = ()


def readable(item: Evidence, question: str) -> Readable:
    """What helps to read a quote that was found for a question; nothing for one in the reader's language."""
    own, library = interface.current().code, engine()
    if item.language == own:
        return Readable()
    version = library.version(item.article.id, item.start, item.end, own)
    if version is not None:
        return Readable(version)
    marked = [piece.text for piece in payload.evidence_pieces(item) if piece.kind]
    return Readable(glosses=library.glosses(marked, item.language, own, question=question) if marked else ())
