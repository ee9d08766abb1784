"""What a caller gives to be read: paths, or documents of her own, told apart; and documents as they are read.

Documents are taken one at a time, as they are needed: no more of them are held than are being read.
"""

from __future__ import annotations

import hashlib
import json
import operator
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from kb.documents import DOCUMENT_FORMATS, Document
from kb.errors import InputError, KBError, UsageError
from kb.languages import UNDETERMINED, resolve
from kb.models import SkippedSource, SourceFile
from kb.readers import NO_FIELDS, Fields
from kb.readers.common import as_date, as_line
from kb.readers.limits import LIMITS

__all__ = ["LINES", "MEMORY", "Given", "Sources", "as_said", "data_of", "lines", "suffix_of", "told_apart"]

_One = str | os.PathLike[str] | Document | Mapping[str, Any]
Sources = _One | Iterable[_One | SkippedSource]
"""A folder, a file, or several of them; or documents: a :class:`kb.Document` or a mapping with its fields,
several of them, however they come (a list, a generator), or a data frame of pandas or polars with columns
that are called as the fields are."""

MEMORY, LINES = "memory:", "lines:"
"""Where documents come from, as the folder is where files do; and where lines that hold none do."""

_FIELDS = ("source", "text", "title", "language", "date", "url", "format")
_LONGEST_LINE = 6 * LIMITS.text + LIMITS.front_matter  # bytes: JSON may spell each letter in six


@dataclass(frozen=True, slots=True)
class Given:
    """Either paths or documents (None where paths were given); ``count`` is how many documents there will be,
    as far as that is known, else 0."""

    paths: tuple[Path, ...] = ()
    documents: Iterator[Document | SkippedSource] | None = None
    count: int = 0


def told_apart(given: Sources, fields: Fields = NO_FIELDS) -> Given:
    """What was given. ``fields`` are the fields of mappings, or the columns, that hold text and title.

    Raises InputError where nothing was, UsageError where it is neither paths nor documents; and taking the
    documents raises InputError at one that is none.
    """
    if isinstance(given, (str, os.PathLike)):
        return Given(paths=(Path(given),))
    count = operator.length_hint(given, 0)
    if isinstance(given, (Document, Mapping)):
        given, count = [given], 1
    elif hasattr(given, "iter_rows") or hasattr(given, "itertuples"):
        given = _rows(given, fields)
    try:
        items: Iterator[Any] = iter(given)
    except TypeError:
        raise UsageError(f"neither paths nor documents can be had of a {_kind(given)}; give a list") from None
    first = next(items, None)
    if first is None:
        raise InputError("nothing to read was named; name a folder or a file, or give documents")
    items = chain([first], items)
    if isinstance(first, (str, os.PathLike)):
        return Given(paths=tuple(_paths(items)))
    return Given(documents=_documents(items, fields), count=count)


def _paths(items: Iterable[Any]) -> Iterator[Path]:
    for item in items:
        if not isinstance(item, (str, os.PathLike)):
            raise UsageError(f"a {_kind(item)} stands among the paths; give either paths or documents")
        yield Path(item)


def _documents(items: Iterator[Any], fields: Fields) -> Iterator[Document | SkippedSource]:
    number = 0
    while True:
        number += 1
        try:
            item = next(items)
        except StopIteration:
            return
        except (KBError, OSError):
            raise
        except Exception as error:  # whatever it is made by: the build is not to blame, nor is any document
            why = f"{type(error).__name__}: {error}"
            raise InputError(f"the documents ended with an error at number {number} ({why})") from error
        try:
            yield item if isinstance(item, (Document, SkippedSource)) else _document(item, fields)
        except InputError as error:
            raise InputError(f"{error} (number {number} of those given)") from None


