"""A library's own dictionary, opened: its terms in every language, and what each is called in the others.

A term is found by any of its forms, by its lemma, without its diacritics, or, where the library does not
have it at all, by its vector: then its nearest terms in each language stand for it, with a probability.
What one language calls it tells what the others do: a path over a sure counterpart counts where the
direct one is unsure (*loyalty* → *lojalność* → *katapatan*).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search import analysis
from search.encoder import Vectors
from search.strings import KeyIndex, StringTable, mapped
from search.word_space import Encode, WordSpace, said

__all__ = ["SHOWN", "Candidate", "Vocabulary", "lookup_key"]

Ints = NDArray[np.int64]

# The probability that a term means what was asked for, by the cosine of its vector alone. Logistic
# regression on 320 English words and their nearest Czech, Danish, Ukrainian or Indonesian term, judged by
# reading, half of them of libraries that do not have them: 0.90 of those above 0.6 were right, and 0.69 of
# the right ones were above. Hubness and rivals added nothing here.
_CONSTANT, _COSINE = -6.54, 12.06
# Terms this likely lead on to their own counterparts; so many of each language.
_SURE, _ANCHORS = 0.5, 3
# The same spelling in another language than the one asked in may be a loan or a false friend.
_SAME_SPELLING = 0.5
# Below this, a term is not shown.
SHOWN = 0.6
# Of terms about as likely the more frequent is the better answer: its weight beside the log odds. One that is
# nearer to a part of what was asked for is a worse one.
_FREQUENCY, _PART = 0.15, 0.5
_SURELY = 0.999
# Terms listed for each language; words remembered with their vectors.
_LISTED, _REMEMBERED = 8, 50_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A term of the vocabulary that may mean what was asked for."""

    term: int
    probability: float


def lookup_key(text: str) -> str:
    """What a spelling is looked up by."""
    return " ".join(analysis.normal(text).split())


