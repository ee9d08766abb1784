"""What the readers of XML share: parsers that fetch and expand nothing, and trees of HTML to blocks."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kb.errors import SourceRefused
from kb.readers.common import Composer, RawFile, as_line
from kb.readers.web.elements import BLOCKS
from kb.readers.web.formulas import lowered, raised
from kb.readers.web.parts import Part
from kb.readers.web.settings import WEB
from kb.readers.web.tree import flattened

__all__ = ["add_page", "add_parts", "append", "called", "html_of", "local", "scripted", "xhtml_of", "xml_of"]

_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_XML_OWN = frozenset(["amp", "lt", "gt", "quot", "apos"])
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,300}\?>")
# A block's end and more at once: where lxml holds the end to be one too many, the words around it glue.
_BLOCK_END = re.compile(rf"(</(?:{'|'.join(sorted(BLOCKS))})\s*>)(?=\S)", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]{0,1000}>")

_SAFE: Mapping[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def xml_of(raw: RawFile, data: bytes) -> Any:
    """The root of an XML document. Raises SourceRefused. Entities stay as they are, nothing is fetched."""
    import lxml.etree

    try:
        return lxml.etree.fromstring(data, parser=lxml.etree.XMLParser(**_SAFE))
    except (lxml.etree.LxmlError, ValueError) as error:
        reason = as_line(str(error), 100) or type(error).__name__
        raise SourceRefused(
            raw.source, f"is no sound XML ({reason}); open it in its program and save it again"
        ) from error


def xhtml_of(text: str) -> Any | None:
    """The root of an XHTML page with plain tag names, or None where it is no sound XML."""
    import lxml.etree
    import lxml.html

    plain = _DOCTYPE.sub("", _NAMED.sub(_letter, text), count=1)
    try:
        root = lxml.etree.fromstring(
            plain.encode("utf-8"), parser=lxml.html.XHTMLParser(encoding="utf-8", **_SAFE)
        )
    except (lxml.etree.LxmlError, ValueError):
        return None
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = local(element)
        else:  # an entity of the page's own, which would be lost
            return None
    return root if root.tag == "html" else None


def html_of(source: str, text: str) -> Any:
    """The root of a page, however loose. Raises SourceRefused where it is empty or nested too deeply."""
    import lxml.etree
    import lxml.html

    parser = lxml.html.HTMLParser(remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = lxml.html.document_fromstring(
            _BLOCK_END.sub(r"\1 ", _DECLARATION.sub("", text)), parser=parser
        )
    except (lxml.etree.LxmlError, ValueError) as error:
        reason = as_line(str(error), 100) or type(error).__name__
        raise SourceRefused(source, f"cannot be read as HTML ({reason}); save it again") from error
    if any("depth" in (entry.message or "").lower() for entry in parser.error_log.filter_from_fatals()):
        raise SourceRefused(source, "is nested too deeply to be a page; save its text")
    for more in list(root.itersiblings("html")):  # what stands after </html>
        for element in [more, *more.iter("body")]:
            element.tag = "div"
        body = root.find("body")
        (root if body is None else body).append(more)
    return root


def scripted(text: str, script: str) -> str:
    """Raised ("sup") or lowered ("sub") text, which must not run into the figures before it."""
    core = text.strip()
    if not core or script not in ("sup", "sub"):
        return text
    return text.replace(core, raised(core) if script == "sup" else lowered(core), 1)


def local(element: Any) -> str:
    """An element's name without its namespace, of which there may be two for the same; "" for no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def called(elements: Iterable[Any], name: str) -> Iterator[Any]:
    """Those of some elements that have this name, without its namespace."""
    return (element for element in elements if local(element) == name)


def append(element: Any, text: str) -> None:
    """Adds text behind all that is in an element."""
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def add_parts(composer: Composer, parts: Iterable[Part], dropped: Callable[[Part], str | None]) -> None:
    """Adds a page's blocks; ``dropped`` says for what reason one is no part of the article, or None."""
    for part in parts:
        why = dropped(part)
        composer.add(
            part.text,
            part.kind,
            level=part.level,
            number=part.number,
            page=part.page,
            dropped=(why, WEB.marked_beside) if why else None,
        )


def add_page(composer: Composer, root: Any, navigation: str = "navigation") -> None:
    """Adds a page's blocks. What is marked as ``<nav>`` is dropped, for the reason ``navigation``."""
    add_parts(
        composer,
        flattened(root),
        lambda part: navigation if (part.outside or "").startswith("navigation") else None,
    )


def _letter(match: re.Match[str]) -> str:
    """What an entity of HTML stands for, which XML alone does not know."""
    if match[1] in _XML_OWN:
        return match[0]
    letter = html.unescape(match[0])
    return match[0] if letter == match[0] else html.escape(letter)
