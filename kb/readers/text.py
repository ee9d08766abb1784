"""Plain text and Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kb.errors import SourceRefused
from kb.models import SkippedSource, SourceFile
from kb.readers.common import RawFile, as_date, as_language, as_line, as_web_address
from kb.readers.decoding import decode
from kb.readers.front_matter import split_front_matter

__all__ = ["decoded", "read_markdown", "read_text"]

_HALF_A_PAIR = re.compile(b"\xed[\xa0-\xbf][\x80-\xbf]")


def read_text(raw: RawFile) -> Iterator[SourceFile]:
    """Plain text. Raises SourceRefused when it is empty, binary or in no known encoding."""
    text, encoding = decoded(raw)
    yield SourceFile(raw.source, text, encoding, raw.content_hash, raw.root)


def read_markdown(raw: RawFile) -> Iterator[SourceFile | SkippedSource]:
    """Markdown, with or without front matter (title, language, date, author, url), of which what is not read
    is named ``file#front matter``."""
    whole, encoding = decoded(raw)
    meta, text, why = split_front_matter(whole)
    cleaned = meta.get("cleaned") is True
    if not text.strip():
        raise SourceRefused(raw.source, "holds no text below its front matter; write some or remove the file")
    yield SourceFile(
        raw.source,
        text,
        encoding,
        raw.content_hash,
        raw.root,
        format="markdown",
        title=as_line(_said(meta, "title")),
        language=_own_language(meta),
        date=as_date(_said(meta, "date", "published", "publishdate", "created")),
        url=as_web_address(_said(meta, "url", "canonical_url", "canonicalurl", "canonical", "permalink")),
        cleaned=cleaned,
        author=as_line(meta.get("author")) if cleaned else _names(_said(meta, "author", "authors")),
    )
    if why:
        yield SkippedSource(f"{raw.source}#front matter", why)


def _said(meta: dict[str, Any], *names: str) -> Any:
    """What front matter says under the first of these names, in capitals or not, or among its parameters."""
    params = meta.get("params")
    for said in (meta, params if isinstance(params, dict) else {}):
        folded = {name.casefold(): value for name, value in said.items() if isinstance(name, str)}
        for name in names:
            if folded.get(name) not in (None, "", []):
                return folded[name]
    return None


def _names(value: object) -> str | None:
    """An author, or several; each a name or a mapping that holds one."""
    several = value if isinstance(value, list) else [value]
    names = [
        as_line(author.get("name") if isinstance(author, dict) else author, 200) for author in several[:20]
    ]
    return as_line(", ".join(name for name in names if name))


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
    return next(
        filter(None, (as_language(_said(meta, name)) for name in ("language", "lang", "locale"))), None
    )
