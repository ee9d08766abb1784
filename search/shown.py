"""How results look by themselves: as JSON, printed, and in a notebook; safe whatever an article says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from html import escape
from types import MappingProxyType
from typing import Any, Protocol

from kb import languages
from search.errors import ExtraMissing

__all__ = ["Document", "Piece", "card", "counted", "frame", "pieces", "sheet", "short", "web_address"]

_SHORT = 60  # characters of a text in a repr

# The page's look, as far as it goes without its style sheet; colours that stand on light and on dark.
_STYLE = """
.rosetta { font: 1rem/1.55 Georgia, "Noto Serif", serif; max-width: 72rem; }
.rosetta h4 { font-weight: 600; margin: 0 0 .6rem; }
.rosetta .cards { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); }
.rosetta .card { border: 1px solid #8b877866; border-top: 3px solid #2a8494; border-radius: 4px 4px 10px 10px;
  padding: .7rem 1rem; }
.rosetta .card > * { margin: 0 0 .4rem; }
.rosetta .quiet { font: .85rem/1.5 system-ui, sans-serif; opacity: .75; overflow-wrap: anywhere; }
.rosetta blockquote { border: 0; padding: 0; white-space: pre-line; color: inherit; }
.rosetta mark { color: inherit; border-radius: 3px; background: #e0a90066; }
.rosetta mark.translation { background: #2a849455; }
.rosetta mark.meaning { background: none; text-decoration: underline dotted #a8791b 2px; }
"""


def _plain(value: Any) -> Any:
    """Dataclasses, tuples and mappings as JSON-ready dicts and lists; floats to six digits."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, (dict, MappingProxyType)):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return round(value, 6)
    return value


class Document:
    """Gives a frozen dataclass its one JSON shape."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """This object as JSON-ready builtins."""
        plain: dict[str, Any] = _plain(self)
        return plain


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; ``kind`` is its highlight's kind, or empty where nothing is marked."""

    text: str
    kind: str = ""


class Mark(Protocol):
    """A highlight, as far as it matters here."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def kind(self) -> str: ...


def pieces(text: str, start: int, highlights: Iterable[Mark]) -> tuple[Piece, ...]:
    """``text``, which begins at ``start`` of its article, cut where marks begin and end.

    Joined, the pieces are ``text`` again. Where highlights overlap, the earlier one keeps its end.
    """
    made: list[Piece] = []
    done = 0
    for mark in sorted(highlights, key=lambda mark: (mark.start, -mark.end)):
        begin, end = max(mark.start - start, done), min(mark.end - start, len(text))
        if begin >= end:
            continue
        if begin > done:
            made.append(Piece(text[done:begin]))
        made.append(Piece(text[begin:end], mark.kind))
        done = end
    if done < len(text) or not made:
        made.append(Piece(text[done:]))
    return tuple(made)


def short(text: str) -> str:
    """The beginning of a text, on one line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHORT else flat[: _SHORT - 1] + "…"


def counted(counts: Mapping[str, int]) -> str:
    """``{"pl": 3, "ru": 2}`` as "pl 3, ru 2"."""
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def sheet(heading: str, cards: Iterable[str]) -> str:
    """A whole display: a line, then a card for each thing found."""
    title = f"<h4>{escape(heading)}</h4>"
    body = f'<div class="cards">{"".join(cards)}</div>'
    return f'<div class="rosetta"><style>{_STYLE}</style>{title}{body}</div>'


def card(language: str, title: str, shown: Sequence[Piece], source: str, url: str | None) -> str:
    """One text that was found, in its own language and direction, and where it stands."""
    row = languages.get(language)
    own = f'lang="{escape(row.code)}" dir="{row.direction}"'
    text = "".join(
        f'<mark class="{escape(piece.kind)}">{escape(piece.text)}</mark>'
        if piece.kind
        else escape(piece.text)
        for piece in shown
    )
    named = escape(title)
    if address := web_address(url):
        named = f'<a href="{escape(address)}" rel="noopener noreferrer">{named}</a>'
    return (
        f'<div class="card"><p class="quiet" {own}>{escape(row.autonym)}</p>'
        f"<blockquote {own}>{text}</blockquote>"
        f'<p {own}>{named}</p><p class="quiet"><bdi>{escape(source)}</bdi></p></div>'
    )


def web_address(url: str | None) -> str | None:
    """``url`` where it is one to follow: a file may claim any address, such as a ``javascript:`` one."""
    return url if url and re.match(r"https?://[^\s/]", url, re.IGNORECASE) else None


def frame(rows: Sequence[Sequence[object]], columns: Sequence[str]) -> Any:
    """The rows as a pandas DataFrame. Raises ExtraMissing where pandas is not installed."""
    try:
        import pandas
    except ImportError as error:
        raise ExtraMissing("a data frame needs pandas: pip install pandas") from error
    return pandas.DataFrame(rows, columns=list(columns))
