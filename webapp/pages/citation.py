"""How to cite an article: in one line, and for BibTeX."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from anyascii import anyascii

from webapp.payload import web_address

if TYPE_CHECKING:
    from kb.models import Article

__all__ = ["bibtex", "plain"]

_SPECIAL = re.compile(r"[\\{}$&#%_~^]")
_SPELT = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_YEAR = re.compile(r"\b(\d{4})\b")


def plain(article: Article, address: str) -> str:
    """Title, author, date, source and address, as far as they are known. ``address`` is of the article here,
    which is named where the article has none of its own."""
    said = (article.author, article.title, article.date, article.source, web_address(article.url) or address)
    return ". ".join(_line(part).removesuffix(".") for part in said if part)


def bibtex(article: Article, address: str) -> str:
    """An entry for BibTeX and biblatex, in Unicode. Its key is made of the source's name."""
    fields = {
        "author": f"{{{_escaped(article.author)}}}" if article.author else "",
        "title": f"{{{_escaped(article.title)}}}",
        "year": year[1] if (year := _YEAR.search(article.date or "")) else "",
        "date": _escaped(article.date or ""),
        "language": article.language,
        "note": _escaped(article.source),
        "url": re.sub(r"[\s{}\\]", "", web_address(article.url) or address),
    }
    body = "".join(f"  {name:<8} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{_key(article.source)},\n{body}}}"


def _key(source: str) -> str:
    name = anyascii(PurePosixPath(source).with_suffix("").as_posix())
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "article"


def _line(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: _SPELT.get(found[0], f"\\{found[0]}"), _line(text))
