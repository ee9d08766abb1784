"""What helps a reader: around an article's text its contents, and what other languages say of the same; under
a quote in a language that she may not read, what it says in hers."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from webapp import payload
from webapp.interface import offered as interface
from webapp.pages.rendered import heading_ids
from webapp.serving.replies import engine
from webapp.settings import WEBAPP

if TYPE_CHECKING:
    from kb.models import Article
    from search import Engine
    from search.models import Evidence, Gloss, Hit, Version

__all__ = ["Heading", "Readable", "contents", "readable", "related"]

# What the query language would take for a phrase, an exclusion or a language.
_OPERATORS = re.compile(r'["“”„«»]|(?<!\S)-|(?<!\S)lang:')


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the table of contents; ``level`` is 2–6, ``id`` the heading's in the rendered article."""

    id: str
    text: str
    level: int


def contents(article: Article, body: str) -> tuple[Heading, ...]:
    """The headings of a rendered article in their order; none where there are too few to choose from."""
    headings = [block for block in article.blocks if block.kind == "heading"]
    found = tuple(
        Heading(name, article.text[block.start : block.end], block.level)
        # An article that is too long to be rendered is shown as bare paragraphs: then there are no ids.
        for block, name in zip(headings, heading_ids(body), strict=False)
    )
    return found if len(found) >= WEBAPP.fewest_headings else ()


def related(
    library: Engine, article: Article, languages: Collection[str], quote: tuple[int, int] | None
) -> tuple[Hit, ...]:
    """The nearest passage of each other language: to the quote, or to the article's title and beginning."""
    others = [code for code in languages if code != article.language]
    about = article.text[slice(*quote)] if quote else f"{article.title} {article.text[:300]}"
    asked = _OPERATORS.sub(" ", about)[: WEBAPP.related_query]
    if not others or not any(map(str.isalnum, asked)):
        return ()
    best: dict[str, Hit] = {}
    for hit in library.search(asked, limit=WEBAPP.related_depth, languages=others):
        best.setdefault(hit.article.language, hit)
    return tuple(best.values())[: WEBAPP.related]


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
