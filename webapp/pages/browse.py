"""The page that lists a library's articles, to look through."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request, url_for

from webapp import params
from webapp.interface.i18n import gettext as _
from webapp.pages.narrowing import NO_BOUNDS, Bounds, last_page, page_numbers, toggled
from webapp.serving.replies import NoSuchPage, engine, status
from webapp.settings import WEBAPP

if TYPE_CHECKING:
    from search import Listing, Status

__all__ = ["register"]

_ORDERS = ("date", "source")


def register(blueprint: Blueprint) -> None:
    """Adds it to the pages."""
    blueprint.add_url_rule("/articles", view_func=articles)


@dataclass(frozen=True, slots=True)
class AskedList:
    """What the reader asked of the list: the whole of its state."""

    title: str
    chosen: tuple[str, ...]
    page: int
    bounds: Bounds

    @classmethod
    def read(cls, held: Status) -> AskedList:
        """From the address; QueryError where that makes no sense."""
        return cls(
            params.typed_text(request.args.get("title")),
            params.chosen_languages(request.args.getlist("in"), held.articles),
            params.whole_number(request.args.get("page"), _("page"), 1, 1, WEBAPP.deepest_page),
            Bounds.read(_ORDERS),
        )

    def found(self) -> Listing:
        asked: dict[str, Any] = {"sort": "title", **self.bounds.values()}
        return engine().browse(
            title=self.title,
            languages=self.chosen,
            limit=WEBAPP.articles_per_page,
            offset=(self.page - 1) * WEBAPP.articles_per_page,
            **asked,
        )

    def url(self, page: int = 1, chosen: tuple[str, ...] | None = None, bounds: Bounds | None = None) -> str:
        """This list on another page, in other languages or within other bounds."""
        values: dict[str, Any] = {"title": self.title} if self.title else {}
        if codes := self.chosen if chosen is None else chosen:
            values["in"] = ",".join(codes)
        values |= (self.bounds if bounds is None else bounds).values()
        if page > 1:
            values["page"] = page
        return url_for("pages.articles", **values)

    def toggled(self, code: str) -> str:
        """This list with that language chosen, or not chosen any more."""
        return self.url(chosen=toggled(self.chosen, code))

    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return replace(self, page=1, bounds=self.bounds.within(sort="")) != AskedList("", (), 1, NO_BOUNDS)


def articles() -> str:
    """The articles by title, date or file name, as many as are asked for."""
    asked = AskedList.read(status())
    found = asked.found()
    if asked.page > 1 and not found.articles:
        last = last_page(found.total, WEBAPP.articles_per_page)
        raise NoSuchPage(last, asked.url(last))
    pages = page_numbers(asked.page, found.total, WEBAPP.articles_per_page)
    return render_template("articles.html", asked=asked, found=found, pages=pages)
