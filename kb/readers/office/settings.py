"""The numbers of this room: what of an office file is text, and how much."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["OFFICE"]


@dataclass(frozen=True, slots=True)
class OfficeSettings:
    layout_cell: int = 400  # characters of a cell, from which a table is a page's layout
    # Cells alike in a row: more are how a program fills a sheet, not what was written.
    cells_repeated: int = 100
    chart_points: int = 2_000
    said: int = 10_000  # characters of what is said of a document
    bad_share: float = 0.002  # of the characters: more that cannot be decoded are in another encoding
    column_name: int = 60  # characters


OFFICE = OfficeSettings()
