"""The letters of a PDF's pages, each with its place, as pdfium reads them; and the pieces that they make.

Places are in points, as the reader holds the page: x grows to the right, y upwards.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

import regex

from kb.readers.pdf.direction import in_reading_order, is_mark, is_right_to_left, with_marks_in_place
from kb.readers.pdf.measures import MEASURES
from kb.text.line_shapes import width

__all__ = ["Letter", "Piece", "page_pieces", "pitch_of", "spaced_text", "text_of"]

# The one ligature whose letters pdfium gives in either order; those of others it gives as they stand.
_LAM_ALEF = regex.compile(r"ل[اأإآٱ]")
_IDEOGRAPH = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_MAY_BE_MADE = frozenset({0x20, 0x0D, 0x0A})
_HYPHEN = 2  # pdfium's sign for one at a line's end
_NO_LETTER = frozenset("\x00\ufffe\uffff\r\n")
_SLIM = frozenset("ijl.,:;'|!tfrI()[]{}`")  # letters that are slimmer than others in most type
_SUPERSCRIPT = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")


@dataclass(slots=True)
class Letter:
    """A letter, or the letters of a ligature. ``base`` is the height that it stands on; ``size`` its type's.

    ``bottom``, ``top`` and ``x``, the place that it was set at, are as the page has them. ``turn`` is in
    eighths of a turn: what is askew is no line of the page. ``unknown``: the file does not tell which letter
    it is.
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    bottom: float = 0.0
    top: float = 0.0
    x: float = 0.0
    turn: int = 0
    unknown: bool = False

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


@dataclass(slots=True)
class Piece:
    """Letters in a row without a wide gap. ``words`` is how wide those are that spell words.

    ``turned``: it does not run as most of its page does.
    """

    letters: list[Letter]
    left: float
    right: float
    base: float
    size: float
    words: int
    turned: bool = False

    @property
    def text(self) -> str:
        return text_of([self])


def page_pieces(page: Any) -> list[Piece]:
    """A page's pieces in the order in which they are drawn. ``page`` is pypdfium2's."""
    raw = _letters(page)
    if not raw:
        return []
    turn = Counter(letter.turn for letter in raw).most_common(1)[0][0]
    upright = [_placed(letter, turn) for letter in raw if letter.turn == turn]
    if _runs_down(upright):
        upright = [_stood_up(letter) for letter in raw if letter.turn == turn]
    pieces = list(_pieces(upright))
    for angle in sorted({letter.turn for letter in raw} - {turn}):
        for piece in _pieces([_placed(letter, angle) for letter in raw if letter.turn == angle]):
            piece.turned = True
            pieces.append(piece)
    for letter in raw:  # a long file has millions, and these places are done with
        letter.bottom = letter.top = letter.x = 0.0
    return pieces


def _letters(page: Any) -> list[Letter]:
    textpage = page.get_textpage()
    found = list(_told(textpage.raw, textpage.count_chars()))
    textpage.close()
    few = sum(letter.unknown for letter in found) <= MEASURES.unknown * len(found)
    for letter in found:
        # A glyph without a letter is mostly half of one whose other half has it: only its place stays.
        if (letter.unknown and few) or letter.text in _NO_LETTER:
            letter.text = ""
    return found


