"""Keyboards: what a text says that was typed in the wrong layout, key by key (``kb/data/keyboards.tsv``)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import regex

from kb import tables

__all__ = ["Keyboard", "keyboards", "retyped"]

# The American keyboard, which the rows of the table follow. Its letters are those of all Latin ones, nearly.
_AMERICAN = (
    "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./",
    '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?',
)
# Keys that put a mark on the next letter.
_DEAD = {"´": "\u0301", "¨": "\u0308"}
_OF_MARKS = {mark: key for key, mark in _DEAD.items()}
_DEAD_KEYS = regex.compile(f"([{''.join(_DEAD)}]+)(\\p{{L}})")

# Korean keys write letters, which make syllables: a first consonant, a vowel, perhaps last consonants.
_FIRST = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_LAST = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_TWO_KEYS = {
    letter: first + second
    for letter, first, second in zip(
        "ㅘㅙㅚㅝㅞㅟㅢㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ",
        "ㅗㅗㅗㅜㅜㅜㅡㄱㄴㄴㄹㄹㄹㄹㄹㄹㄹㅂ",
        "ㅏㅐㅣㅓㅔㅣㅣㅅㅈㅎㄱㅁㅂㅅㅌㅍㅎㅅ",
        strict=True,
    )
}
_ONE_LETTER = {keys: letter for letter, keys in _TWO_KEYS.items()}
_VOWEL = f"(?:{'|'.join(_TWO_KEYS[one] for one in _VOWELS if one in _TWO_KEYS)}|[{_VOWELS}])"
_END = f"(?:{'|'.join(_TWO_KEYS[one] for one in _LAST if one in _TWO_KEYS)}|[{_LAST}])"
# A consonant before a vowel begins the next syllable.
_SYLLABLE = regex.compile(f"([{_FIRST}])({_VOWEL})({_END}(?![{_VOWELS}]))?")
_WRITTEN_SYLLABLE = regex.compile("[가-힣]")
_LOOSE = regex.compile(f"[{_VOWELS}{_LAST}]")
_FIRST_SYLLABLE = ord("가")


@dataclass(frozen=True, slots=True)
class Keyboard:
    """One language's keyboard: what each key of the American one writes on it, and by which key each
    character is written."""

    language: str
    written: Mapping[str, str]
    keys: Mapping[str, str]

    def read(self, keys: str) -> str:
        """What it writes where the American one writes ``keys``; what is on no key stays."""
        written = "".join(self.written.get(key, key) for key in keys)
        marked = _DEAD_KEYS.sub(lambda found: found[2] + "".join(_DEAD[mark] for mark in found[1]), written)
        return unicodedata.normalize("NFC", _SYLLABLE.sub(_syllable, marked))

    def typed(self, text: str) -> str | None:
        """What the American one writes where this one writes ``text``; None where a letter is on no key."""
        characters = list(_WRITTEN_SYLLABLE.sub(_letters, unicodedata.normalize("NFC", text)))
        for at, character in enumerate(characters):
            apart = unicodedata.normalize("NFD", character)
            if character not in self.keys and all(mark in _OF_MARKS for mark in apart[1:]):
                characters[at] = "".join(_OF_MARKS[mark] for mark in apart[1:]) + apart[0]
        joined = "".join(characters)
        if any(character.isalpha() and character not in self.keys for character in joined):
            return None
        return "".join(self.keys.get(character, character) for character in joined)


@cache
def keyboards() -> tuple[Keyboard, ...]:
    """The table's, in its order."""
    return tuple(_keyboard(*row) for row in tables.rows("keyboards", 3, key=2))


def retyped(text: str) -> Iterator[tuple[str, str]]:
    """What a text says in other layouts than those that it may be typed in, each with the language of the
    keyboard: "" for a Latin one."""
    boards = keyboards()
    typed = sorted({keys for board in boards if (keys := board.typed(text)) is not None} - {text})
    yield from ((keys, "") for keys in typed)
    american = [text] if text.isascii() else []
    read = {(board.read(keys), board.language) for keys in (*typed, *american) for board in boards}
    yield from sorted(one for one in read if one[0] != text and _is_writing(one[0]))


def _is_writing(text: str) -> bool:
    """Whether no letter of Korean is left without a syllable, and none of its syllables is one that nobody
    writes: such are not in the Korean standard's set (KS X 1001), which has two bytes for each of its own."""
    syllables = "".join(_WRITTEN_SYLLABLE.findall(text))
    return not _LOOSE.search(text) and len(syllables.encode("euc_kr")) == 2 * len(syllables)


def _keyboard(language: str, plain: str, shifted: str) -> Keyboard:
    """A row of the table. Raises ValueError where it has too few keys, or too many."""
    written: dict[str, str] = {}
    for american, row in zip(_AMERICAN, (plain, shifted), strict=True):
        written |= zip(american, row.split(" "), strict=True)
    for key, character in list(written.items()):
        if key == character and key.isalpha():
            # Beside letters without capitals, Shift writes Latin ones, which are nothing there.
            written[key] = written[key.lower()]
    keys = {character: key for key, character in reversed(written.items())}
    return Keyboard(language, written, keys)


def _syllable(found: regex.Match[str]) -> str:
    first, vowel, last = (_ONE_LETTER.get(part or "", part or "") for part in found.groups())
    place = _FIRST.index(first) * len(_VOWELS) + _VOWELS.index(vowel)
    return chr(_FIRST_SYLLABLE + place * (len(_LAST) + 1) + (_LAST.index(last) + 1 if last else 0))


def _letters(found: regex.Match[str]) -> str:
    """A syllable's letters, as their keys are pressed."""
    place, last = divmod(ord(found[0]) - _FIRST_SYLLABLE, len(_LAST) + 1)
    first, vowel = divmod(place, len(_VOWELS))
    letters = _FIRST[first] + _VOWELS[vowel] + (_LAST[last - 1] if last else "")
    return "".join(_TWO_KEYS.get(letter, letter) for letter in letters)
