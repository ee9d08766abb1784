"""The query language: words, "quoted phrases", -exclusions and lang:xx. All else is literal text, as is a
minus before a digit: -18 is a number."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import regex

from kb import languages
from search.errors import QueryError
from search.ranking.settings import RANKING

__all__ = ["Query", "parse"]


_PIECE = regex.compile(
    r'(?P<minus>(?<!\S)-(?!\p{Nd}))?(?:["“„«](?P<phrase>[^"“”„«»]{1,500})["”“»]|(?P<lang>(?<!\S)lang:(?P<code>[\w-]{2,12})(?!\S))'
    r'|(?P<word>[^\s"“”„«»]+))'
)

# What looks like a quotation mark inside of a Hebrew acronym is a sign of it.
_ACRONYM = regex.compile(r'(?<=\p{Hebrew})["”“](?=\p{Hebrew})')

_NO_WORD = regex.compile(r"\A[^\p{L}\p{N}\p{S}]+")


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
    if len(raw) > RANKING.query_characters:
        raise QueryError(
            f"the query has {len(raw):,} characters; ask in at most {RANKING.query_characters:,}"
        )
    clean = "".join(c if unicodedata.category(c) not in ("Cc", "Cs") else " " for c in raw)
    clean = _ACRONYM.sub("״", unicodedata.normalize("NFC", clean))
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
    if len(phrases) + len(excluded) > RANKING.operators:
        raise QueryError(
            f"the query has {len(phrases) + len(excluded)} phrases and exclusions; "
            f"use at most {RANKING.operators}"
        )
    text = _searched(words)
    if not regex.search(r"[\p{L}\p{N}\p{S}]", text):
        raise QueryError("the query is empty; ask a question or give a few words")
    only_phrases = bool(phrases) and len(words) == len(phrases)
    return Query(raw, text, tuple(phrases), tuple(excluded), tuple(dict.fromkeys(codes)), only_phrases)


def _searched(words: list[str]) -> str:
    """What is searched with, of a long text its beginning: whole words, if there are any."""
    text = " ".join(" ".join(words).split()[: RANKING.words_searched])
    if len(text) > RANKING.characters_searched:
        text = _NO_WORD.sub("", text)
        text = (
            text[: RANKING.characters_searched + 1].rpartition(" ")[0] or text[: RANKING.characters_searched]
        )
    return text.strip()