def _told(handle: Any, count: int) -> Iterator[Letter]:
    """What is the same as of the letter before is not asked again: a page has thousands."""
    import pypdfium2.raw as pdfium

    unicode, box_of, unknown_of = (
        pdfium.FPDFText_GetUnicode,
        pdfium.FPDFText_GetLooseCharBox,
        pdfium.FPDFText_HasUnicodeMapError,
    )
    box, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    at_box, at_matrix = ctypes.byref(box), ctypes.byref(matrix)
    x, y = ctypes.c_double(), ctypes.c_double()
    last: Letter | None = None
    fine: set[int] = set()  # letters of this line that are known to be what they say
    for i in range(count):
        code = unicode(handle, i)
        if code in _MAY_BE_MADE and pdfium.FPDFText_IsGenerated(handle, i) == 1:
            continue  # a space or a line's end of pdfium's own making
        if not box_of(handle, i, at_box):
            continue
        text = "-" if code == _HYPHEN else "" if 0xD800 <= code < 0xE000 else chr(code)
        left, right, bottom, top = box.left, box.right, box.bottom, box.top
        if last is None or last.bottom != bottom:
            fine.clear()
        unknown = code not in fine and unknown_of(handle, i) == 1
        if not unknown:
            fine.add(code)
        if last is None or last.turn or (last.bottom, last.top) != (bottom, top):
            pdfium.FPDFText_GetCharOrigin(handle, i, ctypes.byref(x), ctypes.byref(y))
            pdfium.FPDFText_GetMatrix(handle, i, at_matrix)
            size = pdfium.FPDFText_GetFontSize(handle, i) * math.hypot(matrix.c, matrix.d)
            turn = round(math.atan2(matrix.b, matrix.a) / (math.pi / 4)) % 8
            new = Letter(text, left, right, y.value, size, bottom, top, x.value, turn, unknown)
        elif (last.left, last.right) == (left, right) and not unknown and left < right:
            last.text += text  # a ligature, in its letters
            continue
        else:
            new = Letter(text, left, right, last.base, last.size, bottom, top, left, 0, unknown)
        if last is not None:
            yield last
        last = new
    if last is not None:
        yield last


def _placed(raw: Letter, turn: int) -> Letter:
    """Turned so that its line runs to the right."""
    quarter = turn // 2
    if quarter == 1:
        return Letter(raw.text, raw.bottom, raw.top, -raw.x, raw.size)
    if quarter == 2:
        return Letter(raw.text, -raw.right, -raw.left, -raw.base, raw.size)
    if quarter == 3:
        return Letter(raw.text, -raw.top, -raw.bottom, raw.x, raw.size)
    return raw


def _stood_up(raw: Letter) -> Letter:
    """Of lines that run down the page, from its right side to its left."""
    return Letter(raw.text, -raw.top, -raw.bottom, (raw.left + raw.right) / 2, raw.size)


def _runs_down(letters: Sequence[Letter]) -> bool:
    """Are lines written from top to bottom, as in Japanese books?"""
    down = across = 0
    for above, letter in pairwise(letters):
        if letter.text >= "\u2e80" and _IDEOGRAPH.match(letter.text):
            near = abs(above.middle - letter.middle) < 0.3 * letter.size
            down += near and 0.5 * letter.size < above.base - letter.base < 1.6 * letter.size
            across += abs(above.base - letter.base) < 0.2 * letter.size
    return down > 3 * across and down > 5


def _pieces(letters: Sequence[Letter]) -> Iterator[Piece]:
    run: list[Letter] = []
    last: Letter | None = None
    for letter in letters:
        loose = letter.text.isspace() or is_mark(letter.text)
        if last is not None and not loose and _is_apart(last, letter):
            yield from _piece(run)
            run = []
        run.append(letter)
        last = last if loose and last is not None else letter
    yield from _piece(run)


def _is_apart(last: Letter, letter: Letter) -> bool:
    size = max(last.size, letter.size, 1.0)
    level = abs(last.base - letter.base) <= MEASURES.level * min(last.size, letter.size)
    if not level or last.size > 1.8 * letter.size:
        return True
    gap = max(letter.left - last.right, last.left - letter.right)
    return gap > MEASURES.piece_gap * size or letter.size > 1.8 * last.size or gap < -2 * size


def _piece(run: list[Letter]) -> Iterator[Piece]:
    solid = [letter for letter in run if not letter.text.isspace()]
    if not solid:
        return
    while run and run[-1].text.isspace():
        run.pop()
    inked = [letter for letter in solid if not is_mark(letter.text)] or solid
    sizes = Counter(round(letter.size * 2) / 2 for letter in inked)
    yield Piece(
        run,
        min(letter.left for letter in inked),
        max(letter.right for letter in inked),
        median(letter.base for letter in inked),
        sizes.most_common(1)[0][0],
        width("".join(letter.text for letter in inked if letter.text.isalpha())),
    )


