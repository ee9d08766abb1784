"""Pages about what a text is the same as, and what it was before it was cleaned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, render_template

from webapp.serving.replies import engine

if TYPE_CHECKING:
    from kb.models import RemovedSpan
    from kb.store.snapshot import StoredArticle

__all__ = ["Part", "blueprint", "parts", "source_page"]

blueprint = Blueprint("versions", __name__)


@blueprint.get("/articles/<article_id>/beside/<other_id>")
def beside(article_id: str, other_id: str) -> str:
    """Two articles that are the same text, sentence by sentence."""
    return render_template("beside.html", beside=engine().side_by_side(article_id, other_id))


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a source file's text; ``span`` says why it was taken out, None where it was kept."""

    text: str
    span: RemovedSpan | None = None


def parts(text: str, removed: Iterable[RemovedSpan]) -> tuple[Part, ...]:
    """A source text cut where removed spans begin and end; joined, the parts are the text again."""
    made: list[Part] = []
    done = 0
    for span in sorted(removed, key=lambda span: span.start):
        if span.start > done:
            made.append(Part(text[done : span.start]))
            done = span.start
        if span.end > done:
            made.append(Part(text[done : span.end], span))
            done = span.end
    if done < len(text):
        made.append(Part(text[done:]))
    return tuple(made)


def source_page(stored: StoredArticle) -> str:
    """The text of an article's file as it was read, what was taken out of it greyed."""
    text = engine().source_text(stored.id)
    cut = parts(text, stored.article.removed)
    return render_template("removed.html", id=stored.id, article=stored.article, parts=cut)
