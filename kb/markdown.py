"""Reading Markdown: its blocks as lines, its inline marks taken to plain text."""

from __future__ import annotations

import html
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import accumulate

import regex

from kb.lines import Line
from kb.tracked import Edit, Tracked

__all__ = ["markdown_lines"]

_ROW = regex.compile(r"[^\n]+")
_FENCE = regex.compile(r" {0,3}(`{3,}|~{3,})")
_QUOTE = regex.compile(r"(?: {0,3}> ?){1,20}")
_HASHES = regex.compile(r" {0,3}(\#{1,6})(?:[ \t]+|\Z)")
_CLOSING_HASHES = regex.compile(r"(?:^|[ \t])\#+\Z")
_UNDERLINE = regex.compile(r" {0,3}(?:=+|-{2,})\s*")
_RULE = regex.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*")
_BULLET = regex.compile(r"(\s*)[-+*][ \t]+(?=\S)(?:\[[ xX]\][ \t]+)?")
_NUMBER = regex.compile(r"(\s*)(\d{1,9})[.)][ \t]+(?=\S)")
_DEFINITION = regex.compile(r" {0,3}\[[^\[\]\n]{1,200}\]:\s*\S+.*")
_TABLE_RULE = regex.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")

_DESTINATION = (
    r"\((?:[^()\s<>]|\([^()\s]{0,200}\)|<[^<>\n]{0,500}>){0,1000}"
    r"(?:\s+(?:\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'))?\s*\)"
)
_INLINE = regex.compile(
    r"(?P<break>\\\n)"
    r"|\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|(?<!`)(?P<ticks>`+)(?P<code>[^`\n](?:[^`\n]{0,500}[^`\n])?)(?P=ticks)(?!`)"
    rf"|!\[(?P<alt>[^\[\]\n]{{0,300}})\]{_DESTINATION}"
    rf"|\[(?P<label>(?:[^\[\]\n\\]|\\.|!?\[[^\[\]\n]{{0,200}}\](?:\([^()\s]{{0,500}}\))?){{1,500}})\](?P<to>{_DESTINATION}|\[[^\[\]\n]{{0,200}}\])"
    r"|<(?P<auto>https?://[^<>\s]{1,1000}|[^<>\s@/]{1,200}@[^<>\s/]{1,200})>"
    r"|(?P<comment><!--(?:[^-]|-(?!->)){0,5000}-->)"
    r"|(?P<tag></?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>\n]{0,500})?/?>)"
    r"|(?P<entity>&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
    r"|(?P<run>\*+|_+|~~)"
)


def markdown_lines(text: Tracked, *, literal_numbers: bool = False) -> list[Line]:
    """The lines of ``text``, whose inline Markdown is taken to plain text in place.

    A list numbered 1, 1, 1 … counts on, as in any renderer, unless ``literal_numbers``.
    """
    blocks = _Blocks(text.text, literal_numbers)
    edits = [edit for start, end in blocks.regions() for edit in _inline(text.text, start, end)]
    # Links hold text with marks of its own, whose edits come in between those of the link.
    edits.sort(key=lambda edit: (edit.start, edit.end))
    text.apply(edits)
    at = _moved(edits)
    lines = []
    for line in blocks.lines:
        start, end = at(line.start), at(line.end)
        words = text.text[start:end]
        start += len(words) - len(words.lstrip())
        if words.strip():
            words = words.strip()
            lines.append(replace(line, start=start, end=start + len(words), text=words))
    return lines


def _moved(edits: list[Edit]) -> Callable[[int], int]:
    """Where an offset of the text before the edits lies after them."""
    places = [edit.end for edit in edits]
    shifts = [0, *accumulate(len(edit.after) - (edit.end - edit.start) for edit in edits)]
    return lambda offset: offset + shifts[bisect_right(places, offset)]