def text_of(pieces: Sequence[Piece]) -> str:
    """The text of pieces that stand side by side in one line, as one reads it."""
    whole = [letter for piece in pieces for letter in piece.letters if not letter.text.isspace()]
    if is_right_to_left("".join(letter.text for letter in whole)):
        return unicodedata.normalize("NFC", _right_to_left([letter for p in pieces for letter in p.letters]))
    text = ""
    before: Piece | None = None
    size = max((piece.size for piece in pieces), default=0.0)
    base = max(pieces, key=lambda piece: piece.right - piece.left).base if pieces else 0.0
    usual = _usual_gap(pieces)
    for piece in sorted(pieces, key=lambda piece: piece.left):
        words = _words(with_marks_in_place(piece.letters), usual)
        if piece.size < 0.85 * size and piece.base > base + 0.12 * size and before is not None:
            words = words.translate(_SUPERSCRIPT) if words.strip("0123456789+-,* ") == "" else words
        gap = usual + MEASURES.word_gap * min(size, piece.size)
        apart = before is not None and piece.left - before.right > gap
        text += (" " if apart or (text and piece.letters[0].text.isspace()) else "") + words.strip()
        before = piece
    return " ".join(text.split())


def _right_to_left(letters: list[Letter]) -> str:
    """By their places, whatever order they are drawn in."""
    letters = [
        replace(letter, text=letter.text[::-1]) if _LAM_ALEF.fullmatch(letter.text) else letter
        for letter in letters
    ]
    placed = with_marks_in_place(sorted(letters, key=lambda letter: letter.left), sort=True)
    return " ".join(in_reading_order(_words(placed, 0.0, sort=True)).split())


def _usual_gap(pieces: Sequence[Piece]) -> float:
    """Points between a line's letters, where they are spaced: such gaps make no words."""
    gaps = [
        letter.left - above.right
        for piece in pieces
        for above, letter in pairwise(piece.letters[: MEASURES.spaced_sample])
        if not (above.text.isspace() or letter.text.isspace())
    ]
    return max(0.0, median(gaps)) if len(gaps) > 3 else 0.0


def _words(letters: Sequence[Letter], usual: float, *, sort: bool = False) -> str:
    """The letters' text, with a space where the gap is wider than the ``usual`` one."""
    text: list[str] = []
    last: Letter | None = None
    for letter in letters:
        char = letter.text
        if char == " " or char.isspace():
            text.append(" ")
        elif is_mark(char):
            text.append(char)
        else:
            if last is not None:
                gap = letter.left - last.right
                if gap < 0 and not sort:
                    gap = max(gap, last.left - letter.right)
                if gap > usual + MEASURES.word_gap * letter.size:
                    text.append(" ")
            text.append(char)
            last = letter
    return "".join(text)


def pitch_of(pieces: Sequence[Piece]) -> float:
    """Points from letter to letter where slim and broad ones are equally wide; else 0."""
    wide: list[float] = []
    slim = 0
    for piece in pieces:
        for letter in piece.letters:
            if len(letter.text) == 1 and "!" <= letter.text <= "~":
                wide.append(letter.right - letter.left)
                slim += letter.text in _SLIM
                if abs(wide[-1] - wide[0]) > 0.02 * wide[0]:
                    return 0.0
    return median(wide) if len(wide) >= MEASURES.few_letters and 0 < slim < len(wide) else 0.0


def spaced_text(pieces: Sequence[Piece], pitch: float) -> str:
    """The letters, each in the column where it stands."""
    letters = [
        letter for piece in pieces for letter in piece.letters if letter.text and not letter.text.isspace()
    ]
    letters.sort(key=lambda letter: letter.left)
    text: list[str] = []
    end = letters[0].left if letters else 0.0
    for letter in letters:
        text.append(" " * round((letter.left - end) / pitch) + letter.text)
        end = letter.right
    return "".join(text)
