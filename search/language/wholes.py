"""What is written in several words and is one: a date, a number in groups of digits, a word with an
apostrophe or a sign in it that keeps letters apart. It is found by its words, and as a whole, as others
write it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

import regex

from search.arrays.memory import remembered
from search.language.dates import dates
from search.language.settings import LANGUAGE

__all__ = ["Whole", "normal", "wholes"]

# Apostrophes of all kinds, for which dictionaries have the one of typewriters; and İ, casefolded.
_SIGNS = str.maketrans(dict.fromkeys("’‘`´ʼʻ", "'") | dict.fromkeys("״“”", '"') | {"׳": "'"})
_UNSEEN = regex.compile(r"(?<=i)\u0307|[\u200C\u200D]")
_DIGIT = regex.compile(r"(?![0-9])\p{Nd}")

# Groups of three digits, or of two before the last, as in India; the same keeps them apart throughout.
_NUMBER = (
    r"(?<!\p{Nd}[.,])(?:\p{Nd}{1,3}(?P<sign>[.,'’٬．， \u00A0\u2009\u202F])\p{Nd}{3}(?:(?P=sign)\p{Nd}{3})*"
    r"|\p{Nd}{1,2}(?:,\p{Nd}{2})+,\p{Nd}{3})(?!\p{Nd}|(?P=sign)\p{Nd})"
)
_JOINED = (
    r"\p{Latin}[\p{Latin}\p{M}]*+(?:['’‘`´·]\p{Latin}[\p{Latin}\p{M}]*+)++"
    r"|\p{Arabic}[\p{Arabic}\p{M}]*+(?:\u200C\p{Arabic}[\p{Arabic}\p{M}]*+)++"
)
_WHOLE = regex.compile(rf"\b(?:{_NUMBER}|{_JOINED})")
_BETWEEN = regex.compile(r"[^\p{L}\p{M}\p{Nd}]+")


class Whole(NamedTuple):
    """``text[start:end]``: ``form`` is that of a word without anything between its letters or digits, or a
    date's (see :mod:`search.language.dates`)."""

    form: str
    start: int
    end: int


def wholes(text: str) -> Iterator[Whole]:
    """What of a text is one and has several words, in order."""
    found = [Whole(*date) for date in dates(text)]
    for match in _WHOLE.finditer(text):
        if not any(match.start() < date.end and date.start < match.end() for date in found):
            found.append(Whole(normal(_BETWEEN.sub("", match.group())), match.start(), match.end()))
    return iter(sorted(found, key=_start))


def _start(whole: Whole) -> int:
    return whole.start


def normal(raw: str) -> str:
    """A word's form: NFKC, casefolded; digits of all scripts are ASCII's, apostrophes one."""
    return raw.lower() if raw.isascii() else _normal(raw)


@remembered(LANGUAGE.words_remembered)
def _normal(raw: str) -> str:
    form = unicodedata.normalize("NFKC", raw).casefold()
    form = _UNSEEN.sub("", form.translate(_SIGNS))
    return _DIGIT.sub(_in_ascii, form)


def _in_ascii(digit: regex.Match[str]) -> str:
    """A digit in ASCII; itself where regex knows more of Unicode than Python does."""
    return str(unicodedata.digit(digit.group(), digit.group()))
