"""The query language: words, "quoted phrases", -exclusions and lang:xx. Everything else is literal text."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import regex

from kb import languages
from search.errors import QueryError

__all__ = ["MAX_LENGTH", "Query", "parse"]

MAX_LENGTH = 10_000

_PIECE = regex.compile(
    r'(?P<minus>(?<!\S)-)?(?:["“„«](?P<phrase>[^"“”„«»]{1,500})["”“»]|(?P<lang>(?<!\S)lang:(?P<code>[\w-]{2,12})(?!\S))'
    r'|(?P<word>[^\s"“”„«»]+))'
)


@dataclass(frozen=True, slots=True)
class Query:
    """A query read: ``text`` is what is meant (for both legs), ``phrases`` are looked for word for word,
    ``excluded`` must not occur, ``languages`` restrict the passages (empty: all). ``only_phrases`` says that
    there is nothing beside the phrases: then they must occur. Within a question they are a preference, for
    a title in quotes is another in every language.
    """

    raw: str
    text: str
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    only_phrases: bool = False


def parse(raw: str) -> Query:
    """Reads a query. Raises QueryError when it is empty, too long, or asks only what not to find."""
    if len(raw) > MAX_LENGTH:
        raise QueryError(f"the query has {len(raw):,} characters; ask in at most {MAX_LENGTH:,}")
    clean = "".join(c if unicodedata.category(c) not in ("Cc", "Cs") else " " for c in raw)
    clean = unicodedata.normalize("NFC", clean)
    words: list[str] = []
    phrases: list[str] = []
    excluded: list[str] = []
    codes: list[str] = []
    for piece in _PIECE.finditer(clean):
        if piece["lang"]:
            code = languages.resolve(piece["code"])
            if code is None:
                raise QueryError(
                    f"lang:{piece['code']} is not a language code that Rosetta knows; try lang:pl"
                )
            codes.append(code)
        elif piece["minus"]:
            excluded.append(piece["phrase"] or piece["word"])
        elif piece["phrase"]:
            words.append(piece["phrase"])
            phrases.append(piece["phrase"])
        else:
            words.append(piece["word"])
    text = " ".join(words).strip()
    if not regex.search(r"[\p{L}\p{N}\p{S}]", text):
        raise QueryError("the query is empty; ask a question or give a few words")
    only_phrases = bool(phrases) and len(words) == len(phrases)
    return Query(raw, text, tuple(phrases), tuple(excluded), tuple(dict.fromkeys(codes)), only_phrases)
