"""Web pages: all of a page's text in blocks, and which of them trafilatura takes for the article.

What is outside the article is marked as dropped, not lost: it keeps its place in the source text, can be
shown and put back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import regex

from kb.errors import SourceRefused
from kb.models import SourceFile
from kb.readers.common import Composer, RawFile, as_date, as_language, as_line, as_web_address
from kb.readers.text import decoded
from kb.readers.web.elements import hidden, leads_text, outside
from kb.readers.web.markup import html_of
from kb.readers.web.parts import Part
from kb.readers.web.settings import WEB
from kb.readers.web.tree import flattened
from kb.text.line_shapes import is_body, is_terminated

__all__ = ["read_html"]

_META_ENCODING = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE
)
_NOT_A_WORD = regex.compile(r"[^\p{L}\p{M}\p{N}]+")


def read_html(raw: RawFile) -> Iterator[SourceFile]:
    """A page's article. Raises SourceRefused when it is empty, nested too deeply, or holds no text."""
    text, encoding = _decoded(raw)
    root = html_of(raw.source, text)
    parts = flattened(root)
    if not any(any(map(str.isalpha, part.text)) for part in parts):
        raise SourceRefused(raw.source, "holds no text; write some or remove the file")
    about, main = _extracted(root)
    composer = Composer()
    for part, reason in zip(parts, _judged(parts, main), strict=True):
        composer.add(part.text, part.kind, level=part.level, number=part.number, dropped=reason)
    if not composer.kept.strip():
        raise SourceRefused(raw.source, "holds no article, only navigation; remove the file")
    yield composer.source_file(
        raw,
        encoding,
        title=_title(parts, composer, as_line(getattr(about, "title", None))),
        language=_language(root),
        date=as_date(getattr(about, "date", None)),
        url=as_web_address(_canonical(root)),
        author=as_line(getattr(about, "author", None)),
    )


# --- bytes to a text --------------------------------------------------------------------------------------


def _decoded(raw: RawFile) -> tuple[str, str]:
    """As the page itself declares, if that fits its bytes."""
    declared = _META_ENCODING.search(raw.data[:4_096])
    if declared and not raw.data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        name = declared[1].decode("ascii").lower()
        name = "cp1252" if name in ("iso-8859-1", "latin1", "us-ascii") else name
        try:
            text = raw.data.decode(name)
        except (LookupError, UnicodeDecodeError, ValueError):
            pass
        else:
            if "\x00" not in text and not name.startswith("utf"):
                return text, name
    return decoded(raw)


# --- which parts are the article --------------------------------------------------------------------------


