"""A query that was typed in the wrong keyboard layout, read as it was meant.

A word is read in another layout where nobody knows it as it stands and it looks like none, and what it says
there is a word: one that the library has, or one that is plainly less broken. What a text looks like is told
by the encoder's pieces: a word has few, what keys make by accident has many.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import regex

from search.answers.settings import ANSWERING
from search.language import analysis
from search.language.background import word_counts
from search.language.keyboards import retyped
from search.ranking.index import Index
from search.ranking.settings import RANKING

__all__ = ["Meant", "as_meant", "plain_words"]

_ENDS = "?!.,;:…؟。"
_OPERATOR = regex.compile(r"-|lang:")
_NO_KEYS = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_PLAIN = regex.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Meant:
    """What to search with for a query, and what to ask the reader back: ``offered`` in another layout, where
    some of it seems to be typed in the wrong one. Where nothing of it says anything as it was typed, that is
    what is ``searched`` with, too."""

    searched: str
    offered: str | None = None


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a word says in another layout, in how many pieces; whether its words are ``known``."""

    text: str
    pieces: int
    known: bool


def as_meant(index: Index, raw: str) -> Meant:
    """A query in the layout that it was meant in."""
    spans = [found.span() for found in plain_words(raw)]
    typed = [raw[start:end] for start, end in spans]
    standing = _known(index, typed)
    enough = [at for at, text in enumerate(typed) if _says_enough(text)]
    unknown = [at for at in enough if not standing[at] and not _NO_KEYS.search(typed[at])]
    # The mark that ends a sentence is no sign of a wrong layout.
    cut = _pieces(index, [typed[at].rstrip(_ENDS) or typed[at] for at in unknown])
    broken = {at: pieces for at, pieces in zip(unknown, cut, strict=True) if _looks_broken(typed[at], pieces)}
    others = [typed[at] for at in enough if at not in broken]
    if not broken or (len(broken) < len(others) and not _is_mixed([typed[at] for at in broken], others)):
        return Meant(raw)
    looked_at = {at: text for at, text in enumerate(typed) if at in unknown or at not in enough}
    read = _best(index, looked_at, broken)
    whole = bool(read) and read.keys() >= set(enough)
    meant = raw
    for at in sorted(read, reverse=True):
        # Where a part is in the right layout, only what is surely not is read in the other.
        to_latin = read[at].text.isascii()
        from_latin = typed[at].isascii() and len(typed[at]) >= ANSWERING.sure_letters
        if whole or (at in broken and read[at].known and (to_latin or from_latin)):
            start, end = spans[at]
            meant = meant[:start] + read[at].text + meant[end:]
    return Meant(meant if whole else raw, meant if meant != raw else None)


def plain_words(raw: str) -> Iterator[regex.Match[str]]:
    """What stands between a query's spaces, without its operators; so many as are searched with."""
    plain = (found for found in _PLAIN.finditer(raw) if not _OPERATOR.match(found[0]))
    for _, found in zip(range(RANKING.words_searched), plain, strict=False):
        yield found


def _best(index: Index, typed: Mapping[int, str], broken: Mapping[int, int]) -> dict[int, _Reading]:
    """The words that say something in one other layout, by their places: of the layout in which most of those
    do that are ``broken`` into so many pieces, the library's own words first."""
    said: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for at, text in typed.items():
        for reading, language in retyped(text):
            said[language] += [(at, whole) for whole in _with_marks(text, reading)]
    every = list(dict.fromkeys(text for readings in said.values() for _, text in readings))
    known = dict(zip(every, _known(index, every), strict=True))
    pieces = dict(zip(every, _pieces(index, every), strict=True))
    best: dict[int, _Reading] = {}
    most = (0, 0, False, 0)
    for language, readings in said.items():
        # A small word of the language is known even where the library has none.
        small = word_counts().get(language, {})
        found: dict[int, _Reading] = {}
        for at, text in readings:
            meant = _Reading(text, pieces[text], known[text] or text.casefold() in small)
            if at not in found or (not meant.known, meant.pieces) < (not found[at].known, found[at].pieces):
                found[at] = meant
        told = _told(typed, found, broken)
        known_there, in_pieces = sum(found[at].known for at in told), sum(found[at].pieces for at in told)
        score = (known_there, len(told), language in index.backend.languages, -in_pieces)
        if told and score > most:
            most = score
            best = {
                at: meant for at, meant in found.items() if at in told or (at not in broken and meant.known)
            }
    return best


def _told(typed: Mapping[int, str], found: Mapping[int, _Reading], broken: Mapping[int, int]) -> set[int]:
    """The broken words that are likelier read so than as they were typed: the known ones, or all, where they
    are plainly less broken together, or are so beside known ones."""
    there = [at for at in broken if at in found and _says_enough(found[at].text)]
    # Without a model nothing is told by pieces.
    known = {at for at in there if found[at].known and (found[at].pieces < broken[at] or not broken[at])}
    before, after = sum(broken[at] for at in there), sum(found[at].pieces for at in there)
    keys = sum(len(typed[at]) for at in there)
    enough = keys >= max(ANSWERING.sure_letters, ANSWERING.wordlike * after)
    plain = enough and before >= max(ANSWERING.broken, 2 * after)
    return set(there) if plain or (known and before > after) else known


def _with_marks(text: str, reading: str) -> Iterator[str]:
    """A word read key by key, before that with its first and its last character as they were typed: a key
    that writes a letter here writes a full stop or a quotation mark there, and may be meant as such."""
    if len(text) == len(reading) > ANSWERING.letters:
        first, last = text[0], text[-1]
        if not first.isalnum() and not last.isalnum():
            yield first + reading[1:-1] + last
        if not last.isalnum():
            yield reading[:-1] + last
        if not first.isalnum():
            yield first + reading[1:]
    yield reading


def _known(index: Index, texts: Sequence[str]) -> list[bool]:
    """Whether the library has all the words of each text, in any language; of none, False."""
    words = list(map(analysis.forms, texts))
    every = list(dict.fromkeys(form for forms in words for form in forms))
    there = np.any(index.terms.known(every), axis=0)
    known = {every[at] for at in np.flatnonzero(there).tolist()}
    return [bool(forms) and known.issuperset(forms) for forms in words]


def _pieces(index: Index, texts: Sequence[str]) -> list[int]:
    """In how many pieces the encoder has each text; of no model, 0."""
    return [sum(start < end for start, end in pieces) for pieces in index.encoder.pieces(texts)]


def _says_enough(text: str) -> bool:
    letters = sum(letter.isalpha() for letter in text)
    return letters >= (ANSWERING.letters if text.isascii() else ANSWERING.syllables)


def _is_mixed(broken: Sequence[str], others: Sequence[str]) -> bool:
    """Whether broken words are in other letters than the rest, Latin among others or others among Latin."""
    latin = {text.isascii() for text in broken}
    return len(latin) == 1 and latin.isdisjoint(text.isascii() for text in others)


def _looks_broken(text: str, pieces: int) -> bool:
    return len(text) < min(ANSWERING.longest_word, ANSWERING.wordlike * (pieces or ANSWERING.broken))
