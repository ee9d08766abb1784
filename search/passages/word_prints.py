"""Where the words of every passage are, and what each looks like: known when a library is built, so that a
text that is shown is not taken apart again for every query.

A word's *print* says three things of it: the hash of its form, that of what it is folded to, and on which of
64 bits its grams fall. By prints nearly all words of a passage are passed over, in a few operations on
arrays; those that a query may mean are read in the text, and judged there. So a print may promise too much,
never too little.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.text.hashes import hash64
from search.arrays.kept import KeptRows, joined_runs
from search.arrays.runs import offsets_of, runs_of
from search.arrays.strings import mapped
from search.arrays.vectors import Ints
from search.language import analysis
from search.language.analysis import Word

__all__ = ["Sought", "WordPrints", "WordPrintsBuilder"]

_BITS = 64
# Of what a word is put together with, so many grams tell enough; its inflections mostly share them.
_FIRST = 3
_FOLDED = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Sought:
    """The words that a query may mean: ``hashes`` (n,) of forms that a word is or is folded to, ascending;
    the grams of words that one may be an inflection of, ``alike`` (w,), each a sum of bits, how many they
    are, ``counts`` (w,), and the least share in common, ``share`` (Dice's coefficient); and grams of which a
    word has all, ``within`` (p,), where it may have another in it."""

    hashes: NDArray[np.uint64]
    alike: NDArray[np.uint64]
    counts: Ints
    within: NDArray[np.uint64]
    share: float

    @classmethod
    def of(cls, forms: Iterable[str], alike: Iterable[str], within: Iterable[str], share: float) -> Sought:
        """``forms`` are found as they are, and where something is folded to one; ``alike`` in inflections
        that have so much of them; ``within`` as parts of words."""
        like = [frozenset(analysis.grams(word)) for word in alike]
        inner = {_bits(_inner_grams(word)[:_FIRST]) for word in within}
        return cls(
            np.unique(np.array([hash64(form) for form in forms], np.uint64)),
            np.array([_bits(grams) for grams in like], np.uint64),
            np.array([len(grams) for grams in like], np.int64),
            np.array(sorted(inner), np.uint64),
            share,
        )

    def may_be(
        self, forms: NDArray[np.uint64], folded: NDArray[np.uint32], grams: NDArray[np.uint64]
    ) -> NDArray[np.bool_]:
        """Which of n prints, (n,) each, may be of a word that is sought."""
        found = np.isin(forms, self.hashes) | np.isin(folded, self.hashes.astype(np.uint32))
        if len(self.alike):
            # Two grams may fall on one bit: so many more they may have in common.
            common = np.bitwise_count(grams[:, None] & self.alike).astype(np.int64)
            common += self.counts - np.bitwise_count(self.alike)
            least = self.share * (np.bitwise_count(grams)[:, None] + self.counts)
            found |= (2 * common >= least - 1e-6).any(axis=1)
        if len(self.within):
            found |= ((grams[:, None] & self.within) == self.within).any(axis=1)
        return found


@dataclass(frozen=True, slots=True)
class WordPrints:
    """The words of passages, those of passage i at ``offsets[i]:offsets[i+1]``: from where the word before
    begins, or the passage, to where it begins, ``gaps``, and its ``lengths``, in code points; and its print's
    place, ``numbers``, among the N different ones: ``forms`` (ascending), ``folded`` and ``grams``, (N,)
    each."""

    offsets: Ints
    gaps: NDArray[Any]
    lengths: NDArray[Any]
    numbers: NDArray[Any]
    forms: NDArray[np.uint64]
    folded: NDArray[np.uint32]
    grams: NDArray[np.uint64]

    def spans(self, rows: Ints, sought: Sought) -> Iterator[list[tuple[int, int]]]:
        """Of each of some passages, where the words are that may be what is sought: start and end in its
        text, in order."""
        sizes = self.offsets[rows + 1] - self.offsets[rows]
        every = runs_of(self.offsets, rows)
        numbers, of_word = np.unique(self.numbers[every], return_inverse=True)
        may_be = sought.may_be(self.forms[numbers], self.folded[numbers], self.grams[numbers])
        chosen = np.flatnonzero(may_be[of_word])
        begun = np.cumsum(self.gaps[every], dtype=np.int64)
        bounds = offsets_of(sizes)
        before = np.append(0, begun)[bounds[:-1]]
        starts = begun[chosen] - np.repeat(before, sizes)[chosen]
        spans = list(zip(starts.tolist(), (starts + self.lengths[every[chosen]]).tolist(), strict=True))
        ends = np.searchsorted(chosen, bounds).tolist()
        return (spans[first:last] for first, last in pairwise(ends))

    def joined(self, kept: KeptRows, new: WordPrints) -> WordPrints:
        """Those of the passages that are kept, and then the ``new`` ones."""
        words = runs_of(self.offsets, kept.rows)
        forms = np.union1d(self.forms, new.forms)
        ours, theirs = np.searchsorted(forms, self.forms), np.searchsorted(forms, new.forms)
        folded, grams = np.zeros(len(forms), np.uint32), np.zeros(len(forms), np.uint64)
        for places, one in ((ours, self), (theirs, new)):
            folded[places], grams[places] = one.folded, one.grams
        return WordPrints(
            joined_runs(kept, self.offsets, np.diff(new.offsets)),
            _small(self.gaps[words], new.gaps),
            _small(self.lengths[words], new.lengths),
            _small(ours[self.numbers[words]], theirs[new.numbers]),
            forms,
            folded,
            grams,
        )

    def write(self, directory: Path) -> None:
        for one in fields(self):
            np.save(directory / f"{one.name}.npy", getattr(self, one.name))

    @classmethod
    def read(cls, directory: Path) -> WordPrints:
        """The arrays are memory-mapped."""
        return cls(*(mapped(directory / f"{one.name}.npy") for one in fields(cls)))


class WordPrintsBuilder:
    """Collects the words of passages in row order."""

    def __init__(self) -> None:
        self._sizes: list[int] = []
        self._gaps, self._lengths, self._numbers = array("I"), array("I"), array("I")
        # Each form's place in the order of coming.
        self._known: dict[str, int] = {}
        self._prints = array("Q"), array("I"), array("Q")

    def add(self, words: Sequence[Word], start: int) -> None:
        """The next passage: its words that begin at ``start`` or later, where it begins itself."""
        own = [word for word in words if word.start >= start]
        begun = [start, *(word.start for word in own)]
        self._sizes.append(len(own))
        self._gaps.extend([after - before for before, after in pairwise(begun)])
        self._lengths.extend([word.end - word.start for word in own])
        self._numbers.extend([self._number(word.form) for word in own])

    def prints(self) -> WordPrints:
        forms, folded, grams = (np.array(one) for one in self._prints)
        order = np.argsort(forms)
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        return WordPrints(
            offsets_of(self._sizes),
            _small(np.array(self._gaps)),
            _small(np.array(self._lengths)),
            _small(place[np.array(self._numbers)]),
            forms[order].astype(np.uint64),
            folded[order].astype(np.uint32),
            grams[order].astype(np.uint64),
        )

    def _number(self, form: str) -> int:
        number = self._known.get(form)
        if number is None:
            number = self._known[form] = len(self._known)
            of_form, of_folded, of_grams = self._prints
            of_form.append(hash64(form))
            of_folded.append(hash64(analysis.fold(form)) & _FOLDED)
            of_grams.append(_bits(analysis.grams(form)))
        return number


def _small(*parts: NDArray[Any]) -> NDArray[Any]:
    """Counts end to end, in as few bytes as the largest needs."""
    every = np.concatenate(parts)
    return every.astype(np.min_scalar_type(int(every.max(initial=0))))


def _inner_grams(word: str) -> list[str]:
    """The grams that a word has wherever it stands in another."""
    return [gram for gram in analysis.grams(word) if not gram.startswith("_") and not gram.endswith("_")]


def _bits(grams: Iterable[str]) -> int:
    bits = 0
    for gram in grams:
        bits |= _bit(gram)
    return bits


@lru_cache(maxsize=1 << 15)
def _bit(gram: str) -> int:
    return 1 << hash64(gram) % _BITS
