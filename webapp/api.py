"""The HTTP API: what the engine returns, as JSON. Only reading; errors have one shape (see webapp.errors)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from webapp import openapi, params, payload
from webapp.serving.replies import engine, model, ready, status
from webapp.settings import WEBAPP

__all__ = ["blueprint"]

blueprint = Blueprint("api", __name__)


def _query() -> str:
    return params.query_text(request.args.get("q"), WEBAPP.api_query)


def _languages() -> list[str] | None:
    return list(params.chosen_languages(request.args.getlist("in"), status().articles)) or None


def _number(name: str, default: int, low: int, high: int) -> int:
    return params.whole_number(request.args.get(name), name, default, low, high)


def _bounds() -> dict[str, str]:
    """What the articles have to be within, and their order, where they are given."""
    args = request.args
    asked = {
        "folder": params.folder(args.get("folder")),
        "since": params.date(args.get("since"), "since"),
        "until": params.date(args.get("until"), "until"),
        "sort": args.get("sort", ""),
    }
    return {name: value for name, value in asked.items() if value}


@blueprint.get("/api/search")
def search() -> dict[str, Any]:
    """Articles that match, best first."""
    return (
        engine()
        .search(
            _query(),
            limit=_number("limit", 10, 1, WEBAPP.hits),
            offset=_number("offset", 0, 0, WEBAPP.hits_offset),
            languages=_languages(),
            query_language=params.language_tag(request.args.get("query_language")),
            collapse=not params.versions(request.args.get("versions")),
            **_bounds(),
        )
        .to_dict()
    )


@blueprint.get("/api/ask")
def ask() -> dict[str, Any]:
    """The evidence for an answer, by language."""
    return (
        engine()
        .ask(
            _query(),
            languages=_languages(),
            per_language=_number("per_language", 3, 1, WEBAPP.quotes_each),
            query_language=params.language_tag(request.args.get("query_language")),
        )
        .to_dict()
    )


@blueprint.get("/api/articles")
def articles() -> dict[str, Any]:
    """The articles, a page of them."""
    found = engine().browse(
        title=params.typed_text(request.args.get("title")),
        languages=_languages(),
        limit=_number("limit", 50, 1, WEBAPP.hits),
        offset=_number("offset", 0, 0, WEBAPP.articles_offset),
        **_bounds(),
    )
    return found.to_dict()


@blueprint.get("/api/terms")
def terms() -> dict[str, Any]:
    """What the articles of each language are about."""
    return {"terms": [term.to_dict() for found in engine().telling_terms.values() for term in found]}


@blueprint.get("/api/articles/<article_id>")
def article(article_id: str) -> dict[str, Any]:
    """One article, whole."""
    return payload.article_document(engine().article(article_id))


@blueprint.get("/api/suggest")
def suggest() -> dict[str, Any]:
    """Completions of what is being typed; an empty list for an empty box."""
    typed = params.typed_text(request.args.get("q"))
    limit = _number("limit", 8, 1, WEBAPP.suggestions)
    language = params.language_tag(request.args.get("query_language"))
    found = engine().suggest(typed, limit, language=language)
    return {"suggestions": [suggestion.to_dict() for suggestion in found]}


@blueprint.get("/api/lookup")
def lookup() -> dict[str, Any]:
    """What each language's articles call a term."""
    entries = engine().lookup(_query(), language=params.language_tag(request.args.get("from")))
    return {"entries": [entry.to_dict() for entry in entries]}


@blueprint.get("/api/translations")
def translations() -> dict[str, Any]:
    """What an article, named by its id or its source, is the same text as."""
    found = engine().translations(request.args.get("article", ""))
    return {"translations": [translation.to_dict() for translation in found]}


@blueprint.get("/api/articles/<article_id>/beside/<other_id>")
def beside(article_id: str, other_id: str) -> dict[str, Any]:
    """Two articles that are the same text, sentence by sentence."""
    return engine().side_by_side(article_id, other_id).to_dict()


@blueprint.get("/openapi.json")
def description() -> dict[str, Any]:
    """This API, described."""
    return openapi.document(request.root_url.rstrip("/"))


@blueprint.get("/healthz")
def healthz() -> dict[str, str]:
    """The process is up."""
    return {"status": "up"}


@blueprint.get("/readyz")
def readyz() -> dict[str, Any]:
    """The library is there and can be read, and its model is loaded; 503 and why, where they are not."""
    ready()
    return {"status": "ready", "generation": status().generation, "model": model()}
