"""A table in a text file: what separates its cells, which row names the columns, which column is the text."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

from kb.readers.records.fields import by_content, field_of, looks_like_text
from kb.readers.records.settings import RECORDS

__all__ = ["Table"]

_SEPARATORS = ",;\t|"
_NONE = "\x1f"  # separates nothing: a table of one column
_SAID = re.compile(r"\A[\"']?sep=(.)[\"']?[ \t]*\n", re.IGNORECASE)  # how Excel is told


class Table:
    """``names`` of the columns in small letters, empty where the first row is one of texts.

    ``text`` is the column of the texts, if one surely is.
    """

    def __init__(self, text: str, cell_limit: int) -> None:
        csv.field_size_limit(cell_limit)
        text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        stated = _SAID.match(text)
        self._text = text[stated.end() :] if stated else text
        self._separator = stated[1] if stated else _separator(self._text[: RECORDS.sample])
        first = list(islice(self._sound(), RECORDS.rows_looked_at))
        header = first[0] if first else []
        self._headless = _is_of_texts(header, first[1:])
        width = max((len(row) for row in first), default=0)
        self.names = [f"column {i}" for i in range(1, width + 1)] if self._headless else _names(header)
        self.text = field_of("text", dict.fromkeys(self.names, 1)) or self._by_content(first)

    def rows(self) -> Iterator[list[str] | str]:
        """Each row below the names, without empty cells at its end; or why that row cannot be read."""
        names = not self._headless
        for row in self._all():
            if names and not isinstance(row, str):
                names = False
                continue
            while not isinstance(row, str) and len(row) > len(self.names) and not row[-1].strip():
                row.pop()
            yield row

    def _all(self) -> Iterator[list[str] | str]:
        start, left = 0, RECORDS.unclosed
        while start < len(self._text):
            lines = _Lines(self._text, start)
            reader = csv.reader(lines, delimiter=self._separator)
            start = len(self._text)
            while (begun := lines.at) < len(self._text):
                try:
                    row = next(reader)
                except csv.Error as error:
                    yield f"is no sound row ({error}); mend it"
                    continue
                if left and self._is_unclosed(self._text[begun : lines.at]):
                    left -= 1
                    yield "has a quotation mark that is not closed; close it"
                    start = self._text.index("\n", begun) + 1  # all that followed was taken for its text
                    break
                yield row

    def _is_unclosed(self, row: str) -> bool:
        """Does a cell over several lines end where no cell can, or never?"""
        if "\n" not in row.rstrip("\n"):
            return False
        try:
            list(csv.reader(_Lines(row), delimiter=self._separator, strict=True))
        except csv.Error:
            return True
        return False

    def _by_content(self, rows: list[list[str]]) -> str | None:
        rows = rows if self._headless else rows[1:]
        columns = {
            name: [row[i] for row in rows if i < len(row) and row[i].strip()]
            for i, name in enumerate(self.names)
        }
        return self.names[0] if len(self.names) == 1 and rows else by_content(columns)

    def _sound(self) -> Iterator[list[str]]:
        try:
            yield from self._parsed(self._text[: RECORDS.sample])
        except csv.Error:
            return

    def _parsed(self, text: str) -> Any:
        return csv.reader(_Lines(text), delimiter=self._separator)


def _names(header: list[str]) -> list[str]:
    return [unicodedata.normalize("NFC", name).strip().strip("\ufeff").lower() for name in header]


def _is_of_texts(header: list[str], rest: list[list[str]]) -> bool:
    """Is the first row one of the texts, not of names? A name is short, and comes once."""
    if field_of("text", dict.fromkeys(_names(header), 1)):
        return False
    if any(looks_like_text(cell) for cell in header):
        return True
    return len(header) == 1 and (
        len(header[0].split()) > 5 or header[0].rstrip().endswith((".", "。", "!", "?"))
    )


def _separator(sample: str) -> str:
    """The mark by which the rows have most alike numbers of cells, above all where the first names a text."""
    best, best_score = _NONE, 0.0
    for mark in _SEPARATORS:
        try:
            rows = [
                row
                for row in islice(csv.reader(_Lines(sample), delimiter=mark), RECORDS.rows_looked_at)
                if row
            ]
        except csv.Error:
            continue
        if not rows or len(rows[0]) < 2:
            continue
        widths = Counter(len(row) for row in rows[:-1] or rows)  # the last may be cut off
        alike = widths[len(rows[0])] / sum(widths.values())
        known = field_of("text", dict.fromkeys(_names(rows[0]), 1)) or field_of(
            "title", dict.fromkeys(_names(rows[0]), 1)
        )
        if not known and _is_punctuation(rows):
            continue
        score = alike + (1.0 if known else 0.0) + min(len(rows[0]), 9) / 100
        if score > best_score and (known or alike > 0.6):
            best, best_score = mark, score
    return best


def _is_punctuation(rows: list[list[str]]) -> bool:
    """Are the marks those of sentences, with a space after them?"""
    cells = [cell for row in rows for cell in row[1:] if cell]
    return sum(cell.startswith(" ") for cell in cells) > 0.8 * len(cells)


class _Lines:
    """A text's lines from ``at`` on, one at a time, with their ends."""

    def __init__(self, text: str, at: int = 0) -> None:
        self.at = at
        self._text = text

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.at >= len(self._text):
            raise StopIteration
        start, self.at = self.at, self._text.find("\n", self.at) + 1 or len(self._text)
        return self._text[start : self.at]
