"""The lines of a source text: where each stands, and the block marker that it begins with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import regex

from kb.models import Block
from kb.text.line_shapes import looks_like_code
from kb.text.settings import TEXT
from kb.text.tracked import Tracked

__all__ = ["Line", "block_lines", "text_lines", "without_blank_edges"]


@dataclass(frozen=True, slots=True)
class Line:
    """``text`` is the line without its marker and the white space around: ``source[start:end]``.

    ``kind`` is "text", "heading", "item" or "code" (a whole block of it, with its line breaks and its
    indentation); ``block`` counts the groups of lines with no blank line between.
    ``joint`` says how the line joins the one before it: "new" begins a block, "soft" continues it (a space),
    "hard" is a line break; None leaves that to be judged from the lines' shapes. ``page`` is the page of a
    paged document, from 1.
    """

    start: int
    end: int
    text: str
    block: int
    kind: str = "text"
    level: int = 0
    number: int | None = None
    joint: str | None = None
    page: int | None = None


_ROW = regex.compile(r"[^\n]+")
_NUMBER = regex.compile(r"\s*\(?(\d{1,3})[.)．、]\s*(?<=[\s．、])(?=\S)")
_BULLET = regex.compile(r"\s*[•·▪▫◦‣●○■□*➤►✓✔-]\s+(?=\S)")
_HASHES = regex.compile(r"\s{0,3}(\#{2,6})\s+(?=\S)|\s{0,3}(\#)\s+(?=\S)")
_UNDERLINE = regex.compile(r"\s*(={3,}|-{3,}|~{3,})\s*")
_BLANK_ABOVE = regex.compile(r"\A(?:[^\S\n]*+\n)+")
_TERMINAL = regex.compile(r"[.!?…。！？؟।]['\"”’»)\]]*\Z")


def without_blank_edges(code: str) -> str:
    """Code without the empty lines above it and the white space below; its first line's indentation stays."""
    return _BLANK_ABOVE.sub("", code.rstrip().replace("\r\n", "\n"))


def text_lines(text: str) -> list[Line]:
    """The lines of a plain text. Numbers and bullets count as markers only where they make a list."""
    lines: list[Line] = []
    block, last_end = 0, 0
    for match in _ROW.finditer(text):
        row = match[0].strip()
        if not row:
            continue
        if text.count("\n", last_end, match.start()) > 1:
            block += 1
        start = match.start() + match[0].index(row[0])
        last_end = match.end()
        if _UNDERLINE.fullmatch(row) and lines and lines[-1].block == block and len(lines[-1].text) <= 100:
            lines[-1] = replace(lines[-1], kind="heading", level=2)
            continue
        lines.append(Line(start, start + len(row), row, block))
    return list(_with_markers(list(_with_code(text, lines))))


def _with_code(text: str, lines: list[Line]) -> Iterator[Line]:
    """Lines that stand together and are mostly commands and statements are one line of code."""
    for _, group in groupby(lines, key=lambda line: line.block):
        rows = list(group)
        known = sum(looks_like_code(row.text) for row in rows) if len(rows) > 1 else 0
        if known < max(2, TEXT.mostly_code * len(rows)):
            yield from rows
            continue
        start = text.rfind("\n", 0, rows[0].start) + 1
        end = rows[-1].end
        yield Line(start, end, text[start:end], rows[0].block, "code")


def block_lines(text: Tracked, blocks: Sequence[Block]) -> list[Line]:
    """The lines of a text whose blocks, with offsets in its source, are known."""
    lines: list[Line] = []
    for count, block in enumerate(blocks):
        start, end = text.place(block.start), text.place(block.end)
        if block.kind == "code":
            code = without_blank_edges(text.text[start:end])
            if code:
                at = text.text.index(code, start)
                lines.append(Line(at, at + len(code), code, count, "code", joint="new", page=block.page))
            continue
        joint = "new"
        for match in _ROW.finditer(text.text, start, end):
            row = match[0].strip()
            if row:
                at = match.start() + match[0].index(row[0])
                kind = "text" if block.kind == "paragraph" else block.kind
                about = (kind, block.level, block.number, joint, block.page)
                lines.append(Line(at, at + len(row), row, count, *about))
                joint = "hard"
    return lines


def _with_markers(lines: list[Line]) -> Iterator[Line]:
    numbers = [_NUMBER.match(line.text) if line.kind == "text" else None for line in lines]
    bullets = [_BULLET.match(line.text) if line.kind == "text" else None for line in lines]
    lists = _bullet_lists(lines, [bool(b) for b in bullets])
    coming = [int(number[1]) for number in numbers if number]
    previous: int | None = None
    seen = 0
    for i, line in enumerate(lines):
        number, bullet = numbers[i], bullets[i]
        if number:
            seen += 1
            value = int(number[1])
            following = coming[seen] if seen < len(coming) else None
            if (previous is not None and value == previous + 1) or following == value + 1:
                previous = value
                yield _marked(line, number.end(), kind="item", number=value)
                continue
        if bullet and i in lists:
            yield _marked(line, bullet.end(), kind="item")
            continue
        hashes = _HASHES.match(line.text)
        if hashes and _alone(lines, i):
            yield _marked(line, hashes.end(), kind="heading", level=max(2, len(hashes[1] or "")))
            continue
        yield line


def _bullet_lists(lines: list[Line], bullets: list[bool]) -> set[int]:
    """Indices of bulleted lines that make lists: two or more together. Dialogue begins with a dash, too."""
    found: set[int] = set()
    i = 0
    while i < len(lines):
        end = i
        while end < len(lines) and bullets[end] and lines[end].text[0] == lines[i].text[0]:
            end += 1
        run = lines[i:end]
        spoken = lines[i].text[0] == "-" and 2 * sum(bool(_TERMINAL.search(r.text)) for r in run) > len(run)
        if len(run) >= 2 and not spoken:
            found.update(range(i, end))
        i = max(end, i + 1)
    return found


def _alone(lines: list[Line], i: int) -> bool:
    return (i == 0 or lines[i - 1].block != lines[i].block) and (
        i + 1 == len(lines) or lines[i + 1].block != lines[i].block
    )


def _marked(line: Line, marker: int, *, kind: str, level: int = 0, number: int | None = None) -> Line:
    return replace(
        line, start=line.start + marker, text=line.text[marker:], kind=kind, level=level, number=number
    )
