"""Plain text and Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from kb.decoding import decode
from kb.errors import SourceRefused
from kb.models import SourceFile
from kb.readers.common import RawFile, as_date, as_language, as_line, as_web_address

__all__ = ["decoded", "read_markdown", "read_text", "split_front_matter"]

_FRONT_MATTER = re.compile(
    r"\A---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE
)
_FRONT_MATTER_LIMIT = 64_000  # characters: YAML is slow, and no honest front matter is longer
_HALF_A_PAIR = re.compile(b"\xed[\xa0-\xbf][\x80-\xbf]")


def read_text(raw: RawFile) -> Iterator[SourceFile]:
    """Plain text. Raises SourceRefused when it is empty, binary or in no known encoding."""
    text, encoding = decoded(raw)
    yield SourceFile(raw.source, text, encoding, raw.content_hash, raw.root)


def read_markdown(raw: RawFile) -> Iterator[SourceFile]:
    """Markdown, with or without YAML front matter (title, language, source, date, author, url)."""
    whole, encoding = decoded(raw)
    meta, text = split_front_matter(whole)
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
        title=as_line(meta.get("title")),
        language=_own_language(meta),
        date=as_date(meta.get("date")),
        url=as_web_address(meta.get("url")),
        cleaned=cleaned,
        author=as_line(meta.get("author")),
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


def decoded(raw: RawFile) -> tuple[str, str]:
    """(text, encoding). Raises SourceRefused when it is empty, binary or in no known encoding."""
    if not raw.data.strip():
        raise SourceRefused(raw.source, "is empty; write some text or remove the file")
    half = _HALF_A_PAIR.search(raw.data) if b"\xed" in raw.data else None
    if half and _is_utf8_but_for_surrogates(raw.data):
        raise SourceRefused(
            raw.source, f"is damaged UTF-8 (half a character at byte {half.start()}); save it as UTF-8 again"
        )
    found = decode(raw.data)
    if found is None:
        what = "is binary, not text" if b"\x00" in raw.data else "is in no encoding that can be recognised"
        raise SourceRefused(raw.source, f"{what}; save it as UTF-8 text")
    text, encoding = found
    if "\x00" in text:
        raise SourceRefused(raw.source, "is binary, not text; save it as UTF-8 text")
    if not text.strip("\ufeff \t\r\n"):
        raise SourceRefused(raw.source, "is empty; write some text or remove the file")
    return text, encoding


def _is_utf8_but_for_surrogates(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def _own_language(meta: dict[str, Any]) -> str | None:
    """In our own export "und" is an answer, too."""
    if meta.get("cleaned") is True and meta.get("language") == "und":
        return "und"
    return as_language(meta.get("language")) or as_language(meta.get("lang"))


def _own_name(value: object) -> str | None:
    """The source that an exported article had, unless it would be no tidy relative path."""
    if not isinstance(value, str) or not value.isprintable() or value != value.strip():
        return None
    if not value or value.startswith("/") or "\\" in value or len(value) > 500:
        return None
    return value if all(part not in ("", ".", "..") for part in value.split("/")) else None
