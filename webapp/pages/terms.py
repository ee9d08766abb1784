"""The pages about terms: what each language calls one, as a page and as files; completions for browsers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for

from search.models import Entry
from webapp import params
from webapp.interface import offered as interface
from webapp.pages import glossary
from webapp.serving.replies import engine
from webapp.settings import WEBAPP

__all__ = ["register"]

_ORDERS = ("", "term", "score", "count")


def register(blueprint: Blueprint) -> None:
    """Adds them to the pages."""
    blueprint.add_url_rule("/lookup", view_func=lookup)
    blueprint.add_url_rule("/lookup.<any(tsv, tbx):form>", view_func=lookup_file)
    blueprint.add_url_rule("/suggestions.json", view_func=suggestions)


@dataclass(frozen=True, slots=True)
class AskedTerm:
    """What the reader asked of the page: a term, the language it is in if she said so, and an order."""

    term: str
    language: str | None
    order: str

    @classmethod
    def read(cls) -> AskedTerm:
        """From the address; QueryError where that makes no sense."""
        text = request.args.get("q", "").strip()
        order = request.args.get("sort", "")
        return cls(
            params.query_text(text, WEBAPP.page_query) if text else "",
            params.language_tag(request.args.get("from")),
            order if order in _ORDERS else "",
        )

    def entries(self) -> list[Entry]:
        """What was found, in the order asked for."""
        found = engine().lookup(self.term, language=self.language) if self.term else ()
        return glossary.sorted_entries(found, self.order)

    def url(self, endpoint: str = "pages.lookup", **changed: str) -> str:
        """This lookup in another order or format."""
        values: dict[str, Any] = {"q": self.term, "from": self.language or "", "sort": self.order, **changed}
        return url_for(endpoint, **{name: value for name, value in values.items() if value})


def lookup() -> str:
    """What each language's articles call a term."""
    asked = AskedTerm.read()
    telling = {} if asked.term else engine().telling_terms
    return render_template("lookup.html", asked=asked, entries=asked.entries(), telling=telling)


def lookup_file(form: str) -> Response:
    """The same for translators' tools."""
    asked = AskedTerm.read()
    if not asked.term:
        abort(404)
    concept = glossary.with_asked(asked.entries(), asked.term, asked.language)
    reply = Response(
        "".join(glossary.FORMATS[form]([concept])),
        content_type=f"{glossary.MEDIA_TYPES[form]}; charset=utf-8",
    )
    reply.headers.set("Content-Disposition", "attachment", filename=f"terms.{form}")
    return reply


def suggestions() -> Response:
    """Completions as browsers want them (OpenSearch Suggestions): what was typed, and a list."""
    typed = request.args.get("q", "").strip()
    found = engine().suggest(params.typed_text(typed), WEBAPP.suggested, language=interface.current().code)
    document = json.dumps([typed, [suggestion.text for suggestion in found]], ensure_ascii=False)
    return Response(document, content_type="application/x-suggestions+json; charset=utf-8")
