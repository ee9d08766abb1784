"""What is read of a Markdown text: its lines, with the spans in which their marks pair up."""

from __future__ import annotations

from kb.text.lines import Line, without_blank_edges
from kb.text.tracked import Edit

__all__ = ["Written"]


class Written:
    """Collects the lines of a text, and what is to be taken out of them.

    ``lines`` hold words without block markers, inline marks still in them; ``regions`` are the spans in which
    inline marks pair up; ``edits`` take out what stands in a line and is no part of it. ``block`` is the
    number of the block at hand; ``open``: may the next row continue it?
    """

    def __init__(self, source: str) -> None:
        self.lines: list[Line] = []
        self.regions: list[tuple[int, int]] = []
        self.edits: list[Edit] = []
        self.block, self.open = 0, False
        self._source = source
        self._region: tuple[int, int] | None = None

    def title(self, start: int, end: int) -> None:
        """A title of its own line."""
        if 0 <= start < end:
            self.add(start, end)
        self.open = False

    def add(
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
            self.end_region()
        self._region = (self._region[0] if self._region else start, end)
        self.lines.append(Line(start, end, words, self.block, kind, level, number, joint))
        self.open = True

    def end_region(self) -> None:
        if self._region:
            self.regions.append(self._region)
        self._region = None

    def add_cells(self, cells: list[tuple[int, int]]) -> None:
        """A table's row, from its first cell to its last; each is a region of its own."""
        self.end_region()
        self.add(cells[0][0], cells[-1][1])
        self._region = None
        self.regions += cells
        self.open = True

    def add_code(self, start: int, end: int) -> None:
        code = without_blank_edges(self._source[start:end])
        start = self._source.find(code, start) if code else start
        if code:
            self.end_region()
            line = Line(start, start + len(code), code, self.block, "code", joint="new")
            self.lines.append(line)
