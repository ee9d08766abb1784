"""Many articles in one file: JSON of every layout and tables, a record each, named ``file#n``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from kb.errors import KBError, SourceRefused
from kb.mishaps import at_cost_of
from kb.models import SkippedSource, SourceFile
from kb.readers.common import RawFile, as_date, as_language, as_line, as_web_address
from kb.readers.limits import LIMITS
from kb.readers.records.fields import by_content, field_of, flat, said
from kb.readers.records.json_values import BadValue, by_line, in_line, whole
from kb.readers.records.settings import RECORDS
from kb.readers.records.table import Table
from kb.readers.text import decoded
from kb.readers.web.fragment import is_html, read_fragment

__all__ = ["read_csv", "read_json"]


_OF_A_COLLECTION = frozenset(["abstract", "comment", "description", "message", "note", "notes", "summary"])
_NAME_IT = "name the field of the text with --text-field (text_field= in Python)"


class _BadRecord(KBError):
    """One record cannot be an article; the text says why and what to do."""


def read_json(raw: RawFile) -> Iterator[SourceFile | SkippedSource]:
    """Objects, each with a text and, as they are there, title, language, url, date, author.

    They may stand on a line each (then ``file#3`` is the third line's), in an array, in an object that
    holds a list of them, or one after another (then it is the third of them).
    """
    text, encoding = decoded(raw)
    text = text.lstrip("\ufeff")
    bad = _BadRecords(raw.source)
    header: list[str] | None = None
    for name, value in _values(text):
        if isinstance(value, list):  # a row of a table whose names are in its first row
            if header is None and field_of("text", dict.fromkeys(map(str, value), 1)):
                header = [str(label).lower() for label in value]
                continue
            value = dict(zip(header, value, strict=False)) if header else value
        if isinstance(value, str) and not name.count("."):
            value = {"text": value}
        yield from bad.apart(raw, name, partial(_of_value, raw, name, value, encoding))
    yield from bad.rest()


def read_csv(raw: RawFile) -> Iterator[SourceFile | SkippedSource]:
    """A table, with or without a first row that names its columns; ``file#1`` is the row below that one.

    Raises SourceRefused where no column is surely that of the texts.
    """
    text, encoding = decoded(raw)
    table = Table(text, LIMITS.record)
    _check_columns(raw, table)
    bad = _BadRecords(raw.source)
    for n, row in enumerate(table.rows(), 1):
        if isinstance(row, str):
            yield from bad.named(str(n), row)
            continue
        if not any(cell.strip() for cell in row):
            continue
        yield from bad.apart(raw, str(n), partial(_of_row, raw, str(n), row, encoding, table))
    yield from bad.rest()


def _check_columns(raw: RawFile, table: Table) -> None:
    wanted = [name.lower() for name in (raw.fields.text, raw.fields.title) if name]
    missing = [name for name in wanted if name not in table.names]
    columns = said(table.names) or "not named"
    if missing:
        raise SourceRefused(raw.source, f"has no column {missing[0]}; its columns are {columns}")
    if not raw.fields.text and not table.text:
        raise SourceRefused(
            raw.source, f"has no column that is surely its text (its columns: {columns}); {_NAME_IT}"
        )


class _BadRecords:
    """Names the first bad records of a file and counts the others."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._count = 0

    def apart(
        self, raw: RawFile, name: str, read: Callable[[], SourceFile]
    ) -> Iterator[SourceFile | SkippedSource]:
        """What ``read`` makes of a record, or why it is a bad one."""
        source = f"{raw.source}#{name}"
        why = raw.enter(source)
        if why:
            yield from self.named(name, why)
            return
        try:
            with at_cost_of(source, "reading it"):
                made = read()
        except _BadRecord as error:
            yield from self.named(name, str(error))
        except SourceRefused as refused:
            yield from self.named(name, refused.reason)
        else:
            yield made

    def named(self, name: str, why: str) -> Iterator[SkippedSource]:
        self._count += 1
        if self._count <= RECORDS.bad_named:
            yield SkippedSource(f"{self._source}#{name}", why)

    def rest(self) -> Iterator[SkippedSource]:
        more = self._count - RECORDS.bad_named
        if more > 0:
            yield SkippedSource(self._source, f"has {more} more bad records; mend them as those named")


# --- JSON -------------------------------------------------------------------------------------------------


def _values(text: str) -> Iterator[tuple[str, Any]]:
    """(name, value) of each record; a value that cannot be read is its BadValue."""
    lines = by_line(text)
    if lines is None:
        n = 0
        for value in whole(text):
            for inner in _records_in(value):
                n += 1
                yield str(n), inner
        return
    for at, line in lines:
        try:
            value = in_line(line) if len(line) <= LIMITS.record else BadValue(_too_long())
        except BadValue as error:
            value = error
        if isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
            yield from ((f"{at}.{k}", inner) for k, inner in enumerate(value, 1))
        else:
            yield str(at), value


def _records_in(value: Any) -> Iterator[Any]:
    """The records that an object holds in a list, or by their keys; else the value itself."""
    if not isinstance(value, dict):
        yield value
        return
    own = field_of(
        "text", {key.lower(): inner for key, inner in value.items() if not isinstance(inner, dict)}
    )
    if own and own.lower() not in _OF_A_COLLECTION:
        yield value
        return
    yield from _listed(value) or _keyed(value) or [value]


def _listed(value: Mapping[str, Any], depth: int = 0) -> list[Any]:
    """The longest list of records in an object, or in the objects in it."""
    found: list[Any] = []
    for inner in value.values():
        held = (
            inner
            if isinstance(inner, list) and inner and all(isinstance(record, dict) for record in inner)
            else []
        )
        if isinstance(inner, dict) and depth < 3:
            held = _listed(inner, depth + 1)
        if len(held) > len(found) and any(field_of("text", flat(record)) for record in held[:20]):
            found = held
    return found


def _keyed(value: Mapping[str, Any]) -> list[Any]:
    """The records of an object that has one under each key."""
    held = list(value.values())
    whole_records = len(held) > 1 and all(
        isinstance(record, dict) and field_of("text", flat(record)) for record in held
    )
    return held if whole_records else []


def _fields(value: object) -> dict[str, object]:
    if isinstance(value, BadValue):
        raise _BadRecord(str(value))
    if not isinstance(value, dict):
        raise _BadRecord("is not an object; write {…} with a text")
    return flat(value)


# --- a record ---------------------------------------------------------------------------------------------


def _article(
    raw: RawFile, name: str, record: Mapping[str, object], encoding: str, column: str | None = None
) -> SourceFile:
    """The article in a record. ``column`` holds its text where no name of a field says so."""
    field = _text_field(raw, record, column)
    text = _checked(record[field])
    title_field = _named(raw.fields.title, record) if raw.fields.title else field_of("title", record)
    title = as_line(record[title_field]) if title_field and title_field != field else None
    about = {role: _value(role, record) for role in ("language", "url", "date", "author")}
    date = as_date(about["date"])
    others = [title, as_line(about["language"]), date, as_line(about["url"])]
    said_so = hashlib.sha256(
        repr(others).encode("utf-8", "backslashreplace") + text.encode("utf-8")
    ).hexdigest()
    made = read_fragment(text) if is_html(text) else None
    return SourceFile(
        f"{raw.source}#{name}",
        made.text if made else text,
        encoding,
        said_so,
        raw.root,
        format="blocks" if made else "text",
        title=title,
        language=as_language(about["language"]),
        date=date,
        url=as_web_address(about["url"]),
        author=as_line(about["author"]),
        blocks=tuple(made.blocks) if made else (),
        dropped=tuple(made.dropped) if made else (),
    )


def _of_value(raw: RawFile, name: str, value: object, encoding: str) -> SourceFile:
    return _article(raw, name, _fields(value), encoding)


def _of_row(raw: RawFile, name: str, row: list[str], encoding: str, table: Table) -> SourceFile:
    if len(row) > len(table.names):
        raise _BadRecord(f"has {len(row)} cells for {len(table.names)} columns; quote the text in it")
    return _article(raw, name, dict(zip(table.names, row, strict=False)), encoding, table.text)


def _text_field(raw: RawFile, record: Mapping[str, object], column: str | None) -> str:
    if raw.fields.text:
        return _named(raw.fields.text, record)
    field = field_of("text", record) or column
    if field is None and not field_of("text", dict.fromkeys(record, 1)):
        field = by_content({key: [value] for key, value in record.items() if isinstance(value, str)})
    if field is None or field not in record:
        raise _BadRecord(f"has no text (its fields: {said(record) or 'none'}); give it one, or {_NAME_IT}")
    return field


def _named(wanted: str, record: Mapping[str, object]) -> str:
    """The field that its owner named, by its whole name or the last part of it."""
    name = wanted.lower()
    for field in record:
        if field == name or field.endswith(f".{name}"):
            return field
    raise _BadRecord(f"has no field {wanted}; its fields are {said(record) or 'none'}")


def _checked(text: object) -> str:
    if not isinstance(text, str) or not text.strip():
        raise _BadRecord("has no text; give it a text or remove it")
    if len(text) > LIMITS.record:
        raise _BadRecord(_too_long())
    if "\x00" in text:
        raise _BadRecord("has NUL characters in its text; remove them")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _BadRecord(f"has half a character at {error.start} in its text; mend it there") from error
    return text


def _value(role: str, record: Mapping[str, object]) -> object:
    field = field_of(role, record)
    return record[field] if field else None


def _too_long() -> str:
    return f"is longer than {LIMITS.record / 1e6:.0f} million characters; split it"
