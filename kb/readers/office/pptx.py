"""Slides (.pptx): each slide a heading and what stands below it, then its notes; its page is its number."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from kb.errors import SourceRefused
from kb.models import SourceFile
from kb.readers.archive import opened
from kb.readers.common import Composer, RawFile, as_date, as_language, as_line
from kb.readers.limits import LIMITS
from kb.readers.office.settings import OFFICE
from kb.readers.web.markup import called, local, scripted, xml_of

if TYPE_CHECKING:
    from pptx.presentation import Presentation

__all__ = ["read_pptx"]

_OLD_FORMAT = b"\xd0\xcf\x11\xe0"  # .ppt, and .pptx under a password
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_FOOT = ("the slides' foot", 0.95)


def read_pptx(raw: RawFile) -> Iterator[SourceFile]:
    """Raises SourceRefused when it is damaged, encrypted or empty."""
    if raw.data.startswith(_OLD_FORMAT):
        raise SourceRefused(raw.source, "is encrypted or an old .ppt; save it as .pptx without a password")
    opened(raw).close()
    import pptx

    try:
        slides = pptx.Presentation(io.BytesIO(raw.data))
        made = _Walk(raw, slides)
    except Exception as error:  # the parser raises whatever a damaged part leads it to
        reason = as_line(str(error), 100) or type(error).__name__
        raise SourceRefused(
            raw.source, f"cannot be read as .pptx ({reason}); open it and save it again"
        ) from error
    composer, about = made.composer, slides.core_properties
    said = as_line(about.title)
    yield composer.source_file(
        raw,
        "pptx",
        title=said if said and said != "PowerPoint Presentation" else made.first,
        language=as_language(about.language) or made.language,
        date=as_date(about.modified or about.created),
        cleaned=True,  # a slide's short lines are what it says, not furniture
        author=as_line(about.author) if about.author != "python-pptx" else None,
    )


class _Walk:
    """The slides' shapes, in the order in which they are read, as blocks."""

    def __init__(self, raw: RawFile, slides: Presentation) -> None:
        self.composer = Composer()
        self.first: str | None = None
        self.language: str | None = None
        self._raw = raw
        for number, slide in enumerate(slides.slides, 1):
            self._page = number
            _choose(slide._element)
            title = slide.shapes.title
            self._heading(title)
            for shape in _in_order(slide.shapes):
                if title is None or shape.shape_id != title.shape_id:
                    self._shape(shape, slide)
            if slide.has_notes_slide:
                _choose(slide.notes_slide._element)
                notes = slide.notes_slide.notes_text_frame
                self._paragraphs(notes._txBody if notes is not None else (), listed=False)

    def _heading(self, title: Any) -> None:
        words = " ".join(_words(title._element).split()) if title is not None else ""
        self.composer.add(words, "heading", level=2, page=self._page)
        self.first = self.first or as_line(words)

    def _shape(self, shape: Any, slide: Any, depth: int = 0) -> None:
        from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER

        kind = shape.placeholder_format.type if shape.is_placeholder else None
        if kind in (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER):
            self.composer.add(_words(shape._element), page=self._page, dropped=_FOOT)
        elif shape.shape_type == MSO_SHAPE_TYPE.GROUP and depth < LIMITS.pptx_deep:
            for inner in _in_order(shape.shapes):
                self._shape(inner, slide, depth + 1)
        elif getattr(shape, "has_table", False):
            rows = [[" ".join(_words(cell._tc).split()) for cell in row.cells] for row in shape.table.rows]
            self.composer.add("\n".join(" | ".join(row) for row in rows if any(row)), page=self._page)
        elif getattr(shape, "has_chart", False):
            self._chart(shape.chart)
        elif shape.has_text_frame:
            listed = kind in (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT)
            self._paragraphs(shape._element, listed=listed)
        else:
            self._diagram(shape, slide)
            self._said(shape)

    def _paragraphs(self, element: Any, *, listed: bool) -> None:
        """A paragraph each, or an item of a list, numbered where the slide numbers it."""
        counts: dict[int, int] = {}
        for paragraph in element.iter(f"{_A}p") if len(element) else ():
            about = paragraph.find(f"{_A}pPr")
            marks = {local(mark) for mark in about} if about is not None else set()
            level = int(about.get("lvl") or 0) if about is not None else 0
            item = "buNone" not in marks and (listed or bool(marks & {"buChar", "buAutoNum", "buBlip"}))
            words = _words(paragraph)
            if not words.strip():
                continue
            counts = {deep: count for deep, count in counts.items() if deep <= level}
            counts[level] = counts.get(level, 0) + 1 if "buAutoNum" in marks else 0
            self._note_language(paragraph)
            if item:
                words = " ".join(words.split())
            kind = "item" if item else "paragraph"
            self.composer.add(words, kind, number=counts[level] or None, page=self._page)

    def _note_language(self, paragraph: Any) -> None:
        for properties in paragraph.iter(f"{_A}rPr"):
            self.language = self.language or as_language(properties.get("lang"))

    def _chart(self, chart: Any) -> None:
        """A chart's titles, and its figures as a table."""
        for words in chart._chartSpace.iter(f"{_A}p"):
            self.composer.add(_words(words), page=self._page)
        for plot in chart.plots:
            series = list(plot.series)
            rows = [["", *(str(plotted.name) for plotted in series)]]
            for i, category in enumerate(list(plot.categories)[: OFFICE.chart_points]):
                values = [plotted.values[i] if i < len(plotted.values) else None for plotted in series]
                rows.append([str(category), *("" if v is None else f"{v:.15g}" for v in values)])
            lines = (" | ".join(cell for cell in row if cell) for row in rows)
            self.composer.add("\n".join(line for line in lines if line), page=self._page)

    def _diagram(self, shape: Any, slide: Any) -> None:
        """The words of a SmartArt drawing, which stand in a file of their own."""
        for link in shape._element.iter(f"{_DIAGRAM}relIds"):
            part = slide.part.related_part(link.get(f"{_RELATION}dm"))
            for point in xml_of(self._raw, part.blob).iter(f"{_DIAGRAM}t"):
                self._paragraphs(point, listed=False)

    def _said(self, shape: Any) -> None:
        """What the author wrote for those who cannot see a picture; a file's name is no description."""
        about = next(called(shape._element.iter(), "cNvPr"), None)
        words = (about.get("descr") or "").strip() if about is not None else ""
        if " " in words and "generated" not in words:
            self.composer.add(words, page=self._page)