def _document(item: Any, fields: Fields) -> Document:
    """The document in a mapping, of which only the fields of a document count. Raises InputError."""
    if not isinstance(item, Mapping):
        raise InputError(f"a {_kind(item)} is no document; give mappings, or kb.Document")
    names = _names(fields)
    for field in ("source", "text"):
        if names[field] not in item:
            has, named = ", ".join(map(str, list(item)[:20])), repr(item.get(names["source"], "?"))[:60]
            raise InputError(f"document {named}: has no {names[field]}; it has {has or 'nothing'}")
    values = {field: item[name] for field, name in names.items() if name in item}
    given = {field: value for field, value in values.items() if not _is_missing(value)}
    return Document(**{"source": None, "text": None, **given})


def _names(fields: Fields) -> dict[str, str]:
    """What the fields of a document are called in mappings, and columns."""
    called = {"text": fields.text, "title": fields.title}
    return {field: called.get(field) or field for field in _FIELDS}


def _is_missing(value: Any) -> bool:
    """Whether a cell is empty: None, NaN, NaT; or pandas' NA, which is neither like itself nor unlike."""
    try:
        return value is None or bool(value != value)
    except (TypeError, ValueError):
        return type(value).__name__ == "NAType"


def _rows(frame: Any, fields: Fields) -> Iterator[dict[str, Any]]:
    """The rows of a data frame of pandas or polars, by the columns that count. Raises InputError."""
    there = list(frame.columns)
    names = [name for name in _names(fields).values() if name in there]
    for field in ("source", "text"):
        name = _names(fields)[field]
        if name not in names:
            raise InputError(
                f"the data frame has no column {name}; it has {', '.join(map(str, there[:20])) or 'none'}"
            )
    chosen = frame[names] if hasattr(frame, "itertuples") else frame.select(names)
    rows = chosen.itertuples(index=False, name=None) if hasattr(frame, "itertuples") else chosen.iter_rows()
    return (dict(zip(names, row, strict=True)) for row in rows)


def _kind(value: object) -> str:
    return type(value).__name__


# --- lines of JSON ------------------------------------------------------------------------------------------


def lines(stream: BinaryIO, fields: Fields = NO_FIELDS) -> Iterator[Document | SkippedSource]:
    """The documents in lines of JSON, an object each; a line that is none is named with its number, and as
    nobody knows which document it was to be, nothing is removed then."""
    number = 0
    while line := stream.readline(_LONGEST_LINE + 1):
        number += 1
        try:
            if len(line) > _LONGEST_LINE:
                _skip_line(stream)
                raise InputError(f"has more than {_LONGEST_LINE / 1e6:.0f} MB; split it")
            if line.strip():
                yield _document(_object(line), fields)
        except InputError as error:
            yield SkippedSource(f"line {number}", f"{error}", passing=True)


def _skip_line(stream: BinaryIO) -> None:
    while (piece := stream.readline(_LONGEST_LINE)) and not piece.endswith(b"\n"):
        pass


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(line.decode("utf-8-sig").strip())
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 (byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise InputError(f"is no JSON (character {error.pos + 1}: {error.msg})") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"is no JSON that can be read ({type(error).__name__})") from error
    if not isinstance(found, dict):
        raise InputError('is no object of JSON; write {"source": …, "text": …}')
    return found


# --- a document as it is read -------------------------------------------------------------------------------


def data_of(document: Document) -> tuple[bytes, str]:
    """The bytes that a file of the document would have, and what tells this state of it from others.

    A mark before the text says that it is UTF-8, whatever a page says of itself.
    """
    data = document.text.encode("utf-8", "surrogatepass")
    said = (document.title, document.language, as_date(document.date), document.url, document.format)
    digest = hashlib.sha256(json.dumps(said).encode() + b"\n" + data).hexdigest()
    return b"\xef\xbb\xbf" + data, digest


def as_said(source: SourceFile, document: Document) -> SourceFile:
    """A source file that was read of a document, with what is said about it beside its text."""
    language = document.language or None
    return replace(
        source,
        encoding="utf-8",
        title=as_line(document.title) or source.title,
        language=UNDETERMINED if language == UNDETERMINED else resolve(language or "") or source.language,
        date=as_date(document.date) or source.date,
        url=document.url or source.url,
    )


def suffix_of(document: Document) -> str:
    """The ending of files that are read as the document is."""
    return DOCUMENT_FORMATS[document.format]
