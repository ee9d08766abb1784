"""What a word of a text is found by, by both halves of the lexical leg: one source, so that a quoted phrase
and an exclusion see what words see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from search.language import analysis
from search.language.analysis import Word
from search.language.folding import readings

__all__ = [
    "IndexedWord",
    "asked",
    "asked_loosely",
    "exact_terms",
    "folded",
    "indexed",
    "indexed_words",
    "segmentations",
]

# What a word is folded to is told from what is written so.
_FOLDED = "~"


class IndexedWord(NamedTuple):
    """A word as it is indexed: the ``form`` itself; the ``forms`` that are there with it, itself first (what
    it is a part of, its own lone characters); and what they are ``folded`` to that none of them is."""

    form: str
    forms: tuple[str, ...]
    folded: tuple[str, ...]


def indexed_words(text: str, language: str) -> list[IndexedWord]:
    """The words of a text in a language, in order."""
    return indexed(analysis.words(text), language)


def indexed(words: Iterable[Word], language: str) -> list[IndexedWord]:
    """The same of a text that was analysed already."""
    return [_indexed(word.form, word.whole, word.parts, language) for word in words]


@lru_cache(maxsize=100_000)
def _indexed(form: str, whole: str, parts: tuple[str, ...], language: str) -> IndexedWord:
    forms = (form, *((whole,) if whole else ()), *parts)
    return IndexedWord(form, forms, folded(forms, language))


def folded(forms: Sequence[str], language: str) -> tuple[str, ...]:
    """What some forms are folded to in a language, but for what is one of them."""
    found = dict.fromkeys(reading for form in forms for reading in readings(form, language))
    return tuple(form for form in found if form not in forms)


def exact_terms(word: IndexedWord) -> tuple[str, ...]:
    """The terms at a word's place in the index of phrases."""
    return (*word.forms, *(_FOLDED + form for form in word.folded))


def segmentations(phrase: str) -> list[list[str]]:
    """The forms of a phrase's words: as they are written, and those that are one as a whole."""
    words = analysis.words_of(phrase)
    found = [[word.form for word in words]]
    if any(word.whole for word in words):
        found.append([form for whole, some in groupby(words, _whole_of) for form in _as_one(whole, some)])
    return found


def _whole_of(word: Word) -> str:
    return word.whole


def _as_one(whole: str, words: Iterable[Word]) -> list[str]:
    return [whole] if whole else [word.form for word in words]


def asked(form: str, languages: Sequence[str]) -> tuple[str, ...]:
    """The terms by which a word of a phrase is found in texts in some languages: marks that are typed are
    meant, but texts may be written without any; a word without marks is found with any."""
    found = dict.fromkeys([form])
    for language in languages:
        for reading in readings(form, language):
            found[reading if reading != form else _FOLDED + form] = None
    return tuple(found)


def asked_loosely(form: str, languages: Sequence[str]) -> tuple[str, ...]:
    """As :func:`asked`, whatever marks the word and the texts have."""
    found = [reading for language in languages for reading in readings(form, language)]
    return tuple(dict.fromkeys([form, *found, *(_FOLDED + reading for reading in found)]))
