"""Reads what people type (a query, languages, a page number); refuses it in words that say what would do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from kb import languages
from search.errors import QueryError
from webapp.interface.i18n import gettext as _
from webapp.interface.i18n import number
from webapp.settings import WEBAPP

__all__ = [
    "ALL_VERSIONS",
    "Refused",
    "chosen_languages",
    "date",
    "folder",
    "language_tag",
    "query_text",
    "quote_range",
    "typed_text",
    "versions",
    "whole_number",
]


class Refused(QueryError):
    """A QueryError in the reader's own language; those of other packages are in English."""


def query_text(raw: str | None, limit: int) -> str:
    """The query without control characters and outer space; QueryError when it is empty or too long."""
    if raw is not None and len(raw) > limit:
        raise Refused(
            _(
                "the query has %(length)s characters; at most %(limit)s are read",
                length=number(len(raw)),
                limit=number(limit),
            )
        )
    # Cc are controls, Cs lone surrogates: neither can be meant, and some of them break terminals and XML.
    text = "".join(" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in raw or "").strip()
    if not text:
        raise Refused(_("the query is empty: type a question or some words"))
    return text


def typed_text(raw: str | None) -> str:
    """What is being typed, to be completed; nothing where it is too long, which is nothing to complain about
    while someone types."""
    text = (raw or "").strip()
    return text if len(text) <= WEBAPP.page_query else ""


def chosen_languages(values: Iterable[str], held: Collection[str]) -> tuple[str, ...]:
    """Codes from ``["pl,ru", "fil"]``, once each, in that order; QueryError for one the library has not."""
    chosen: dict[str, None] = {}
    for tag in (part.strip() for value in values for part in value.split(",")):
        if not tag:
            continue
        # The library's own codes come first: it may hold "und", which is in no table.
        code = tag if tag in held else languages.resolve(tag)
        if code is None or code not in held:
            raise Refused(
                _(
                    "no articles in “%(language)s”; the library has %(held)s",
                    language=_shown(tag),
                    held=", ".join(sorted(held)) or "–",
                )
            )
        chosen[code] = None
    return tuple(chosen)


_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")

ALL_VERSIONS = "all"


def versions(raw: str | None) -> str:
    """``"all"`` where translations of one text are to be listed apart, else nothing; QueryError otherwise."""
    if raw not in (None, "", ALL_VERSIONS):
        raise Refused(
            _(
                "“%(name)s” must be “%(value)s” or be left out, not “%(given)s”",
                name="versions",
                value=ALL_VERSIONS,
                given=_shown(raw or ""),
            )
        )
    return raw or ""


def language_tag(tag: str | None) -> str | None:
    """The code of a language, whether or not the library has it; QueryError for an unknown tag."""
    if not tag:
        return None
    code = languages.resolve(tag)
    if code is None:
        raise Refused(
            _("“%(tag)s” is no language known here; use a code such as “en” or “pl”", tag=_shown(tag))
        )
    return code


def whole_number(raw: str | None, name: str, default: int, low: int, high: int) -> int:
    """A number from ``low`` to ``high``; QueryError for anything else."""
    if raw is None or raw == "":
        return default
    # int() also takes "１", "1_0" and thousands of digits; a plain short number is all that is meant.
    read = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else -1
    if not low <= read <= high:
        raise Refused(
            _(
                "“%(name)s” must be a number from %(low)s to %(high)s, not “%(given)s”",
                name=name,
                low=number(low),
                high=number(high),
                given=_shown(raw),
            )
        )
    return read


def date(raw: str | None, name: str) -> str:
    """A year, a month or a day, such as 2024-05-31; "" where none is given; QueryError for anything else."""
    given = (raw or "").strip()
    if given and not _DATE.fullmatch(given):
        raise Refused(
            _(
                "“%(name)s” must be a year or a date such as 2024-05-31, not “%(given)s”",
                name=name,
                given=_shown(given),
            )
        )
    return given


def folder(raw: str | None) -> str:
    """A folder of sources; one that is named too long for any is none."""
    given = (raw or "").strip().strip("/")
    return given if len(given) <= WEBAPP.page_query else ""


def quote_range(raw: str | None, length: int) -> tuple[int, int] | None:
    """``"120-180"`` as offsets into a text of that length; None when it is not given or makes no sense there.

    A link may outlive the article's text: then the article is shown without a mark, which is no error.
    """
    start, dash, end = (raw or "").partition("-")
    if not dash or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in (start, end)):
        return None
    return (int(start), int(end)) if int(start) < int(end) <= length else None


def _shown(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
