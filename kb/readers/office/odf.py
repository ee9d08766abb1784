"""OpenDocument texts, slides and sheets (.odt, .fodt, .odp, .ods).

Their XML becomes a page of HTML, element by element as ``_TAGS`` says, and is then read as one; so what
pages can say (headings, lists, tables, ruby, pictures' descriptions) is read in one place.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kb.errors import SourceRefused
from kb.models import SourceFile
from kb.readers.archive import opened, unpacked
from kb.readers.common import Composer, RawFile, as_date, as_language, as_line
from kb.readers.limits import LIMITS
from kb.readers.office.settings import OFFICE
from kb.readers.office.sheets import add_sheet
from kb.readers.web.formulas import written
from kb.readers.web.markup import add_page, append, called, local, xml_of

__all__ = ["read_odf", "read_ods"]


# What becomes of an element: a tag of HTML, or "" where only what is inside it counts.
_TAGS = {
    "a": "a",
    "list": "ul",
    "list-header": "li",
    "list-item": "li",
    "p": "p",
    "ruby": "ruby",
    "ruby-base": "rb",
    "ruby-text": "rt",
    "section": "div",
    "table": "table",
    "table-cell": "td",
    "table-of-content": "nav",
    "table-row": "tr",
    "text-box": "div",
    "alphabetical-index": "nav",
    "illustration-index": "nav",
    "object-index": "nav",
    "table-index": "nav",
    "user-index": "nav",
}
# Nobody reads these in the text: comments, what was deleted, what a program keeps for itself.
_SILENT = frozenset(
    [
        "alphabetical-index-source",
        "annotation",
        "annotation-end",
        "bibliography-source",
        "binary-data",
        "covered-table-cell",
        "desc",
        "event-listeners",
        "forms",
        "illustration-index-source",
        "note-citation",
        "object-index-source",
        "scripts",
        "sequence-decls",
        "settings",
        "table-index-source",
        "table-of-content-source",
        "title",
        "tracked-changes",
        "user-field-decls",
        "user-index-source",
        "variable-decls",
    ]
)
_SPACE = re.compile(r"[ \t\r\n]+")
_BOXES = frozenset(["body", "div", "html", "li", "nav", "ol", "table", "td", "tr", "ul"])
# These stand at a place in a line but are read below it.
_BELOW = frozenset(["note", "frame", "custom-shape", "rect", "ellipse", "caption", "g"])


def read_odf(raw: RawFile) -> Iterator[SourceFile]:
    """A text or slides. Raises SourceRefused when it is damaged, encrypted, nested too deeply or empty."""
    parts = _parts(raw)
    made = _Page(raw, parts, _formulas(raw))
    composer = Composer()
    add_page(composer, made.root, "a table of contents or an index")
    slides = any(local(element) == "presentation" for element in parts[0].iter())
    yield _file(raw, parts[-1], composer, made.title, made.language, cleaned=slides)


def read_ods(raw: RawFile) -> Iterator[SourceFile]:
    """A workbook's sheets, as :mod:`kb.readers.office.sheets` has them. Raises SourceRefused as
    ``read_odf``."""
    parts = _parts(raw)
    composer, left = Composer(), LIMITS.cells
    for table in called(parts[0].iter(), "table"):
        left = add_sheet(raw, composer, _attribute(table, "name") or "", _rows(table), left)
    yield _file(raw, parts[-1], composer, None, None, cleaned=True)


def _file(
    raw: RawFile,
    about: Any,
    composer: Composer,
    title: str | None,
    language: str | None,
    *,
    cleaned: bool = False,
) -> SourceFile:
    said: dict[str, str] = {}
    for element in about.iter() if about is not None else ():
        if local(element) in ("title", "language", "creator", "initial-creator", "date", "creation-date"):
            said.setdefault(local(element), element.text or "")
        elif local(element) == "body":
            break
    name = raw.source.rpartition("/")[2].rpartition("#")[2].rpartition(".")[0]
    return composer.source_file(
        raw,
        "opendocument",
        title=title or as_line(said.get("title")) or (name if cleaned else None),
        language=as_language(said.get("language")) or language,
        date=as_date(said.get("date") or said.get("creation-date")),
        cleaned=cleaned,
        author=as_line(said.get("initial-creator") or said.get("creator")),
    )


# --- parts ------------------------------------------------------------------------------------------------


def _parts(raw: RawFile) -> list[Any]:
    """The roots of content, styles and metadata; of a flat file, its root alone."""
    if not raw.data.startswith(b"PK"):
        return [xml_of(raw, raw.data)]
    with opened(raw) as archive:
        if b"encryption-data" in (_part(raw, archive, "META-INF/manifest.xml") or b""):
            raise SourceRefused(raw.source, "is encrypted; save it without a password")
        content = _part(raw, archive, "content.xml")
        if content is None:
            raise SourceRefused(raw.source, "has no content.xml; open it in its program and save it again")
        others = (_part(raw, archive, name) for name in ("styles.xml", "meta.xml"))
        return [xml_of(raw, content), *(xml_of(raw, other) for other in others if other is not None)]


def _formulas(raw: RawFile) -> dict[str, Any]:
    """The formulas that a document holds as files of their own, by the names of their folders."""
    found: dict[str, Any] = {}
    if raw.data.startswith(b"PK"):
        with opened(raw) as archive:
            for name in archive.namelist():
                folder, _, file = name.rpartition("/")
                if not folder or file != "content.xml":
                    continue
                try:
                    root = xml_of(raw, _part(raw, archive, name) or b"")
                except SourceRefused:  # a drawing or a chart that is damaged costs no words of the text
                    continue
                if local(root) == "math":
                    found[folder] = root
    return found


def _part(raw: RawFile, archive: zipfile.ZipFile, name: str) -> bytes | None:
    try:
        member = archive.getinfo(name)
    except KeyError:
        return None
    return unpacked(archive, member, raw.source, LIMITS.odf_part)


def _attribute(element: Any, name: str) -> str | None:
    """An attribute by its name without its namespace, of which older programs wrote others."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)


