"""Readers: a file's bytes to source files. One function per format, listed in ``kb.sources.READERS``."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from kb.decoding import decode
from kb.errors import SourceRefused
from kb.languages import resolve
from kb.models import SourceFile

__all__ = ["RawFile", "read_markdown", "read_text", "split_front_matter"]

_FRONT_MATTER = re.compile(
    r"\A---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE
)
_FRONT_MATTER_LIMIT = 64_000  # characters: YAML is slow, and no honest front matter is longer


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file's bytes, with the names and the hash that its source files carry."""

    source: str
    root: str
    data: bytes
    content_hash: str


def read_text(raw: RawFile) -> Iterator[SourceFile]:
    """Plain text. Raises SourceRefused when it is empty, binary or in no known encoding."""
    text, encoding = _text(raw)
    yield SourceFile(raw.source, text, encoding, raw.content_hash, raw.root)


def read_markdown(raw: RawFile) -> Iterator[SourceFile]:
    """Markdown, with or without YAML front matter (title, language, source, date, url)."""
    decoded, encoding = _text(raw)
    meta, text = split_front_matter(decoded)
    cleaned = meta.get("cleaned") is True
    if not text.strip():
        raise SourceRefused(raw.source, "holds no text below its front matter; write some or remove the file")
    yield SourceFile(
        (_own_name(meta.get("source")) if cleaned else None) or raw.source,
        text,
        encoding,
        raw.content_hash,
        raw.root,
        format="markdown",
        title=_line(meta.get("title")),
        language=resolve(_line(meta.get("language")) or _line(meta.get("lang")) or ""),
        date=_date(meta.get("date")),
        url=_web_address(meta.get("url")),
        cleaned=cleaned,
    )


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """(front matter, body); what does not parse as a YAML mapping is body."""
    match = _FRONT_MATTER.match(text[:_FRONT_MATTER_LIMIT])
    if not match:
        return {}, text
    try:
        meta = yaml.safe_load(match[1]) or {}
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, text
    return (meta, text[match.end() :]) if isinstance(meta, dict) else ({}, text)


def _text(raw: RawFile) -> tuple[str, str]:
    if not raw.data.strip():
        raise SourceRefused(raw.source, "is empty; write some text or remove the file")
    decoded = decode(raw.data)
    if decoded is None:
        what = "is binary, not text" if b"\x00" in raw.data else "is in no encoding that can be recognised"
        raise SourceRefused(raw.source, f"{what}; save it as UTF-8 text")
    text, encoding = decoded
    if "\x00" in text:
        raise SourceRefused(raw.source, "is binary, not text; save it as UTF-8 text")
    if not text.strip("\ufeff \t\r\n"):
        raise SourceRefused(raw.source, "is empty; write some text or remove the file")
    return text, encoding


def _own_name(value: object) -> str | None:
    """The source that an exported article had, unless it would be no tidy relative path."""
    name = _line(value)
    if not name or name.startswith("/") or "\\" in name or len(name) > 500:
        return None
    return name if all(part not in ("", ".", "..") for part in name.split("/")) else None


def _line(value: object) -> str | None:
    """A one-line string, or None."""
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        return None
    # A YAML escape can make a lone surrogate or a control character.
    printable = "".join(c if c.isprintable() else " " for c in str(value))
    return " ".join(printable.split()) or None


def _date(value: object) -> str | None:
    """ISO 8601 where YAML understood a date, else the words that stand there."""
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    return _line(value)


def _web_address(value: object) -> str | None:
    address = _line(value)
    return address if address and re.match(r"https?://[^\s]+\Z", address) else None
