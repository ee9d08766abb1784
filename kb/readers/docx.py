"""Word documents (.docx): headings and lists by their styles, page numbers as last rendered."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kb.errors import SourceRefused
from kb.models import SourceFile
from kb.readers.archive import opened
from kb.readers.common import Composer, RawFile, as_date, as_language, as_line, believed

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table
    from docx.text.paragraph import Paragraph

__all__ = ["read_docx"]

_OLD_FORMAT = b"\xd0\xcf\x11\xe0"  # .doc, and .docx under a password
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_NAMESPACE = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def read_docx(raw: RawFile) -> Iterator[SourceFile]:
    """Raises SourceRefused when it is damaged, encrypted or empty."""
    if not raw.data.strip():
        raise SourceRefused(raw.source, "is empty; write some text or remove the file")
    if raw.data.startswith(_OLD_FORMAT):
        raise SourceRefused(raw.source, "is encrypted or an old .doc; save it as .docx without a password")
    opened(raw).close()
    import docx  # a tenth of a second, for those who have such files

    try:
        document = docx.Document(io.BytesIO(raw.data))
        made = _Walk(document)
    except Exception as error:  # the parser raises whatever a damaged part leads it to
        reason = as_line(str(error), 100) or type(error).__name__
        raise SourceRefused(
            raw.source, f"cannot be read as .docx ({reason}); open it and save it again"
        ) from error
    composer, about = made.composer, document.core_properties
    if not composer.blocks:
        raise SourceRefused(raw.source, "holds no text; write some or remove the file")
    yield SourceFile(
        raw.source,
        composer.text,
        "docx",
        raw.content_hash,
        raw.root,
        format="blocks",
        title=made.title or as_line(about.title),
        language=believed(as_language(about.language), composer.text),
        date=as_date(about.modified or about.created),
        author=as_line(about.author) if about.author != "python-docx" else None,
        blocks=tuple(composer.blocks),
    )


class _Walk:
    """The document's paragraphs and tables, in order, as blocks."""

    def __init__(self, document: Document) -> None:
        from docx.table import Table

        self.composer = Composer()
        self.title: str | None = None
        self._formats = _number_formats(document)
        self._counts: Counter[tuple[str, int]] = Counter()
        body = document.element.body
        rendered = next(body.iter(f"{_NAMESPACE}lastRenderedPageBreak"), None) is not None
        self._break = "lastRenderedPageBreak" if rendered else "br"
        self._paged = rendered or any(_is_page_break(br) for br in body.iter(f"{_NAMESPACE}br"))
        self._page = 1
        for item in document.iter_inner_content():
            if isinstance(item, Table):
                self._table(item)
            else:
                self._paragraph(item)

    def _paragraph(self, paragraph: Paragraph) -> None:
        page = self._turned(paragraph._p)
        text = re.sub(r"[ \t]+", " ", paragraph.text)
        style = (paragraph.style.name if paragraph.style else None) or ""
        heading = _HEADING.match(style)
        if style == "Title" and not self.title and text.strip():
            self.title = " ".join(text.split())
            return
        if heading:
            level = min(6, max(2, int(heading[1]) + (self.title is not None)))
            self.composer.add(" ".join(text.split()), "heading", level=level, page=page)
            return
        kind, number = self._listed(paragraph, style)
        self.composer.add(" ".join(text.split()) if kind == "item" else text, kind, number=number, page=page)

    def _table(self, table: Table) -> None:
        page = self._turned(table._tbl)
        rows = []
        for row in table.rows:
            cells = [" ".join(cell.text.split()) for cell in row.cells]
            shown = [cell for i, cell in enumerate(cells) if i == 0 or cell != cells[i - 1]]  # merged cells
            if any(shown):
                rows.append(" | ".join(shown))
        self.composer.add("\n".join(rows), page=page)

    def _turned(self, element: Any) -> int | None:
        """The page that an element begins on; turns the pages inside it."""
        if not self._paged:
            return None
        breaks = [br for br in element.iter(f"{_NAMESPACE}{self._break}") if _is_page_break(br)]
        # A break before any text turns the page for this very element.
        page = self._page + sum(not _text_before(element, br) for br in breaks)
        self._page += len(breaks)
        return page

    def _listed(self, paragraph: Paragraph, style: str) -> tuple[str, int | None]:
        """("item", its number or None) for a paragraph in a list, else ("paragraph", None)."""
        about: Any = paragraph._p.pPr
        properties = about.numPr if about is not None else None
        if properties is not None and properties.numId is not None:
            key, level = (
                str(properties.numId.val),
                int(properties.ilvl.val if properties.ilvl is not None else 0),
            )
            if key == "0":
                return "paragraph", None
            numbered = self._formats.get((key, level), "bullet") not in ("bullet", "none")
        elif style.startswith("List Number"):
            key, level, numbered = style, 0, True
        elif style.startswith("List Bullet"):
            return "item", None
        else:
            return "paragraph", None
        if not numbered:
            return "item", None
        self._counts[key, level] += 1
        for deeper in [other for other in self._counts if other[0] == key and other[1] > level]:
            del self._counts[deeper]
        return "item", self._counts[key, level]


def _is_page_break(element: Any) -> bool:
    return bool(element.tag.endswith("lastRenderedPageBreak") or element.get(f"{_NAMESPACE}type") == "page")


def _text_before(element: Any, mark: Any) -> bool:
    for inner in element.iter():
        if inner is mark:
            return False
        if inner.tag == f"{_NAMESPACE}t" and (inner.text or "").strip():
            return True
    return False


def _number_formats(document: Document) -> dict[tuple[str, int], str]:
    """How lists are numbered ("decimal", "bullet" …) by their number and level."""
    try:
        numbering = document.part.numbering_part.element
    except (KeyError, NotImplementedError):
        return {}
    value = f"{_NAMESPACE}val"
    levels: dict[str, dict[int, str]] = {}
    for abstract in numbering.iter(f"{_NAMESPACE}abstractNum"):
        formats = levels.setdefault(abstract.get(f"{_NAMESPACE}abstractNumId"), {})
        for level in abstract.iter(f"{_NAMESPACE}lvl"):
            shown = level.find(f"{_NAMESPACE}numFmt")
            if shown is not None:
                formats[int(level.get(f"{_NAMESPACE}ilvl"))] = shown.get(value)
    found: dict[tuple[str, int], str] = {}
    for num in numbering.iter(f"{_NAMESPACE}num"):
        link = num.find(f"{_NAMESPACE}abstractNumId")
        for level, shown in levels.get(link.get(value) if link is not None else "", {}).items():
            found[num.get(f"{_NAMESPACE}numId"), level] = shown
    return found