def _whole(element: Any, name: str, default: int = 1) -> int:
    value = _attribute(element, name) or ""
    return int(value) if value.isdecimal() and len(value) < 10 else default


# --- a text as a page -------------------------------------------------------------------------------------


class _Page:
    """Builds the page. ``title`` is a paragraph in the style of that name; it is not in the page."""

    def __init__(self, raw: RawFile, parts: list[Any], formulas: Mapping[str, Any]) -> None:
        import lxml.html

        self.title: str | None = None
        self.language: str | None = None
        self._raw = raw
        self._formulas = formulas
        self._new: Callable[[str], Any] = lxml.html.Element
        self._parents: dict[str, str] = {}
        self._scripts: dict[str, str] = {}
        self._numbered: dict[str, dict[int, bool]] = {}
        self._counts: dict[str, int] = {}
        for part in parts:
            self._read_styles(part)
        self.root = self._new("html")
        body = self._new("body")
        self.root.append(body)
        start = next(called(parts[0].iter(), "body"), parts[0])
        self._children(start, body, [], 0, "")

    def _read_styles(self, part: Any) -> None:
        for style in part.iter():
            kind, name = local(style), _attribute(style, "name") if isinstance(style.tag, str) else None
            if kind == "body":
                return
            if kind == "style" and name:
                self._parents[name] = _attribute(style, "parent-style-name") or ""
                about = next(called(style, "text-properties"), None)
                shift = (_attribute(about, "text-position") or "") if about is not None else ""
                if shift and not shift.startswith("0"):
                    self._scripts[name] = "sub" if shift.startswith(("sub", "-")) else "sup"
            elif kind == "list-style" and name:
                self._numbered[name] = {
                    _whole(level, "level"): local(level) == "list-level-style-number" for level in style
                }
            elif kind == "text-properties" and self.language is None:
                code, country = _attribute(style, "language"), _attribute(style, "country")
                tag = f"{code}-{country}" if country and country.isalpha() and country != "none" else code
                self.language = as_language(tag) if code and code != "none" else None

    def _styled(self, element: Any, *wanted: str) -> bool:
        """Is it in one of these styles, or in one made from them?"""
        name = _attribute(element, "style-name") or ""
        for _ in range(20):
            if name in wanted or not name:
                break
            name = self._parents.get(name, "")
        return name in wanted

    def _children(self, source: Any, to: Any, below: list[Any], depth: int, listed: str) -> None:
        if depth > LIMITS.odf_deep:
            raise SourceRefused(self._raw.source, "is nested too deeply to be read; flatten it")
        _write(to, _words(to, source.text))
        for child in source:
            self._element(child, to, below, depth, listed)
            _write(to, _words(to, child.tail))

    def _element(self, source: Any, to: Any, below: list[Any], depth: int, listed: str) -> None:
        kind = local(source)
        if not kind or kind in _SILENT:
            return
        if kind in ("s", "tab"):
            _write(to, " " * min(_whole(source, "c"), 1_000) if kind == "s" else "\t")
        elif kind == "line-break":
            to.append(self._new("br"))
        elif kind in ("p", "h"):
            self._paragraph(source, to, below, depth, listed)
        elif kind == "frame" and (formula := self._formula(source)):
            _write(to, formula)
        elif kind in _BELOW:
            box = self._new("div")
            self._children(source, box, [], depth + 1, "")
            if _attribute(source, "class") == "title":  # of a slide
                words = "\n".join(box.itertext())
                box = self._new("h2")
                box.text = words
            self._describe(source, box)
            below.append(box)
            if to.tag in ("body", "div", "section"):
                _put(to, below)
        elif kind == "list":
            self._list(source, to, depth, listed)
        else:
            tag = _TAGS.get(kind) or self._scripts.get(_attribute(source, "style-name") or "")
            inner = to if tag is None else self._new(tag)
            own: list[Any] = [] if tag in _BOXES else below
            self._children(source, inner, own, depth + 1, listed)
            if inner is not to:
                to.append(inner)
                _put(inner, own) if own is not below else None

    def _paragraph(self, source: Any, to: Any, below: list[Any], depth: int, listed: str) -> None:
        level = _whole(source, "outline-level") if local(source) == "h" else 0
        is_title = not level and self._styled(source, "Title")
        if self._styled(source, "Preformatted_20_Text", "Preformatted Text"):
            made = self._preformatted(to)
        else:
            made = self._new(f"h{min(6, level + (self.title is not None))}" if level else "p")
        own: list[Any] = []
        self._children(source, made, own, depth + 1, listed)
        if is_title and self.title is None and "".join(made.itertext()).strip():
            self.title = as_line(" ".join("".join(made.itertext()).split()))
        elif made.getparent() is None:
            to.append(made)
        _put(to, own)

    def _preformatted(self, to: Any) -> Any:
        """Lines of code are a paragraph each; those that follow one another belong together."""
        if len(to) and to[-1].tag == "pre":
            _write(to[-1], "\n")
            return to[-1]
        made = self._new("pre")
        to.append(made)
        return made

    def _list(self, source: Any, to: Any, depth: int, outer: str) -> None:
        style, _, level = (outer or "\t0").partition("\t")
        name, deep = _attribute(source, "style-name") or style, int(level) + 1
        numbered = self._numbered.get(name, {}).get(deep, False)
        made = self._new("ol" if numbered else "ul")
        key = f"{name}\t{deep}"
        goes_on = _attribute(source, "continue-numbering") == "true" or _attribute(source, "continue-list")
        before = self._counts.get(key, 0) if goes_on else 0
        first = next(called(source, "list-item"), None)
        start = _whole(first, "start-value", before + 1) if first is not None else 1
        if numbered and start > 1:
            made.set("start", str(start))
        self._children(source, made, [], depth + 1, key)
        self._counts[key] = start - 1 + sum(1 for _ in called(source, "list-item"))
        to.append(made)

    def _formula(self, frame: Any) -> str:
        """The formula in a frame as a line of text; "" where it holds something else."""
        for element in called(frame, "object"):
            root = self._formulas.get((_attribute(element, "href") or "").removeprefix("./").rstrip("/"))
            if root is not None:
                return written(root)
        return ""

    def _describe(self, frame: Any, box: Any) -> None:
        """A picture's description, which the author wrote for those who cannot see it."""
        said = next((element.text for element in called(frame, "desc") if element.text), None)
        if said:
            picture = self._new("img")
            picture.set("alt", said)
            box.append(picture)


