"""The numbers of this room: which field of a record is its text, and how much that is no record is borne."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RECORDS"]


@dataclass(frozen=True, slots=True)
class RecordSettings:
    # Fields.
    depth: int = 4  # of objects in objects
    # A text that has fewer words may be a title, an address, a category; characters of running text; and how
    # many times as long as the next it is for sure.
    text_words: int = 8
    text_length: int = 45
    clear: int = 3
    # Values. How many may be none until what follows is not read; lines that tell whether each is one; and
    # digits of a number: longer ones are only roughly kept.
    bad: int = 20
    lines_looked_at: int = 20
    digits: int = 300
    bad_named: int = 20  # more bad records than these are counted, not named one by one
    # Tables. Rows, and characters, that tell how one is written; and rows whose cell never closes: what
    # follows one more is its text.
    rows_looked_at: int = 50
    sample: int = 200_000
    unclosed: int = 20


RECORDS = RecordSettings()
