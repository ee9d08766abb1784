"""A web page's tree to its blocks of text, all of them, each with what its elements say about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Part", "flattened"]

_SILENT = frozenset(
    [
        "applet",
        "audio",
        "canvas",
        "datalist",
        "embed",
        "head",
        "iframe",
        "math",
        "noscript",
        "object",
        "script",
        "style",
        "svg",
        "template",
        "video",
    ]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "select",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
# Elements and roles that say themselves that they are no part of an article.
_ASIDE = {
    "aside": "beside the article (<aside>)",
    "button": "a button",
    "footer": "the page's foot (<footer>)",
    "form": "a form",
    "nav": "navigation (<nav>)",
    "option": "a form",
}
_ROLES = {
    "banner": "the page's head",
    "complementary": "beside the article",
    "contentinfo": "the page's foot",
    "navigation": "navigation",
    "search": "a form",
}
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


@dataclass(slots=True)
class Part:
    """A block of the page. ``linked`` is how many of its characters are in links."""

    text: str
    kind: str = "paragraph"
    level: int = 0
    number: int | None = None
    outside: str | None = None
    linked: int = 0

    @property
    def is_links(self) -> bool:
        return self.linked >= 0.5 * len(self.text)


def flattened(root: Any) -> list[Part]:
    """The page's blocks, in order. ``root`` is lxml's."""
    return _Flattener(root).parts


class _Flattener:
    """Walks the tree. Its depth is bounded by the parser (256)."""

    def __init__(self, root: Any) -> None:
        self.parts: list[Part] = []
        self._text: list[str] = []
        self._linked = 0
        self._kind, self._level = "paragraph", 0
        self._number: int | None = None
        self._outside: str | None = None
        self._in_link = self._in_pre = False
        body = root.find("body")
        self._walk(root if body is None else body)
        self._flush()

    def _walk(self, element: Any) -> None:
        tag = element.tag if isinstance(element.tag, str) else None
        if tag is None or tag in _SILENT or _is_hidden(element):
            return
        if tag == "br":
            self._text.append("\x00")
            return
        if tag == "table" and self._data_table(element):
            return
        before = (self._outside, self._in_link, self._in_pre)
        block = tag in _BLOCKS or tag == "button"
        if block:
            self._flush()
        if self._outside is None:
            self._outside = _ASIDE.get(tag) or _ROLES.get((element.get("role") or "").lower())
        self._in_link, self._in_pre = self._in_link or tag == "a", self._in_pre or tag == "pre"
        if tag in _HEADINGS:
            self._kind, self._level = "heading", max(2, _HEADINGS[tag])
        elif tag == "li":
            self._kind, self._number = "item", _number(element)
        self._add(element.text)
        for child in element:
            self._walk(child)
            self._add(child.tail)
        if block:
            self._flush()
        self._outside, self._in_link, self._in_pre = before

    def _add(self, text: str | None) -> None:
        if text:
            tidy = text.replace("\x00", "")
            self._text.append(tidy.replace("\n", "\x00") if self._in_pre else tidy)
            if self._in_link:
                self._linked += len("".join(tidy.split()))

    def _flush(self) -> None:
        rows = [" ".join(row.split()) for row in "".join(self._text).split("\x00")]
        text = (" " if self._kind != "paragraph" else "\n").join(row for row in rows if row)
        if text:
            self.parts.append(Part(text, self._kind, self._level, self._number, self._outside, self._linked))
            self._kind, self._level, self._number = "paragraph", 0, None
        elif self._kind == "heading":
            self._kind, self._level = "paragraph", 0
        self._text, self._linked = [], 0

    def _data_table(self, table: Any) -> bool:
        """A table of figures or words becomes one block, a row a line; one that lays out a page does not."""
        rows = list(table.iter("tr"))
        cells = [[cell for cell in row if cell.tag in ("td", "th")] for row in rows]
        if max(map(len, cells), default=0) < 2 or len(rows) < 2:
            return False
        if any(
            cell.find(".//table") is not None or len(cell.findall(".//p")) > 1
            for row in cells
            for cell in row
        ):
            return False
        texts = [[" ".join(cell.text_content().split()) for cell in row] for row in cells]
        if any(len(text) > 400 for row in texts for text in row):
            return False
        self._flush()
        caption = table.find("caption")
        if caption is not None and caption.text_content().strip():
            self.parts.append(Part(" ".join(caption.text_content().split()), outside=self._outside))
        lines = [" | ".join(row) for row in texts if any(row)]
        linked = sum(len(link.text_content()) for link in table.iter("a"))
        if lines:
            self.parts.append(Part("\n".join(lines), outside=self._outside, linked=linked))
        return True


def _is_hidden(element: Any) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return element.get("hidden") is not None or "display:none" in style


def _number(item: Any) -> int | None:
    """A list item's number, None in a bulleted list."""
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return None
    try:
        start = int(parent.get("start") or 1)
    except ValueError:
        start = 1
    before = sum(1 for other in item.itersiblings("li", preceding=True))
    return start + before if 0 <= start < 1_000_000 else before + 1
