"""Many articles in one file: JSON Lines and tables, a record each, named ``file#n``."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping

from kb.errors import SourceRefused
from kb.models import SkippedSource, SourceFile
from kb.readers.common import RawFile, as_date, as_language, as_line, as_web_address
from kb.readers.text import decoded

__all__ = ["BAD_RECORDS_NAMED", "RECORD_LIMIT", "read_csv", "read_jsonl"]

RECORD_LIMIT = 10_000_000
"""Characters of one record."""

BAD_RECORDS_NAMED = 20
"""More bad records than these are counted, not named one by one."""

_COLUMNS = {
    "title": ("title", "headline", "name"),
    "text": ("text", "body", "content"),
    "language": ("language", "lang"),
    "url": ("url", "link"),
    "date": ("date", "published"),
    "author": ("author",),
}


class _BadRecord(Exception):
    """One record cannot be an article; the text says why and what to do."""


def read_jsonl(raw: RawFile) -> Iterator[SourceFile | SkippedSource]:
    """An object per line, with ``text`` and, as they are there, title, language, url, date, author.

    An article is named after its line: ``file#3`` is the third.
    """
    text, encoding = decoded(raw)
    bad = _BadRecords(raw.source)
    for n, line in enumerate(_lines(text), 1):
        if not line.strip():
            continue
        try:
            yield _article(raw, n, _object(line), encoding)
        except _BadRecord as error:
            yield from bad.named(n, str(error))
    yield from bad.rest()


def read_csv(raw: RawFile) -> Iterator[SourceFile | SkippedSource]:
    """A table whose first row names its columns, with the same names; ``file#1`` is the row below that one.

    Raises SourceRefused where there is no column of texts.
    """
    text, encoding = decoded(raw)
    csv.field_size_limit(RECORD_LIMIT)
    rows = csv.reader(_lines(text), delimiter=_delimiter(text))
    bad = _BadRecords(raw.source)
    try:
        header = [name.strip().strip("\ufeff").lower() for name in next(rows, [])]
        if not any(name in header for name in _COLUMNS["text"]):
            raise SourceRefused(raw.source, "has no column named text; name its columns in the first row")
        for n, row in enumerate(rows, 1):
            if not any(cell.strip() for cell in row):
                continue
            try:
                if len(row) > len(header):
                    raise _BadRecord(f"has {len(row)} cells for {len(header)} columns; quote the text in it")
                yield _article(raw, n, dict(zip(header, row, strict=False)), encoding)
            except _BadRecord as error:
                yield from bad.named(n, str(error))
    except csv.Error as error:
        raise SourceRefused(
            raw.source, f"is no sound table from line {rows.line_num} on ({error}); mend it there"
        ) from error
    yield from bad.rest()


class _BadRecords:
    """Names the first bad records of a file and counts the others."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._count = 0

    def named(self, n: int, why: str) -> Iterator[SkippedSource]:
        self._count += 1
        if self._count <= BAD_RECORDS_NAMED:
            yield SkippedSource(f"{self._source}#{n}", why)

    def rest(self) -> Iterator[SkippedSource]:
        more = self._count - BAD_RECORDS_NAMED
        if more > 0:
            yield SkippedSource(self._source, f"has {more} more bad records; mend them as those named")


def _object(line: str) -> Mapping[str, object]:
    if len(line) > RECORD_LIMIT:
        raise _BadRecord(f"is longer than {RECORD_LIMIT / 1e6:.0f} million characters; split it")
    try:
        found = json.loads(line)
    except ValueError as error:
        raise _BadRecord(f"is not JSON ({error}); mend the line") from error
    except RecursionError as error:
        raise _BadRecord("is nested too deeply; write one flat object per line") from error
    if not isinstance(found, dict):
        raise _BadRecord("is not an object; write {…} with a text")
    return {str(name).lower(): value for name, value in found.items()}


def _article(raw: RawFile, n: int, record: Mapping[str, object], encoding: str) -> SourceFile:
    said = {column: _first(record, names) for column, names in _COLUMNS.items()}
    text = said["text"]
    if not isinstance(text, str) or not text.strip():
        raise _BadRecord("has no text; give it a text or remove it")
    if "\x00" in text:
        raise _BadRecord("has NUL characters in its text; remove them")
    try:
        encoded = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _BadRecord(f"has half a character at {error.start} in its text; mend it there") from error
    date = as_date(said["date"])
    others = [as_line(said["title"]), as_line(said["language"]), date, as_line(said["url"])]
    return SourceFile(
        f"{raw.source}#{n}",
        text,
        encoding,
        hashlib.sha256(repr(others).encode("utf-8", "backslashreplace") + encoded).hexdigest(),
        raw.root,
        title=as_line(said["title"]),
        language=as_language(said["language"]),
        date=date,
        url=as_web_address(said["url"]),
        author=as_line(said["author"]),
    )


def _lines(text: str) -> Iterator[str]:
    """One at a time, with their ends."""
    at = 0
    while at < len(text):
        end = text.find("\n", at) + 1 or len(text)
        yield text[at:end]
        at = end


def _first(record: Mapping[str, object], names: tuple[str, ...]) -> object:
    return next((record[name] for name in names if record.get(name) not in (None, "")), None)


def _delimiter(text: str) -> str:
    """Comma, semicolon or tab: the one that the first row has most of."""
    header = text[: text.find("\n")] if "\n" in text else text
    return max(",;\t", key=lambda mark: header[:10_000].count(mark))
