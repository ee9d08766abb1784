"""A query's words as terms of every language of a library, with what each is worth.

A word may be found as it stands, by its lemma, or without its diacritics. What it is worth is BM25's inverse
document frequency in the language, smoothed by how often the word occurs in the background set, so that
function words weigh little in a small library, too.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search import analysis, background
from search.backends.base import Backend, QueryTerm, WordQuery
from search.postings import FOLDED, FORM, FORM_LEMMA, GRAM, LEMMA, term_hash
from search.strings import mapped

__all__ = ["Lemmas", "QueryTerms"]

# How many passages the background's word frequencies count as.
_BACKGROUND_PASSAGES = 200
# What a match by each kind of term is worth: the word as it stands, another form of it, without diacritics.
_WORTH = {FORM: 1.0, LEMMA: 0.9, FOLDED: 0.8}
_REMEMBERED = 50_000

_hashed = lru_cache(maxsize=_REMEMBERED)(term_hash)


class Lemmas:
    """The lemmas of a library's own forms, as terms; memory-mapped."""

    def __init__(self, directory: Path) -> None:
        self._forms: NDArray[np.uint64] = mapped(directory / "forms.npy")
        self._lemmas: NDArray[np.uint64] = mapped(directory / "lemmas.npy")

    def terms(self, forms: Sequence[str], language: str) -> list[int]:
        """The lemma of each form, as a term; the form itself where the library does not have it."""
        keys = np.array([_hashed(language, FORM_LEMMA, form) for form in forms], np.uint64)
        at = np.minimum(np.searchsorted(self._forms, keys), len(self._forms) - 1)
        return [
            int(self._lemmas[place])
            if len(self._forms) and self._forms[place] == key
            else _hashed(language, LEMMA, form)
            for form, place, key in zip(forms, at, keys, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class QueryTerms:
    """Makes the terms of queries to one backend; ``lemmas`` are its library's."""

    backend: Backend
    lemmas: Lemmas

    def queries(self, text: str) -> dict[int, WordQuery]:
        """A query's terms by language code, its words taken in each language of the library."""
        forms = _forms(text)
        grams = tuple(dict.fromkeys(gram for form in forms for gram in analysis.grams(form)))
        languages = self.backend.languages
        words = [self._variants(forms, language) for language in languages]
        gram_keys = [[_hashed(language, GRAM, gram) for gram in grams] for language in languages]
        every = [key for per in words for variants in per for key, _ in variants]
        every += [key for per in gram_keys for key in per]
        counts = iter(self.backend.frequencies(np.array(every, np.uint64)).tolist())
        widest = [[max(next(counts) for _ in variants) for variants in per] for per in words]
        found: dict[int, WordQuery] = {}
        for code, language in enumerate(languages):
            rows = int(self.backend.counts[code])
            found[code] = WordQuery(
                tuple(
                    QueryTerm(_idf(count, rows, _word_share(form, language)), variants)
                    for form, count, variants in zip(forms, widest[code], words[code], strict=True)
                ),
                tuple(
                    QueryTerm(_idf(next(counts), rows, _gram_share(gram, language)), ((key, 1.0),))
                    for gram, key in zip(grams, gram_keys[code], strict=True)
                ),
            )
        return found

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
            _hashed(language, kind, text)
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
                (_hashed(language, FORM, form), _WORTH[FORM]),
                (lemma, _WORTH[LEMMA]),
                (_hashed(language, FOLDED, analysis.fold(form)), _WORTH[FOLDED]),
            )
            for form, lemma in zip(forms, lemmas, strict=True)
        ]


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