class _Blocks:
    """The rows of a Markdown text that hold words, without block markers, inline marks still in them."""

    def __init__(self, source: str, literal_numbers: bool) -> None:
        self.lines: list[Line] = []
        self._source = source
        self._literal_numbers = literal_numbers
        self._code: set[int] = set()  # which of the lines are code, in which no mark is a mark
        self._item: tuple[int, int] | None = None  # indent and written number of the list item before
        self._fence = ""
        self._block = 0
        self._open = False  # may the next row continue the block?
        end = 0
        for match in _ROW.finditer(source):
            if source.count("\n", end, match.start()) > 1:
                self._block += 1
                self._open = bool(self._fence) and self._open
            end = match.end()
            if match[0].strip():
                self._row(match[0], match.start())

    def regions(self) -> Iterator[tuple[int, int]]:
        """Spans of lines that are one block, in which inline marks pair up."""
        start = 0
        for i, line in enumerate(self.lines):
            following = self.lines[i + 1] if i + 1 < len(self.lines) else None
            if following is None or following.joint == "new":
                if i not in self._code:
                    yield self.lines[start].start, line.end
                start = i + 1

    def _row(self, row: str, offset: int) -> None:
        fence = _FENCE.match(row)
        if fence and (not self._fence or fence[1].startswith(self._fence)):
            self._fence = "" if self._fence else fence[1]
            self._open, self._item = False, None
            self._block += 1
        elif self._fence:
            self._code.add(len(self.lines))
            self._add(row, offset, 0, joint="hard" if self._open else "new")
        else:
            quote = _QUOTE.match(row)
            self._prose(row, offset, quote.end() if quote else 0)

    def _prose(self, row: str, offset: int, at: int) -> None:
        if self._open and _UNDERLINE.fullmatch(row, at) and self.lines[-1].kind == "text":
            level = 1 if "=" in row else 2
            self.lines[-1] = replace(self.lines[-1], kind="heading", level=level)
            self._open = False
            return
        if any(pattern.fullmatch(row, at) for pattern in (_RULE, _DEFINITION, _TABLE_RULE)):
            self._open = False
            return
        hashes = _HASHES.match(row, at)
        if hashes:
            closing = _CLOSING_HASHES.search(row.rstrip(), hashes.end())
            stop = closing.start() if closing else len(row.rstrip())
            self._add(row[:stop], offset, hashes.end(), kind="heading", level=len(hashes[1]))
            self._open, self._item = False, None
            return
        number, bullet = _NUMBER.match(row, at), _BULLET.match(row, at)
        if number:
            value = self._counted(len(number[1]), int(number[2]))
            self._add(row, offset, number.end(), kind="item", number=value)
        elif bullet:
            self._item = None
            self._add(row, offset, bullet.end(), kind="item")
        elif row.lstrip()[at:].startswith("|") and row.rstrip().endswith("|"):
            self._add(row.rstrip().removesuffix("|"), offset, row.index("|", at) + 1)
        else:
            self._item = self._item if self._open else None
            hard = self._open and _ends_hard(self._source[max(0, offset - 50) : offset - 1])
            self._add(row, offset, at, joint="hard" if hard else "soft" if self._open else "new")
            return
        self._open = True

    def _counted(self, indent: int, written: int) -> int:
        value = written
        if self._item == (indent, written) and not self._literal_numbers and self.lines:
            value = (self.lines[-1].number or written) + 1
        self._item = (indent, written)
        return value

    def _add(
        self,
        row: str,
        offset: int,
        at: int,
        *,
        kind: str = "text",
        level: int = 0,
        number: int | None = None,
        joint: str = "new",
    ) -> None:
        start = at + len(row[at:]) - len(row[at:].lstrip())
        end = len(row.rstrip())
        if start < end:
            line = Line(offset + start, offset + end, row[start:end], self._block, kind, level, number, joint)
            self.lines.append(line)
            self._open = True


def _ends_hard(row: str) -> bool:
    """Does a row end in a hard line break: two spaces, or a backslash that is not itself escaped?"""
    return row.endswith("  ") or (len(row) - len(row.rstrip("\\"))) % 2 == 1


def _inline(source: str, start: int, end: int) -> Iterator[Edit]:
    """Edits that take the inline marks of ``source[start:end]`` to plain text."""
    runs: list[tuple[int, int, bool, bool]] = []
    at = start
    while match := _INLINE.search(source, at, end):
        at = match.end()
        if match["run"]:
            before = source[match.start() - 1] if match.start() > start else " "
            after = source[match.end()] if match.end() < end else " "
            word_char = match["run"][0] == "_"  # inside a word, as in a file's name, it marks nothing
            opens = not after.isspace() and not (word_char and before.isalnum())
            closes = not before.isspace() and not (word_char and after.isalnum())
            runs.append((match.start(), match.end(), opens, closes))
        elif match["label"] is not None:
            inner = match.start("label")
            yield Edit(match.start(), inner, "")
            yield Edit(match.end("label"), match.end(), "")
            yield from _inline(source, inner, match.end("label"))
        else:
            yield Edit(match.start(), match.end(), _plain(match))
    yield from _emphasis(source, runs)


def _plain(match: regex.Match[str]) -> str:
    if match["break"]:
        return "\n"
    if match["entity"]:
        plain = html.unescape(match["entity"])
        return " " if plain.isspace() or plain == "\x00" else plain
    return match["escaped"] or match["code"] or match["alt"] or match["auto"] or ""


def _emphasis(source: str, runs: list[tuple[int, int, bool, bool]]) -> Iterator[Edit]:
    """Runs of ``*``, ``_`` and ``~~`` that open and close the same emphasis go; lone ones stay."""
    open_runs: dict[str, list[tuple[int, int]]] = {}
    for start, end, opens, closes in runs:
        mark = source[start:end]
        waiting = open_runs.setdefault(mark, [])
        if closes and waiting:
            opened = waiting.pop()
            yield Edit(*opened, "")
            yield Edit(start, end, "")
        elif opens:
            waiting.append((start, end))
