"""Tables of a web page: which of them hold figures or words, and which cells stand in each of their rows."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from kb.readers.web.elements import CODE, HEADINGS
from kb.readers.web.settings import WEB

__all__ = ["grid"]

Row = list[tuple[Any, bool]]
"""A row's cells, each with whether it was said in a row above; None where there is nothing."""

_GROUPS = frozenset(["tbody", "tfoot", "thead"])
_SILENT = frozenset(["caption", "col", "colgroup", "script", "style", "template"])
_BIG = frozenset(["article", "table", "nav", "form", *CODE, *HEADINGS])


def grid(table: Any) -> list[Row] | None:
    """The cells by rows; None where the table only lays out a page, or has text beside its cells."""
    rows = _rows(table)
    if rows is None or (table.get("role") or "").lower() in ("presentation", "none"):
        return None
    if max(map(len, rows), default=0) < 2:
        return None
    cells = [cell for row in rows for cell in row]
    if any(next(cell.iterdescendants(*_BIG), None) is not None for cell in cells):
        return None
    if not any(cell.tag == "th" for cell in cells):
        if len(rows) < 2:
            return None
        if any(len(cell.findall(".//p")) > 1 or len(cell.text_content()) > WEB.layout_cell for cell in cells):
            return None
    return _spanned(rows)


def _rows(table: Any) -> list[list[Any]] | None:
    """The cells of each of the table's own rows; None where there is something else between them."""
    rows = []
    lines: list[Any] = []
    for row in _children(table, _SILENT | _GROUPS | {"tr"}):
        grouped = row is not None and row.tag in _GROUPS
        lines += _children(row, _SILENT | {"tr"}) if grouped else [row]
    for line in lines:
        cells = [None] if line is None else list(_children(line, _SILENT | {"td", "th"}))
        if line is None or (line.tag == "tr" and None in cells):
            return None
        if line.tag == "tr":
            rows.append([cell for cell in cells if cell is not None and cell.tag in ("td", "th")])
    return rows


def _children(element: Any, known: frozenset[str]) -> Iterator[Any]:
    """Its children, if those are all ``known`` and there is no text between them; else None, too."""
    if (element.text or "").strip():
        yield None
    for child in element:
        if (child.tail or "").strip() or (isinstance(child.tag, str) and child.tag not in known):
            yield None
        elif isinstance(child.tag, str):
            yield child


def _spanned(rows: list[list[Any]]) -> list[Row] | None:
    """A cell stands in each row that it spans, and once in those columns. None where they are too many."""
    made: list[Row] = []
    size = 0
    over: dict[int, tuple[Any, int]] = {}  # column: the cell from above, rows that are left of it
    for cells in rows:
        row: Row = []
        left, furthest = deque(cells), max(over, default=-1)
        while left or len(row) <= furthest:
            column = len(row)
            if column in over:
                cell, count = over[column]
                row.append((cell, True))
                over[column] = (cell, count - 1)
                if count == 1:
                    del over[column]
            elif left:
                cell = left.popleft()
                width, height = _span(cell, "colspan"), _span(cell, "rowspan")
                for further in range(width):
                    row.append((cell if further == 0 else None, False))
                    if height > 1:
                        over[column + further] = (cell if further == 0 else None, height - 1)
            else:
                row.append((None, False))
        made.append(row)
        size += len(row)
        if size > WEB.places:
            return None
    return made


def _span(cell: Any, name: str) -> int:
    text = (cell.get(name) or "1").strip()
    return min(max(1, int(text)), WEB.widest) if text.isascii() and text.isdecimal() and len(text) < 7 else 1
