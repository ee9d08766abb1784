"""The pages. Each works without JavaScript; all of a page's state is in its address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, abort, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from kb import languages
from kb.export.markdown_files import to_markdown
from kb.export.render import render
from webapp import errors, openapi, params, payload
from webapp.interface import offered as interface
from webapp.interface.i18n import gettext as _
from webapp.pages import (
    browse,
    citation,
    examples,
    pictures,
    reading,
    reference,
    rendered,
    terms,
    versions,
    words,
)
from webapp.pages.narrowing import NO_BOUNDS, Bounds, last_page, page_numbers, toggled
from webapp.serving.replies import NoSuchPage, engine, send_asset, status
from webapp.settings import WEBAPP

if TYPE_CHECKING:
    from kb.store.snapshot import ArticleSummary
    from search import Engine
    from search.models import ArticleRef, Results, Status

__all__ = ["register"]

_ORDERS = ("date",)

blueprint = Blueprint("pages", __name__)
browse.register(blueprint)
terms.register(blueprint)


def register(app: Flask) -> None:
    """Adds the pages, and to the templates what they say about languages and marks."""
    app.register_blueprint(blueprint)
    app.register_blueprint(versions.blueprint)
    app.jinja_env.globals.update(
        language=languages.get,
        by_language=payload.by_language,
        evidence_pieces=payload.evidence_pieces,
        excerpt=payload.hit_excerpt,
        web_address=payload.web_address,
        kind_words=words.kind,
        likelihood=words.likelihood,
        nearness=words.nearness,
        passage_pieces=payload.passage_pieces,
        readable=reading.readable,
        shared_words=words.shared_words,
        map_colour=pictures.colour,
        map_picture=lambda seen: pictures.map_picture(seen, lambda dot: article_url(dot.article, dot.start)),
        scale=pictures.scale,
        verdict=words.verdict,
        certainty=words.certainty,
        translated_at=versions.translated_at,
        article_url=article_url,
        page_limit=WEBAPP.page_query,
    )


def article_url(
    ref: ArticleRef | ArticleSummary, sentence: int | None = None, quote: tuple[int, int] | None = None
) -> str:
    """An article's address; with ``quote`` that range is marked, with ``sentence`` the page opens there."""
    values: dict[str, Any] = {"quote": f"{quote[0]}-{quote[1]}"} if quote else {}
    anchor = None if sentence is None else f"s{sentence}"
    return url_for("pages.article", article_id=ref.id, _anchor=anchor, **values)


@blueprint.get("/")
def home() -> str:
    """The search box, example questions, what the library holds."""
    questions = examples.questions(engine(), interface.current().code)
    titles = () if questions else examples.articles(engine())
    return render_template(
        "home.html", status=status(), ranked=ranked(status()), examples=questions, titles=titles
    )


@blueprint.get("/search")
def search() -> str | BaseResponse:
    """The evidence by language, then the articles found."""
    if "q" not in request.args:
        return redirect(url_for("pages.home"))
    asked = Asked.read(status())
    return render_template("search.html", asked=asked, **asked.found(engine()))


@blueprint.get("/articles/<article_id>")
def article(article_id: str) -> str:
    """One article to read, with a quote marked in it."""
    stored = engine().article(article_id)
    if request.args.get("removed") == "1":
        return versions.source_page(stored)
    shown = stored.article
    body = render(shown)
    if quote := params.quote_range(request.args.get("quote"), len(shown.text)):
        body = rendered.mark_range(body, shown.text, *quote)
    foreign = engine().foreign_passages(stored.id)
    # Without the language of the interface: whoever follows it has her own.
    address = url_for("pages.article", article_id=stored.id, ui=None, _external=True)
    return render_template(
        "article.html",
        id=stored.id,
        article=shown,
        # kb.export.render emits clean HTML only: escaped words in tags of its own, passed through nh3.
        body=Markup(rendered.with_languages(body, foreign)),
        quoted=rendered.quote_anchor(body),
        contents=reading.contents(shown, body),
        related=reading.related(engine(), shown, status().articles, quote),
        citations={"plain": citation.plain(shown, address), "BibTeX": citation.bibtex(shown, address)},
        quote=quote,
        foreign=foreign,
        versions=engine().translations(stored.id),
    )


@blueprint.get("/articles/<article_id>.md")
def article_markdown(article_id: str) -> Response:
    """The article as Markdown with front matter, as `kb export` writes it."""
    stored, same = engine().article(article_id), engine().translations(article_id)
    text = to_markdown(stored.article, sorted(version.article.source for version in same))
    return Response(text, mimetype="text/markdown")


@blueprint.get("/articles/<article_id>.json")
def article_json(article_id: str) -> dict[str, Any]:
    """The article as JSON."""
    return payload.article_document(engine().article(article_id))


