"""The ranking half of the lexical leg: BM25 postings, each language's terms within that language.

A term is a 64-bit hash of (language, kind, text), so the dictionary is a sorted array that is memory-
mapped and searched, whatever its size. A posting holds BM25's saturated term frequency (Robertson and
Zaragoza 2009, k1 = 1.2, b = 0.75), 0–1; the inverse document frequency is applied when scoring, smoothed
by how often the word occurs in the background set, so that function words weigh little in a small
library, too.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search import analysis, background
from search.budget import checkpoint
from search.kept import Kept
from search.posting_lists import PostingLists

__all__ = ["Match", "Postings", "PostingsBuilder"]

# How many passages the background's word frequencies count as.
_BACKGROUND_PASSAGES = 200
_FORM, _LEMMA, _FOLDED, _GRAM, _FORM_LEMMA = "form", "lemma", "folded", "gram", "lemma-of"
# What a match by each kind of term is worth: the word as it stands, another form of it, without diacritics.
_WORTH = {_FORM: 1.0, _LEMMA: 0.9, _FOLDED: 0.8}


def _hash(language: str, kind: str, text: str) -> int:
    digest = hashlib.blake2b(f"{language}\0{kind}\0{text}".encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "little")


@dataclass(frozen=True, slots=True)
class Match:
    """A query against the passages of all languages.

    ``words``, ``grams`` and ``translations`` are float32 (passages,): the matched share of the query's IDF
    mass, 0–1, by whole words, by character grams, and by the words' counterparts in the passage's language
    (see :mod:`search.expansion`).
    """

    words: NDArray[np.float32]
    grams: NDArray[np.float32]
    translations: NDArray[np.float32]


class PostingsBuilder:
    """Collects passages in row order; ``write`` saves them."""

    def __init__(self) -> None:
        self._rows: list[NDArray[np.uint64]] = []
        self._frequencies: list[NDArray[np.float32]] = []
        self._lengths: list[int] = []
        self._languages: list[str] = []
        self._lemmas: dict[int, int] = {}
        self._terms: dict[tuple[str, str], NDArray[np.uint64]] = {}

    def add(self, text: str, language: str) -> None:
        """The next passage."""
        self.add_forms([word.form for word in analysis.words(text)], language)

    def add_forms(self, forms: Sequence[str], language: str) -> None:
        """The next passage, given as its words' forms."""
        of_words = [np.zeros(0, np.uint64), *(self._terms_of(form, language) for form in forms)]
        terms, counts = np.unique(np.concatenate(of_words), return_counts=True)
        self._rows.append(terms)
        self._frequencies.append(counts.astype(np.float32))
        self._lengths.append(len(forms))
        self._languages.append(language)

    def write(self, directory: Path, before: PostingLists | None = None, kept: Kept | None = None) -> None:
        """Saves the postings into a new folder; after those ``before`` of the passages that are ``kept``."""
        usual = dict(zip(before.languages, before.averages.tolist(), strict=True)) if before else {}
        lengths = np.array(self._lengths, dtype=np.float32)
        made = PostingLists.made(self._rows, self._frequencies, lengths, self._languages, self._lemmas, usual)
        self._rows, self._frequencies = [], []
        (made if before is None or kept is None else before.joined(kept, made)).write(directory)

    def _terms_of(self, form: str, language: str) -> NDArray[np.uint64]:
        """The terms of a word, some of them twice."""
        terms = self._terms.get((form, language))
        if terms is None:
            lemma = analysis.lemma(form, language)
            lemma_hash = _hash(language, _LEMMA, lemma)
            self._lemmas[_hash(language, _FORM_LEMMA, form)] = lemma_hash
            whole = (_hash(language, _FORM, form), lemma_hash, _hash(language, _FOLDED, analysis.fold(lemma)))
            grams = [_hash(language, _GRAM, gram) for gram in analysis.grams(form)]
            terms = np.array([*whole, *grams], dtype=np.uint64)
            self._terms[form, language] = terms
        return terms


