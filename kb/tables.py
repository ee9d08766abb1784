"""The tables of ``kb/data``: a row a language (and kind), so that a speaker can review hers.

Lines that begin with ``#`` say what the columns are. A table that is wrong is refused whole, with the line.
"""

from __future__ import annotations

from importlib import resources

from kb.languages import LANGUAGES

__all__ = ["BETWEEN", "MANY_LANGUAGES", "rows"]

BETWEEN = " | "
"""What stands between the phrases of a cell."""

MANY_LANGUAGES = "mul"
"""ISO 639-2's code for a row that is the same in many languages."""


def rows(name: str, columns: int, *, key: int = 1, optional: int = 0) -> list[tuple[str, ...]]:
    """The cells of the table ``data/<name>.tsv``, line by line; the first is a language's code.

    ``key``: no two rows have as many first cells in common. ``optional``: as many last cells may be empty.
    Raises ValueError for a row of other columns or no known language, an empty cell or phrase, a row twice.
    """
    table = (resources.files("kb") / "data" / f"{name}.tsv").read_text("utf-8")
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for number, line in enumerate(table.splitlines(), 1):
        if line.startswith("#"):
            continue
        row = tuple(line.split("\t"))
        fault = _fault(row, columns, optional)
        if fault or row[:key] in found:
            raise ValueError(f"{name}.tsv, line {number}: {fault or 'there is such a row already'}")
        found[row[:key]] = row
    return list(found.values())


def _fault(row: tuple[str, ...], columns: int, optional: int) -> str | None:
    if len(row) != columns:
        return f"{len(row)} columns, not {columns}"
    if row[0] not in LANGUAGES and row[0] != MANY_LANGUAGES:
        return f"no language is {row[0]!r}"
    filled = row[: columns - optional]
    if not all(cell and cell == cell.strip() for cell in filled):
        return "a cell that is empty, or has a space at an end"
    if not all(phrase.strip() for cell in filled for phrase in f" {cell} ".split(BETWEEN)):
        return "a phrase that is empty"
    return None
