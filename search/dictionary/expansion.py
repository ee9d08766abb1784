"""A query's words in every language: what the lexical leg finds, and highlights mark, across languages.

Each content word brings its likely counterparts; a word that the library does not have is placed among its
terms by what it means in the query (:mod:`search.dictionary.in_context`). So *loyalty* finds «лояльность»
word for word.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.arrays.vectors import Vectors
from search.dictionary.in_context import Heard
from search.dictionary.settings import DICTIONARY
from search.dictionary.vocabulary import LikelyTerm, Vocabulary
from search.passages.backend import Backend, Scored
from search.passages.matrices import best_per_passage

__all__ = ["Expansion", "expand", "expand_known", "translated_share"]


@dataclass(frozen=True, slots=True)
class Expansion:
    """A word or known term of a query, and its likely counterparts by language, likeliest first."""

    word: str
    terms: Mapping[str, tuple[LikelyTerm, ...]]


def expand(
    vocabulary: Vocabulary, text: str, known: Sequence[Expansion], heard: Heard
) -> tuple[Expansion, ...]:
    """A query's content words, and the library's terms of several words among them, expanded. What is
    ``known`` was expanded before. What the library does not have is told by what was ``heard`` of it; a word
    of which nothing was is encoded."""
    if not len(vocabulary):
        return ()
    there = {expansion.word: expansion for expansion in known}
    content = vocabulary.content_words(text, heard)[: DICTIONARY.expanded_words]
    words = [there.get(word) or _expanded(vocabulary, word, heard.get(word)) for word in content]
    return (*words, *(expansion for expansion in known if " " in expansion.word))


def expand_known(vocabulary: Vocabulary, text: str) -> tuple[Expansion, ...]:
    """Of a query's expansions those of the words and terms that the library has: the query itself need not be
    encoded yet.

    That is all that ranking needs. With the words that the library does not have, whose counterparts are told
    by vectors alone, the pools of XQuAD score as without (parallel 0.947 and 0.946, scattered 0.877 and
    0.877, other languages 0.952 and 0.953).
    """
    if not len(vocabulary):
        return ()
    words = vocabulary.words(text)
    content = [word for word in dict.fromkeys(words) if vocabulary.is_likely_content(word)]
    known = [word for word in content[: DICTIONARY.expanded_words] if vocabulary.find(word)]
    return tuple(_expanded(vocabulary, word) for word in (*known, *_longer_terms(vocabulary, words)))


def _expanded(vocabulary: Vocabulary, word: str, heard: Vectors | None = None) -> Expansion:
    return Expansion(
        word, vocabulary.stand_ins(word, DICTIONARY.expanded_likely, DICTIONARY.expanded_each, heard)
    )


def _longer_terms(vocabulary: Vocabulary, words: Sequence[str]) -> list[str]:
    """The library's terms of several words among those of a query."""
    runs = [
        " ".join(words[at : at + length])
        for length in range(2, DICTIONARY.expanded_longest + 1)
        for at in range(len(words) - length + 1)
    ]
    return [term for term in dict.fromkeys(runs) if vocabulary.find(term)]


def translated_share(
    vocabulary: Vocabulary,
    expansions: Sequence[Expansion],
    pool: Scored,
    backend: Backend,
    least: float = 0.0,
    *,
    by_sentence: bool = False,
) -> Vectors:
    """The share of the query's content that each passage of a pool has in words of its own language, 0–1,
    (n,), or each of its sentences (S,).

    A word counts by how telling its counterparts are (their IDF in the library), and a passage has it as
    surely as the likeliest counterpart that it contains, of those that are at least so likely.
    """
    numbers, size = pool.numbers, int(backend.counts.sum())
    spoken = np.repeat(pool.language, np.diff(pool.bounds))
    sentences = {code: np.flatnonzero(spoken == code) for code in np.unique(spoken).tolist()}
    shares = np.zeros(len(numbers) if by_sentence else len(pool.rows), np.float32)
    whole = 0.0
    for expansion in expansions:
        best = np.zeros(len(numbers), np.float32)
        telling = []
        for language, every in expansion.terms.items():
            likely = [term for term in every if term.probability >= least]
            if not likely:
                continue
            frequency = min(size, len(vocabulary.rows(likely[0].term)))
            telling.append(math.log1p(size / (len(expansion.terms) * frequency + 1)))
            code = backend.languages.index(language) if language in backend.languages else -1
            here = sentences.get(code, np.zeros(0, np.int64))
            for term in likely:
                having = here[_among(numbers[here], vocabulary.rows(term.term))]
                best[having] = np.maximum(best[having], np.float32(term.probability))
        if not telling:
            continue
        weight = sum(telling) / len(telling)
        whole += weight
        found = best if by_sentence else np.maximum(best_per_passage(best, pool.bounds), 0)
        shares += np.float32(weight) * found
    return shares / np.float32(whole) if whole else shares


def _among(numbers: NDArray[np.int64], rows: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which of some sentences are among those of a term, both ascending."""
    if not len(numbers) or not len(rows):
        return np.zeros(len(numbers), np.bool_)
    places = np.minimum(np.searchsorted(rows, numbers), len(rows) - 1)
    found: NDArray[np.bool_] = rows[places] == numbers
    return found
