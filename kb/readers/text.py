"""Plain text and Markdown."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import yaml

from kb.errors import SourceRefused
from kb.models import SourceFile
from kb.readers.common import RawFile, as_date, as_language, as_line, as_web_address
from kb.readers.decoding import decode
from kb.readers.limits import LIMITS

__all__ = ["decoded", "read_markdown", "read_text", "split_front_matter"]

_TOP = r"\A\ufeff?(?:[ \t]*\r?\n)*"
_FRONT_MATTER = re.compile(
    _TOP + r"---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE
)
_TOML_FRONT_MATTER = re.compile(
    _TOP + r"\+\+\+[ \t]*\r?\n(.*?)^\+\+\+[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE
)
_JSON_FRONT_MATTER = re.compile(_TOP + r"(?=\{)")
# A row of YAML that is no YAML ("title: The mill: a history"), and rows that go on with the one above.
_SAID = re.compile(r"([A-Za-z][\w-]*)[ \t]*:(?:[ \t]+(.*))?\Z")
_GOES_ON = re.compile(r"\s|[-#]|\Z")
_NODE = re.compile(r"\s*(?:-\s+)*(?:[\w-]+[ \t]*:[ \t]+)?[!&*]\S")  # a tag, an anchor, an alias: that is YAML
_HALF_A_PAIR = re.compile(b"\xed[\xa0-\xbf][\x80-\xbf]")


def read_text(raw: RawFile) -> Iterator[SourceFile]:
    """Plain text. Raises SourceRefused when it is empty, binary or in no known encoding."""
    text, encoding = decoded(raw)
    yield SourceFile(raw.source, text, encoding, raw.content_hash, raw.root)


def read_markdown(raw: RawFile) -> Iterator[SourceFile]:
    """Markdown, with or without front matter (title, language, date, author, url)."""
    whole, encoding = decoded(raw)
    meta, text = split_front_matter(whole)
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


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """(front matter, body) of YAML between "---", of TOML between "+++", or of a JSON object.

    What does not parse as a mapping is body.
    """
    top = text[: LIMITS.front_matter]
    for pattern, parse in ((_FRONT_MATTER, _yaml), (_TOML_FRONT_MATTER, _toml)):
        match = pattern.match(top)
        if match:
            meta = parse(match[1])
            return ({}, text) if meta is None else (meta, text[match.end() :])
    match = _JSON_FRONT_MATTER.match(top)
    if match:
        try:
            meta, end = json.JSONDecoder().raw_decode(top, match.end())
        except (ValueError, RecursionError):
            return {}, text
        if isinstance(meta, dict) and any(name in meta for name in ("title", "date", "slug")):
            return meta, text[end:]
    return {}, text


def _yaml(text: str) -> dict[str, Any] | None:
    try:
        meta = yaml.safe_load(text) or {}
    except (yaml.YAMLError, ValueError, RecursionError):
        return _loosely(text)
    return meta if isinstance(meta, dict) else None


def _loosely(text: str) -> dict[str, Any] | None:
    """Rows of "name: value" that are no YAML, for a value holds ": " or begins with a mark of YAML's.

    One that makes an object or points to one is no slip of an author's: then there is no front matter.
    """
    meta: dict[str, Any] = {}
    for row in text.splitlines():
        if _NODE.match(row):
            return None
        said = _SAID.match(row)
        if said:
            meta[said[1]] = (said[2] or "").strip().strip("\"'") or None
        elif not _GOES_ON.match(row):
            return None
    return meta or None


def _toml(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except (ValueError, RecursionError):
        return None


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
    names = [as_line(one.get("name") if isinstance(one, dict) else one, 200) for one in several[:20]]
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