class Postings:
    """Written postings, memory-mapped; read-only and thread-safe."""

    def __init__(self, directory: Path) -> None:
        def mapped(name: str) -> Any:
            return np.load(directory / f"{name}.npy", mmap_mode="r", allow_pickle=False)

        self._terms, self._offsets = mapped("terms"), mapped("offsets")
        self._passages, self._impacts = mapped("passages"), mapped("impacts")
        self._forms, self._lemmas = mapped("forms"), mapped("lemmas")
        self.row_language: NDArray[np.int16] = np.asarray(mapped("row_language"))
        text = (directory / "languages.txt").read_text("utf-8")
        self.languages = tuple(text.split("\n")) if text else ()
        self._counts = np.bincount(self.row_language, minlength=len(self.languages))

    @property
    def size(self) -> int:
        """Passages."""
        return len(self.row_language)

    def match(self, text: str, translations: NDArray[np.float32]) -> Match:
        """A query's matched share in every passage, its words taken in each language of the library."""
        forms = tuple(dict.fromkeys(word.form for word in analysis.words(text)))
        gram_list = tuple(dict.fromkeys(gram for form in forms for gram in analysis.grams(form)))
        words = np.zeros(self.size, np.float32)
        grams = np.zeros(self.size, np.float32)
        for number, language in enumerate(self.languages):
            rows = int(self._counts[number])
            total = sum(self._add_word(words, form, language, rows) for form in forms)
            _scale(words, self.row_language == number, total)
            checkpoint("words")
            total = sum(self._add_gram(grams, gram, language, rows) for gram in gram_list)
            _scale(grams, self.row_language == number, total)
        return Match(words, grams, translations)

    def knows(self, word: str) -> bool:
        """Whether any passage, in any language, has a word, as it stands or without diacritics."""
        form = analysis.normal(word)
        keys = [(_FORM, form), (_FOLDED, analysis.fold(form))]
        return any(
            len(self._find(_hash(language, kind, text))[0])
            for language in self.languages
            for kind, text in keys
        )

    def shares(self, text: str, language: str, row: int) -> list[tuple[str, float]]:
        """Which words of a query one passage has, with their share of the query's IDF mass (0–1)."""
        forms = tuple(dict.fromkeys(word.form for word in analysis.words(text)))
        if language not in self.languages:
            return []
        rows = int(self._counts[self.languages.index(language)])
        found, total = [], 0.0
        for form in forms:
            weight, postings = self._variants(form, language, rows)
            total += weight
            if any(row in passages for passages, _, _ in postings):
                found.append((form, weight))
        return [(form, weight / total) for form, weight in found] if total else []

    def _add_word(self, scores: NDArray[np.float32], form: str, language: str, rows: int) -> float:
        """Adds a word's score to the passages that have it; returns its IDF, the most it can add."""
        weight, postings = self._variants(form, language, rows)
        if len(postings) == 1:
            passages, impacts, worth = postings[0]
            scores[passages] += impacts * np.float32(weight * worth)
            return weight
        if postings:
            rows_all = np.concatenate([passages for passages, _, _ in postings])
            values = np.concatenate([impacts * np.float32(worth) for _, impacts, worth in postings])
            order = np.lexsort((values, rows_all))
            rows_all, values = rows_all[order], values[order]
            last = np.append(rows_all[1:] != rows_all[:-1], True)
            scores[rows_all[last]] += values[last] * np.float32(weight)
        return weight

    def _variants(
        self, form: str, language: str, rows: int
    ) -> tuple[float, list[tuple[NDArray[np.uint32], NDArray[np.float32], float]]]:
        """A word's IDF in a language, and its postings as itself, by its lemma and folded."""
        lemma = self._lemma_of(form, language)
        keys = {
            _FORM: _hash(language, _FORM, form),
            _LEMMA: lemma if lemma is not None else _hash(language, _LEMMA, form),
            _FOLDED: _hash(language, _FOLDED, analysis.fold(form)),
        }
        found = []
        widest = 0
        for kind, key in keys.items():
            passages, impacts = self._find(key)
            if len(passages):
                found.append((passages, impacts, _WORTH[kind]))
                widest = max(widest, len(passages))
        return _idf(widest, rows, _background_share(form, language)), found

    def _add_gram(self, scores: NDArray[np.float32], gram: str, language: str, rows: int) -> float:
        passages, impacts = self._find(_hash(language, _GRAM, gram))
        weight = _idf(len(passages), rows, _background_gram_share(gram, language))
        if len(passages):
            scores[passages] += impacts * np.float32(weight)
        return weight

    def _lemma_of(self, form: str, language: str) -> int | None:
        key = np.uint64(_hash(language, _FORM_LEMMA, form))
        at = int(np.searchsorted(self._forms, key))
        if at < len(self._forms) and self._forms[at] == key:
            return int(self._lemmas[at])
        return None

    def _find(self, key: int) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
        at = int(np.searchsorted(self._terms, np.uint64(key)))
        if at == len(self._terms) or int(self._terms[at]) != key:
            return np.zeros(0, np.uint32), np.zeros(0, np.float32)
        start, end = int(self._offsets[at]), int(self._offsets[at + 1])
        return np.asarray(self._passages[start:end]), np.asarray(self._impacts[start:end], dtype=np.float32)


def _scale(scores: NDArray[np.float32], rows: NDArray[np.bool_], total: float) -> None:
    if total > 0:
        scores[rows] /= np.float32(total)


def _idf(frequency: int, rows: int, background_share: float) -> float:
    """BM25's IDF over the library's passages of the language and, as so many more, the background's."""
    n = rows + _BACKGROUND_PASSAGES
    df = frequency + _BACKGROUND_PASSAGES * background_share
    return float(np.log1p((n - df + 0.5) / (df + 0.5)))


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


def _background_share(form: str, language: str) -> float:
    """The share of background texts of a language with this word; a single occurrence says nothing."""
    count, words, _ = _background_forms().get(language, (1, {}, {}))
    seen = words.get(form, 0)
    return seen / count if seen > 1 else 0.0


def _background_gram_share(gram: str, language: str) -> float:
    count, _, gram_counts = _background_forms().get(language, (1, {}, {}))
    seen = gram_counts.get(gram, 0)
    return seen / count if seen > 1 else 0.0
