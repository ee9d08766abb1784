"""A document that a program has in memory: it becomes an article as a file does."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kb.errors import InputError
from kb.languages import UNDETERMINED, resolve

__all__ = ["DOCUMENT_FORMATS", "Document"]

DOCUMENT_FORMATS: Mapping[str, str] = {"markdown": ".md", "text": ".txt", "html": ".html"}
"""What a document may be written in, and the ending that files of it have."""

_LONGEST_SOURCE = 1_000  # characters
_SHOWN = 60  # characters of a wrong value that are repeated
_NO_LETTERS = ("Cc", "Cs", "Zl", "Zp")
_ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Document:
    """A text that is to be an article, without a file.

    ``source`` is its name, which tells it from all others: a document of the same source is a later state of
    the same article. ``format`` says how ``text`` is written: "markdown" (with or without front matter),
    "text", or "html", a whole page or a part of one; it is read and cleaned as a file of that kind is. What
    ``title``, ``language`` (a code), ``date`` and ``url`` say counts more than what the text says; where they
    are None, it is told from the text.

    Raises InputError, which names the document and the field.
    """

    source: str
    text: str
    title: str | None = None
    language: str | None = None
    date: str | datetime.date | None = None
    url: str | None = None
    format: str = "markdown"

    def __post_init__(self) -> None:
        problem = _problem(self)
        if problem:
            raise InputError(f"document {_shown(self.source)}: {problem}")


def _problem(document: Document) -> str:
    """What is wrong with the first field that is not as it has to be; empty where all are."""
    wrong = _no_name(document.source)
    if wrong:
        return f"source {wrong}"
    if not isinstance(document.text, str):
        return f"text has to be a text, not {_typed(document.text)}"
    for name in ("title", "language", "url"):
        value = getattr(document, name)
        if value is not None and not isinstance(value, str):
            return f"{name} has to be a text or None, not {_typed(value)}"
    if document.date is not None and not isinstance(document.date, (str, datetime.date)):
        return f"date has to be a text, a date or None, not {_typed(document.date)}"
    if document.language and document.language != UNDETERMINED and resolve(document.language) is None:
        return f"language {_shown(document.language)} is no code that Rosetta knows; leave it out"
    if document.url and not _ADDRESS.fullmatch(document.url):
        return f"url {_shown(document.url)} is no web address; leave it out"
    if document.format not in DOCUMENT_FORMATS:
        return f"format has to be one of {', '.join(DOCUMENT_FORMATS)}, not {_typed(document.format)}"
    return ""


def _no_name(source: Any) -> str:
    if not isinstance(source, str):
        return f"has to be a text, not {_typed(source)}"
    if not source.strip():
        return "is empty; give each document a name of its own"
    if len(source) > _LONGEST_SOURCE:
        return f"has {len(source):,} characters, more than {_LONGEST_SOURCE:,}; give it a shorter one"
    if any(unicodedata.category(char) in _NO_LETTERS for char in source):
        return "has a control character, or half of one; give it a plain name"
    return ""


def _typed(value: object) -> str:
    return "None" if value is None else f"{type(value).__name__} {_shown(value)}"


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
