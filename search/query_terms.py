"""A query's words as terms of every language of a library, with what each is worth.

A word may be found as it stands, by its lemma, or without its diacritics. What it is worth is BM25's inverse
document frequency in the language, smoothed by how often the word occurs in the background set, so that
function words weigh little in a small library, too.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search import analysis, background
from search.backends.base import Backend, QueryTerm, WordQuery
from search.memory import Remembered
from search.postings import FOLDED, FORM, FORM_LEMMA, GRAM, LEMMA, term_hash
from search.strings import mapped

__all__ = ["Lemmas", "QueryTerms"]

# How many passages the background's word frequencies count as.
_BACKGROUND_PASSAGES = 200
# What a match by each kind of term is worth: the word as it stands, another form of it, without diacritics.
_WORTH = {FORM: 1.0, LEMMA: 0.9, FOLDED: 0.8}
# Words, and grams, whose terms are kept: some 3 KB each in a library of twelve languages.
_KNOWN = 4_000


class Lemmas:
    """The lemmas of a library's own forms, as terms; memory-mapped."""

    def __init__(self, directory: Path) -> None:
        self._forms: NDArray[np.uint64] = mapped(directory / "forms.npy")
        self._lemmas: NDArray[np.uint64] = mapped(directory / "lemmas.npy")

    def terms(self, forms: Sequence[str], language: str) -> list[int]:
        """The lemma of each form, as a term; the form itself where the library does not have it."""
        keys = np.array([term_hash(language, FORM_LEMMA, form) for form in forms], np.uint64)
        at = np.minimum(np.searchsorted(self._forms, keys), len(self._forms) - 1)
        return [
            int(self._lemmas[place])
            if len(self._forms) and self._forms[place] == key
            else term_hash(language, LEMMA, form)
            for form, place, key in zip(forms, at, keys, strict=True)
        ]


class QueryTerms:
    """Makes the terms of queries to one backend; ``lemmas`` are its library's."""

    def __init__(self, backend: Backend, lemmas: Lemmas) -> None:
        self.backend, self.lemmas = backend, lemmas
        # By word, or gram, its term in each language: questions are mostly made of what others had, too.
        self._words = Remembered[str, tuple[QueryTerm, ...]](_KNOWN)
        self._grams = Remembered[str, tuple[QueryTerm, ...]](_KNOWN)

    def queries(self, text: str) -> dict[int, WordQuery]:
        """A query's terms by language code, its words taken in each language of the library."""
        forms = _forms(text)
        grams = tuple(dict.fromkeys(gram for form in forms for gram in analysis.grams(form)))
        words, pieces = self._of_words(forms), self._of_grams(grams)
        return {
            code: WordQuery(tuple(term[code] for term in words), tuple(term[code] for term in pieces))
            for code in range(len(self.backend.languages))
        }

    def _of_words(self, forms: Sequence[str]) -> list[tuple[QueryTerm, ...]]:
        """The term of each word in each language."""

        def made(new: Sequence[str]) -> list[QueryTerm]:
            by_language = [self._variants(new, language) for language in self.backend.languages]
            variants = [variants for per in by_language for variants in per]
            counts = self._frequencies(key for one in variants for key, _ in one).reshape(-1, len(_WORTH))
            return self._weighted(new, _word_share, counts.max(axis=1, initial=0).tolist(), variants)

        return _terms(self._words, forms, made)

    def _of_grams(self, grams: Sequence[str]) -> list[tuple[QueryTerm, ...]]:
        """The term of each gram in each language."""

        def made(new: Sequence[str]) -> list[QueryTerm]:
            keys = [term_hash(language, GRAM, gram) for language in self.backend.languages for gram in new]
            counts = self._frequencies(keys).tolist()
            return self._weighted(new, _gram_share, counts, [((key, 1.0),) for key in keys])

        return _terms(self._grams, grams, made)

    def _weighted(
        self,
        texts: Sequence[str],
        share: Callable[[str, str], float],
        frequencies: Sequence[int],
        variants: Sequence[tuple[tuple[int, float], ...]],
    ) -> list[QueryTerm]:
        """Terms, language by language, with their weights; ``share`` tells how usual a text is anywhere."""
        every = product(zip(self.backend.languages, self.backend.counts.tolist(), strict=True), texts)
        return [
            QueryTerm(_idf(count, rows, share(text, language)), found)
            for ((language, rows), text), count, found in zip(every, frequencies, variants, strict=True)
        ]

    def _frequencies(self, keys: Iterable[int]) -> NDArray[np.int64]:
        return self.backend.frequencies(np.array(list(keys), np.uint64))

    def shares(self, text: str, query: WordQuery, row: int) -> list[tuple[str, float]]:
        """Which words of a query one passage has, with their share of the query's IDF mass (0–1); ``query``
        is that of the passage's language."""
        whole = sum(term.weight for term in query.words)
        keys = np.array([key for term in query.words for key, _ in term.variants], np.uint64)
        there = iter(self.backend.having(np.array([row], np.int64), keys)[0].tolist())
        has = [sum(next(there) for _ in term.variants) > 0 for term in query.words]
        return [
            (form, term.weight / whole)
            for form, term, found in zip(_forms(text), query.words, has, strict=True)
            if found and whole
        ]

    def knows_any(self, words: Iterable[str]) -> bool:
        """Whether any passage, in any language, has one of some words, as it stands or without diacritics."""
        forms = [analysis.normal(word) for word in words]
        keys = [
            term_hash(language, kind, text)
            for language in self.backend.languages
            for form in forms
            for kind, text in ((FORM, form), (FOLDED, analysis.fold(form)))
        ]
        return bool(self.backend.frequencies(np.array(keys, np.uint64)).any())

    def _variants(self, forms: Sequence[str], language: str) -> list[tuple[tuple[int, float], ...]]:
        """The terms that each word may be found by in a language, with their worth."""
        lemmas = self.lemmas.terms(forms, language)
        return [
            (
                (term_hash(language, FORM, form), _WORTH[FORM]),
                (lemma, _WORTH[LEMMA]),
                (term_hash(language, FOLDED, analysis.fold(form)), _WORTH[FOLDED]),
            )
            for form, lemma in zip(forms, lemmas, strict=True)
        ]


