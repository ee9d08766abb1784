"""The ranking half of the lexical leg: BM25 postings, each language's terms within that language.

A term is a 64-bit hash of (language, kind, text), so the dictionary is a sorted array that is memory-
mapped and searched, whatever its size. A posting holds BM25's saturated term frequency (Robertson and
Zaragoza 2009, k1 = 1.2, b = 0.75), 0–1; the inverse document frequency is the query's
(:mod:`search.query_terms`).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search import analysis
from search.backends.base import QueryTerm, WordQuery
from search.budget import checkpoint
from search.strings import mapped

__all__ = ["FOLDED", "FORM", "FORM_LEMMA", "GRAM", "LEMMA", "Postings", "PostingsBuilder", "term_hash"]

_K1, _B = 1.2, 0.75
# The kinds of terms; and what tells a form's lemma.
FORM, LEMMA, FOLDED, GRAM, FORM_LEMMA = "form", "lemma", "folded", "gram", "lemma-of"


def term_hash(language: str, kind: str, text: str) -> int:
    digest = hashlib.blake2b(f"{language}\0{kind}\0{text}".encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "little")


class PostingsBuilder:
    """Collects passages in row order; ``write`` saves them."""

    def __init__(self) -> None:
        self._rows: list[NDArray[np.uint64]] = []
        self._frequencies: list[NDArray[np.float32]] = []
        self._lengths: list[tuple[int, int]] = []
        self._languages: list[str] = []
        self._lemmas: dict[int, int] = {}
        self._hashes: dict[tuple[str, str, str], int] = {}

    def add(self, text: str, language: str) -> None:
        """The next passage."""
        counts: Counter[int] = Counter()
        words = grams = 0
        for word in analysis.words(text):
            words += 1
            lemma = analysis.lemma(word.form, language)
            lemma_hash = self._hash(language, LEMMA, lemma)
            counts[self._hash(language, FORM, word.form)] += 1
            counts[lemma_hash] += 1
            counts[self._hash(language, FOLDED, analysis.fold(lemma))] += 1
            self._lemmas[self._hash(language, FORM_LEMMA, word.form)] = lemma_hash
            for gram in analysis.grams(word.form):
                grams += 1
                counts[self._hash(language, GRAM, gram)] += 1
        self._rows.append(np.fromiter(counts.keys(), np.uint64, len(counts)))
        self._frequencies.append(np.fromiter(counts.values(), np.float32, len(counts)))
        self._lengths.append((words, grams))
        self._languages.append(language)

    def write(self, directory: Path) -> None:
        """Saves the postings into a new folder."""
        directory.mkdir()
        languages = list(dict.fromkeys(self._languages))
        row_language = np.array([languages.index(one) for one in self._languages], dtype=np.int16)
        lengths = np.array([words for words, _ in self._lengths], dtype=np.float32)
        average = {i: max(1.0, float(lengths[row_language == i].mean())) for i in range(len(languages))}
        averages = np.array([average[int(language)] for language in row_language], dtype=np.float32)
        sizes = np.array([len(row) for row in self._rows], dtype=np.int64)
        terms = np.concatenate(self._rows or [np.zeros(0, np.uint64)])
        frequencies = np.concatenate(self._frequencies or [np.zeros(0, np.float32)])
        self._rows, self._frequencies = [], []
        # Stable, so that each term's passages stay in ascending order.
        order = np.argsort(terms, kind="stable")
        terms = terms[order]
        starts = np.flatnonzero(np.concatenate([[True], terms[1:] != terms[:-1]])[: len(terms)])
        passages = np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes)[order]
        frequencies = frequencies[order]
        del order
        spread = (_K1 * (1 - _B + _B * lengths / averages)).astype(np.float32)
        frequencies /= frequencies + spread[passages]
        forms = np.array(sorted(self._lemmas), dtype=np.uint64)
        np.save(directory / "terms.npy", terms[starts])
        np.save(directory / "offsets.npy", np.append(starts, len(terms)).astype(np.int64))
        np.save(directory / "passages.npy", passages)
        np.save(directory / "impacts.npy", frequencies.astype(np.float16))
        np.save(directory / "forms.npy", forms)
        np.save(directory / "lemmas.npy", np.array([self._lemmas[int(f)] for f in forms], dtype=np.uint64))
        np.save(directory / "row_language.npy", row_language)
        (directory / "languages.txt").write_text("\n".join(languages), "utf-8")

    def _hash(self, language: str, kind: str, text: str) -> int:
        key = (language, kind, text)
        value = self._hashes.get(key)
        if value is None:
            value = self._hashes[key] = term_hash(language, kind, text)
        return value


class Postings:
    """Written postings, memory-mapped; read-only and thread-safe."""

    def __init__(self, directory: Path) -> None:
        def read(name: str) -> Any:
            return mapped(directory / f"{name}.npy")

        self._terms, self._offsets = read("terms"), read("offsets")
        self._passages, self._impacts = read("passages"), read("impacts")
        self.row_language: NDArray[np.int16] = read("row_language")

    def frequencies(self, terms: NDArray[np.uint64]) -> NDArray[np.int64]:
        """How many passages have each of some terms."""
        at, there = self._places(terms)
        return np.where(there, self._offsets[at + there] - self._offsets[at], 0)

    def having(self, rows: NDArray[np.int64], terms: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Whether each of some passages has each of some terms: (len(rows), len(terms))."""
        found = np.zeros((len(rows), len(terms)), np.bool_)
        for column, (at, there) in enumerate(zip(*self._places(terms), strict=True)):
            if there:
                passages = self._passages[self._offsets[at] : self._offsets[at + 1]]
                places = np.minimum(np.searchsorted(passages, rows), len(passages) - 1)
                found[:, column] = passages[places] == rows
        return found

    def shares(self, queries: Mapping[int, WordQuery]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The matched share of the words, and of the grams, of queries by language in every passage: (P,)
        each."""
        words = np.zeros(len(self.row_language), np.float32)
        grams = np.zeros(len(self.row_language), np.float32)
        scratch = np.zeros(len(self.row_language), np.float32)
        for query in queries.values():
            self._add(words, scratch, query.words)
            checkpoint("words")
            self._add(grams, scratch, query.grams)
            checkpoint("words")
        return words, grams

    def _add(
        self, scores: NDArray[np.float32], scratch: NDArray[np.float32], terms: Sequence[QueryTerm]
    ) -> None:
        """Adds some terms of one language to the scores of its passages, as shares of their whole weight.
        ``scratch`` is zero before and after."""
        whole = sum(term.weight for term in terms)
        if not whole:
            return
        keys = [key for term in terms for key, _ in term.variants]
        at, there = self._places(np.array(keys, np.uint64))
        place = 0
        for term in terms:
            found: list[NDArray[np.uint32]] = []
            for _, worth in term.variants:
                if there[place]:
                    span = slice(self._offsets[at[place]], self._offsets[at[place] + 1])
                    passages, value = self._passages[span], np.float32(term.weight * worth / whole)
                    gained = self._impacts[span].astype(np.float32) * value
                    if len(term.variants) == 1:
                        np.add.at(scores, passages, gained)
                    else:  # the best of the variants counts
                        scratch[passages] = np.maximum(scratch[passages], gained)
                        found.append(passages)
                place += 1
            if found:
                touched = np.concatenate(found) if len(found) > 1 else found[0]
                # A passage that is in it twice is given the same sum twice.
                scores[touched] = scores[touched] + scratch[touched]
                scratch[touched] = 0

    def _places(self, terms: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where terms are among the known ones, and whether they are."""
        at = np.searchsorted(self._terms, terms)
        if not len(self._terms):
            return at, np.zeros(len(terms), np.bool_)
        at = np.minimum(at, len(self._terms) - 1)
        return at, self._terms[at] == terms
