"""A query's words in every language: what the lexical leg finds, and highlights mark, across languages.

Each content word brings its likely counterparts; a word that the library does not have is placed among its
terms by its vector. So *loyalty* finds «лояльность» word for word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.encoder import Vectors
from search.vocabulary import Candidate, Vocabulary

__all__ = ["Expansion", "expand", "translated_share"]

# A query's words that are expanded, its most telling ones; and the longest known term among them, in words.
_WORDS, _LONGEST = 24, 3
# Counterparts less likely than this are not used; so many in each language.
_LIKELY, _EACH = 0.4, 3


@dataclass(frozen=True, slots=True)
class Expansion:
    """A word or known term of a query, and its likely counterparts by language, likeliest first."""

    word: str
    terms: Mapping[str, tuple[Candidate, ...]]


def expand(vocabulary: Vocabulary, text: str) -> tuple[Expansion, ...]:
    """A query's content words, and the library's terms of several words among them, expanded."""
    if not len(vocabulary):
        return ()
    words = vocabulary.words(text)
    known = [
        " ".join(words[at : at + length])
        for length in range(2, _LONGEST + 1)
        for at in range(len(words) - length + 1)
    ]
    wanted = vocabulary.content_words(text)[:_WORDS]
    wanted += [term for term in dict.fromkeys(known) if vocabulary.find(term)]
    return tuple(Expansion(one, _counterparts(vocabulary, one)) for one in wanted)


def _counterparts(vocabulary: Vocabulary, word: str) -> dict[str, tuple[Candidate, ...]]:
    found = {}
    for code, candidates in vocabulary.likely(word).items():
        # A word's counterparts are words: *service* is *obsługa*, where *obsługa klienta* is, too.
        fit = [one for one in candidates if " " in word or " " not in vocabulary.name(one.term)]
        likely = [one for one in fit[:_EACH] if one.probability >= _LIKELY]
        if likely:
            found[code] = tuple(likely)
    return found


def translated_share(
    vocabulary: Vocabulary,
    expansions: Sequence[Expansion],
    bounds: NDArray[np.int64],
    least: float = 0.0,
) -> Vectors:
    """The share of the query's content that each passage has in words of its own language, 0–1, (P,).

    A word counts by how telling its counterparts are (their IDF among the passages), and a passage has it as
    surely as the likeliest counterpart that it contains, of those that are at least so likely. ``bounds`` are
    the passages' sentences.
    """
    shares = np.zeros(len(bounds) - 1, np.float32)
    whole = 0.0
    for expansion in expansions:
        found: list[tuple[NDArray[np.int64], float]] = []
        telling = []
        for every in expansion.terms.values():
            candidates = [one for one in every if one.probability >= least]
            if not candidates:
                continue
            rows = [_passages(vocabulary, one.term, bounds) for one in candidates]
            found += [(row, one.probability) for row, one in zip(rows, candidates, strict=True)]
            telling.append(np.log1p(len(shares) / (len(expansion.terms) * len(rows[0]) + 1)))
        if not telling:
            continue
        weight = float(np.mean(telling))
        whole += weight
        best = np.zeros(len(shares), np.float32)
        for rows_of_term, probability in found:
            best[rows_of_term] = np.maximum(best[rows_of_term], np.float32(probability))
        shares += np.float32(weight) * best
    return shares / np.float32(whole) if whole else shares


def _passages(vocabulary: Vocabulary, term: int, bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows of the passages that have a term, each once."""
    found: NDArray[np.int64] = np.unique(np.searchsorted(bounds, vocabulary.rows(term), side="right") - 1)
    return found
