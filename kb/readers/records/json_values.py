"""The values in a text of JSON, one after another, however it is laid out: lines, an array, objects in a row.

One is held at a time, so that a large file takes no more memory than its text and one record.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from kb.readers.records.settings import RECORDS

__all__ = ["BadValue", "by_line", "in_line", "whole"]

_SPACE = re.compile(r"[\s,\x1e]*")  # 0x1e begins each record in RFC 7464
_FOLLOWS = re.compile(r"\}\s*,\s*(?=\{)")
_PRETTY = re.compile(r"\s*[\[{]")


class BadValue(Exception):
    """A value cannot be read; the text says why and what to do."""


def by_line(text: str) -> Iterator[tuple[int, str]] | None:
    """(number, line) of the lines that aren't empty, where each is a value by itself, else None."""
    first = [line for _, line in islice(_filled(text), RECORDS.lines_looked_at)]
    good = [_is_value(line) for line in first]
    if not first or not _PRETTY.match(first[0]):
        return _filled(text)
    return _filled(text) if len(first) > 1 and (good[0] or 2 * sum(good) > len(good)) else None


def whole(text: str) -> Iterator[Any]:
    """Each value of the text; of an array, its members. For what is no JSON, the BadValue that says so: what
    follows is read from where the next one like it begins, if that is to be seen."""
    decoder, at = _decoder(), _SPACE.match(text, 0).end()  # type: ignore[union-attr]
    inside = text[at : at + 1] == "["
    at = _SPACE.match(text, at + inside).end()  # type: ignore[union-attr]
    bad = 0
    while at < len(text):
        if inside and text[at] == "]":
            at = _SPACE.match(text, at + 1).end()  # type: ignore[union-attr]
            inside = text[at : at + 1] == "["  # another array may follow
            at = _SPACE.match(text, at + inside).end()  # type: ignore[union-attr]
            continue
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            bad += 1
            where = f"is no sound JSON from line {text.count(chr(10), 0, at) + 1} on"
            deep = isinstance(error, RecursionError)
            why = (
                "is nested too deeply; write flat objects"
                if deep
                else f"{where} ({_why(error)}); mend it there"
            )
            yield BadValue(why)
            at = _next(text, at, getattr(error, "pos", at)) if bad < RECORDS.bad else len(text)
            continue
        yield value
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr]


def _next(text: str, start: int, wrong: int) -> int:
    """Where the value after the one that began at ``start`` begins, which goes wrong further on: in a line
    like that one's first, or behind a comma. The text's end where neither is."""
    row = text.rfind("\n", 0, start) + 1
    if row and not text[row:start].strip():
        found = text.find(f"\n{text[row : start + 1]}", wrong)
        return len(text) if found < 0 else found + 1 + start - row
    follows = _FOLLOWS.search(text, wrong)
    return follows.end() if follows else len(text)


def in_line(line: str) -> Any:
    """The value in a line. Raises BadValue."""
    try:
        return _decoder().decode(line.strip("\x1e \t\r\n,"))
    except ValueError as error:
        raise BadValue(f"is not JSON ({_why(error)}); mend the line") from error
    except RecursionError as error:
        raise BadValue("is nested too deeply; write one flat object per line") from error


def _filled(text: str) -> Iterator[tuple[int, str]]:
    at = n = 0
    while at < len(text):
        end = text.find("\n", at) + 1 or len(text)
        n += 1
        if not text[at:end].isspace():
            yield n, text[at:end]
        at = end


def _is_value(line: str) -> bool:
    if not _PRETTY.match(line):
        return False
    try:
        in_line(line)
    except BadValue:
        return False
    return True


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=_object,
        parse_int=lambda digits: int(digits) if len(digits) <= RECORDS.digits else float(digits),
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """As a dictionary; two texts under one key are both kept."""
    found: dict[str, Any] = {}
    several: dict[str, list[str]] = {}
    for key, value in pairs:
        before = found.get(key)
        if isinstance(value, str) and key in several:
            several[key].append(value)
        elif isinstance(before, str) and isinstance(value, str) and before not in ("", value):
            several[key] = [before, value]
        else:
            several.pop(key, None)
            found[key] = value
    return found | {key: "\n\n".join(texts) for key, texts in several.items()}


def _why(error: Exception) -> str:
    return getattr(error, "msg", str(error))[:100]
