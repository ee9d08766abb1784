"""Word documents (.docx): their XML becomes the elements of a page, and is then read as one.

What the document holds that is no text of its own (pages' heads and feet, comments, deletions, hidden text)
is kept as dropped, with the reason.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from kb.errors import SourceRefused
from kb.models import SourceFile
from kb.readers.archive import opened
from kb.readers.common import Composer, RawFile, as_date, as_language, as_line
from kb.readers.office.docx_package import Numbers, Package, Styles, outline_level
from kb.readers.office.docx_signs import sign
from kb.readers.office.settings import OFFICE
from kb.readers.web import formulas
from kb.readers.web.markup import add_parts, append, local
from kb.readers.web.tree import MARK, flattened

__all__ = ["read_docx"]

_OLD_FORMAT = b"\xd0\xcf\x11\xe0"  # .doc, and .docx under a password
_SILENT = frozenset(
    """annotationRef binData commentReference continuationSeparator delInstrText endnoteRef fldData
    footnoteRef instrText moveFrom numPicBullet pPr rPr rubyPr sdtEndPr sdtPr sectPr separator tblGrid tblPr
    tblPrEx tcPr trPr""".split()  # noqa: SIM905
)
_LIKE_A_BREAK = frozenset(["cr", "ptab"])
_DROPPED = {
    "header": "a page's head",
    "footer": "a page's foot",
    "comments": "a reviewer's comment",
}


def read_docx(raw: RawFile) -> Iterator[SourceFile]:
    """Raises SourceRefused when it is damaged, encrypted or empty."""
    if not raw.data.strip():
        raise SourceRefused(raw.source, "is empty; write some text or remove the file")
    if raw.data.startswith(_OLD_FORMAT):
        raise SourceRefused(raw.source, "is encrypted or an old .doc; save it as .docx without a password")
    try:
        with opened(raw) as archive:
            package = Package(archive, raw.source)
        made = _Document(package)
        composer = _composed(made, package)
    except SourceRefused:
        raise
    except Exception as error:  # the parser raises whatever a damaged part leads it to
        reason = as_line(str(error), 100) or type(error).__name__
        raise SourceRefused(
            raw.source, f"cannot be read as .docx ({reason}); open it and save it again"
        ) from error
    about = _properties(package.core)
    yield composer.source_file(
        raw,
        "docx",
        title=made.title or as_line(about.get("title")),
        language=as_language(about.get("language")),
        date=_date(about.get("modified") or about.get("created")),
        author=as_line(about.get("creator")) if about.get("creator") != "python-docx" else None,
    )


def _composed(made: _Document, package: Package) -> Composer:
    composer = Composer()
    add_parts(composer, flattened(made.page, marks=True), lambda part: part.outside or part.hidden)
    for kind, reason in _DROPPED.items():
        for other in package.related.get(kind, ()):
            for part in flattened(made.converted(other)):
                composer.add(part.text, part.kind, level=part.level, dropped=(reason, 0.95))
    return composer


def _properties(core: Any) -> dict[str, str]:
    return {} if core is None else {local(element): element.text for element in core if element.text}


def _date(text: str | None) -> str | None:
    try:
        return as_date(datetime.datetime.fromisoformat(text or ""))
    except ValueError:
        return as_date(text)


class _Document:
    """The document as a page's elements, in ``page``."""

    def __init__(self, package: Package) -> None:
        root = package.main
        self._space = space = root.tag.rpartition("}")[0] + "}"
        self.title: str | None = None
        self._styles = Styles(package.one("styles"), space)
        self._numbers = Numbers(package.one("numbering"), space)
        self._notes: dict[tuple[str, str | None], Any] = {
            (kind, note.get(f"{space}id")): note
            for kind in ("footnote", "endnote")
            for note in (() if package.one(f"{kind}s") is None else package.one(f"{kind}s"))
            if local(note) == kind and note.get(f"{space}type") in (None, "normal")
        }
        self._told: dict[tuple[str, str | None], int] = {}
        self._font = ""
        self._boxes: list[Any] = []
        self._fields: list[bool] = []  # of each open field: is its result reached?
        self._joined: Any = None  # a paragraph whose end was deleted: the next one continues it
        rendered = next(root.iter(f"{space}lastRenderedPageBreak"), None) is not None
        self._breaks = "lastRenderedPageBreak" if rendered else "br"
        self._at = 1 if rendered or any(map(self._is_break, root.iter(f"{space}br"))) else 0
        self.page = self._element("body")
        self._turn(self.page, 0)
        self._convert(root, self.page)
        for note in [*self._told, *(note for note in self._notes if note not in self._told)]:
            self._note(note)

    def converted(self, part: Any) -> Any:
        """Another part's text."""
        page = self._element("body")
        self._at = 0
        self._convert(part, page)
        return page

    # --- blocks -------------------------------------------------------------------------------------------

    def _convert(self, node: Any, into: Any) -> None:
        for child in node:
            name = local(child)
            handler = getattr(self, f"_on_{name}", None)
            if handler is not None:
                handler(child, into)
            elif name in _LIKE_A_BREAK:
                self._element("br", into)
            elif name and name not in _SILENT:  # what wraps text, known to us or not
                self._convert(child, into)

    def _on_p(self, paragraph: Any, into: Any) -> None:
        about = paragraph.find(f"{self._space}pPr")
        element, self._joined = self._joined, None
        if element is None:
            element = self._element("p", into)
            self._styled(element, about)
        around, self._boxes = self._boxes, []
        self._convert(paragraph, element)
        boxes, self._boxes = self._boxes, around
        if about is not None and about.find(f"{self._space}rPr/{self._space}del") is not None:
            self._joined = element
        if element.get("class") == "title" and not self.title:
            self.title = as_line("".join(element.itertext()))
            marks = list(element.iter("a"))
            element.clear()
            for mark in marks:
                mark.tail = None
                element.append(mark)
        for box in boxes:
            self._convert(box, into)

    def _styled(self, element: Any, about: Any) -> None:
        """A heading, an item of a list, the title?"""
        key = self._value(about, "pStyle")
        if self._styles.is_title(key) and not self.title:
            element.set("class", "title")
            return
        own = self._value(about, "outlineLvl")
        level = self._styles.heading(key) if own is None else outline_level(own)
        if level is not None:
            element.tag = f"h{min(6, max(2, level + (self.title is not None)))}"
            return
        name, properties = self._styles.listed(key)
        here = about.find(f"{self._space}numPr") if about is not None else None
        properties = here if here is not None else properties
        number = None
        numbered_by = self._value(properties, "numId")
        if numbered_by == "0":
            return
        if numbered_by:
            number = self._numbers.next(numbered_by, int(self._value(properties, "ilvl") or 0))
        elif name.startswith("List Number"):
            number = self._numbers.next(name, 0, numbered=True)
        elif not name.startswith("List Bullet"):
            return
        element.tag = "li"
        if number is not None:
            self._element("a", element).set("id", f"{MARK}number-{number}")

    def _on_tbl(self, table: Any, into: Any) -> None:
        element = self._element("table", into)
        above: dict[int, Any] = {}  # column: the cell that one below may continue
        for row in _rows(table):
            line = self._element("tr", element)
            column = 0
            for cell in _rows(row, "tc"):
                about = cell.find(f"{self._space}tcPr")
                width = max(1, int(self._value(about, "gridSpan") or 1))
                merged = about.find(f"{self._space}vMerge") if about is not None else None
                goes_on = merged is not None and merged.get(f"{self._space}val") in (None, "continue")
                if goes_on and column in above:
                    over = above[column]
                    over.set("rowspan", str(int(over.get("rowspan") or 1) + 1))
                    self._convert(cell, over)
                else:
                    above[column] = self._element("td", line)
                    above[column].set("colspan", str(width))
                    self._convert(cell, above[column])
                column += width
        cells = list(element.iter("td"))
        if all(len("".join(cell.itertext())) <= OFFICE.layout_cell for cell in cells):
            for cell in cells:
                cell.tag = "th"  # its rows are rows, however many paragraphs a cell has

    def _on_txbxContent(self, box: Any, into: Any) -> None:  # noqa: N802
        self._boxes.append(box)

    def _on_AlternateContent(self, content: Any, into: Any) -> None:  # noqa: N802
        """The same in several ways: the first that has text, else the first."""
        ways = [way for way in content if local(way) in ("Choice", "Fallback")]
        said = (way for way in ways if any(local(element) == "t" for element in way.iter()))
        for way in [next(said, ways[0])] if ways else []:
            self._convert(way, into)

    def _note(self, key: tuple[str, str | None]) -> None:
        number = self._told.setdefault(key, len(self._told) + 1)
        into = self._element("div", self.page)
        self._convert(self._notes.get(key, ()), into)
        first = into[0] if len(into) else into
        first.text = f"[{number}] {(first.text or '').lstrip()}"

    # --- text ---------------------------------------------------------------------------------------------

    def _on_r(self, run: Any, into: Any) -> None:
        about = run.find(f"{self._space}rPr")
        shift = {"superscript": "sup", "subscript": "sub"}.get(self._value(about, "vertAlign") or "")
        hides = about is not None and self._is_on(about.find(f"{self._space}vanish"))
        fonts = about.find(f"{self._space}rFonts") if about is not None else None
        font = "" if fonts is None else fonts.get(f"{self._space}ascii") or ""
        if hides:
            into = self._element("span", into)
            into.set("hidden", "")
        if shift and next(run.iter(f"{self._space}t", f"{self._space}sym"), None) is not None:
            last = into[-1] if len(into) and not into[-1].tail else None
            into = last if last is not None and last.tag == shift else self._element(shift, into)
        around, self._font = self._font, font
        self._convert(run, into)
        self._font = around

    def _on_t(self, text: Any, into: Any) -> None:
        if not self._fields or self._fields[-1]:
            said = text.text or ""
            append(into, "".join(sign(self._font, ord(char)) for char in said) if self._font else said)

    def _on_delText(self, text: Any, into: Any) -> None:  # noqa: N802
        append(into, text.text or "")

    def _on_del(self, deleted: Any, into: Any) -> None:
        self._convert(deleted, self._element("del", into))

    def _on_tab(self, tab: Any, into: Any) -> None:
        append(into, " ")

    def _on_br(self, mark: Any, into: Any) -> None:
        if self._is_break(mark):
            if self._breaks == "br":
                self._turn(into, 1)
        else:
            self._element("br", into)

    def _on_lastRenderedPageBreak(self, mark: Any, into: Any) -> None:  # noqa: N802
        self._turn(into, 1)

    def _on_noBreakHyphen(self, mark: Any, into: Any) -> None:  # noqa: N802
        append(into, "-")

    def _on_softHyphen(self, mark: Any, into: Any) -> None:  # noqa: N802
        append(into, "\u00ad")

    def _on_sym(self, symbol: Any, into: Any) -> None:
        code, font = symbol.get(f"{self._space}char") or "", symbol.get(f"{self._space}font") or ""
        append(into, sign(font, int(code, 16)))

    def _on_fldChar(self, mark: Any, into: Any) -> None:  # noqa: N802
        kind = mark.get(f"{self._space}fldCharType")
        if kind == "begin":
            self._fields.append(False)
        elif self._fields and kind == "separate":
            self._fields[-1] = True
        elif self._fields and kind == "end":
            self._fields.pop()

    def _on_footnoteReference(self, mark: Any, into: Any) -> None:  # noqa: N802
        kind = "footnote" if local(mark) == "footnoteReference" else "endnote"
        key = (kind, mark.get(f"{self._space}id"))
        if key in self._notes:
            append(into, f"[{self._told.setdefault(key, len(self._told) + 1)}]")

    _on_endnoteReference = _on_footnoteReference  # noqa: N815

    def _on_ruby(self, ruby: Any, into: Any) -> None:
        element = self._element("ruby", into)
        for name, inner in (("rubyBase", element), ("rt", self._element("rt"))):
            for part in ruby.iter(f"{self._space}{name}"):
                self._convert(part, inner)
        element.append(inner)

    def _on_oMath(self, formula: Any, into: Any) -> None:  # noqa: N802
        self._element("math", into).set("alttext", formulas.written(formula))

    def _on_docPr(self, picture: Any, into: Any) -> None:  # noqa: N802
        if picture.get("descr"):
            self._element("img", into).set("alt", picture.get("descr"))

    # --- helpers ------------------------------------------------------------------------------------------

    def _element(self, tag: str, into: Any = None) -> Any:
        import lxml.etree
        import lxml.html

        return lxml.html.Element(tag) if into is None else lxml.etree.SubElement(into, tag)

    def _turn(self, into: Any, pages: int) -> None:
        if self._at:
            self._at += pages
            self._element("a", into).set("id", f"{MARK}page-{self._at}")

    def _is_break(self, mark: Any) -> bool:
        return bool(mark.get(f"{self._space}type") == "page")

    def _value(self, element: Any, name: str) -> str | None:
        found = None if element is None else element.find(f"{self._space}{name}")
        return None if found is None else str(found.get(f"{self._space}val") or "")

    def _is_on(self, element: Any) -> bool:
        return element is not None and element.get(f"{self._space}val") not in ("0", "false", "off")


def _rows(element: Any, name: str = "tr") -> Iterator[Any]:
    """A table's rows, a row's cells, also those in content controls and insertions, none of nested tables."""
    for child in element:
        if local(child) == name:
            yield child
        elif local(child) not in _SILENT and local(child) not in ("tr", "tc", "p", "tbl"):
            yield from _rows(child, name)
