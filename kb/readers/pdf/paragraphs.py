"""From the rows of a PDF to its blocks: paragraphs, headings, list items, tables, code, footnotes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import regex

from kb.cleaning.phrases import phrase_key
from kb.readers.common import Composer
from kb.readers.pdf.code import code_text, has_pitch, is_code_like, is_mostly_code, same_pitch
from kb.readers.pdf.direction import is_right_to_left
from kb.readers.pdf.layout import Row
from kb.readers.pdf.measures import MEASURES
from kb.text.joining import HYPHENS, Known, is_dense, join
from kb.text.line_shapes import is_heading_like, is_terminated

__all__ = ["composed"]


_MARKER = regex.compile(r"(?:(?P<number>\d{1,3})[.)]|(?P<sign>[•·▪◦‣●■*–-]))\s+(?=\S)")
_DASHES = "–-"  # they begin items, and what somebody says
_INTRODUCES = (":", "：")
_NOTE = regex.compile(r"(?:\[?\d{1,3}[\]).]?|[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}|[*†‡§]{1,3})\s*(?=[\p{L}\p{Pi}\"„(])")


def composed(rows: Sequence[Row], outline: dict[str, int], language: str | None) -> Composer:
    """The file's blocks. ``outline`` gives the levels of its headings by their phrase keys."""
    composer = Composer()
    for row in rows:
        if row.dropped and row.page == 1:
            composer.add(row.text, page=row.page, dropped=row.dropped)
    _Paragraphs([row for row in rows if not row.dropped], outline, language, composer).write()
    for row in rows:
        if row.dropped and row.page != 1:
            composer.add(row.text, page=row.page, dropped=row.dropped)
    return composer


@dataclass(frozen=True, slots=True)
class _Made:
    """A block to be; ``sign`` is the dash or the bullet that the text of an item began with."""

    text: str
    page: int
    kind: str = "paragraph"
    level: int = 0
    number: int | None = None
    sign: str = ""