def _words(to: Any, text: str | None) -> str:
    """An XML text as it is shown: one space for white space, and none where a line of code begins."""
    shown = _SPACE.sub(" ", text or "")
    before = (to[-1].tail if len(to) else to.text) or ""
    return shown.lstrip(" ") if to.tag == "pre" and before[-1:] in ("", "\n") else shown


def _write(to: Any, text: str | None) -> None:
    if not text or (to.tag in _BOXES and text.isspace()):  # between blocks it only lays out the XML
        return
    append(to, text)


def _put(to: Any, below: list[Any]) -> None:
    for box in below:
        to.append(box)
    below.clear()


# --- sheets -----------------------------------------------------------------------------------------------


def _rows(table: Any) -> Iterator[list[str]]:
    """Each row's cells as they are shown."""
    for row in called(table.iter(), "table-row"):
        cells: list[str] = []
        for cell in row:
            if local(cell) in ("table-cell", "covered-table-cell"):
                times = _whole(cell, "number-columns-repeated")
                lines = ("".join(_shown(p)) for p in cell if local(p) == "p")
                text = " ".join(" ".join(lines).split())
                cells += [text] * min(times, OFFICE.cells_repeated if text else 1_000)
        yield cells


def _shown(paragraph: Any) -> Iterator[str]:
    yield paragraph.text or ""
    for child in paragraph:
        if local(child) in ("s", "tab", "line-break"):
            yield " "
        elif local(child) not in _SILENT:
            yield from _shown(child)
        yield child.tail or ""
