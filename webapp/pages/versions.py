"""Pages about what a text is the same as, and what it was before it was cleaned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, abort, current_app, render_template, request, url_for

from webapp import params, translating
from webapp.interface import offered as interface
from webapp.serving.replies import engine
from webapp.settings import WEBAPP

if TYPE_CHECKING:
    from kb.models import RemovedSpan
    from kb.store.snapshot import StoredArticle
    from search.models import Evidence

__all__ = ["Part", "blueprint", "parts", "source_page", "translated_at"]

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


def _desk() -> translating.Desk | None:
    return cast("translating.Desk | None", current_app.extensions["translating"])


def translated_at(item: Evidence) -> str:
    """Where a quote's translation into the reader's language is fetched; "" where there is none to fetch."""
    own = interface.current().code
    if _desk() is None or item.language == own or item.end - item.start > WEBAPP.translated:
        return ""
    quote = f"{item.start}-{item.end}"
    return url_for("versions.translated", article_id=item.article.id, quote=quote, to=own)


@blueprint.get("/articles/<article_id>/translated.json")
def translated(article_id: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Words of an article (nothing else is translated here) in a language of the interface."""
    desk, asked = _desk(), request.args.get("to", "")
    stored = engine().article(article_id)
    span = params.quote_range(request.args.get("quote"), len(stored.article.text))
    if (
        desk is None
        or span is None
        or span[1] - span[0] > WEBAPP.translated
        or asked not in interface.INTERFACES
    ):
        abort(404)
    parts = engine().foreign_passages(article_id)
    here = (part.language for part in parts if part.start <= span[0] < part.end)
    spoken = next(here, stored.article.language)
    text = desk.translate(stored.article.text[slice(*span)], spoken, asked)
    # Not kept: another program may translate it otherwise.
    return {"text": text, "language": asked}, {"Cache-Control": "no-store"}
