"""A query's words as terms of every language of a library, with what each is worth.

A word may be found as it stands, by its lemma, or by what it is folded to. What it is worth is BM25's inverse
document frequency in the language, smoothed by how often the word occurs in the background set, so that
function words weigh little in a small library, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from search.arrays.memory import Remembered
from search.arrays.strings import mapped
from search.language import analysis, background, folding
from search.passages.backend import Backend, Rows, WeightedTerms, WordQuery
from search.passages.postings import FOLDED, FORM, FORM_LEMMA, GRAM, LEMMA, term_hashes
from search.ranking.settings import RANKING

__all__ = ["Lemmas", "QueryTerms"]

# What a match by each kind of term is worth: the word as it stands, another form, what it is folded to.
_WORTH = {FORM: 1.0, LEMMA: 0.9, FOLDED: 0.8}
# A word's terms: itself, its lemma, what it is a whole with, and its readings; texts may have the last two as
# they are, or folded.
_VARIANTS = (
    _WORTH[FORM],
    _WORTH[LEMMA],
    *(_WORTH[FORM], _WORTH[FOLDED]),
    *(_WORTH[FOLDED], _WORTH[FOLDED]) * folding.READINGS,
)


class Lemmas:
    """The lemmas of a library's own forms, as terms; memory-mapped."""

    def __init__(self, directory: Path) -> None:
        self._forms: NDArray[np.uint64] = mapped(directory / "forms.npy")
        self._lemmas: NDArray[np.uint64] = mapped(directory / "lemmas.npy")

    def terms(self, forms: Sequence[str], languages: Sequence[str]) -> NDArray[np.uint64]:
        """The lemma of each form in each language, as a term, (languages, forms); the form itself where the
        library does not have it."""
        themselves = term_hashes(languages, LEMMA, forms)
        if not len(self._forms):
            return themselves
        keys = term_hashes(languages, FORM_LEMMA, forms)
        at = np.minimum(np.searchsorted(self._forms, keys), len(self._forms) - 1)
        return np.where(self._forms[at] == keys, self._lemmas[at], themselves)


_Key = TypeVar("_Key")


class _Term(NamedTuple):
    """A word, or gram, in each of L languages: its weights (L,), and its hashes and what a match by each is
    worth, (L, v) both."""

    weights: NDArray[np.float64]
    hashes: NDArray[np.uint64]
    worths: NDArray[np.float64]