class _Paragraphs:
    def __init__(
        self, rows: Sequence[Row], outline: dict[str, int], language: str | None, composer: Composer
    ) -> None:
        self._outline = outline
        self._composer = composer
        self._made: list[_Made] = []
        self._usual = _usual_size(rows)
        self._gap = _usual_gap(rows, self._usual)
        pitched = sum(len(row.text) for row in rows if row.pitch)
        self._typewritten = 2 * pitched > sum(len(row.text) for row in rows)
        self._known = Known("\n".join(row.text for row in rows), language)
        notes = self._footnotes(rows)
        self._rows = [row for i, row in enumerate(rows) if i not in notes]
        self._notes = [rows[i] for i in sorted(notes)]
        larger = {row.size for row in self._rows if row.size >= MEASURES.larger * self._usual > 0}
        self._sizes = sorted(larger, reverse=True)
        self._lists = self._list_places()

    def write(self) -> None:
        rows, i = self._rows, 0
        while i < len(rows):
            level = self._level(rows[i])
            end = self._code_end(i) if not level else i
            if end > i:
                self._made.append(_Made(code_text(rows[i:end]), rows[i].page, "code"))
                i = end
                self._write_notes(rows[i].page if i < len(rows) else None)
                continue
            end = i + 1
            if self._is_table(rows, i):
                while end < len(rows) and self._is_table(rows, end - 1) and rows[end].cells:
                    end += 1
                self._made.append(_Made("\n".join(row.text for row in rows[i:end]), rows[i].page))
            else:
                while end < len(rows) and self._goes_on(rows, end, level):
                    end += 1
                self._add(rows[i:end], level)
            i = end
            self._write_notes(rows[i].page if i < len(rows) else None)
        for made in _without_speech(self._made):
            level, number, page = made.level, made.number, made.page
            self._composer.add(made.text, made.kind, level=level, number=number, page=page)

    def _goes_on(self, rows: Sequence[Row], i: int, level: int) -> bool:
        """Is row ``i`` of the same block as the one before it?"""
        if level:
            return self._same_heading(rows[i - 1], rows[i])
        if self._level(rows[i]) or self._is_table(rows, i):
            return False
        if self._is_typed(rows[i]) and not self._is_typed(rows[i - 1]):
            return not self._ends_before(rows[i - 1], rows[i]) and not self._is_apart(rows[i - 1], rows[i])
        return not self._begins(rows[i - 1], rows[i])

    def _write_notes(self, page: int | None) -> None:
        """The footnotes of the pages before, once the paragraph that goes on over the page has ended."""
        while self._notes and (page is None or self._notes[0].page < page):
            end = 1
            while end < len(self._notes) and not _NOTE.match(self._notes[end].text):
                if self._notes[end].page != self._notes[0].page:
                    break
                end += 1
            self._made.append(_Made(self._joined(self._notes[:end]), self._notes[0].page))
            del self._notes[:end]

    def _add(self, rows: Sequence[Row], level: int) -> None:
        text = self._joined(rows)
        page, marker = rows[0].page, _MARKER.match(text)
        if level:
            self._made.append(_Made(text, page, "heading", level))
        elif marker:
            number = int(marker["number"]) if marker["number"] else None
            sign = "" if number is not None else marker[0]
            self._made.append(_Made(text[marker.end() :], page, "item", 0, number, sign))
        elif self._keeps_lines(rows):
            self._made.append(_Made("\n".join(row.text for row in rows), page))
        else:
            self._made.append(_Made(text, page))

    def _joined(self, rows: Sequence[Row]) -> str:
        text = rows[0].text
        for row in rows[1:]:
            text = join(text, row.text, self._known)
        return text

    def _level(self, row: Row) -> int:
        """2–6 for a heading, else 0."""
        if len(row.text) > 200 or not any(map(str.isalpha, row.text)):
            return 0
        listed = self._outline.get(phrase_key(row.text))
        if listed:
            return min(6, 1 + listed)
        if row.size in self._sizes[:5] and is_heading_like(row.text):
            return 2 + self._sizes.index(row.size)
        return 0

    def _same_heading(self, above: Row, row: Row) -> bool:
        close = 0 <= above.base - row.base < 2.5 * max(self._gap, above.size)
        return (
            row.size == above.size
            and row.page == above.page
            and row.column == above.column
            and close
            and not is_terminated(above.text)
        )

    def _begins(self, above: Row, row: Row) -> bool:
        """Does a new paragraph begin at ``row``?"""
        full = _ends_full(above, row)
        marker = _MARKER.match(row.text)
        if marker and (self._ends_before(above, row) or self._is_listed(row, marker["sign"])):
            return True
        if above.page != row.page or above.column != row.column:
            return is_terminated(above.text)
        if self._is_apart(above, row):
            return True
        if not is_terminated(above.text):
            return False
        return not full or self._is_indented(row) > self._is_indented(above)

    def _ends_before(self, above: Row, row: Row) -> bool:
        """Has what stands above ended, so that a bullet or a number below begins an item?"""
        ended = is_terminated(above.text) or above.text.endswith(_INTRODUCES)
        return ended or not _ends_full(above, row)

    def _is_listed(self, row: Row, sign: str | None) -> bool:
        return sign is not None and any(abs(row.left - left) < 2 for left in self._lists.get(sign, ()))

    def _list_places(self) -> dict[str, set[float]]:
        """Where bullets stand that begin items, and not a row within a sentence such as "V = a · b"."""
        places: dict[str, set[float]] = {}
        for above, row in pairwise([None, *self._rows]):
            marker = _MARKER.match(row.text) if row else None
            if row is None or marker is None or not marker["sign"]:
                continue
            there = above is not None and (above.page, above.column) == (row.page, row.column)
            if above is None or not there or self._ends_before(above, row) or self._is_apart(above, row):
                places.setdefault(marker["sign"], set()).add(round(row.left))
        return places

    def _is_apart(self, above: Row, row: Row) -> bool:
        return self._gap > 0 and not 0 <= above.base - row.base <= MEASURES.row_gap * max(self._gap, row.size)

    def _is_typed(self, row: Row) -> bool:
        """Is it in the type that code is set in, in a file that is mostly set in other type?"""
        return has_pitch(row) and not self._typewritten

    def _code_end(self, i: int) -> int:
        """Where the code that begins at row ``i`` ends; ``i`` when none does."""
        rows, end = self._rows, i + 1
        if self._is_typed(rows[i]):
            while end < len(rows) and self._is_code_below(rows, end, typed=True):
                end += 1
            return end
        if not is_code_like(rows[i].text):
            return i
        limit = min(len(rows), i + MEASURES.code_rows)
        found = first = i
        while first < limit:  # each part between empty lines must look like code
            end = first + 1
            while end < limit and self._is_code_below(rows, end, typed=False):
                if self._is_apart(rows[end - 1], rows[end]):
                    break
                end += 1
            single = found > i and end == first + 1 and is_code_like(rows[first].text)
            if not single and not is_mostly_code(rows[first:end]):
                break
            found = first = end
            if end < limit and not self._is_code_below(rows, end, typed=False):
                break
        return found

    def _is_code_below(self, rows: Sequence[Row], i: int, typed: bool) -> bool:
        """May row ``i`` belong to the code above it?"""
        above, row = rows[i - 1], rows[i]
        if (row.page, row.column, row.size) != (above.page, above.column, above.size) or self._level(row):
            return False
        gap = max(min(self._gap, 1.6 * row.size), row.size)
        if not 0 < above.base - row.base <= MEASURES.blank * gap:
            return False
        return has_pitch(row) and same_pitch(above, row) if typed else len(row.text) <= 100

    def _keeps_lines(self, rows: Sequence[Row]) -> bool:
        """Do rows end where their author ended them, and not where the next word had no room?"""
        if len(rows) < 2 or len({(row.page, row.column) for row in rows}) > 1:
            return False
        left, right = min(row.left for row in rows), max(row.right for row in rows)
        early = sum(_has_room(above, row, left, right) for above, row in pairwise(rows))
        if early >= MEASURES.broken * (len(rows) - 1):
            return True
        return any(
            not _ends_full(above, row) and (is_code_like(above.text) or is_code_like(row.text))
            for above, row in pairwise(rows)
        )

    def _is_indented(self, row: Row) -> bool:
        column = row.column
        within = column.right - row.right if is_right_to_left(row.text) else row.left - column.left
        return MEASURES.indent * row.size < within < 6 * row.size

    def _is_table(self, rows: Sequence[Row], i: int) -> bool:
        """Is row ``i`` of a table, with the row below or above it?"""
        return bool(rows[i].cells) and any(
            _has_cells_below(rows[i], rows[j]) for j in (i - 1, i + 1) if 0 <= j < len(rows)
        )

    def _footnotes(self, rows: Sequence[Row]) -> set[int]:
        """Which rows are notes at the foot of their page: in smaller type, or set apart and marked."""
        found: set[int] = set()
        last: dict[tuple[int, int], list[int]] = {}
        for i, row in enumerate(rows):
            last.setdefault((row.page, row.column.number), []).append(i)
        for places in last.values():
            begins = self._notes_begin([rows[i] for i in places])
            found.update(places[begins:])
        return found

    def _notes_begin(self, rows: Sequence[Row]) -> int:
        """Where the notes at the foot of a column begin; ``len(rows)`` when it has none."""
        at = begin = len(rows)
        while at > 1:
            at -= 1
            row, above = rows[at], rows[at - 1]
            small = row.size < MEASURES.smaller * self._usual
            apart = self._gap > 0 and above.base - row.base > MEASURES.row_gap * self._gap
            if _NOTE.match(row.text) and not _MARKER.match(row.text) and (small or apart):
                begin = at
                if apart and above.size >= MEASURES.smaller * self._usual:
                    break
            elif not small:
                break
        return begin


