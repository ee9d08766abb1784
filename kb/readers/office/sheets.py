"""Spreadsheets (.xlsx): each sheet a heading, each row a paragraph that says its columns' names.

A row is found by itself and quoted by itself, far from the row that names its columns. Numbers and dates are
as the sheet shows them, but for the thousands' marks, which differ from one reader's country to another's.
"""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from kb.errors import SourceRefused
from kb.models import SourceFile
from kb.readers.archive import opened
from kb.readers.common import Composer, RawFile, as_date, as_language, as_line
from kb.readers.limits import LIMITS
from kb.readers.office.settings import OFFICE

__all__ = ["add_sheet", "read_xlsx"]

_OLD_FORMAT = b"\xd0\xcf\x11\xe0"  # .xls, and .xlsx under a password
_DIGIT = re.compile(r"[0#?]")
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|[_*].')


def read_xlsx(raw: RawFile) -> Iterator[SourceFile]:
    """Raises SourceRefused when it is damaged, encrypted, empty, or too large to be read by anybody."""
    if raw.data.startswith(_OLD_FORMAT):
        raise SourceRefused(raw.source, "is encrypted or an old .xls; save it as .xlsx without a password")
    opened(raw).close()
    import openpyxl

    composer = Composer()
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw.data), read_only=True, data_only=True)
        left = LIMITS.cells
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what a sheet says of its size may be wrong
            left = add_sheet(raw, composer, sheet.title, _rows(sheet.iter_rows()), left)
    except SourceRefused:
        raise
    except Exception as error:  # the parser raises whatever a damaged part leads it to
        reason = as_line(str(error), 100) or type(error).__name__
        raise SourceRefused(
            raw.source, f"cannot be read as .xlsx ({reason}); open it and save it again"
        ) from error
    if all(block.kind == "heading" for block in composer.blocks):
        raise SourceRefused(raw.source, "holds no text; write some or remove the file")
    about = book.properties
    yield composer.source_file(
        raw,
        "xlsx",
        title=as_line(about.title) or _name(raw.source),
        language=as_language(about.language),
        date=as_date(about.modified or about.created),
        cleaned=True,  # short rows that come again are what a sheet is made of, not furniture
        author=as_line(about.creator) if about.creator != "openpyxl" else None,
    )


def add_sheet(raw: RawFile, composer: Composer, name: str, rows: Iterable[Sequence[str]], left: int) -> int:
    """Adds a sheet's rows of texts; gives back how many cells there may still be. Raises SourceRefused."""
    header: Sequence[str] = ()
    headed, apart = False, True
    for row in rows:
        count = sum(map(bool, row))
        left -= count
        if left < 0:
            raise SourceRefused(
                raw.source, f"has more than {LIMITS.cells} cells; save its sheets as .csv files, or split it"
            )
        if not count:
            apart = True
            continue
        if not headed:
            composer.add(" ".join(name.split()), "heading", level=2)
            headed = True
        if apart and _names_columns(row) and _columns(row) != _columns(header):
            header = row  # of a table of its own, below an empty row
            composer.add(_line(row, ()))
        else:
            composer.add(_line(row, header))
        apart = count == 1 and not header  # a line above a table, which says what the table is about
    return left


def _columns(row: Sequence[str]) -> list[int]:
    return [i for i, cell in enumerate(row) if cell]


def _names_columns(row: Sequence[str]) -> bool:
    """Two cells or more, all different, short, and words."""
    cells = [cell for cell in row if cell]
    return (
        len(cells) > 1
        and len(set(cells)) == len(cells)
        and all(len(cell) <= OFFICE.column_name and any(map(str.isalpha, cell)) for cell in cells)
    )


def _line(row: Sequence[str], header: Sequence[str]) -> str:
    cells = []
    for i, cell in enumerate(row):
        name = header[i] if i < len(header) else ""
        if cell:
            cells.append(f"{name}: {cell}" if name and name != cell else cell)
    return " | ".join(cells)


def _rows(rows: Iterable[Sequence[Any]]) -> Iterator[list[str]]:
    for row in rows:
        yield [_cell(cell) for cell in row]


def _cell(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    return " ".join(value.split()) if isinstance(value, str) else _shown(value, cell.number_format)


def _shown(value: object, form: str | None) -> str:
    """A cell's value as its number format shows it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time() and "h" not in (form or "").lower()
        return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        return str(value)
    if isinstance(value, (int, float)):
        return _number(value, form or "General")
    return " ".join(str(value).split())


def _number(value: float, form: str) -> str:
    said = _form(form)
    if said is None:
        return f"{value:.15g}"
    before, after, places, most, times = said
    shown = f"{value * times:.{most}f}"
    while most > places and shown.endswith("0"):
        shown, most = shown[:-1].rstrip("."), most - 1
    return f"{before}{shown}{after}".strip()


@cache
def _form(form: str) -> tuple[str, str, int, int, int] | None:
    """A number format: what stands before and after, digits at least and at most after the point, times what.

    None for "General", and for what we do not know.
    """
    first = form[:200].split(";")[0]
    pieces = _LITERAL.sub(lambda m: f"\x00{m[1] or m[2] or m[3] or ''}\x00", first).split("\x00")
    digits = "".join(pieces[::2])
    if ("0" not in digits and "#" not in digits) or "E" in digits.upper() or "/" in digits:
        return None
    point = re.search(r"\.(0*)(#*)", digits)
    places = len(point[1]) if point else 0
    most = places + len(point[2]) if point else 0
    at = next(i for i, piece in enumerate(pieces) if i % 2 == 0 and _DIGIT.search(piece))
    before = "".join(pieces[:at]) + _DIGIT.split(pieces[at], maxsplit=1)[0]
    after = re.split(r"[0#?%]", pieces[at])[-1] + "".join(pieces[at + 1 :]).replace("%", "")
    percent = "%" in digits
    return before, ("%" if percent else "") + after, places, most, 100 if percent else 1


def _name(source: str) -> str:
    """What a workbook without a title is called: its file's name."""
    return source.rpartition("/")[2].rpartition("#")[2].rpartition(".")[0] or source