class QueryTerms:
    """Makes the terms of queries to one backend; ``lemmas`` are its library's."""

    def __init__(self, backend: Backend, lemmas: Lemmas) -> None:
        self.backend, self.lemmas = backend, lemmas
        # Questions are mostly made of words and grams that others had, too.
        self._words = Remembered[tuple[str, str], _Term](RANKING.terms_remembered)
        self._grams = Remembered[str, _Term](RANKING.terms_remembered)
        self._known = Remembered[str, NDArray[np.bool_]](RANKING.terms_remembered)

    def queries(self, text: str) -> dict[int, WordQuery]:
        """A query's terms by language code, its words taken in each language of the library."""
        forms = _forms(text)
        wholes = {word.form: word.whole for word in analysis.words_of(text) if word.whole}
        grams = tuple(dict.fromkeys(gram for form in forms for gram in analysis.grams(form)))
        words = self._of_words([(form, wholes.get(form, form)) for form in forms])
        pieces = self._of_grams(grams)
        return {code: WordQuery(words[code], pieces[code]) for code in range(len(self.backend.languages))}

    def _of_words(self, words: Sequence[tuple[str, str]]) -> list[WeightedTerms]:
        """Words, each with what it is a whole with, as terms of each language."""

        def made(new: Sequence[tuple[str, str]]) -> list[_Term]:
            return self._weighted([form for form, _ in new], _word_share, self._variants(new), _VARIANTS)

        return self._terms(self._words, words, made, len(_VARIANTS))

    def _of_grams(self, grams: Sequence[str]) -> list[WeightedTerms]:
        """Grams as terms of each language."""

        def made(new: Sequence[str]) -> list[_Term]:
            hashes = term_hashes(self.backend.languages, GRAM, new)[:, :, None]
            return self._weighted(new, _gram_share, hashes, [1.0])

        return self._terms(self._grams, grams, made, 1)

    def _weighted(
        self,
        texts: Sequence[str],
        share: Callable[[str, str], float],
        hashes: NDArray[np.uint64],
        worths: Sequence[float],
    ) -> list[_Term]:
        """Texts as terms with their weights, by their ``hashes`` (languages, texts, v); ``share`` tells how
        usual a text is anywhere."""
        frequencies = self.backend.frequencies(hashes.ravel()).reshape(hashes.shape)
        languages = self.backend.languages
        usual = np.array([[share(text, language) for text in texts] for language in languages]).reshape(
            hashes.shape[:2]
        )
        weights = _idf(frequencies.max(axis=2, initial=0), self.backend.counts[:, None], usual)
        there = np.where(frequencies > 0, np.array(worths), 0.0)
        for at in range(1, len(worths)):  # what a word may be found by twice is looked up once
            there[:, :, at][(hashes[:, :, :at] == hashes[:, :, at : at + 1]).any(axis=2)] = 0.0
        return [_Term(weights[:, at], hashes[:, at], there[:, at]) for at in range(len(texts))]

    def _terms(
        self,
        remembered: Remembered[_Key, _Term],
        texts: Sequence[_Key],
        make: Callable[[Sequence[_Key]], list[_Term]],
        variants: int,
    ) -> list[WeightedTerms]:
        """The texts as terms of each language; those that nobody asked for before are made."""
        known = {text: remembered.get(text) for text in texts}
        new = [text for text, term in known.items() if term is None]
        fresh = dict(zip(new, make(new), strict=True)) if new else {}
        remembered.remember(fresh)
        terms = [term if (term := known[text]) is not None else fresh[text] for text in texts]
        shape = (len(terms), len(self.backend.languages))
        weights = np.array([term.weights for term in terms]).reshape(shape)
        hashes = np.array([term.hashes for term in terms], np.uint64).reshape(*shape, variants)
        worths = np.array([term.worths for term in terms]).reshape(*shape, variants)
        return [WeightedTerms(weights[:, at], hashes[:, at], worths[:, at]) for at in range(shape[1])]

    def shares(self, text: str, query: WordQuery, rows: Rows) -> list[list[tuple[str, float]]]:
        """Which words of a query each of some passages has, with their share of the query's IDF mass (0–1);
        ``query`` is that of the passages' language."""
        words, whole = query.words, float(query.words.weights.sum())
        at, variants = np.nonzero(words.worths)  # nobody has the others
        has = np.zeros((len(rows), *words.worths.shape), np.bool_)
        has[:, at, variants] = self.backend.having(rows, words.hashes[at, variants])
        weighed = list(zip(_forms(text), words.weights.tolist(), strict=True))
        held: list[list[bool]] = np.logical_and(has.any(axis=2), whole > 0).tolist()
        return [
            [(form, weight / whole) for (form, weight), found in zip(weighed, of_row, strict=True) if found]
            for of_row in held
        ]

    def rarity(self, text: str, queries: Mapping[int, WordQuery]) -> NDArray[np.float64]:
        """How rare each word of a query is (words,): by the language where it is most usual, of the library
        and of the background, so that it is the same in all of them; 0 for a common word."""
        usual = np.array([_usual(form) for form in _forms(text)])
        weights = np.min([usual, *(query.words.weights for query in queries.values())], axis=0)
        rare: NDArray[np.float64] = np.clip(weights - RANKING.usual, 0, None)
        return rare

    def known(self, forms: Sequence[str]) -> NDArray[np.bool_]:
        """Which of some normal forms any passage of each language has, as they stand or without diacritics:
        (languages, forms)."""
        there = {form: self._known.get(form) for form in forms}
        new = [form for form, known in there.items() if known is None]
        if new:
            made = dict(zip(new, self._looked_up(new).T, strict=True))
            self._known.remember(made)
            there.update(made)
        known = np.array([there[form] for form in forms], np.bool_)
        return known.reshape(len(forms), len(self.backend.languages)).T

    def _looked_up(self, forms: Sequence[str]) -> NDArray[np.bool_]:
        languages = self.backend.languages
        folded = [analysis.fold(form) for form in forms]
        keys = np.stack([term_hashes(languages, FORM, forms), term_hashes(languages, FOLDED, folded)])
        frequencies = self.backend.frequencies(keys.ravel()).reshape(keys.shape)
        known: NDArray[np.bool_] = np.any(frequencies > 0, axis=0)
        return known

    def _variants(self, words: Sequence[tuple[str, str]]) -> NDArray[np.uint64]:
        """The terms that each word may be found by in each language, in the order of _VARIANTS: (languages,
        words, v)."""
        languages = self.backend.languages
        forms, wholes = [form for form, _ in words], [whole for _, whole in words]
        found = [
            term_hashes(languages, FORM, forms),
            self.lemmas.terms(forms, languages),
            term_hashes(languages, FORM, wholes),
            term_hashes(languages, FOLDED, wholes),
        ]
        # A language of its own for each row: what a word is folded to differs.
        read = [[_readings(form, language) for form in forms] for language in languages]
        for number in range(folding.READINGS):
            for kind in (FORM, FOLDED):
                rows = [
                    term_hashes([language], kind, [read_form[number] for read_form in of_forms])[0]
                    for language, of_forms in zip(languages, read, strict=True)
                ]
                found.append(np.array(rows, np.uint64).reshape(found[0].shape))
        return np.stack(found, axis=2)


