"""The terms that tell what a library is about: frequent in it, and rare in everyday language."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from search.browsing.holdings import Term
from search.browsing.settings import BROWSING
from search.dictionary.vocabulary import Vocabulary
from search.language.background import word_counts
from search.language.spelling import spelling_key

__all__ = ["telling_terms"]


def telling_terms(vocabulary: Vocabulary) -> Mapping[str, tuple[Term, ...]]:
    """Of each language sixteen at most, in alphabetical order."""
    found = {}
    for number, language in enumerate(vocabulary.languages):
        start, end = np.searchsorted(vocabulary.language, (number, number + 1)).tolist()
        scored = [
            (_telling(vocabulary, term, language), vocabulary.name(term), int(vocabulary.counts[term]))
            for term in range(start, min(end, start + BROWSING.looked_at))
        ]
        best = sorted((pair for pair in scored if pair[0]), key=lambda pair: (-pair[0], pair[1]))
        terms = (Term(name, language, count) for _score, name, count in best[: BROWSING.shown])
        found[language] = tuple(sorted(terms, key=lambda term: spelling_key(term.text)))
    return MappingProxyType(found)


def _telling(vocabulary: Vocabulary, term: int, language: str) -> float:
    """How much a term tells: how often it occurs, less where everyday texts have it or no other language has
    a sure counterpart, more where it has several words; 0 for what tells nothing."""
    name, count = vocabulary.name(term), int(vocabulary.counts[term])
    words = name.lower().split()
    too_short = len(name) < BROWSING.shortest and name.isascii()
    if count < BROWSING.least or too_short or not all(map(vocabulary.is_likely_content, words)):
        return 0.0
    everyday = word_counts().get(language, {})
    known = max(everyday.get(word.casefold(), 0) for word in words)
    sure = max((counterpart.probability for counterpart in vocabulary.counterparts(term)), default=0.0)
    return float(count * sure * math.log1p(len(words)) / (1 + known) ** 2)
