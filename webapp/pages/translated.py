"""A quote, translated by machine: fetched by the page when its reader presses the button."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, abort, current_app, request, url_for

from webapp import params, translating
from webapp.interface import offered as interface
from webapp.serving.replies import engine

if TYPE_CHECKING:
    from search.models import Evidence

__all__ = ["address", "register"]


def register(blueprint: Blueprint) -> None:
    """Adds it to the pages."""
    blueprint.add_url_rule("/articles/<article_id>/translated.json", view_func=translated)


def _desk() -> translating.Desk | None:
    return cast("translating.Desk | None", current_app.extensions["translating"])


def address(item: Evidence) -> str:
    """Where a quote's translation into the reader's language is fetched; "" where there is none to fetch."""
    own = interface.current().code
    if _desk() is None or item.language == own or item.end - item.start > translating.LONGEST:
        return ""
    quote = f"{item.start}-{item.end}"
    return url_for("pages.translated", article_id=item.article.id, quote=quote, to=own)


def translated(article_id: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Words of an article (nothing else is translated here) in a language of the interface."""
    desk, asked = _desk(), request.args.get("to", "")
    stored = engine().article(article_id)
    span = params.quote_range(request.args.get("quote"), len(stored.article.text))
    if (
        desk is None
        or span is None
        or span[1] - span[0] > translating.LONGEST
        or asked not in interface.INTERFACES
    ):
        abort(404)
    parts = engine().foreign_passages(article_id)
    here = (part.language for part in parts if part.start <= span[0] < part.end)
    spoken = next(here, stored.article.language)
    text = desk.translate(stored.article.text[slice(*span)], spoken, asked)
    # Not kept: another program may translate it otherwise.
    return {"text": text, "language": asked}, {"Cache-Control": "no-store"}
