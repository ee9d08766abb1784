"""From a page's pieces to its rows in the order in which they are read: columns, tables, large initials."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from kb.readers.pdf.direction import is_right_to_left
from kb.readers.pdf.letters import Piece, pitch_of, spaced_text, text_of
from kb.readers.pdf.measures import MEASURES

__all__ = ["Column", "Row", "lines_of", "page_rows"]


@dataclass(frozen=True, slots=True)
class Column:
    """A part of a page whose rows are read one after the other. ``number`` counts those of the page."""

    number: int
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Row:
    """A printed line: its page from 1, size of type, place, and its cells if it is one of a table's.

    ``pitch`` is the points from letter to letter where all are equally wide, else 0; ``spaced`` is then the
    text with as many spaces as its gaps are wide.
    """

    text: str
    page: int
    size: float
    base: float
    left: float
    right: float
    column: Column
    cells: tuple[tuple[float, float], ...] = ()
    dropped: tuple[str, float] | None = None
    pitch: float = 0.0
    spaced: str = ""


def page_rows(pieces: Sequence[Piece], page: int) -> list[Row]:
    """The rows of a page, read column by column."""
    upright = _with_initials([piece for piece in pieces if not piece.turned])
    turned = [piece for piece in pieces if piece.turned]
    rows: list[Row] = []
    for number, part in enumerate((*_parts(lines_of(upright)), *([lines_of(turned)] if turned else ()))):
        left = min(piece.left for line in part for piece in line)
        right = max(piece.right for line in part for piece in line)
        column = Column(number, left, right)
        rows += [row for line in part if (row := _row(line, page, column)).text]
    return rows


def lines_of(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces that stand side by side, line by line from the top; raised and lowered ones with theirs."""
    lines: list[list[Piece]] = []
    at: dict[int, list[list[Piece]]] = {}  # lines by their height, for there may be many
    reach = 1 + int(max((piece.size for piece in pieces), default=0.0)) // MEASURES.strip
    for piece in sorted(pieces, key=lambda piece: (-piece.size, -piece.base)):
        strip = int(piece.base // MEASURES.strip)
        about = range(strip - reach, strip + reach + 1)
        near = [line for key in about for line in at.get(key, ()) if _is_beside(line, piece)]
        if near:
            min(near, key=lambda line: abs(line[0].base - piece.base)).append(piece)
        else:
            lines.append([piece])
            at.setdefault(strip, []).append(lines[-1])
    for line in lines:
        line.sort(key=lambda piece: piece.left)
    return sorted(lines, key=lambda line: -max(line, key=lambda piece: piece.size).base)


def _is_beside(line: Sequence[Piece], piece: Piece) -> bool:
    first = line[0]
    rise = piece.base - first.base
    if abs(rise) <= 0.2 * min(first.size, piece.size):
        return True
    if piece.size > 0.85 * first.size or not -0.35 * first.size < rise < 0.7 * first.size:
        return False
    return any(
        -0.3 * first.size < gap < 0.35 * first.size
        for other in line
        for gap in (piece.left - other.right, other.left - piece.right)
    )


def _row(line: Sequence[Piece], page: int, column: Column) -> Row:
    size = max(line, key=lambda piece: piece.right - piece.left).size
    cells = tuple((group[0].left, max(p.right for p in group)) for group in _cells(line))
    text = text_of(line)
    pitch = pitch_of(line)
    return Row(
        text,
        page,
        size,
        max(line, key=lambda piece: piece.size).base,
        line[0].left,
        max(piece.right for piece in line),
        column,
        cells if len(cells) > 1 else (),
        pitch=pitch,
        spaced=spaced_text(line, pitch) if pitch else "",
    )


def _cells(line: Sequence[Piece]) -> Iterator[list[Piece]]:
    group = [line[0]]
    for piece in line[1:]:
        if piece.left - max(p.right for p in group) > MEASURES.cell_gap * max(piece.size, group[-1].size):
            yield group
            group = []
        group.append(piece)
    yield group


# --- columns ----------------------------------------------------------------------------------------------


def _parts(lines: list[list[Piece]]) -> Iterator[list[list[Piece]]]:
    """Cuts a page into parts without columns, in reading order."""
    few = sum(map(len, lines)) <= MEASURES.most_pieces
    found = _columns(lines) if few and len(lines) >= MEASURES.column_rows else None
    if found is None:
        if lines:
            yield lines
        return
    first, last, x = found
    yield from _parts(lines[:first])
    inside = lines[first:last]
    left = [[piece for piece in line if piece.right <= x] for line in inside]
    right = [[piece for piece in line if piece.right > x] for line in inside]
    sides = [lines_of([piece for line in side for piece in line]) for side in (left, right)]
    if is_right_to_left("".join(piece.text for line in inside for piece in line)):
        sides.reverse()
    for side in sides:
        yield from _parts(side)
    yield from _parts(lines[last:])


def _columns(lines: Sequence[Sequence[Piece]]) -> tuple[int, int, float] | None:
    """(first line, line after the last, x of the gutter) of the tallest part that has two columns of text."""
    edges = sorted({round(piece.left) for line in lines for piece in line})
    best: tuple[int, int, int, float] | None = None
    for x in edges:
        for first, last in _uncrossed(lines, x - 0.5):
            found = _gutter(lines[first:last], x - 0.5)
            if found and (best is None or last - first > best[0]):
                best = (last - first, first, last, x - 0.5)
    return best[1:] if best else None


def _uncrossed(lines: Sequence[Sequence[Piece]], x: float) -> Iterator[tuple[int, int]]:
    """Runs of lines that have no letter at ``x``."""
    first = 0
    for i, line in enumerate(lines):
        if any(piece.left < x < piece.right for piece in line):
            if i - first >= MEASURES.column_rows:
                yield first, i
            first = i + 1
    if len(lines) - first >= MEASURES.column_rows:
        yield first, len(lines)


def _gutter(lines: Sequence[Sequence[Piece]], x: float) -> bool:
    """Is there text to read on either side of ``x``, each side for itself?"""
    left = [[piece for piece in line if piece.right <= x] for line in lines]
    right = [[piece for piece in line if piece.right > x] for line in lines]
    left, right = [line for line in left if line], [line for line in right if line]
    if min(len(left), len(right)) < MEASURES.column_rows:
        return False
    end = max(piece.right for line in left for piece in line)
    begin = min(piece.left for line in right for piece in line)
    size = median(piece.size for line in lines for piece in line)
    return begin - end >= MEASURES.gutter * size and _is_prose(left) and _is_prose(right)


def _is_prose(lines: Sequence[Sequence[Piece]]) -> bool:
    wide = [sum(piece.right - piece.left for piece in line) for line in lines]
    letters = [sum(piece.words for piece in line) for line in lines]
    return median(letters) >= MEASURES.prose_letters and median(wide) >= MEASURES.full * max(wide)


# --- large initials ---------------------------------------------------------------------------------------


def _with_initials(pieces: Sequence[Piece]) -> list[Piece]:
    """A large initial becomes the first letter of the word beside it."""
    if not pieces:
        return []
    usual = median(piece.size for piece in pieces)
    kept = list(pieces)
    for initial in pieces:
        if len(initial.letters) != 1 or not initial.text.isalpha() or initial.size < MEASURES.initial * usual:
            continue
        beside = [
            piece
            for piece in kept
            if piece is not initial
            and piece.size < initial.size / 1.3
            and -0.2 * usual <= piece.left - initial.right <= 1.2 * usual
            and initial.base - 0.3 * usual <= piece.base <= initial.base + initial.size
        ]
        if beside:
            first = max(beside, key=lambda piece: piece.base)
            letter = initial.letters[0]
            letter.left, letter.right = first.left - 0.5 * usual, first.left
            letter.base, letter.size = first.base, first.size
            first.letters, first.left = [letter, *first.letters], letter.left
            kept.remove(initial)
    return kept
