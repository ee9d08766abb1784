"""From how a line looks to how it is read: right-to-left scripts, and marks above and below letters."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Protocol, TypeVar

import regex

__all__ = ["in_reading_order", "is_mark", "is_right_to_left", "with_marks_in_place"]

_MARK = regex.compile(
    r"[[\p{Thai}\p{Lao}\p{Hebrew}\p{Arabic}\u064b-\u065f\u0300-\u036f]&&\p{Mn}]", regex.VERSION1
)
_TONES = "\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0ec8\u0ec9\u0eca\u0ecb"  # they follow the vowel's mark

_RIGHT = frozenset({"R", "AL"})
_PAIRS = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
_OPENING, _CLOSING = "([{", ")]}"
# What keeps its order within a line from right to left: words of other scripts, and numbers, to which signs
# and hyphens belong in Hebrew but not in Arabic (so says the Unicode bidirectional algorithm).
_WORDS = r"[\p{Latin}\p{Greek}\p{Cyrillic}](?:[^\p{Hebrew}\p{Arabic}\n]*[\p{Latin}\p{Greek}\p{Cyrillic}\d])?"
_IN_HEBREW = regex.compile(_WORDS + r"|[%‰$€£₪]*\p{Nd}+(?:[.,:/+-]\p{Nd}+)*[%‰$€£₪]*")
_IN_ARABIC = regex.compile(_WORDS + r"|\p{Nd}+(?:[.,:/٫٬]\p{Nd}+)*")
_HEBREW = regex.compile(r"\p{Hebrew}")


class _Placed(Protocol):
    text: str
    left: float
    right: float

    @property
    def middle(self) -> float: ...


_T = TypeVar("_T", bound=_Placed)


def is_mark(text: str) -> bool:
    """Does it stand right above or below the letter that it belongs to?"""
    return text >= "\u0300" and bool(_MARK.match(text))


def is_right_to_left(text: str) -> bool:
    if text.isascii():
        return False
    right = sum(unicodedata.bidirectional(char) in _RIGHT for char in text)
    return right > 0 and right >= sum(unicodedata.bidirectional(char) == "L" for char in text)


def in_reading_order(seen: str) -> str:
    """A line of a right-to-left script: ``seen`` is as its letters stand from left to right."""
    clusters = regex.findall(r"\X", seen)
    line = "".join(reversed(clusters))
    other_way = _IN_HEBREW if _HEBREW.search(line) else _IN_ARABIC
    line = other_way.sub(lambda match: "".join(reversed(regex.findall(r"\X", match[0]))), line)
    return line if _is_nested(line) else line.translate(_PAIRS)


def _is_nested(line: str) -> bool:
    """Do brackets open before they close? Some files have them as they look, others as they are meant."""
    depth = 0
    for char in line:
        depth += (char in _OPENING) - (char in _CLOSING)
        if depth < 0:
            return False
    return True


def with_marks_in_place(letters: Sequence[_T], *, sort: bool = False) -> list[_T]:
    """Each mark after the letter that it stands at; ``sort``: they come by place, not as written."""
    if not _MARK.search("".join([letter.text for letter in letters])):
        return list(letters)
    bases = [letter for letter in letters if not is_mark(letter.text)]
    marks: dict[int, list[_T]] = {}
    last = -1
    for letter in letters:
        if not is_mark(letter.text):
            last += 1
            continue
        at = last
        if sort or at < 0 or not bases[at].left <= letter.middle <= bases[at].right:
            at = _under(bases, letter, last)
        marks.setdefault(at, []).append(letter)
    placed = list(marks.get(-1, []))
    for i, base in enumerate(bases):
        placed += [base, *sorted(marks.get(i, []), key=lambda mark: mark.text in _TONES)]
    return placed


def _under(bases: Sequence[_Placed], mark: _Placed, otherwise: int) -> int:
    """The letter that a mark stands at."""
    inside = [
        i
        for i, base in enumerate(bases)
        if base.left <= mark.middle <= base.right and not base.text.isspace()
    ]
    return min(inside, key=lambda i: abs(bases[i].middle - mark.middle), default=otherwise)
