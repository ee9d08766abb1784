"""Dates in the usual writings, as one: ``5 March 1874``, ``5.3.1874``, ``1874年3月5日``: ``1874-03-05``."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

import regex

from kb import tables

__all__ = ["Date", "dates"]

_DAY, _YEAR = r"(?P<day>\p{Nd}{1,2})", r"(?P<year>\p{Nd}{4})"
_MONTH, _NAME = r"(?P<month>\p{Nd}{1,2})", r"(?P<name>\p{L}[\p{L}\p{M}]+)\.?"
_TH, _OF = r"(?:\.|º|st|nd|rd|th|er)?", r"(?:(?:de|del|of)\s+)?"
_WRITINGS = (
    rf"{_YEAR}(?P<sign>[-./]){_MONTH}(?P=sign){_DAY}",
    rf"{_YEAR}[年년]\s?{_MONTH}[月월]\s?{_DAY}[日일]",
    rf"{_DAY}(?P<sign>[-./])\s?{_MONTH}(?P=sign)\s?{_YEAR}",
    rf"{_DAY}{_TH}\s+{_OF}{_NAME},?\s+{_OF}{_YEAR}",
    rf"{_NAME}\s+{_DAY}{_TH},?\s+{_YEAR}",
    rf"{_YEAR}\.?\s+(?:m\.\s+)?{_NAME}\s+{_DAY}",
)
_DATE = regex.compile(rf"(?<![\p{{L}}\p{{Nd}}])(?:{'|'.join(_WRITINGS)})(?!\p{{Nd}}|[-/]\p{{Nd}})")
# Most texts have no year, which is soon told.
_HAS_YEAR = regex.compile(r"\p{Nd}{4}")
_MONTHS = 12
_DAYS = 31


class Date(NamedTuple):
    """``text[start:end]`` is a date, ``form`` the same as ISO 8601 has it."""

    form: str
    start: int
    end: int


def dates(text: str) -> Iterator[Date]:
    """The dates of a text, in order. A month's name that is another month's elsewhere tells none."""
    for match in _DATE.finditer(text) if _HAS_YEAR.search(text) else ():
        # Of digits, regex may know more scripts than Python does.
        if not all(match[number].isdecimal() for number in ("day", "month", "year") if match[number]):
            continue
        day = int(match["day"])
        month = _month(match["name"]) if match["name"] else int(match["month"])
        if month > _MONTHS >= day and match["sign"] == "/":  # as it is written in America
            day, month = month, day
        if 1 <= month <= _MONTHS and 1 <= day <= _DAYS:
            yield Date(f"{int(match['year']):04}-{month:02}-{day:02}", match.start(), match.end())


def _month(name: str) -> int:
    """The number of a month; 0 where it is no month's name."""
    return _months().get(unicodedata.normalize("NFKC", name).casefold(), 0)


@cache
def _months() -> Mapping[str, int]:
    found: dict[str, set[int]] = defaultdict(set)
    for row in tables.rows("months", 1 + _MONTHS):
        for number, names in enumerate(row[1:], 1):
            for name in names.split(tables.BETWEEN):
                found[name].add(number)
    return {name: number for name, (number, *others) in found.items() if not others}
