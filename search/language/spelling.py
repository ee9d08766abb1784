"""Which known spelling was probably meant: slips are letters too many, too few, wrong, or two exchanged
(optimal string alignment). Case and diacritics do not count, and one apostrophe is as good as another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from search.language import analysis
from search.language.settings import LANGUAGE

__all__ = [
    "APOSTROPHES",
    "FormTable",
    "Near",
    "StemTable",
    "letters_of",
    "nearest_spelling",
    "nearly",
    "slips",
    "spelling_key",
]

APOSTROPHES = "'’‘‛`´ʹʻʼʽˈ＇"
"""What is typed, and printed, for the apostrophes of all languages."""
_ONE_APOSTROPHE = str.maketrans(APOSTROPHES, "'" * len(APOSTROPHES))


@dataclass(frozen=True, slots=True)
class FormTable:
    """Forms with their counts, the key that each is compared by, and the ``letters`` (n,) of the keys."""

    forms: tuple[str, ...]
    counts: tuple[int, ...]
    keys: tuple[str, ...] = field(init=False, repr=False, compare=False)
    letters: NDArray[np.uint64] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", tuple(map(_compared, self.forms)))
        object.__setattr__(self, "letters", np.array([letters_of(key) for key in self.keys], np.uint64))


class Near(NamedTuple):
    """A form that a word may have been meant to be, how many slips away it is, and how often it was seen."""

    slips: int
    form: str
    seen: int


def spelling_key(text: str) -> str:
    """What a spelling is compared by."""
    plain = analysis.fold(" ".join(analysis.normal(text.translate(_ONE_APOSTROPHE)).split()))
    return plain.translate(_ONE_APOSTROPHE)[: LANGUAGE.longest_spelling]


def _compared(form: str) -> str:
    """A word's key without apostrophes: they are left out as often as they are mistaken."""
    return spelling_key(form).replace("'", "")


def slips(key: str) -> int:
    """How many slips are forgiven in a word."""
    return 2 if len(key) >= LANGUAGE.two_slips else int(len(key) >= LANGUAGE.one_slip)


def letters_of(text: str) -> np.uint64:
    """The letters of a text, as bits; some share one."""
    bits = 0
    for character in text:
        bits |= 1 << (ord(character) % 64)
    return np.uint64(bits)


def nearly(
    key: str, letters: NDArray[np.uint64], spelled: Callable[[int], str], most: int | None = None
) -> list[tuple[int, int]]:
    """The distances and the places of those spellings that are a key but for the slips forgiven in it, the
    nearest first, so many at most. Their ``letters`` are given by place, and ``spelled`` says them: a slip
    changes two letters at most of those that a text is made of, which leaves few to look at."""
    allowed = slips(key)
    possible = np.flatnonzero(np.bitwise_count(letters ^ letters_of(key)) <= 2 * allowed).tolist()
    near = process.extract(
        key,
        [spelled(at) for at in possible],
        scorer=OSA.distance,
        processor=None,
        score_cutoff=allowed,
        limit=most,
    )
    return [(distance, possible[at]) for _, distance, at in near]


def nearest_spelling(word: str, known: FormTable) -> Near | None:
    """The form that a word was probably meant to be: the nearest, of those the most frequent; the word
    itself, without a slip, where it is one of them; None where none is near."""
    key = _compared(word)
    if not slips(key):
        return None
    near = nearly(key, known.letters, known.keys.__getitem__, LANGUAGE.spellings_compared)
    if not near:
        return None
    distance, at = min(near, key=lambda one: (one[0], -known.counts[one[1]], known.forms[one[1]]))
    return Near(distance, known.forms[at], known.counts[at])


@dataclass(frozen=True, slots=True)
class StemTable:
    """Spellings, as they are looked up, and their terms, by the letters that they begin with."""

    by_stem: Mapping[str, Sequence[tuple[str, int]]]

    @classmethod
    def of(cls, spelled: Iterable[tuple[str, int]]) -> StemTable:
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for key, term in spelled:
            if len(key) >= LANGUAGE.stem:
                found[key[: LANGUAGE.stem]].append((key, term))
        return cls(found)

    def alike(self, wanted: str) -> list[int]:
        """The terms that are spelled as this but for the words' endings."""
        nearly = self.by_stem.get(wanted[: LANGUAGE.stem], ())
        return sorted({term for key, term in nearly if _differ_in_endings(wanted, key)})


def _differ_in_endings(word: str, other: str) -> bool:
    """Whether two terms have the same words but for the endings of some."""
    words, others = word.split(" "), other.split(" ")
    return len(words) == len(others) and all(map(_same_stem, words, others))


def _same_stem(word: str, other: str) -> bool:
    rest = max(len(word), len(other)) - LANGUAGE.ending
    return word == other or word[: max(LANGUAGE.stem, rest)] == other[: max(LANGUAGE.stem, rest)]
