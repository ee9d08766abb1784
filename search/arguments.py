"""What callers pass to an engine, checked: a QueryError says what would make sense."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from operator import index
from typing import SupportsIndex

from kb import languages
from search.errors import QueryError

__all__ = ["count_of", "language_of", "languages_of", "one_of", "text_of"]


def text_of(value: object, name: str) -> str:
    """A text: a question, a term, an article's source."""
    if not isinstance(value, str):
        raise QueryError(f"{name} has to be a text, not {_shown(value)}")
    return value


def count_of(value: object, name: str, least: int = 0) -> int:
    """A whole number, ``least`` or more."""
    if isinstance(value, bool) or not isinstance(value, SupportsIndex) or index(value) < least:
        raise QueryError(f"{name} has to be a whole number from {least} on, not {_shown(value)}")
    return index(value)


def languages_of(tags: Iterable[str] | None, held: Collection[str]) -> frozenset[str]:
    """Language codes as a library that has ``held`` uses them; empty for all."""
    if isinstance(tags, str):
        raise QueryError(f"languages is a list of codes, not one text: write languages=[{tags!r}]")
    codes = set()
    for tag in tags or ():
        code = languages.resolve(text_of(tag, "a language"))
        if code is None or code not in held:
            raise QueryError(f"the library has nothing in {tag!r}; it has {', '.join(held)}")
        codes.add(code)
    return frozenset(codes)


def language_of(tag: str | None) -> str | None:
    """The code of the language that a query is said to be in."""
    if tag is None:
        return None
    code = languages.resolve(text_of(tag, "a language"))
    if code is None:
        raise QueryError(f"{tag!r} is not a language code that Rosetta knows; try pl")
    return code


def one_of(value: str, name: str, known: Sequence[str]) -> str:
    """One of a few words."""
    if value not in known:
        raise QueryError(f"{name} has to be one of {', '.join(known)}, not {_shown(value)}")
    return value


def _shown(value: object) -> str:
    return "None" if value is None else f"{type(value).__name__} {repr(value)[:40]}"