def _choose(slide: Any) -> None:
    """Of what a slide says twice, for newer programs and for older ones, only the first."""
    for twice in list(slide.iter("{http://schemas.openxmlformats.org/markup-compatibility/2006}*")):
        parent = twice.getparent()
        if local(twice) != "AlternateContent" or parent is None:
            continue
        at = parent.index(twice)
        chosen = next((branch for branch in twice if len(branch)), ())
        parent[at : at + 1] = list(chosen)


def _words(element: Any) -> str:
    """The text below an element: runs, fields and formulas; a paragraph or a break is a new line."""
    words: list[str] = []
    for node in element.iter():
        name = local(node)
        if name == "t":
            words.append(scripted(node.text or "", _script(node)))
        elif name in ("br", "p") and words:
            words.append("\n")
        elif name == "tab" and node.getparent().tag == f"{_A}r":
            words.append(" ")
    return "".join(words).replace("\v", "\n").strip()


def _script(text: Any) -> str:
    """ "sup", "sub" or "": how a run of text stands on its line."""
    about = text.getparent().find(f"{_A}rPr")
    shift = (about.get("baseline") or "0").rstrip("%") if about is not None else "0"
    return "" if shift.strip("0") == "" else "sub" if shift.startswith("-") else "sup"


def _in_order(shapes: Iterable[Any]) -> list[Any]:
    """From top to bottom; of those side by side the one first where the slide's lines begin."""
    waiting = sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))
    ordered: list[Any] = []
    while waiting:
        top = waiting[0]
        middle = (top.top or 0) + (top.height or 0) / 2
        row = [shape for shape in waiting if (shape.top or 0) <= middle and shape is not top]
        row = [top, *(shape for shape in row if _beside(top, shape))]
        backwards = any(p.get("rtl") == "1" for shape in row for p in shape._element.iter(f"{_A}pPr"))
        ordered += sorted(row, key=lambda shape: shape.left or 0, reverse=backwards)
        taken = set(map(id, row))
        waiting = [shape for shape in waiting if id(shape) not in taken]
    return ordered


def _beside(first: Any, second: Any) -> bool:
    """Do they stand side by side, and not one on the other?"""
    left, right = sorted((first, second), key=lambda shape: shape.left or 0)
    return bool((left.left or 0) + (left.width or 0) / 2 <= (right.left or 0))
