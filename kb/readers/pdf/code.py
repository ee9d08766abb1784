"""Code on a PDF's pages: told by its type, all letters of which are equally wide, or by its lines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

import regex

from kb.readers.pdf.layout import Row
from kb.readers.pdf.measures import MEASURES
from kb.text.line_shapes import looks_like_code

__all__ = ["code_text", "has_pitch", "is_code_like", "is_mostly_code", "same_pitch"]

_SIGN = regex.compile(r"[=(){}]|\w_\w|(?<!\S)--?[a-z]")  # prose may end in a semicolon, too


def has_pitch(row: Row) -> bool:
    """Is it set in type whose letters are equally wide, all or most of them of the Latin script?"""
    return row.pitch > 0 and 2 * sum(map(str.isascii, row.text)) > len(row.text)


def same_pitch(row: Row, other: Row) -> bool:
    return abs(row.pitch - other.pitch) <= MEASURES.near * row.pitch


def is_code_like(text: str) -> bool:
    """A command or a statement that has a sign which prose seldom has."""
    return looks_like_code(text) and bool(_SIGN.search(text))


def is_mostly_code(rows: Sequence[Row]) -> bool:
    return sum(is_code_like(row.text) for row in rows) >= max(2, MEASURES.code_lines * len(rows))


def code_text(rows: Sequence[Row]) -> str:
    """The rows as lines, their places as spaces and empty lines."""
    left = min(row.left for row in rows)
    gaps = [above.base - row.base for above, row in pairwise(rows)]
    gap = min([*gaps, 1.6 * rows[0].size])
    step = _step(rows)
    lines = [_line(rows[0], left, step)]
    for down, row in zip(gaps, rows[1:], strict=True):
        blank = round(down / gap) - 1 if gap > 0 else 0
        lines += [""] * min(max(0, blank), MEASURES.blank_lines)
        lines.append(_line(row, left, step))
    return "\n".join(lines)


def _line(row: Row, left: float, step: float) -> str:
    if row.pitch:
        return " " * round((row.left - left) / row.pitch) + row.spaced
    return " " * (MEASURES.step * round((row.left - left) / step)) + row.text


def _step(rows: Sequence[Row]) -> float:
    """Points of the smallest step of indentation."""
    least = 0.3 * median(row.size for row in rows)
    lefts = sorted({row.left for row in rows})
    return min((right - left for left, right in pairwise(lefts) if right - left > least), default=1e9)
