"""What the page and the terminal need beside ``to_dict()``: marked pieces, excerpts, an article as JSON.

Marks are placed by the offsets that searching gave, never by looking for a string again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from search.shown import Piece, pieces, web_address
from webapp.settings import WEBAPP

if TYPE_CHECKING:
    from kb.store.snapshot import StoredArticle
    from search.models import Answer, Evidence, Hit

__all__ = [
    "Excerpt",
    "Piece",
    "article_document",
    "by_language",
    "evidence_pieces",
    "hit_excerpt",
    "kinds",
    "passage_pieces",
    "pieces",
    "web_address",
]


_BREAK = re.compile(r"\s")
_BLOCKS = re.compile(r"(?:\A|\n+)(?:#{1,6} |- )|\n+")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Part of a passage: its pieces, and whether something was cut off before and after."""

    pieces: tuple[Piece, ...]
    cut_before: bool = False
    cut_after: bool = False


def by_language(answer: Answer) -> dict[str, tuple[Evidence, ...]]:
    """The evidence of each language, best first; of an unanswered question, too, what is nearest."""
    grouped: dict[str, tuple[Evidence, ...]] = {}
    for item in answer.evidence:
        grouped[item.language] = (*grouped.get(item.language, ()), item)
    return grouped


def evidence_pieces(evidence: Evidence) -> tuple[Piece, ...]:
    """A quote, marked."""
    return pieces(evidence.quote, evidence.start, evidence.highlights)


def passage_pieces(hit: Hit) -> tuple[Piece, ...]:
    """A hit's whole passage, marked."""
    return pieces(hit.passage.text, hit.passage.start, hit.highlights)


def hit_excerpt(hit: Hit) -> Excerpt:
    """The hit's best sentence, marked, with as much of its paragraph around it as there is room for; a short
    block, such as a heading, goes on with what follows it."""
    text, offset = hit.passage.text, hit.passage.start
    start, end = hit.sentence.start - offset, hit.sentence.end - offset
    low = text.rfind("\n", 0, start) + 1
    high = _line_end(text, end)
    while high - low < WEBAPP.short_block and high < len(text):
        high = _line_end(text, high + 1)
    spare = max(0, WEBAPP.excerpt - (end - start)) // 2
    begin = _word_start(text, start - spare, start) if start - spare > low else low
    room = begin + WEBAPP.excerpt if end - start < WEBAPP.excerpt else start + WEBAPP.excerpt
    finish = _word_end(text, room, start) if room < high else high
    cut = (begin if end - start < WEBAPP.excerpt else start, finish)
    shown = list(pieces(text[cut[0] : cut[1]], offset + cut[0], hit.highlights))
    for at, piece in enumerate(shown):
        if not piece.kind:
            shown[at] = Piece(_BLOCKS.sub(_joint if at else _first_joint, piece.text))
    return Excerpt(tuple(shown), cut[0] > low, finish < high)


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _joint(found: re.Match[str]) -> str:
    """Between two blocks of an excerpt, whose markers are no words."""
    # A piece that follows a mark may begin with what looks like a marker and is none: "- " after a word.
    return " · " if "\n" in found[0] else found[0]


def _first_joint(found: re.Match[str]) -> str:
    """The same; nothing at the excerpt's beginning."""
    return _joint(found) if found.start() else ""


def _word_start(text: str, at: int, limit: int) -> int:
    """The first word that begins at or after ``at``; scripts without spaces are cut anywhere."""
    space = _BREAK.search(text, at, min(at + 30, limit))
    return space.end() if space else at


def _word_end(text: str, at: int, limit: int) -> int:
    """The end of the last word that ends before ``at``."""
    cut = max((found.start() for found in _BREAK.finditer(text, max(at - 30, limit), at)), default=at)
    return cut if cut > limit else at


def kinds(*shown: Iterable[Piece]) -> tuple[str, ...]:
    """The kinds of highlight that occur in what is shown, in the order of the legend."""
    present = {piece.kind for pieces in shown for piece in pieces}
    return tuple(kind for kind in ("exact", "translation", "meaning") if kind in present)


def article_document(stored: StoredArticle) -> dict[str, Any]:
    """An article as JSON-ready builtins: the one shape of ``kb show --json`` and of the article's JSON."""
    return {"id": stored.id, **asdict(stored.article)}
