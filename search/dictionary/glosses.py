"""What another language calls some words of a text, for a reader who does not read it.

First the library's own dictionary says, where that language has articles; then the background set, whose
words are the same in forty languages, by the word itself or by its vector. The words of the reader's own
question, where it is in her language, are among what a word may be called: what *service* found is *service*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from types import MappingProxyType

import numpy as np

from search.arrays.vectors import Vectors
from search.dictionary.settings import DICTIONARY
from search.dictionary.vocabulary import Vocabulary, likelihood
from search.language import background
from search.models import Gloss

__all__ = ["glosses"]


def glosses(
    vocabulary: Vocabulary, words: Sequence[str], spoken: str, language: str, question: str
) -> tuple[Gloss, ...]:
    """What ``language`` calls some ``words`` that are ``spoken`` in another one, in their order, each once;
    those for which nothing is likely enough to be shown are left out."""
    if spoken == language:
        return ()
    from kb.text.identify import identify  # its tables are needed for nothing else here

    wanted = {word.casefold(): word for word in reversed(words)}
    ordered = list(dict.fromkeys(word.casefold() for word in words))
    found: dict[str, tuple[str, float]] = {}
    for word in ordered:
        told = _told(vocabulary, word, spoken, language)
        if told is not None:
            found[word] = told
    if identify(question).language == language:
        rest = [word for word in ordered if word not in found]
        found |= _asked_for(vocabulary, rest, spoken, vocabulary.content_words(question))
    rest = [word for word in ordered if word not in found]
    found |= _nearest(vocabulary, rest, spoken, list(_background(language)))
    return tuple(Gloss(wanted[word], *found[word]) for word in ordered if word in found)


def _told(vocabulary: Vocabulary, word: str, spoken: str, language: str) -> tuple[str, float] | None:
    """What the dictionary or the background set calls a word."""
    own = [term for term in vocabulary.find(word) if vocabulary.code(term) == spoken]
    if language in vocabulary.languages:
        likely = [candidate for term in own for candidate in vocabulary.counterparts(term)]
        there = [candidate for candidate in likely if vocabulary.code(candidate.term) == language]
        best = max(there, key=lambda candidate: candidate.probability, default=None)
        if best is not None and best.probability >= DICTIONARY.shown:
            return vocabulary.name(best.term), best.probability
    known = _background(spoken)
    identity = known.get(word) or next(
        (known[form] for term in own for form in _forms(vocabulary, term) if form in known), None
    )
    if identity is None:
        return None
    same = {identifier: text for text, identifier in _background(language).items()}
    return (same[identity], 1.0) if identity in same else None


def _forms(vocabulary: Vocabulary, term: int) -> list[str]:
    return [form.casefold() for form, _ in vocabulary.forms(term)]


@lru_cache(maxsize=64)
def _background(language: str) -> Mapping[str, str]:
    """The background set's words of a language, in lower case, with what stands for their meaning."""
    rows = (row for row in background.rows("word") if row.language == language)
    return MappingProxyType({row.text.casefold(): row.id for row in rows})


def _asked_for(
    vocabulary: Vocabulary, words: Sequence[str], spoken: str, asked: Sequence[str]
) -> dict[str, tuple[str, float]]:
    """Which of the question's words ``asked`` found a word, or are nearest to one that no article has."""
    counterparts = {other: vocabulary.likely(other).get(spoken, ()) for other in asked if words}
    found: dict[str, tuple[str, float]] = {}
    for word in words:
        own = set(vocabulary.find(word))
        likely = [
            (other, candidate.probability)
            for other, terms in counterparts.items()
            for candidate in terms
            if candidate.term in own
        ]
        best = max(likely, key=itemgetter(1), default=("", 0.0))
        if best[1] >= DICTIONARY.shown:
            found[word] = best
    return found | _nearest(vocabulary, [word for word in words if word not in found], spoken, asked)


def _nearest(
    vocabulary: Vocabulary, words: Sequence[str], spoken: str, names: Sequence[str]
) -> dict[str, tuple[str, float]]:
    """The nearest of some ``names`` to each word, where it is near enough to be its counterpart."""
    if not words or not names:
        return {}
    likely = likelihood(_vectors(vocabulary, words, spoken) @ vocabulary.vectors(names).T)
    best = likely.argmax(axis=1).tolist()
    return {
        word: (names[at], float(likely[row, at]))
        for row, (word, at) in enumerate(zip(words, best, strict=True))
        if likely[row, at] >= DICTIONARY.shown
    }


def _vectors(vocabulary: Vocabulary, words: Sequence[str], spoken: str) -> Vectors:
    """The words' own vectors; those of terms of the library are there already."""
    terms = [
        next((term for term in vocabulary.find(word) if vocabulary.code(term) == spoken), None)
        for word in words
    ]
    unknown = [word for word, term in zip(words, terms, strict=True) if term is None]
    encoded = dict(zip(unknown, vocabulary.vectors(unknown), strict=True)) if unknown else {}
    return np.stack(
        [
            encoded[word] if term is None else vocabulary.term_vectors([term])[0]
            for word, term in zip(words, terms, strict=True)
        ]
    )