class Vocabulary:
    """A written vocabulary, memory-mapped; read-only and thread-safe. Terms are numbered, language by
    language, the most frequent first."""

    def __init__(self, directory: Path, encode: Encode) -> None:
        """``encode`` gives raw passage vectors."""
        self._encode = encode
        self._seen: dict[str, Vectors] = {}
        self.space = WordSpace.read(directory / "space.npz")
        text = (directory / "languages.txt").read_text("utf-8")
        self.languages = tuple(text.split("\n")) if text else ()
        self.language: NDArray[np.int16] = mapped(directory / "language.npy")
        self._bounds = [int(at) for at in np.searchsorted(self.language, np.arange(len(self.languages) + 1))]
        self.counts: NDArray[np.int32] = mapped(directory / "counts.npy")
        self.documents: NDArray[np.int32] = mapped(directory / "documents.npy")
        self._words: NDArray[np.float16] = mapped(directory / "words.npy")
        self._forms = StringTable(directory, "forms")
        self._form_counts: NDArray[np.int32] = mapped(directory / "form_counts.npy")
        self._term_forms: Ints = mapped(directory / "term_forms.npy")
        self._lemmas = StringTable(directory, "lemmas")
        self._keys, self._folded = KeyIndex(directory, "keys"), KeyIndex(directory, "folded")
        self._rows: NDArray[np.uint32] = mapped(directory / "rows.npy")
        self._term_rows: Ints = mapped(directory / "term_rows.npy")
        self._counterparts: NDArray[np.int32] = mapped(directory / "counterparts.npy")
        self._probabilities: NDArray[np.float16] = mapped(directory / "probabilities.npy")
        self._term_counterparts: Ints = mapped(directory / "term_counterparts.npy")

    def __len__(self) -> int:
        return len(self.counts)

    # --- one term

    def name(self, term: int) -> str:
        """How a term is shown."""
        return self._forms[int(self._term_forms[term])]

    def forms(self, term: int) -> tuple[tuple[str, int], ...]:
        """A term's spellings with their counts; the first is its name."""
        span = range(int(self._term_forms[term]), int(self._term_forms[term + 1]))
        return tuple((self._forms[at], int(self._form_counts[at])) for at in span)

    def rows(self, term: int) -> NDArray[np.uint32]:
        """The rows of the sentences that have a term, ascending."""
        return np.asarray(self._rows[int(self._term_rows[term]) : int(self._term_rows[term + 1])])

    def counterparts(self, term: int) -> list[Candidate]:
        """A term's likely counterparts in the other languages, the likeliest first."""
        span = slice(int(self._term_counterparts[term]), int(self._term_counterparts[term + 1]))
        return [
            Candidate(int(other), float(probability))
            for other, probability in zip(self._counterparts[span], self._probabilities[span], strict=True)
        ]

    def code(self, term: int) -> str:
        """The language of a term."""
        return self.languages[int(self.language[term])]

    # --- finding terms

    def find(self, text: str) -> list[int]:
        """The terms that are written so, in any language: as it stands, else by its words' lemmas, else
        without diacritics."""
        wanted = lookup_key(text)
        return self._keys[wanted] or self._by_lemmas(wanted) or self._folded[analysis.fold(wanted)]

    def _by_lemmas(self, wanted: str) -> list[int]:
        """Terms of several words, asked for in another inflection than any that occurs."""
        words = wanted.split(" ")
        if len(words) < 2:
            return []
        found: list[int] = []
        by_word = [self._keys[word] for word in words]
        for number in range(len(self.languages)):
            lemmas = [
                next((self._lemmas[term] for term in terms if self.language[term] == number), word)
                for word, terms in zip(words, by_word, strict=True)
            ]
            found += [term for term in self._keys[" ".join(lemmas)] if self.language[term] == number]
        return found

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Placed unit vectors of words or terms of any language; those asked for before are remembered."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._seen]
        if missing:
            if len(self._seen) > _REMEMBERED:
                self._seen.clear()
            placed = self.space.place(self._encode([said(text) for text in missing]))
            self._seen.update(zip(missing, placed, strict=True))
        return np.stack([self._seen[text] for text in texts])

    def translate(self, text: str, language: str | None = None) -> dict[str, Candidate]:
        """What a term, given in any language, is called in each of the library's, where that is likely enough
        to be shown. ``language`` is the one it is given in, if known."""
        likely = self.likely(text, language)
        given = lookup_key(text)
        asked = self.vectors([given, *(given.split(" ") if " " in given else ())])
        best: dict[str, Candidate] = {}
        for code, candidates in likely.items():
            shown = [one for one in candidates if one.probability >= SHOWN]
            if shown:
                best[code] = max(shown, key=lambda one: self._preference(one, asked))
        return best

    def likely(self, text: str, language: str | None = None) -> dict[str, list[Candidate]]:
        """Terms that may mean what a term does, by language, the likeliest first."""
        given = lookup_key(text)
        own = [term for term in self.find(text) if language in (None, self.code(term))]
        if own:
            # What the library knows of its own term is better than what the word alone says.
            scores = np.zeros(len(self), np.float32)
            scores[own] = 1.0
            self._spread(scores)
        else:
            scores = self._direct(self.vectors([given])[0])
            same = self._keys[given] if language is not None else []
            scores[same] = np.minimum(scores[same], _SAME_SPELLING)
        self._spread(scores)
        found: dict[str, list[Candidate]] = {}
        for number, code in enumerate(self.languages):
            start, end = self._bounds[number], self._bounds[number + 1]
            rows = start + np.argsort(-scores[start:end], kind="stable")[:_LISTED]
            found[code] = [Candidate(int(row), float(scores[row])) for row in rows]
        return found

    def _direct(self, vector: Vectors) -> Vectors:
        """Every term's probability by its vector alone, (terms,)."""
        cosines = self._words.astype(np.float32) @ vector
        probability: Vectors = (1 / (1 + np.exp(-(_CONSTANT + _COSINE * cosines)))).astype(np.float32)
        return probability

    def _spread(self, scores: Vectors) -> None:
        """Lets the surest terms of each language speak for their counterparts."""
        anchors: list[int] = []
        for start, end in pairwise(self._bounds):
            rows = start + np.argsort(-scores[start:end], kind="stable")[:_ANCHORS]
            anchors += [int(row) for row in rows if scores[row] >= _SURE]
        told = scores.copy()
        for anchor in anchors:
            for other in self.counterparts(anchor):
                told[other.term] = max(told[other.term], scores[anchor] * other.probability)
        scores[:] = told

    def _preference(self, candidate: Candidate, asked: Vectors) -> float:
        """By what a shown term is chosen; ``asked`` are vectors of what was asked for and of its parts."""
        sure = min(candidate.probability, _SURELY)
        odds = float(np.log(sure / (1 - sure)) + _FREQUENCY * np.log(self.counts[candidate.term]))
        cosines = asked @ self._words[candidate.term].astype(np.float32)
        return odds - _PART if cosines.argmax() else odds
