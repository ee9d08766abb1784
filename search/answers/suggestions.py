"""What is being typed, completed from the library's titles and vocabulary, in every script, typos allowed.

First comes what is in the script that is typed, and of that what is in the reader's language. Whatever
begins with what was typed comes before what has a word that begins so, and after both comes what begins
nearly so: one slip in a short word, two in a long one (optimal string alignment: a letter too many, too few,
wrong, or two exchanged). Case and diacritics do not count; Latin letters find other scripts by their
transliteration.
"""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import regex
from anyascii import anyascii
from numpy.typing import NDArray

from search.answers.settings import ANSWERING
from search.dictionary.vocabulary import Vocabulary
from search.language import analysis
from search.language.spelling import nearly, slips, spelling_key
from search.models import Suggestion

__all__ = ["Spelling", "Suggestions", "suggestions"]

_WORD_START = regex.compile(r"(?<![\p{L}\p{M}\p{N}])[\p{L}\p{N}]")
# Whoever begins with one of these may be writing the others.
_MIXED = {"HIRAGANA": "CJK", "KATAKANA": "CJK"}


@dataclass(frozen=True, slots=True)
class Spelling:
    """Something that can be suggested: ``kind`` is "title" or "term", ``weight`` says how welcome it is."""

    text: str
    language: str
    kind: str
    weight: float


class Suggestions:
    """An index over spellings; read-only and thread-safe."""

    def __init__(self, spellings: Iterable[Spelling]) -> None:
        self._spellings = _unique(spellings)
        self._weights = np.array([spelling.weight for spelling in self._spellings], np.float32)
        self._languages = np.array([spelling.language for spelling in self._spellings], np.str_)
        self._scripts = np.array([_script(spelling.text) for spelling in self._spellings], np.str_)
        begun: list[tuple[str, int, bool]] = []
        for number, spelling in enumerate(self._spellings):
            key = spelling_key(spelling.text)
            begun += [(key[at:], number, at == 0) for at in _starts(key)]
            latin = spelling_key(anyascii(spelling.text))
            if latin != key:
                begun.append((latin, number, False))
        begun.sort()
        self._keys = [key for key, _, _ in begun]
        self._owners = np.array([number for _, number, _ in begun], np.int64)
        self._whole = np.array([whole for _, _, whole in begun], np.bool_)
        # As code points, (n, letters): zeros where a key ends.
        letters = ANSWERING.suggestion_letters
        self._codes = np.array(self._keys, f"<U{letters}").view(np.uint32).reshape(len(self._keys), letters)
        self._letters = lru_cache(maxsize=letters)(self._letters_of_beginnings)

    def complete(self, typed: str, limit: int, language: str | None = None) -> tuple[Suggestion, ...]:
        """The best completions; none of an empty text. ``language`` is the reader's."""
        key = spelling_key(typed)
        if not key:
            return ()
        low, high = bisect_left(self._keys, key), bisect_left(self._keys, key + "\U0010ffff")
        welcome = self._welcome(_script(typed), language)
        score = welcome[self._owners[low:high]] + np.where(self._whole[low:high], ANSWERING.whole_word, 0.0)
        found = self._best(self._owners[low:high], score)
        if len(found) < limit:
            found += [number for number in self._nearly(key, welcome) if number not in found]
        once: dict[str, Suggestion] = {}
        for spelled in (self._spellings[number] for number in found):
            once.setdefault(spelled.text.casefold(), Suggestion(spelled.text, spelled.language, spelled.kind))
        return tuple(once.values())[:limit]

    def _welcome(self, script: str, language: str | None) -> NDArray[np.float32]:
        """How welcome each spelling is to a reader of some language who types some script."""
        welcome: NDArray[np.float32] = (
            self._weights
            + np.float32(ANSWERING.own_script) * (self._scripts == script)
            + np.float32(ANSWERING.reader_language) * (self._languages == language)
        )
        return welcome

    def _nearly(self, key: str, welcome: NDArray[np.float32]) -> list[int]:
        """Spellings that begin nearly as typed, the nearest first."""
        key = key[: ANSWERING.suggestion_letters]
        if not slips(key) or not self._keys:
            return []
        near = nearly(key, self._letters(len(key)), lambda at: self._keys[at][: len(key)])
        if not near:
            return []
        owners = self._owners[[at for _, at in near]]
        distances = np.array([distance for distance, _ in near], np.float32)
        return self._best(owners, welcome[owners] - np.float32(ANSWERING.slip) * distances)

    def _letters_of_beginnings(self, length: int) -> NDArray[np.uint64]:
        """The letters, as bits, of every key's first so many characters."""
        found = np.zeros(len(self._keys), np.uint64)
        for column in self._codes[:, :length].T:
            found |= np.where(column > 0, np.uint64(1) << (column % 64).astype(np.uint64), np.uint64(0))
        return found

    def _best(self, owners: NDArray[np.int64], scores: NDArray[np.float32]) -> list[int]:
        """The best few owners by score, each once."""
        order = np.argsort(-scores, kind="stable")[: 4 * ANSWERING.suggestion_candidates]
        return list(dict.fromkeys(owners[order].tolist()))[: ANSWERING.suggestion_candidates]


def suggestions(titles: Iterable[tuple[str, str]], vocabulary: Vocabulary) -> Suggestions:
    """The suggestions of a library, from its articles' titles, given with their languages, and its terms."""
    found = [Spelling(title, language, "title", ANSWERING.title) for title, language in titles]
    found += [
        Spelling(vocabulary.name(term), vocabulary.code(term), "term", math.log1p(vocabulary.counts[term]))
        for term in range(len(vocabulary))
    ]
    return Suggestions(found)


def _starts(key: str) -> list[int]:
    """Where words begin, the first character always; anywhere in a script without spaces."""
    if analysis.is_unspaced(key):
        return list(range(len(key)))
    return sorted({0, *(match.start() for match in _WORD_START.finditer(key))})


def _script(text: str) -> str:
    """The script of a text's first letter, as Unicode's names of characters begin; "" without a letter."""
    first = next((letter for letter in text if letter.isalpha()), "")
    name = unicodedata.name(first, "").partition(" ")[0] if first else ""
    return _MIXED.get(name, name)


def _unique(spellings: Iterable[Spelling]) -> list[Spelling]:
    """Each text of each language once, as its most welcome spelling."""
    best: dict[tuple[str, str], Spelling] = {}
    for spelling in spellings:
        key = (spelling.text.casefold(), spelling.language)
        if key not in best or spelling.weight > best[key].weight:
            best[key] = spelling
    return list(best.values())