def _terms(
    remembered: Remembered[str, tuple[QueryTerm, ...]],
    texts: Sequence[str],
    make: Callable[[Sequence[str]], list[QueryTerm]],
) -> list[tuple[QueryTerm, ...]]:
    """The term of each text in each language; those that nobody asked for before are made, language by
    language."""
    known = {text: remembered.get(text) for text in texts}
    new = [text for text, terms in known.items() if terms is None]
    made = make(new) if new else []
    fresh = {text: tuple(made[at :: len(new)]) for at, text in enumerate(new)}
    remembered.remember(fresh)
    return [terms if (terms := known[text]) is not None else fresh[text] for text in texts]


def _forms(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.form for word in analysis.words_of(text)))


def _idf(frequency: int, rows: int, background_share: float) -> float:
    """BM25's IDF over the library's passages of the language and, as so many more, the background's."""
    n = rows + _BACKGROUND_PASSAGES
    df = frequency + _BACKGROUND_PASSAGES * background_share
    return math.log1p((n - df + 0.5) / (df + 0.5))


@lru_cache(maxsize=1)
def _background_forms() -> Mapping[str, tuple[int, Mapping[str, int], Mapping[str, int]]]:
    """Per language: the number of background texts, and in how many each word and each gram occurs."""
    texts: dict[str, list[str]] = defaultdict(list)
    for kind in ("question", "statement"):
        for row in background.rows(kind):
            texts[row.language].append(row.text)
    counted = {}
    for language, ones in texts.items():
        words: Counter[str] = Counter()
        gram_counts: Counter[str] = Counter()
        for one in ones:
            forms = {word.form for word in analysis.words(one)}
            words.update(forms)
            gram_counts.update(_grams_of(forms))
        counted[language] = (len(ones), words, gram_counts)
    return counted


def _grams_of(forms: Iterable[str]) -> set[str]:
    return {gram for form in forms for gram in analysis.grams(form)}


def _word_share(form: str, language: str) -> float:
    """The share of background texts of a language with this word; a single occurrence says nothing."""
    count, words, _ = _background_forms().get(language, (1, {}, {}))
    seen = words.get(form, 0)
    return seen / count if seen > 1 else 0.0


def _gram_share(gram: str, language: str) -> float:
    count, _, gram_counts = _background_forms().get(language, (1, {}, {}))
    seen = gram_counts.get(gram, 0)
    return seen / count if seen > 1 else 0.0
