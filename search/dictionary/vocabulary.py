"""A library's own dictionary, opened: its terms in every language, and what each is called in the others.

A term is found by any of its forms, by its lemma, without its diacritics, or, where the library does not
have it at all, by its vector or by where it points in a query: then its nearest terms in each language stand
for it, with a probability. What one language calls it tells what the others do: a path over a sure
counterpart counts where the direct one is unsure (*loyalty* → *lojalność* → *katapatan*).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import numpy as np
from anyascii import anyascii
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from search.arrays.matmul import matmul
from search.arrays.memory import Remembered
from search.arrays.strings import KeyIndex, StringTable, mapped
from search.arrays.vectors import Ints, Vectors
from search.dictionary.in_context import Heard, TermContexts
from search.dictionary.settings import DICTIONARY
from search.dictionary.word_space import WordSpace, said
from search.encoding.protocol import Encoder
from search.language import analysis
from search.language.background import is_function_word
from search.language.spelling import FormTable, StemTable
from search.language.terms import units

__all__ = ["LikelyTerm", "Vocabulary", "likelihood", "lookup_key"]


@dataclass(frozen=True, slots=True)
class LikelyTerm:
    """A term of the vocabulary that may mean what was asked for."""

    term: int
    probability: float


def lookup_key(text: str) -> str:
    """What a spelling is looked up by."""
    return " ".join(analysis.normal(text).split())


def likelihood(cosines: Vectors) -> Vectors:
    """How likely words are counterparts whose own vectors are so near, where no more is known of them."""
    likely: Vectors = 1 / (1 + np.exp(-(DICTIONARY.alone_bias + DICTIONARY.alone_cosine * cosines)))
    return likely


def _is_content(word: str, likeness: float, most: float) -> bool:
    """Whether a word that looks so much like a function word is none."""
    return likeness < (DICTIONARY.surely_no_function_word if is_function_word(word.casefold()) else most)


def _by_term(terms: Sequence[LikelyTerm]) -> dict[int, float]:
    return {likely.term: likely.probability for likely in terms}


class Vocabulary:
    """A written vocabulary, memory-mapped; read-only and thread-safe. Terms are numbered, language by
    language, the most frequent first."""

    def __init__(self, directory: Path, encoder: Encoder) -> None:
        self._encoder = encoder
        self._seen = Remembered[str, Vectors](DICTIONARY.words_remembered)
        self._stand_ins = Remembered[tuple[str, float, int], Mapping[str, tuple[LikelyTerm, ...]]](
            DICTIONARY.words_remembered
        )
        self._found = Remembered[tuple[str, str | None], dict[str, list[LikelyTerm]]](
            DICTIONARY.meanings_remembered
        )
        self._words_of = lru_cache(maxsize=DICTIONARY.texts_remembered)(self._cut)
        self.space = WordSpace.read(directory / "space.npz")
        self._function = dict(zip(self.space.forms, self.space.likeness.tolist(), strict=True))
        text = (directory / "languages.txt").read_text("utf-8")
        self.languages = tuple(text.split("\n")) if text else ()
        self.language: NDArray[np.int16] = mapped(directory / "language.npy")
        self.counts: NDArray[np.int32] = mapped(directory / "counts.npy")
        self._words: NDArray[np.float16] = mapped(directory / "words.npy")
        self.contexts = TermContexts(directory, self._words)
        self._rough: Vectors = mapped(directory / "rough_words.npy")
        self._axes: Vectors = mapped(directory / "rough_axes.npy")
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

    @cached_property
    def spellings(self) -> Mapping[str, FormTable]:
        """Every form of every term, by language; read from the disk when first asked for."""
        ends = self._term_forms[np.searchsorted(self.language, range(len(self.languages) + 1))].tolist()
        counts = self._form_counts.tolist()
        return {
            code: FormTable(tuple(map(self._forms.__getitem__, range(a, b))), tuple(counts[a:b]))
            for code, (a, b) in zip(self.languages, pairwise(ends), strict=True)
        }

    def term_vectors(self, terms: Sequence[int]) -> Vectors:
        """Placed unit vectors of terms, (n, d)."""
        return self._words[list(terms)].astype(np.float32)

    def rows(self, term: int) -> NDArray[np.uint32]:
        """The rows of the sentences that have a term, ascending."""
        return np.asarray(self._rows[int(self._term_rows[term]) : int(self._term_rows[term + 1])])

    def counterparts(self, term: int) -> list[LikelyTerm]:
        """A term's likely counterparts in the other languages, the likeliest first."""
        span = slice(int(self._term_counterparts[term]), int(self._term_counterparts[term + 1]))
        others, probabilities = self._counterparts[span].tolist(), self._probabilities[span].tolist()
        return [LikelyTerm(*likely) for likely in zip(others, probabilities, strict=True)]

    def code(self, term: int) -> str:
        """The language of a term."""
        return self.languages[int(self.language[term])]

    # --- finding terms

    def words(self, text: str) -> tuple[str, ...]:
        """The words of a text in lower case; of scripts without spaces the encoder's pieces."""
        return self._words_of(text)

    def _cut(self, text: str) -> tuple[str, ...]:
        pieces = self._encoder.pieces([text])[0] if analysis.is_unspaced(text) else ()
        return tuple(text[unit.start : unit.end].lower() for unit in units(text, pieces))

    def find(self, text: str) -> list[int]:
        """The terms that are written so, in any language: as it stands, else by its words' lemmas, else
        without diacritics."""
        wanted = lookup_key(text)
        return self._keys[wanted] or self._by_lemmas(wanted) or self._folded[analysis.fold(wanted)]

    def _by_lemmas(self, wanted: str) -> list[int]:
        """Terms of several words, asked for in another inflection than any that occurs."""
        words = wanted.split(" ")
        if len(words) < 2 or not self._may_begin_a_term(words[0]):
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

    def _may_begin_a_term(self, word: str) -> bool:
        """Whether a word, or a lemma of it, is the first of any term of several."""
        return word in self._beginnings or any(
            self._lemmas[term] in self._beginnings for term in self._keys[word]
        )

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        """The first words of all terms of several words, as lemmas."""
        lemmas = (self._lemmas[term] for term in range(len(self)))
        return frozenset(lemma.partition(" ")[0] for lemma in lemmas if " " in lemma)

    def _inflected(self, text: str) -> list[int]:
        """Terms of which this seems to be another inflection than any that occurs: alike but for the words'
        endings, and near."""
        alike = self._stems.alike(lookup_key(text))
        if not alike:
            return []
        cosines = self._words[alike].astype(np.float32) @ self.vectors([" ".join(text.lower().split())])[0]
        return [term for term, cosine in zip(alike, cosines, strict=True) if cosine >= DICTIONARY.same_word]

    @cached_property
    def _stems(self) -> StemTable:
        forms = ((lookup_key(form), term) for term in range(len(self)) for form, _ in self.forms(term))
        return StemTable.of(forms)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Placed unit vectors of words or terms of any language, (n, d); those asked for are remembered."""
        known = {text: self._seen.get(text) for text in texts}
        missing = [text for text, vector in known.items() if vector is None]
        if missing:
            placed = self.space.place(self._encoder.passages([said(text) for text in missing]))
            made = dict(zip(missing, placed, strict=True))
            known.update(made)
            self._seen.remember(made)
        return np.stack([known[text] for text in texts])  # type: ignore[misc]  # none is missing now

    def content_words(self, text: str, heard: Heard = MappingProxyType({})) -> list[str]:
        """The words of a text, in lower case, each once, without function words of any language. Words that
        nobody knows are judged by where they point in a query, where that was ``heard``, else encoded."""
        # What the background or the library has as a word was judged when it was read.
        judged = {word: self._judged(word) for word in dict.fromkeys(self.words(text))}
        unknown = [word for word, content in judged.items() if content is None]
        for word in set(unknown) & heard.keys():
            judged[word] = _is_content(
                word, self.contexts.map.function_word(heard[word]), DICTIONARY.function_word_heard
            )
        encoded = [word for word in unknown if judged[word] is None]
        if encoded:
            likeness = self.space.function_words(self.vectors(encoded)).tolist()
            judged |= {
                word: _is_content(word, alike, DICTIONARY.function_word)
                for word, alike in zip(encoded, likeness, strict=True)
            }
        return [word for word, content in judged.items() if content]

    def is_likely_content(self, word: str) -> bool:
        """Whether a word, in lower case, is a content word, as far as that is known without encoding it: one
        that nobody knows is hardly a function word."""
        return self._judged(word) or not is_function_word(word.casefold())

    def _judged(self, word: str) -> bool | None:
        """Whether a word is known as a content word; None where it is not known at all."""
        likeness = self._function.get(word.casefold())
        if likeness is not None:
            return bool(likeness < DICTIONARY.surely_no_function_word)
        return True if self._keys[lookup_key(word)] and not is_function_word(word.casefold()) else None

    def translate(self, text: str, language: str | None = None) -> dict[str, LikelyTerm]:
        """What a term, given in any language, is called in each of the library's, where that is likely enough
        to be shown. ``language`` is the one it is given in, if known."""
        given = " ".join(text.lower().split())
        if not self.find(given) and (known := self._inflected(given)):
            given = self.name(known[0]).lower()
        parts = self.content_words(given) or [given]
        asked = self.vectors([given, *(parts if len(parts) > 1 else ())])
        of_parts = [self.likely(part, language) for part in parts] if len(parts) > 1 else []
        best: dict[str, LikelyTerm] = {}
        for code, terms in self.likely(given, language).items():
            told = [_by_term(part[code]) for part in of_parts] or [_by_term(terms)]
            shown = [
                likely
                for likely in terms
                if likely.probability >= DICTIONARY.shown
                and (likely.probability == 1.0 or self._holds(likely, told))
            ]
            if shown:
                best[code] = max(shown, key=lambda likely: self._preference(likely, given, asked))
        return best

    def _holds(self, likely: LikelyTerm, asked: Sequence[Mapping[int, float]]) -> bool:
        """Whether a longer term is borne out by its parts, and whether it covers what is asked for; ``asked``
        has, for each part of it, its likely terms. One that merely shares a word with it does not, and a word
        that is a part's best counterpart, and likelier that than the whole's, is not the whole's."""
        words = self._lemmas[likely.term].split(" ")
        parts = [
            other
            for word in (words if len(words) > 1 else ())
            for other in self._keys[word]
            if self.language[other] == self.language[likely.term]
        ]
        if len(asked) == 1:
            return not parts or any(asked[0].get(part, 0.0) >= DICTIONARY.sure_anchor for part in parts)
        covered = [
            max((each.get(term, 0.0) for term in (likely.term, *parts)), default=0.0) for each in asked
        ]
        if parts:
            return min(covered) >= DICTIONARY.shown
        a_part = any(
            each.get(likely.term, 0.0)
            > max(likely.probability, *(p for t, p in each.items() if t != likely.term), 0.0)
            for each in asked
        )
        return max(covered) >= DICTIONARY.shown and not a_part

    def likely(self, text: str, language: str | None = None) -> dict[str, list[LikelyTerm]]:
        """Terms that may mean what a term does, by language, the likeliest first."""
        found = self._found.get((text, language))
        if found is None:
            found = self._likely(text, language)
            self._found.remember({(text, language): found})
        return found

    def stand_ins(
        self, word: str, least: float, most: int, heard: Vectors | None = None
    ) -> Mapping[str, tuple[LikelyTerm, ...]]:
        """A word's likely counterparts by language, likeliest first: so many at most, of at least that
        probability. What the library does not have is told by where it points in its query, where that was
        ``heard``, else encoded."""
        if heard is not None and not self.find(word):
            return self._fit(word, self._in_context(word, heard), least, most)
        known = self._stand_ins.get((word, least, most))
        if known is None:
            known = self._fit(word, self.likely(word), least, most)
            self._stand_ins.remember({(word, least, most): known})
        return known

    def _fit(
        self, word: str, likely: Mapping[str, Sequence[LikelyTerm]], least: float, most: int
    ) -> Mapping[str, tuple[LikelyTerm, ...]]:
        found = {}
        for code, terms in likely.items():
            # A word's counterparts are words: *service* is *obsługa*, where *obsługa klienta* is, too.
            fit = [term for term in terms if " " in word or " " not in self.name(term.term)]
            if sure := tuple(term for term in fit[:most] if term.probability >= least):
                found[code] = sure
        return MappingProxyType(found)

    def _in_context(self, word: str, heard: Vectors) -> dict[str, list[LikelyTerm]]:
        """Terms that may mean what a word does that the library does not have, by where it points."""
        scores = self.contexts.likely(heard, DICTIONARY.unlikely)
        for term in self._stems.alike(lookup_key(word)):
            if term in scores:
                scores[term] = DICTIONARY.step
        return self._listed(scores)

    def _listed(self, scores: Mapping[int, float]) -> dict[str, list[LikelyTerm]]:
        ordered = self._by_language(self._spread(scores, DICTIONARY.step))
        return {
            code: [LikelyTerm(*scored) for scored in terms if scored[1] >= DICTIONARY.unlikely]
            for code, terms in ordered.items()
        }

    def _likely(self, text: str, language: str | None) -> dict[str, list[LikelyTerm]]:
        own = [term for term in self.find(text) if language in (None, self.code(term))]
        if own:
            # What the library knows of its own term is better than what the word alone says.
            scores = self._spread(dict.fromkeys(own, 1.0), 1.0)
        else:
            scores = self._direct(self.vectors([text])[0])
            for term in self._inflected(text):
                if language in (None, self.code(term)):
                    scores[term] = DICTIONARY.step
            for term in self._keys[lookup_key(text)] if language is not None else []:
                scores[term] = min(scores.get(term, 0.0), DICTIONARY.same_spelling)
        return self._listed(scores)

    def _direct(self, vector: Vectors) -> dict[int, float]:
        """The probability of the terms nearest to a placed vector, by their vectors alone."""
        rough = matmul(matmul(vector, self._axes), self._rough.T)
        rows = np.flatnonzero(rough >= DICTIONARY.rough_cosine)
        most = DICTIONARY.computed_in_full
        if len(rows) > most:
            rows = np.sort(rows[np.argpartition(-rough[rows], most)[:most]])
        cosines = matmul(vector, self._words[rows].astype(np.float32).T)
        values = likelihood(cosines)
        likely = values >= DICTIONARY.unlikely
        return dict(zip(rows[likely].tolist(), values[likely].tolist(), strict=True))

    def _by_language(self, scores: Mapping[int, float]) -> dict[str, list[tuple[int, float]]]:
        """Terms with their scores, the best few of each language first."""
        found: dict[str, list[tuple[int, float]]] = {code: [] for code in self.languages}
        for term, score in sorted(scores.items(), key=lambda item: (-item[1], item[0])):
            found[self.code(term)].append((term, score))
        return {code: terms[: DICTIONARY.listed] for code, terms in found.items()}

    def _spread(self, scores: Mapping[int, float], share: float) -> dict[int, float]:
        """The scores after the surest terms of each language have spoken for their counterparts."""
        told = dict(scores)
        for terms in self._by_language(scores).values():
            for place, (anchor, sure) in enumerate(terms[: DICTIONARY.anchors]):
                # A longer term speaks only where it is the best: *lojalność klientów* is not *lojalność*.
                if sure < DICTIONARY.sure_anchor or (place and " " in self.name(anchor)):
                    continue
                for other in self.counterparts(anchor):
                    told[other.term] = max(told.get(other.term, 0.0), share * sure * other.probability)
        return told

    def _preference(self, likely: LikelyTerm, given: str, asked: Vectors) -> float:
        """By what a shown term is chosen; ``asked`` are the vectors of what is ``given`` and of its parts."""
        sure = min(likely.probability, DICTIONARY.surely)
        frequency = DICTIONARY.frequency_weight * np.log(self.counts[likely.term])
        odds = float(np.log(sure / (1 - sure)) + frequency)
        cosines = asked @ self._words[likely.term].astype(np.float32)
        spelling = OSA.normalized_similarity(anyascii(given), anyascii(self.name(likely.term).lower()))
        return (
            odds
            + DICTIONARY.spelling_weight * max(0.0, spelling - DICTIONARY.spelled_alike)
            - DICTIONARY.part_weight * float(cosines.max() - cosines[0])
        )
