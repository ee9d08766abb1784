"""The rows of a Markdown text: which are code, which no reader sees, and the lines that the others make."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import regex

from kb.markdown.marks import CODE_SPAN, FENCE, OPTION, QUOTE, definitions
from kb.text.lines import Line, without_blank_edges
from kb.text.tracked import Edit

__all__ = ["FAR", "Code", "Hidden", "Rows", "column_of", "inside"]

_TAB = 4  # columns
FAR = 20_000
"""Characters: the longest comment, formula or piece of HTML that is looked for the end of."""

_SPACES = regex.compile(r"[ \t]*")
_OPENERS = regex.compile(
    r"(?P<comment><!--)|(?P<braces>\{/\*)|(?P<jinja>\{\#(?=\s))|(?P<percent>(?<![^\s(])%%(?=[^%\s]))"
    r"|(?P<script><(?:script|style)\b)",
    regex.IGNORECASE,
)
_CLOSERS = {"comment": "-->", "braces": "*/}", "jinja": "#}", "percent": "%%"}
_CODE_SPAN = regex.compile(CODE_SPAN)


@dataclass(frozen=True, slots=True)
class Hidden:
    """A stretch of the text that is not shown to readers, and what it is."""

    start: int
    end: int
    reason: str


@dataclass(slots=True)
class Code:
    """Code that is being read: its rows without what stands before them, from column ``indent`` on."""

    indent: int
    fence: str = ""
    quoted: int = 0


class Rows:
    """Reads a Markdown text row by row; what its blocks are is for ``_read`` to say.

    ``lines`` hold words without block markers, inline marks still in them; ``regions`` are the spans in which
    inline marks pair up; ``edits`` take out what stands in a line and is no part of it. ``own``: the file is
    our own export, which speaks no dialect. ``keep`` says of a span that it is not to be hidden.
    """

    def __init__(self, source: str, *, own: bool = False, keep: Callable[[int, int], bool]) -> None:
        self.lines: list[Line] = []
        self.regions: list[tuple[int, int]] = []
        self.edits: list[Edit] = []
        self.hidden: list[Hidden] = []
        self._source, self._own, self._keep = source, own, keep
        self.labels, places = definitions(source)
        self._definitions = dict(places)
        self._nowhere: dict[str, int] = {}  # by what would end something, from where on it was not looked for
        self._skip = 0  # what lies before this offset was dealt with
        self._code: Code | None = None
        self._rows: list[tuple[int, int]] = []
        self._bases: list[int] = []  # columns at which the contents of open items and admonitions begin
        self._item: tuple[int, int, int] | None = None  # column, written number, number of the item before
        self._containers: list[str] = []
        self._options = self._table = self._open = False  # open: may the next row continue the block?
        self._quoted = self._html = self._block = 0
        self._region: tuple[int, int] | None = None
        at = 0
        while at < len(source):
            end = source.find("\n", at)
            end = len(source) if end < 0 else end
            self._row(at, end)
            at = end + 1
        self._end_code()
        self._end_region()

    def _read(self, row: str, at: int, place: tuple[int, int]) -> None:
        """A row that is no code, ``place`` the column and the index of its first character."""
        raise NotImplementedError

    def _row(self, at: int, end: int) -> None:
        if self._code and self._goes_on(at, end):
            return
        if self._skip >= end and self._skip > at:
            return
        row = self._source[at:end]
        begun = self._skip > at  # is its beginning the end of what the rows above hold?
        if begun:
            row = " " * (self._skip - at) + row[self._skip - at :]
        quote = QUOTE.match(row)
        start = quote.end() if quote else 0
        quoted = row.count(">", 0, start)
        if not row[start:].strip():
            self._blank()
            return
        if quoted < self._quoted and not self._open:
            self._bases.clear()
        self._quoted = quoted
        column, first = column_of(row, start)
        if not begun and self._is_code(at, end, column, first):
            base = (self._bases[-1] if self._bases else 0) + _TAB
            self._code = Code(base, quoted=quoted)
            self._rows = [(at + _after(row, start, base), end)]
            return
        row = self._shown(row, at, first)
        if row[first:].strip():
            self._read(row.rstrip(), at, column_of(row, start))
        elif self._source[at:end].strip():
            self._open = False

    def _blank(self) -> None:
        self._block += 1
        self._open = self._table = self._options = False

    def _is_code(self, at: int, end: int, column: int, first: int) -> bool:
        if self._open or self._own or self._html:
            return False
        while self._bases and column < self._bases[-1]:
            self._bases.pop()
        if self._options and OPTION.fullmatch(self._source[at + first : end].rstrip()):
            return False
        return column - (self._bases[-1] if self._bases else 0) >= _TAB

    def _shown(self, row: str, at: int, first: int) -> str:
        """The row without what no reader sees, which is noted, to its end in a row below."""
        if self._own:
            return row
        code: list[tuple[int, int]] | None = None
        pieces: list[str] = []
        done = 0
        while match := _OPENERS.search(row, first):
            first = match.end()
            code = [span.span() for span in _CODE_SPAN.finditer(row)] if code is None else code
            if inside(code, match.start()):
                continue
            end = self._closed(at + match.end(), match.lastgroup or "", match[0])
            reason = "code of the page" if match["script"] else "comment"
            if end and self._hide(at + match.start(), end, reason):
                first = min(len(row), end - at)
                pieces += (row[done : match.start()], " " * (first - match.start()))
                done = first
        return "".join((*pieces, row[done:]))

    def _closed(self, inside: int, kind: str, opener: str) -> int:
        """Where what began before ``inside`` ends, 0 if nowhere near."""
        found = self._find(_CLOSERS.get(kind) or f"</{opener[1:].lower()}", inside)
        if found < 0 or (kind == "percent" and "\n\n" in self._source[inside:found]):
            return 0
        return self._source.find(">", found) + 1 if kind == "script" else found + len(_CLOSERS[kind])

    def _find(self, closer: str, start: int) -> int:
        """The first ``closer`` from here on, -1 if it is nowhere near; where none is, is looked at once."""
        stop = start + FAR
        begin = max(start, self._nowhere.get(closer, 0))
        pattern = _ending(closer)
        match = pattern.search(self._source, begin, stop) if begin < stop else None
        if match:
            return int(match.start())
        self._nowhere[closer] = max(begin, stop - len(closer))
        return -1

    def _hide(self, start: int, end: int, reason: str) -> bool:
        if self._keep(start, end):
            return False
        self.hidden.append(Hidden(start, end, reason))
        self._skip = max(self._skip, end)
        return True

    # --- code -------------------------------------------------------------------------------------------

    def _goes_on(self, at: int, end: int) -> bool:
        """Is a row the code's?"""
        code = self._code
        assert code
        row = self._source[at:end]
        quote = QUOTE.match(row) if code.quoted else None
        start = quote.end() if quote else 0
        column, first = column_of(row, start)
        if not row[first:].strip():
            self._rows.append((at + _after(row, start, code.indent), end))
            return not code.quoted or bool(quote) or self._end_code()
        if code.quoted and not quote:
            return self._end_code()
        if code.fence:
            fence = FENCE.match(row, first)
            if fence and fence["fence"].startswith(code.fence) and not fence["info"].strip():
                self._end_code()
                return True
        elif column < code.indent:
            return self._end_code()
        self._rows.append((at + _after(row, start, code.indent), end))
        return True

    def _end_code(self) -> bool:
        """False, for the row at hand is not the code's."""
        rows = self._rows
        while rows and not self._source[slice(*rows[-1])].strip():
            rows.pop()
        while rows and not self._source[slice(*rows[0])].strip():
            rows.pop(0)
        if self._code and rows:
            self._add_code(rows[0][0], rows[-1][1])
            for (_, above), (start, _) in pairwise(rows):
                if start > above + 1:
                    self.edits.append(Edit(above + 1, start, ""))
        self._code, self._rows = None, []
        self._open = False
        self._block += 1
        return False

    def _add_code(self, start: int, end: int) -> None:
        code = without_blank_edges(self._source[start:end])
        start = self._source.find(code, start) if code else start
        if code:
            self._end_region()
            line = Line(start, start + len(code), code, self._block, "code", joint="new")
            self.lines.append(line)

    # --- lines ------------------------------------------------------------------------------------------

    def _title(self, start: int, end: int) -> None:
        """A title of its own line."""
        if 0 <= start < end:
            self._add(start, end)
        self._open = False

    def _add(
        self,
        start: int,
        end: int,
        *,
        kind: str = "text",
        level: int = 0,
        number: int | None = None,
        joint: str = "new",
    ) -> None:
        words = self._source[start:end]
        start += len(words) - len(words.lstrip())
        words = words.strip()
        if not words:
            return
        end = start + len(words)
        if joint == "new":
            self._end_region()
        self._region = (self._region[0] if self._region else start, end)
        self.lines.append(Line(start, end, words, self._block, kind, level, number, joint))
        self._open = True

    def _end_region(self) -> None:
        if self._region:
            self.regions.append(self._region)
        self._region = None


def column_of(row: str, start: int) -> tuple[int, int]:
    """(column, index) of the first character of ``row[start:]`` that is no white space."""
    match = _SPACES.match(row, start)
    assert match
    if "\t" not in match[0]:
        return match.end() - start, match.end()
    column = 0
    for char in match[0]:
        column += _TAB - column % _TAB if char == "\t" else 1
    return column, match.end()


def inside(spans: list[tuple[int, int]], at: int) -> bool:
    """Is an offset inside one of these spans, which stand in their order?"""
    place = bisect_right(spans, at, key=lambda span: span[0]) - 1
    return place >= 0 and at < spans[place][1]


def _after(row: str, start: int, indent: int) -> int:
    """The index in a row behind at most ``indent`` columns of white space."""
    column, at = 0, start
    while at < len(row) and column < indent and row[at] in " \t":
        column += _TAB - column % _TAB if row[at] == "\t" else 1
        at += 1
    return at


@lru_cache(maxsize=64)
def _ending(closer: str) -> regex.Pattern[str]:
    """What ends something, in capitals or not."""
    return regex.compile(regex.escape(closer), regex.IGNORECASE)
