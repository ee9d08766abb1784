"""The languages that the interface speaks, and which of them a request is answered in.

A reader's choice (``?ui=pl``) is kept in the address and follows her through the pages' links, so that no
cookie is needed and a page is one document for one address; without one, the browser's languages decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import g, has_request_context, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from kb import languages
from webapp.settings import WEBAPP

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["INTERFACES", "TRANSLATED", "Interface", "choose", "current", "for_programs", "menu", "register"]


@dataclass(frozen=True, slots=True)
class Interface:
    """A language of the interface: its code here and in :mod:`kb.languages`, Babel's locale for it, and other
    tags whose readers are served by it."""

    code: str
    locale: str
    also: tuple[str, ...] = ()

    @property
    def direction(self) -> str:
        return languages.get(self.code).direction

    @property
    def autonym(self) -> str:
        return languages.get(self.code).autonym


# The source language first; its words are those in the code.
_ROWS = (
    Interface("en", "en"),
    Interface("pl", "pl"),
    Interface("tl", "fil"),
    Interface("nb", "nb", ("nn",)),
    Interface("ru", "ru"),
    Interface("lv", "lv"),
    Interface("ar", "ar"),
)
INTERFACES = {row.code: row for row in _ROWS}
_SOURCE = _ROWS[0]
TRANSLATED = tuple(row.code for row in _ROWS if row is not _SOURCE)
"""The languages that have a catalogue."""
_SERVED = {tag: row for row in _ROWS for tag in (row.code, *row.also)}
# What programs read is in English whatever language they say they accept: one document for one address.
_FOR_PROGRAMS = frozenset(
    {"pages.article_json", "pages.article_markdown", "pages.asset_file", "versions.translated"}
)


def _match(tag: str) -> Interface | None:
    """The language of the interface that a tag is another name, a regional form or a dialect of (fil of tl,
    ar-EG and arz of ar); no neighbour, such as Russian for Ukrainian, which nobody asked for."""
    return _SERVED.get(languages.resolve(tag) or "")


def choose(asked: str | None, accepted: Iterable[str] = ()) -> Interface:
    """The language asked for, else the first accepted one that the interface speaks, else English."""
    return next((row for tag in (asked or "", *accepted) if (row := _match(tag))), _SOURCE)


def for_programs() -> bool:
    """Whether programs read what is asked for; then it is in English."""
    programs = request.blueprint == "api" or request.path.startswith("/api/")
    return programs or request.endpoint in _FOR_PROGRAMS


def current() -> Interface:
    """The language of this request; English outside of one."""
    if not has_request_context() or for_programs():
        return _SOURCE
    if "interface" not in g:
        # best first; one that is refused (q=0) does not count
        read = parse_accept_header(
            request.headers.get("Accept-Language", "")[: WEBAPP.languages_accepted], LanguageAccept
        )
        accepted = [tag for tag, quality in read if quality > 0]
        g.interface = choose(_kept(), accepted)
    row: Interface = g.interface
    return row


def _kept() -> str | None:
    """The tag in the address, where it names a language that the interface speaks."""
    asked = request.args.get("ui")
    return asked if asked and _match(asked) else None


def menu() -> list[tuple[Interface, str]]:
    """Each language with the address of this very page in it."""
    rest = [(name, value) for name, value in request.args.items(multi=True) if name != "ui"]
    page = f"{request.script_root}{request.path}"
    return [(row, f"{page}?{urlencode([*rest, ('ui', row.code)])}") for row in _ROWS]


def register(app: Flask) -> None:
    """Makes the links of pages keep the choice, and tells the templates of it."""

    @app.url_defaults
    def keep(endpoint: str, values: dict[str, Any]) -> None:
        page = endpoint.startswith("pages.") and endpoint not in _FOR_PROGRAMS
        if page and has_request_context() and _kept():
            values.setdefault("ui", current().code)

    @app.context_processor
    def tell() -> dict[str, Any]:
        return {"interface": current(), "interface_kept": _kept() is not None, "interface_menu": menu}
