"""Where the words of every passage are, and what each looks like: known when a library is built, so that a
text that is shown is not taken apart again for every query, and a phrase is found word by word
(:mod:`search.passages.lexical`).

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
from search.arrays.runs import offsets_of, places_of, runs_of
from search.arrays.strings import mapped
from search.arrays.vectors import Ints
from search.language import analysis
from search.language.analysis import Word
from search.language.index_terms import IndexedWord, exact_terms

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
    """The words that passages are searched by, those of passage i at ``offsets[i]:offsets[i+1]``: from where
    the word before begins, or the text, to where it begins, ``gaps``, and its ``lengths``, in code points;
    and its place, ``numbers``, among the N different ones. The passage itself begins ``leads[i]`` code points
    later than what is searched.

    Different words are found by other terms: ``kinds`` (N,) are hashes of all of a word's, ascending; its
    print is ``forms``, ``folded`` and ``grams``, (N,) each. ``terms`` (T,), hashes, ascending, are what the
    words at ``owners`` (T,) are found by."""

    offsets: Ints
    leads: NDArray[Any]
    gaps: NDArray[Any]
    lengths: NDArray[Any]
    numbers: NDArray[Any]
    kinds: NDArray[np.uint64]
    forms: NDArray[np.uint64]
    folded: NDArray[np.uint32]
    grams: NDArray[np.uint64]
    terms: NDArray[np.uint64]
    owners: NDArray[Any]

    def spans(self, rows: Ints, sought: Sought) -> Iterator[list[tuple[int, int]]]:
        """Of each of some passages, where the words are that may be what is sought: start and end in its
        text, in order."""
        sizes = self.offsets[rows + 1] - self.offsets[rows]
        every = runs_of(self.offsets, rows)
        numbers, of_word = np.unique(self.numbers[every], return_inverse=True)
        may_be = sought.may_be(self.forms[numbers], self.folded[numbers], self.grams[numbers])
        begun = np.cumsum(self.gaps[every], dtype=np.int64)
        bounds = offsets_of(sizes)
        starts = begun - np.repeat(np.append(0, begun)[bounds[:-1]] + self.leads[rows], sizes)
        chosen = np.flatnonzero(may_be[of_word] & (starts >= 0))
        first, lengths = starts[chosen], self.lengths[every[chosen]]
        spans = list(zip(first.tolist(), (first + lengths).tolist(), strict=True))
        ends = np.searchsorted(chosen, bounds).tolist()
        return (spans[first:last] for first, last in pairwise(ends))

    def found_by(self, terms: Sequence[str]) -> tuple[tuple[str, ...], NDArray[Any]]:
        """Those of some terms by which anything is found, and the different words that are found by them, by
        their places."""
        asked = np.array([hash64(term) for term in terms], np.uint64)
        first, last = (np.searchsorted(self.terms, asked, side) for side in ("left", "right"))
        known = tuple(term for term, there in zip(terms, last > first, strict=True) if there)
        return known, np.unique(self.owners[places_of(first, last - first)])

    def in_a_row(self, words: Sequence[NDArray[Any]], rows: Ints) -> Ints:
        """Those of some passages that have words, each given as what it may be among the different ones, one
        after the other."""
        sizes = self.offsets[rows + 1] - self.offsets[rows]
        numbers, bounds = self.numbers[runs_of(self.offsets, rows)], offsets_of(sizes)
        at = np.arange(len(numbers))
        at = at[at + len(words) <= np.repeat(bounds[1:], sizes)]
        for step, may_be in enumerate(words):
            at = at[np.isin(numbers[at + step], may_be)]
        return rows[np.unique(np.searchsorted(bounds, at, side="right") - 1)]

    def joined(self, kept: KeptRows, new: WordPrints) -> WordPrints:
        """Those of the passages that are kept, and then the ``new`` ones."""
        words = runs_of(self.offsets, kept.rows)
        kinds = np.union1d(self.kinds, new.kinds)
        ours, theirs = np.searchsorted(kinds, self.kinds), np.searchsorted(kinds, new.kinds)
        forms, folded, grams = np.zeros_like(kinds), np.zeros(len(kinds), np.uint32), np.zeros_like(kinds)
        for places, one in ((ours, self), (theirs, new)):
            forms[places], folded[places], grams[places] = one.forms, one.folded, one.grams
        return WordPrints(
            joined_runs(kept, self.offsets, np.diff(new.offsets)),
            _small(self.leads[kept.rows], new.leads),
            _small(self.gaps[words], new.gaps),
            _small(self.lengths[words], new.lengths),
            _small(ours[self.numbers[words]], theirs[new.numbers]),
            kinds,
            forms,
            folded,
            grams,
            *_by_term(
                np.concatenate([self.terms, new.terms]),
                np.concatenate([ours[self.owners], theirs[new.owners]]),
            ),
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
        self._leads, self._gaps, self._lengths, self._numbers = (array("I") for _ in range(4))
        # Each different word's place in the order of coming.
        self._known: dict[IndexedWord, int] = {}
        self._kinds, self._forms, self._folded, self._grams = array("Q"), array("Q"), array("I"), array("Q")
        self._terms, self._owners = array("Q"), array("I")

    def add(self, words: Sequence[Word], indexed: Sequence[IndexedWord], lead: int) -> None:
        """The next passage: its words, also as they are indexed; it begins ``lead`` code points later than
        the text that they are of."""
        begun = [0, *(word.start for word in words)]
        self._sizes.append(len(words))
        self._leads.append(lead)
        self._gaps.extend([after - before for before, after in pairwise(begun)])
        self._lengths.extend([word.end - word.start for word in words])
        self._numbers.extend([self._number(word) for word in indexed])

    def prints(self) -> WordPrints:
        kinds = np.array(self._kinds, np.uint64)
        order = np.argsort(kinds)
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        return WordPrints(
            offsets_of(self._sizes),
            _small(np.array(self._leads)),
            _small(np.array(self._gaps)),
            _small(np.array(self._lengths)),
            _small(place[np.array(self._numbers, np.int64)]),
            kinds[order],
            np.array(self._forms, np.uint64)[order],
            np.array(self._folded, np.uint32)[order],
            np.array(self._grams, np.uint64)[order],
            *_by_term(np.array(self._terms, np.uint64), place[np.array(self._owners, np.int64)]),
        )

    def _number(self, word: IndexedWord) -> int:
        number = self._known.get(word)
        if number is None:
            number = self._known[word] = len(self._known)
            terms = exact_terms(word)
            self._kinds.append(hash64(*terms))
            self._forms.append(hash64(word.form))
            self._folded.append(hash64(analysis.fold(word.form)) & _FOLDED)
            self._grams.append(_bits(analysis.grams(word.form)))
            self._terms.extend([hash64(term) for term in terms])
            self._owners.extend([number] * len(terms))
        return number


def _by_term(terms: NDArray[np.uint64], owners: Ints) -> tuple[NDArray[np.uint64], NDArray[Any]]:
    """Terms with their owners, each pair once, ascending."""
    order = np.lexsort((owners, terms))
    terms, owners = terms[order], owners[order]
    again = (terms[1:] == terms[:-1]) & (owners[1:] == owners[:-1])
    once = np.append(~again, True)[: len(terms)]
    return terms[once], _small(owners[once])


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
