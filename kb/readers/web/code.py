"""Code in a web page: its lines and its indentation, without the numbers and buttons that stand among it."""

from __future__ import annotations

from typing import Any

import regex

from kb.readers.web.elements import CODE, SILENT, is_block, is_line_number
from kb.readers.web.parts import BREAK

__all__ = ["NUMBER", "code", "is_line_numbers"]

NUMBER = "a line's number"

_NUMBERS = regex.compile(r"[\d\s]+")


def code(element: Any) -> tuple[str, list[tuple[Any, str]]]:
    """(the text, the elements among it that are no code, each with what they are)."""
    pieces: list[str] = []
    others: list[tuple[Any, str]] = []
    _raw(element, pieces, others)
    text = "".join(pieces).replace(BREAK, "").replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    text = "\n".join(row.rstrip() for row in text.split("\n"))
    return (text if text.strip() else ""), others


def is_line_numbers(element: Any, text: str) -> bool:
    """Is it but the numbers of the lines in the next cell?"""
    cell = next(element.iterancestors("td"), None) if _NUMBERS.fullmatch(text) else None
    other = None if cell is None else cell.getnext()
    return other is not None and next(other.iter(*CODE), None) is not None


def _raw(element: Any, pieces: list[str], others: list[tuple[Any, str]]) -> None:
    if element.text:
        pieces.append(element.text)
    for child in element:
        tag = child.tag if isinstance(child.tag, str) else None
        if tag == "br":
            pieces.append("\n")
        elif tag == "button" or (tag and is_line_number(child)):
            others.append((child, "a button" if tag == "button" else NUMBER))
        elif tag and tag not in SILENT:
            apart = is_block(child)
            if apart:
                _separate(pieces, tag)
            _raw(child, pieces, others)
            if apart:
                _separate(pieces, tag)
        if child.tail:
            pieces.append(child.tail)


def _separate(pieces: list[str], tag: str) -> None:
    """A block begins or ends: in a new line, or, a cell, in the same."""
    last = pieces[-1][-1] if pieces else "\n"
    if tag in ("td", "th"):
        if not last.isspace():
            pieces.append(" ")
    elif last != "\n":
        pieces.append("\n")