def _readings(form: str, language: str) -> tuple[str, ...]:
    """READINGS of a word, the last again and again if it has fewer."""
    found = folding.readings(form, language)
    return found + found[-1:] * (folding.READINGS - len(found))


def _forms(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.form for word in analysis.words_of(text)))


def _idf(
    frequency: NDArray[np.int64], rows: NDArray[np.int64], background_share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """BM25's IDF over the library's passages of the language and, as so many more, the background's."""
    n = rows + RANKING.background_passages
    df = frequency + RANKING.background_passages * background_share
    weights: NDArray[np.float64] = np.log1p((n - df + 0.5) / (df + 0.5))
    return weights


@cache
def _background_texts() -> Mapping[str, int]:
    """Per language, the number of background texts."""
    return Counter(row.language for kind in ("question", "statement") for row in background.rows(kind))


@cache
def _background_grams(language: str) -> Mapping[str, int]:
    """In how many background texts of a language each gram occurs."""
    counts: Counter[str] = Counter()
    for kind in ("question", "statement"):
        for row, forms in zip(background.rows(kind), background.words(kind), strict=True):
            if row.language == language:
                counts.update({gram for form in set(forms) for gram in analysis.grams(form)})
    return counts


def _word_share(form: str, language: str) -> float:
    """The share of background texts of a language with this word; a single occurrence says nothing."""
    seen = background.word_counts().get(language, {}).get(form, 0)
    return seen / _background_texts()[language] if seen > 1 else 0.0


@lru_cache(maxsize=RANKING.terms_remembered)
def _usual(form: str) -> float:
    """The IDF of a word in the background language that has it most."""
    most = max(_word_share(form, language) for language in _background_texts())
    nothing = np.zeros(1, np.int64)
    return float(_idf(nothing, nothing, np.array([most]))[0])


def _gram_share(gram: str, language: str) -> float:
    seen = _background_grams(language).get(gram, 0)
    return seen / _background_texts()[language] if seen > 1 else 0.0
