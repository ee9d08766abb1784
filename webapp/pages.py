"""The pages. Each works without JavaScript; all of a page's state is in its address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, abort, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from kb import languages
from kb.export import to_markdown
from kb.render import render
from webapp import examples, params, payload, terms, words
from webapp.i18n import gettext as _
from webapp.replies import engine, send_asset, status

if TYPE_CHECKING:
    from kb.snapshot import ArticleSummary
    from search import Engine
    from search.models import ArticleRef, Results, Status

__all__ = ["register"]

PER_PAGE = 10
DEEPEST_PAGE = 100

blueprint = Blueprint("pages", __name__)
terms.register(blueprint)


def register(app: Flask) -> None:
    """Adds the pages, and to the templates what they say about languages and marks."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(
        language=languages.get,
        by_language=payload.by_language,
        evidence_pieces=payload.evidence_pieces,
        excerpt=payload.hit_excerpt,
        web_address=payload.web_address,
        kind_words=words.kind,
        verdict=words.verdict,
        article_url=article_url,
        page_limit=params.PAGE_LIMIT,
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
    questions = examples.questions(engine())
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
    body = render(stored.article)
    if quote := params.quote_range(request.args.get("quote"), len(stored.article.text)):
        body = payload.mark_range(body, stored.article.text, *quote)
    # kb.render emits clean HTML only: escaped words in tags of its own, passed through nh3.
    return render_template(
        "article.html", id=stored.id, article=stored.article, body=Markup(body), quote=quote
    )


@blueprint.get("/articles/<article_id>.md")
def article_markdown(article_id: str) -> Response:
    """The article as Markdown with front matter, as `kb export` writes it."""
    text = to_markdown(engine().article(article_id).article)
    return Response(text, mimetype="text/markdown")


@blueprint.get("/articles/<article_id>.json")
def article_json(article_id: str) -> dict[str, Any]:
    """The article as JSON."""
    return payload.article_document(engine().article(article_id))


@blueprint.get("/languages")
def languages_page() -> str:
    """What the library holds in each language."""
    return render_template("languages.html", status=status(), ranked=ranked(status()))


@blueprint.get("/about")
def about() -> str:
    """What this is, what it holds, how it ranks."""
    return render_template("about.html", status=status())


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

    @classmethod
    def read(cls, held: Status) -> Asked:
        """From the address; QueryError where that makes no sense."""
        return cls(
            query=params.query_text(request.args.get("q"), params.PAGE_LIMIT),
            chosen=params.chosen_languages(request.args.getlist("in"), held.articles),
            page=params.whole_number(request.args.get("page"), _("the page"), 1, 1, DEEPEST_PAGE),
        )

    def found(self, library: Engine) -> dict[str, Any]:
        """What the template shows: the answer (on the first page), a page of results, counts per language."""
        only = list(self.chosen) or None
        results = library.search(
            self.query, limit=PER_PAGE, offset=(self.page - 1) * PER_PAGE, languages=only
        )
        answer = library.ask(self.query, languages=only) if self.page == 1 else None
        return {
            "results": results,
            "answer": answer,
            "counts": self._counts(library, results),
            "pages": self._pages(results.total),
            "marks": payload.kinds(
                *(hit.highlights for hit in results),
                *(item.highlights for item in (answer.evidence if answer else ())),
            ),
            "status": status(),
            "titles": () if answer is None or answer.found else examples.articles(library),
        }

    def _counts(self, library: Engine, results: Results) -> dict[str, int]:
        """Articles found per language, as if none were chosen, so that another can be added."""
        found = library.search(self.query, limit=1) if self.chosen else results
        return {**dict.fromkeys(self.chosen, 0), **found.languages}

    def _pages(self, total: int) -> list[int]:
        """The page numbers worth a link: the first, the last, those around this one; 0 stands for a gap."""
        last = min(DEEPEST_PAGE, -(-total // PER_PAGE))
        near = sorted({1, last, *range(self.page - 2, self.page + 3)} & set(range(1, last + 1)))
        shown: list[int] = []
        for number in near:
            if shown and number - shown[-1] > 1:
                shown.append(0)
            shown.append(number)
        return shown if last > 1 else []

    def url(self, page: int = 1, chosen: tuple[str, ...] | None = None) -> str:
        """This search on another page, or in other languages."""
        values: dict[str, Any] = {"q": self.query}
        if codes := self.chosen if chosen is None else chosen:
            values["in"] = ",".join(codes)
        if page > 1:
            values["page"] = page
        return url_for("pages.search", **values)

    def toggled(self, code: str) -> str:
        """This search with that language chosen, or not chosen any more."""
        rest = tuple(one for one in self.chosen if one != code)
        return self.url(chosen=rest if code in self.chosen else (*self.chosen, code))
