"""What of a Markdown text no reader sees: comments, templates, scripts, and all that is noted as such."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import regex

from kb.markdown.marks import CODE_SPAN
from kb.markdown.settings import MARKDOWN

__all__ = ["Hidden", "Unseen", "inside"]


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


class Unseen:
    """Finds what is not shown, and notes it in ``hidden``. ``keep`` says of a span that it is to be seen.

    What lies before ``skip``, an offset, was dealt with.
    """

    def __init__(self, source: str, keep: Callable[[int, int], bool]) -> None:
        self.hidden: list[Hidden] = []
        self.skip = 0
        self._source, self._keep = source, keep
        self._nowhere: dict[str, int] = {}  # by what would end something, from where on it was not looked for

    def shown(self, row: str, at: int, first: int) -> str:
        """The row without what no reader sees, which is noted, to its end in a row below."""
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
            if end and self.hide(at + match.start(), end, reason):
                first = min(len(row), end - at)
                pieces += (row[done : match.start()], " " * (first - match.start()))
                done = first
        return "".join((*pieces, row[done:]))

    def _closed(self, inside: int, kind: str, opener: str) -> int:
        """Where what began before ``inside`` ends, 0 if nowhere near."""
        found = self.find(_CLOSERS.get(kind) or f"</{opener[1:].lower()}", inside)
        if found < 0 or (kind == "percent" and "\n\n" in self._source[inside:found]):
            return 0
        return self._source.find(">", found) + 1 if kind == "script" else found + len(_CLOSERS[kind])

    def find(self, closer: str, start: int) -> int:
        """The first ``closer`` from here on, -1 if it is nowhere near; where none is, is looked at once."""
        stop = start + MARKDOWN.far
        begin = max(start, self._nowhere.get(closer, 0))
        pattern = _ending(closer)
        match = pattern.search(self._source, begin, stop) if begin < stop else None
        if match:
            return int(match.start())
        self._nowhere[closer] = max(begin, stop - len(closer))
        return -1

    def hide(self, start: int, end: int, reason: str) -> bool:
        if self._keep(start, end):
            return False
        self.hidden.append(Hidden(start, end, reason))
        self.skip = max(self.skip, end)
        return True


def inside(spans: list[tuple[int, int]], at: int) -> bool:
    """Is an offset inside one of these spans, which stand in their order?"""
    place = bisect_right(spans, at, key=lambda span: span[0]) - 1
    return place >= 0 and at < spans[place][1]


@lru_cache(maxsize=64)
def _ending(closer: str) -> regex.Pattern[str]:
    """What ends something, in capitals or not."""
    return regex.compile(regex.escape(closer), regex.IGNORECASE)