def _without_speech(made: Sequence[_Made]) -> Iterator[_Made]:
    """A dash begins an item where there are more of them; where whole sentences follow, somebody speaks."""
    for sign, group in groupby(made, key=lambda text: text.sign if text.sign[:1] in tuple(_DASHES) else ""):
        run = list(group)
        if sign and (len(run) == 1 or 2 * sum(is_terminated(paragraph.text) for paragraph in run) > len(run)):
            run = [_Made(paragraph.sign + paragraph.text, paragraph.page) for paragraph in run]
        yield from run


def _ends_full(row: Row, below: Row) -> bool:
    """Would the next row's first word have found no room in this one?"""
    column = row.column
    wide = column.right - column.left
    reached = column.right - row.left if is_right_to_left(row.text) else row.right - column.left
    return reached >= MEASURES.short * wide or reached + min(_first_word(below), 0.3 * wide) > wide


def _has_room(row: Row, below: Row, left: float, right: float) -> bool:
    """Would the next row's first word have found room between ``left`` and ``right``, and some to spare?"""
    if row.text[-1] in HYPHENS or _ends_full(row, below):
        return False
    reached = right - row.left if is_right_to_left(row.text) else row.right - left
    first = 2 * row.size if is_dense(row.text, below.text) else _first_word(below)
    return reached + first + MEASURES.slack * row.size < right - left


def _first_word(row: Row) -> float:
    """Its width in points."""
    return len(row.text.split(maxsplit=1)[0]) / len(row.text) * (row.right - row.left)


def _has_cells_below(row: Row, other: Row) -> bool:
    """Do two rows have cells that begin, or end, one below the other?"""
    if row.page != other.page or row.column != other.column or not other.cells:
        return False
    return any(
        abs(cell[side] - below[side]) < 0.5 * row.size
        for cell in row.cells[1:]
        for below in other.cells[1:]
        for side in (0, 1)
    )


def _usual_size(rows: Sequence[Row]) -> float:
    letters: Counter[float] = Counter()
    for row in rows:
        letters[row.size] += len(row.text)
    return letters.most_common(1)[0][0] if letters else 0.0


def _usual_gap(rows: Sequence[Row], size: float) -> float:
    """Points from row to row of one paragraph; 0 when not known. ``size`` is that of the usual type."""
    gaps: Counter[float] = Counter()
    inside: Counter[float] = Counter()
    for above, row in pairwise(rows):
        if above.page == row.page and above.column == row.column and above.base > row.base:
            gap = round(above.base - row.base, 0)
            gaps[gap] += 1
            column = above.column
            full = above.right - above.left >= MEASURES.short * (column.right - column.left)
            inside[gap] += full and row.size == above.size and not is_terminated(above.text)
    usual = min(_most(gaps), MEASURES.loose * size)
    wrapped = _most(inside)
    return wrapped if inside[wrapped] > 1 else min(wrapped or usual, usual)


def _most(gaps: Counter[float]) -> float:
    """The gap that there is most often, the narrowest of several; 0 when there is none."""
    return max((gap for gap in gaps if gaps[gap]), key=lambda gap: (gaps[gap], -gap), default=0.0)