@blueprint.get("/languages")
def languages_page() -> str:
    """What the library holds in each language."""
    seen = engine().overview
    return render_template("languages.html", status=status(), ranked=ranked(status()), seen=seen)


@blueprint.get("/about")
def about() -> str:
    """What this is, what it holds, how it ranks."""
    return render_template("about.html", status=status(), ranked=ranked(status()))


@blueprint.get("/api")
def api_reference() -> str:
    """The API for people: the same document that programs read."""
    document = openapi.document(request.root_url.rstrip("/"))
    return render_template("api.html", api=reference.read(document), failures=errors.known())


@blueprint.get("/opensearch.xml")
def opensearch() -> Response:
    """Lets a browser add Rosetta to its search engines."""
    return Response(render_template("opensearch.xml"), mimetype="application/opensearchdescription+xml")


@blueprint.get("/static/<fingerprint>/<name>")
def asset_file(fingerprint: str, name: str) -> Response:
    """A style sheet, a script or a picture."""
    return send_asset(fingerprint, name) or abort(404)


def ranked(held: Status) -> list[str]:
    """The library's languages, the one with most articles first."""
    return sorted(held.articles, key=lambda code: (-held.articles[code], code))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader asked of the search page: the whole of its state."""

    query: str
    chosen: tuple[str, ...]
    page: int
    versions: str = ""
    bounds: Bounds = NO_BOUNDS

    @classmethod
    def read(cls, held: Status) -> Asked:
        """From the address; QueryError where that makes no sense."""
        return cls(
            query=params.query_text(request.args.get("q"), WEBAPP.page_query),
            chosen=params.chosen_languages(request.args.getlist("in"), held.articles),
            page=params.whole_number(request.args.get("page"), _("page"), 1, 1, WEBAPP.deepest_page),
            versions=params.versions(request.args.get("versions")),
            bounds=Bounds.read(_ORDERS),
        )

    def found(self, library: Engine) -> dict[str, Any]:
        """What the template shows: the answer (on the first page), a page of results, counts per language."""
        only = list(self.chosen) or None
        results = library.search(
            self.query,
            limit=WEBAPP.hits_per_page,
            offset=(self.page - 1) * WEBAPP.hits_per_page,
            languages=only,
            collapse=not self.versions,
            **self.bounds.values(),
        )
        if self.page > 1 and not results.hits:
            last = last_page(results.total, WEBAPP.hits_per_page)
            raise NoSuchPage(last, self.url(last))
        answer = library.ask(self.query, languages=only) if self.page == 1 else None
        if answer is not None and not words.is_question(answer):
            answer = None  # the articles that have them are what was asked for
        unanswered = answer is not None and not answer.found
        everything, counts = self._counts(library, results)
        return {
            "results": results,
            "answer": answer,
            "counts": counts,
            "everything": everything,
            "pages": page_numbers(self.page, results.total, WEBAPP.hits_per_page),
            "marks": payload.kinds(
                *(payload.hit_excerpt(hit).pieces for hit in results),
                *(payload.evidence_pieces(item) for item in (answer.evidence if answer else ())),
            ),
            "status": status(),
            "titles": examples.articles(library) if unanswered else (),
            "examples": examples.questions(library, interface.current().code) if unanswered else (),
        }

    def _counts(self, library: Engine, results: Results) -> tuple[int, dict[str, int]]:
        """How much is found, and how many articles per language, as if none were chosen, so that another can
        be added. A text that shows up as another's translation counts: chosen, its language has it."""
        collapse = not self.versions
        bounds: dict[str, Any] = dict(self.bounds.values())
        found = library.search(self.query, limit=0, collapse=collapse, **bounds) if self.chosen else results
        apart = library.search(self.query, limit=0, collapse=False, **bounds) if collapse else found
        return found.total, {**dict.fromkeys(self.chosen, 0), **apart.languages}

    def url(
        self,
        page: int = 1,
        chosen: tuple[str, ...] | None = None,
        query: str | None = None,
        bounds: Bounds | None = None,
    ) -> str:
        """This search on another page, in other languages, for another text, or within other bounds."""
        values: dict[str, Any] = {"q": query or self.query}
        if codes := self.chosen if chosen is None else chosen:
            values["in"] = ",".join(codes)
        if page > 1:
            values["page"] = page
        if self.versions:
            values["versions"] = self.versions
        values |= (self.bounds if bounds is None else bounds).values()
        return url_for("pages.search", **values)

    def apart(self) -> str:
        """This search with the versions of a text apart, or, where they are, together again."""
        return replace(self, versions="" if self.versions else params.ALL_VERSIONS).url()

    def toggled(self, code: str) -> str:
        """This search with that language chosen, or not chosen any more."""
        return self.url(chosen=toggled(self.chosen, code))
