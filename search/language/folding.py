"""What a word is folded to, by the rows of ``kb/data/folding.tsv`` and ``characters.tsv``: how people type it
who leave its marks out, or write its letters in another usual way (``Mueller``, ``圖書館``, ``احمد``)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TypeAlias

import regex

from kb import tables
from search.arrays.memory import remembered
from search.language.settings import LANGUAGE

__all__ = ["READINGS", "fold", "readings"]

READINGS = 2
"""How many readings a word has at most: without its marks, and in letters that stand for them."""

# Marks of these classes of Unicode are part of a letter, not something that writers leave out: voiced kana,
# viramas, and the vowels and tones of Telugu, Thai, Lao and Tibetan.
_KEPT = frozenset({0, 8, 9, *range(84, 133)})
# Katakana and hiragana are in the same order.
_KANA = {katakana: katakana - 0x60 for katakana in range(0x30A1, 0x30F7)}

_Pattern: TypeAlias = tuple["regex.Pattern[str]", str]


@dataclass(frozen=True, slots=True)
class _Folding:
    """One reading in one language: letters that become others, and patterns to be replaced."""

    letters: Mapping[int, str | int]
    patterns: tuple[_Pattern, ...]

    def __call__(self, form: str) -> str:
        decomposed = unicodedata.normalize("NFKD", form.translate(self.letters))
        bare = "".join(character for character in decomposed if unicodedata.combining(character) in _KEPT)
        folded = unicodedata.normalize("NFC", bare).translate(self.letters)
        for pattern, written in self.patterns:
            folded = pattern.sub(written, folded)
        return folded


def fold(form: str) -> str:
    """A word without its marks, whatever its language."""
    return readings(form, tables.MANY_LANGUAGES)[0]


@remembered(LANGUAGE.folded_remembered)
def readings(form: str, language: str) -> tuple[str, ...]:
    """What a casefolded word is folded to in a language: READINGS at most, each once, the one without marks
    first. A word that is nothing but marks is itself."""
    foldings = _foldings(language)
    found = dict.fromkeys(folding(form) for folding in foldings) if _may_change(form, foldings) else {}
    found.pop("", None)
    return tuple(found) or (form,)


def _may_change(form: str, foldings: tuple[_Folding, ...]) -> bool:
    """Whether there is anything to fold: of most words in Latin letters there is not."""
    return not form.isascii() or any(
        ord(letter) in folding.letters for folding in foldings for letter in form
    )


@cache
def _foldings(language: str) -> tuple[_Folding, ...]:
    """A language's readings, by number."""
    written: list[dict[str, str]] = [{} for _ in range(READINGS)]
    for code in dict.fromkeys((tables.MANY_LANGUAGES, language)):
        for number, one, folded in _rows().get(code, ()):
            written[number - 1][one] = folded
    for first, second in pairwise(written):
        for one, folded in first.items():
            second.setdefault(one, folded)
    return tuple(_folding(of_reading, _characters(language)) for of_reading in written)


def _folding(written: Mapping[str, str], characters: Mapping[int, str]) -> _Folding:
    letters = {ord(text): folded for text, folded in written.items() if len(text) == 1}
    patterns = [(_compiled(text), folded) for text, folded in written.items() if len(text) > 1]
    return _Folding({**_KANA, **characters, **letters}, tuple(patterns))


_compiled: Callable[[str], regex.Pattern[str]] = cache(regex.compile)


@cache
def _rows() -> Mapping[str, list[tuple[int, str, str]]]:
    """By language: a reading's number from 1, what is written, and what it is folded to."""
    found: dict[str, list[tuple[int, str, str]]] = {}
    for language, number, written, folded in tables.rows("folding", 4, key=3, optional=1):
        found.setdefault(language, []).append((int(number), written, folded))
    return found


@cache
def _characters(language: str) -> Mapping[int, str]:
    """The characters that a language's writers have others for; those of all languages, if it has no rows."""
    found = _character_rows()
    return found.get(language) or found[tables.MANY_LANGUAGES]


@cache
def _character_rows() -> Mapping[str, Mapping[int, str]]:
    found: dict[str, dict[int, str]] = {}
    for language, character, others in tables.rows("characters", 3, key=2):
        found.setdefault(language, {}).update(dict.fromkeys(map(ord, others), character))
    return found
