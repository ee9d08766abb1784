"""The words of a library, counted: what each language's vocabulary is made from.

Spaced scripts give the words of :mod:`search.language.analysis`. Scripts without spaces have no words to see;
there the encoder's own subword pieces stand in, which for Chinese, Japanese and Thai are mostly words where
they are common, and fragments where they are rare. Fragments of one letter are left out, and a longer term is
put together by :mod:`search.language.collocations` where its pieces keep each other's company.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import regex
from numpy.typing import NDArray

from search.arrays.vectors import Ints
from search.language import analysis
from search.language.collocations import TokenRow
from search.language.settings import LANGUAGE

__all__ = ["LanguageTokens", "Spans", "units"]

Spans = Sequence[tuple[int, int]]

_HAS_LETTER = regex.compile(r"\p{L}")
# A single character is a word by itself only where characters are syllables with a meaning.
_CHARACTER = regex.compile(r"\p{Han}")


def units(text: str, pieces: Spans) -> Iterator[analysis.Word]:
    """The words of a text: of spaced scripts as analysed, of others the encoder's ``pieces`` of each run."""
    run: list[analysis.Word] = []
    for word in analysis.words(text):
        if run and word.start >= run[-1].end:
            yield from _segmented(text, run[0].start, run[-1].end, pieces)
            run = []
        if analysis.is_unspaced(word.form):
            run.append(word)
        else:
            yield word
    if run:
        yield from _segmented(text, run[0].start, run[-1].end, pieces)


def _segmented(text: str, start: int, end: int, pieces: Spans) -> Iterator[analysis.Word]:
    """A run without spaces, cut where pieces begin, but never inside of a letter with its marks."""
    letters = {start + match.start() for match in regex.finditer(r"\X", text[start:end])}
    cuts = sorted({a for a, b in pieces if start < a < end and a < b and a in letters} | {start, end})
    for a, b in pairwise(cuts):
        yield analysis.Word(analysis.normal(text[a:b]), a, b)


@dataclass(slots=True)
class LanguageTokens:
    """One language's words in the order of its sentences, growing; ``rows``, ``starts`` and ``ends`` say
    where each is (a sentence's row, offsets into the sentence), ``words`` is a number in ``lemmas``, and
    ``forms`` one in ``spellings``."""

    rows: array[int] = field(default_factory=lambda: array("q"))
    starts: array[int] = field(default_factory=lambda: array("i"))
    ends: array[int] = field(default_factory=lambda: array("i"))
    words: array[int] = field(default_factory=lambda: array("i"))
    forms: array[int] = field(default_factory=lambda: array("i"))
    joined: array[int] = field(default_factory=lambda: array("b"))
    lemmas: dict[str, int] = field(default_factory=dict)
    spellings: dict[str, int] = field(default_factory=dict)
    cased: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    begun: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _names: list[str] | None = None

    def add(self, row: int, text: str, language: str, pieces: Spans) -> None:
        """A sentence's words."""
        before = -1
        for unit in units(text, pieces):
            lemma = analysis.lemma(unit.form, language)
            self.rows.append(row)
            self.starts.append(unit.start)
            self.ends.append(unit.end)
            self.words.append(self.lemmas.setdefault(lemma, len(self.lemmas)))
            self.forms.append(self.spellings.setdefault(unit.form, len(self.spellings)))
            self.joined.append(before >= 0 and text[before : unit.start].strip() == "")
            (self.cased if before >= 0 else self.begun)[unit.form][text[unit.start : unit.end]] += 1
            before = unit.end

    def token_row(self, words: Ints, content: NDArray[np.bool_]) -> TokenRow:
        """As :mod:`search.language.collocations` wants them; ``content`` is by word number."""
        return TokenRow(words, content[words], np.frombuffer(self.joined, np.int8).astype(np.bool_))

    def own_lemmas(self) -> Ints:
        """Every word's number, but a form that is the lemma of others stands under itself: a lemmatiser may
        take *apkalpošana* (service) for a form of *apkalpot* (serve), and *apkalpošanas* not."""
        words = np.frombuffer(self.words, np.int32).astype(np.int64)
        forms = np.frombuffer(self.forms, np.int32).astype(np.int64)
        itself = np.array([self.lemmas.get(form, -1) for form in self.spellings], dtype=np.int64)
        return np.where(itself[forms] >= 0, itself[forms], words) if len(forms) else words

    def usual_spellings(self) -> list[str]:
        """Each form as it is usually spelled: in lower case where it ever is inside of a sentence. The
        capital that begins a sentence says nothing about a word that is never elsewhere."""
        found = []
        for form in self.spellings:
            raw = self.cased.get(form) or Counter(
                {one if _is_shouted(one) else one.lower(): count for one, count in self.begun[form].items()}
            )
            lower = [form for form in raw if form == form.lower()]
            found.append(max(lower or raw, key=lambda one: (raw[one], one)))
        return found

    def surfaces(self, begins: Ints, length: int) -> Counter[str]:
        """How the terms that begin at some tokens are written, in their usual spellings."""
        names = self.usual_spellings() if self._names is None else self._names
        self._names = names
        found: Counter[str] = Counter()
        for begin in begins.tolist():
            surface = names[self.forms[begin]]
            for at in range(begin + 1, begin + length):
                surface += "" if self.starts[at] == self.ends[at - 1] else " "
                surface += names[self.forms[at]]
            found[surface] += 1
        return found

    @staticmethod
    def eligible(lemma: str) -> bool:
        """Whether a word can be a term at all: with a letter, not endless, no lone letter."""
        if len(lemma) == 1:
            return bool(_CHARACTER.match(lemma))
        return len(lemma) <= LANGUAGE.longest_word and bool(_HAS_LETTER.search(lemma))


def _is_shouted(word: str) -> bool:
    """Whether a word is all capitals, as *NATO* is, and *I* need not be."""
    return len(word) > 1 and word.isupper()
