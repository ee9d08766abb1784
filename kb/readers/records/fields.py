"""Which of a record's fields is its text, which its title: by their names, else by what they hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import regex

from kb.readers.records.settings import RECORDS
from kb.tables import BETWEEN, rows

__all__ = ["by_content", "field_of", "flat", "looks_like_text", "said"]


_OTHERS = {
    "language": ("language", "lang", "locale"),
    "url": ("url", "link", "permalink", "source_url"),
    "date": ("date", "published", "published_at", "date_published", "created_at", "created"),
    "author": ("author", "byline", "creator"),
}
_WRAPPERS = frozenset(["#text", "$t", "html", "markdown", "plain", "raw", "rendered", "text", "value"])
_BESIDE = regex.compile(r"\s*[(\[/].*|[?!:*]+\s*$")
_WIDE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")


@lru_cache(maxsize=8)
def _names_of(role: str) -> tuple[str, ...]:
    """What fields are called, the surer names first, by role: title, text, language, url, date or author."""
    if role in _OTHERS:
        return _OTHERS[role]
    at = {"title": 1, "text": 2}[role]
    lists = [row[at].split(BETWEEN) for row in sorted(rows("columns", 3), key=lambda row: row[0] != "en")]
    ranked = [(place, i, name) for i, names in enumerate(lists) for place, name in enumerate(names)]
    return tuple(dict.fromkeys(name for _, _, name in sorted(ranked)))


def field_of(role: str, record: Mapping[str, object]) -> str | None:
    """The name of a flat record's field with the surest name of this role that holds something."""
    filled = [name for name, value in record.items() if value not in (None, "", [])]
    places = _places(role)
    known = [name for name in filled if _called(name) in places]
    # The outer fields describe the record; of what is further in, only what has no like outside is asked.
    return min(known, key=lambda name: (name.count("."), places[_called(name)]), default=None)


@lru_cache(maxsize=8)
def _places(role: str) -> dict[str, int]:
    return {_plain(name): place for place, name in reversed(list(enumerate(_names_of(role))))}


def flat(record: Mapping[object, object], above: str = "", depth: int = 0) -> dict[str, object]:
    """A record's fields in small letters, those of objects in it as "outer.inner"; lists of texts as one."""
    found: dict[str, object] = {}
    for key, value in record.items():
        name = above + unicodedata.normalize("NFC", str(key)).strip().lower()
        if isinstance(value, dict) and depth < RECORDS.depth:
            found |= flat(value, f"{name}.", depth + 1)
        else:
            found[name] = _paragraphs(value) if isinstance(value, list) else value
    return found


def by_content(columns: Mapping[str, Sequence[str]]) -> str | None:
    """The one column that clearly holds running text, given some of each one's cells; None where two may."""
    lengths = {
        name: sum(map(len, cells)) / len(cells)
        for name, cells in columns.items()
        if cells and sum(map(looks_like_text, cells)) * 2 >= len(cells)
    }
    ranked = sorted(lengths, key=lambda name: lengths[name], reverse=True)
    if not ranked or (len(ranked) > 1 and lengths[ranked[0]] < RECORDS.clear * lengths[ranked[1]]):
        return None
    return ranked[0]


def looks_like_text(value: object) -> bool:
    """Is it long and wordy enough to be nothing but running text?"""
    if not isinstance(value, str):
        return False
    wide = len(_WIDE.findall(value))
    return wide >= 20 or (len(value) >= RECORDS.text_length and len(value.split()) >= RECORDS.text_words)


@lru_cache(maxsize=4_096)
def _called(name: str) -> str:
    """By its last name; a value in a wrapper ("content.rendered") by the one before."""
    *outer, last = map(_plain, name.split("."))
    wrapped = last in _WRAPPERS and outer and any(outer[-1] in _places(role) for role in ("title", "text"))
    return outer[-1] if wrapped else last


def _plain(name: str) -> str:
    """Without what is said beside it: "Answer (short)?" is "answer", and "page_content" "page content"."""
    return " ".join(_BESIDE.sub("", name).replace("_", " ").replace("-", " ").split())


def _paragraphs(values: list[object]) -> object:
    """The texts in a list, a paragraph each; the list itself where other things are in it."""
    texts: list[str] = []
    for value in values:
        held = value
        if isinstance(value, dict):
            inside = flat(value, depth=RECORDS.depth)
            name = field_of("text", inside)
            held = inside[name] if name else None
        if not isinstance(held, str):
            return values
        texts.append(held)
    return "\n\n".join(texts)


def said(names: Iterable[str]) -> str:
    """Names of fields in a message, not too many of them."""
    listed = [name[:40] for name in names if name]
    return ", ".join(listed[:12]) + (" …" if len(listed) > 12 else "")