def _extracted(root: Any) -> tuple[Any, list[str]]:
    """(trafilatura's metadata or None, the texts of the blocks that it takes for the article)."""
    import copy

    import trafilatura

    shown = copy.deepcopy(root)
    _unfold(shown)
    # Its second opinion (jusText) compares every short block with all around it.
    many = sum(1 for _ in islice(shown.iter(), WEB.compared + 1)) > WEB.compared
    try:
        found = trafilatura.bare_extraction(
            shown,
            fast=many,
            favor_recall=True,
            include_comments=False,
            include_tables=True,
            with_metadata=True,
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
    except Exception:  # whatever a strange page leads it to: then the page's own marks must do
        found = None
    if found is None:
        return None, []
    body = getattr(found, "body", None)
    if body is None:
        return found, []
    return found, [
        " ".join(part.itertext()) for part in body.iter("p", "head", "item", "row", "code", "quote", "ab")
    ]


def _unfold(root: Any) -> None:
    """Make of a tree what trafilatura need not throw away: it takes whole elements for furniture.

    A form round a page and a question in a button become plain elements, what a program shows later is
    shown, and a reading goes out of the word that it stands over.
    """
    for element in list(root.iter("form", "button", "rt", "rp", "del")):
        if element.tag in ("rt", "rp", "del"):
            element.drop_tree()
        elif element.tag == "form" and outside(element) is None:
            element.tag = "div"
        elif element.tag == "button" and leads_text(element):
            element.tag = "h3"
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag not in ("template", "dialog") and hidden(element):
            for name in ("hidden", "style", "aria-hidden"):
                element.attrib.pop(name, None)


def _judged(parts: Sequence[Part], main: Sequence[str]) -> list[tuple[str, float] | None]:
    """For each part, why it is no part of the article and how sure that is, or None."""
    found = _found(parts, main)
    inside = [i for i, there in enumerate(found) if there and not parts[i].outside]
    first, last = (inside[0], inside[-1]) if inside else (0, len(parts) - 1)
    marked = sum(parts[i].article for i in inside) > 0.5 * len(inside)  # does an <article> hold the article?
    reasons: list[tuple[str, float] | None] = []
    lowest = max((i for i in range(first) if parts[i].level), default=-1)
    for i, part in enumerate(parts):
        between = first <= i <= last
        if part.outside and not (found[i] and is_body(part.text) and between):
            reasons.append((part.outside, 0.95))
        elif found[i] or not inside or part.note or (part.level and _leads(parts, i, lowest)):
            reasons.append(None)
        elif between:  # in doubt it stays: the rules on lines look at it again
            reasons.append(("links between the article's parts", 0.7) if part.is_links else None)
        elif part.hidden:
            reasons.append((part.hidden, 0.9))
        elif not part.is_links and (part.own or (marked and part.article) or _is_prose(part)):
            reasons.append(None)
        else:
            reasons.append(("outside the article (trafilatura)", 0.8))
    fates = {id(part): reason for part, reason in zip(parts, reasons, strict=True)}
    return [
        reason if part.of is None else fates.get(id(part.of), reason)
        for part, reason in zip(parts, reasons, strict=True)
    ]


def _is_prose(part: Part) -> bool:
    return is_body(part.text) and is_terminated(part.text)


def _leads(parts: Sequence[Part], i: int, lowest: int) -> bool:
    """Is this heading that of notes, or the title above the article, where ``lowest`` is the last heading?"""
    if i + 1 < len(parts) and parts[i + 1].note:
        return True
    return parts[i].level == 2 and i == lowest


def _found(parts: Sequence[Part], main: Sequence[str]) -> list[bool]:
    """Which parts come in trafilatura's text, in its order."""
    blocks = [_squashed(block) for block in main]
    whole, exact = "".join(blocks), set(blocks)
    found, at = [], 0
    for part in parts:
        key = _squashed(part.text)
        if not key:
            found.append(False)
            continue
        place = (
            whole.find(key, at) if len(key) >= WEB.sure else whole.find(key, at, at + len(key) + WEB.slack)
        )
        if place >= 0:
            at = place + len(key)
            found.append(True)
        elif len(key) >= WEB.sure:
            found.append(key in whole or (len(key) > 100 and key[:40] in whole and key[-40:] in whole))
        else:
            found.append(key in exact and part.outside is None and not part.is_links)
    return found


def _squashed(text: str) -> str:
    return _NOT_A_WORD.sub("", unicodedata.normalize("NFKC", text)).casefold()


# --- what the page says of itself -------------------------------------------------------------------------


def _title(parts: Sequence[Part], composer: Composer, said: str | None) -> str | None:
    """The page's one main heading, else what its metadata say."""
    dropped = {span.text for span in composer.dropped}
    main = [part.text for part in parts if part.kind == "heading" and part.text not in dropped]
    if main and said and _squashed(main[0]) in _squashed(said):
        return main[0]
    return said


def _language(root: Any) -> str | None:
    declared = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang")
    if not declared:
        body = root.find("body")
        declared = body.get("lang") if body is not None else None
    return as_language(declared) or as_language(_meta(root, "og:locale"))


def _canonical(root: Any) -> str | None:
    for link in root.iter("link"):
        if (link.get("rel") or "").lower() == "canonical":
            return link.get("href") or None
    return _meta(root, "og:url")


def _meta(root: Any, name: str) -> str | None:
    for meta in root.iter("meta"):
        if name in (meta.get("property"), meta.get("name")):
            return meta.get("content") or None
    return None
