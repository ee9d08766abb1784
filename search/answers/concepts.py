"""The things that a question about a relation is about, and how well a sentence bears on each of them.

A concept is a run of the question's content words; function words, and the words that bind ("relate",
"różnica"), part them. A sentence bears on a concept when its tokens match the concept's by late interaction
(in standard deviations above unrelated sentences), or when it has a counterpart of one of its words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.answers.settings import ANSWERING
from search.arrays.vectors import Vectors
from search.language import analysis
from search.ranking.index import Index
from search.ranking.scores import Scores
from search.ranking.shapes import binds

__all__ = ["Concept", "bearing", "concepts"]


@dataclass(frozen=True, slots=True)
class Concept:
    """``start`` and ``end`` are its place in the query's text, ``words`` the content words of it, in lower
    case."""

    start: int
    end: int
    words: tuple[str, ...]


def concepts(index: Index, scores: Scores) -> tuple[Concept, ...]:
    """What a question is about, in its order; one concept only where it asks about one thing."""
    text = scores.query.text
    content = {word for word in index.vocabulary.content_words(text, index.heard(scores)) if not binds(word)}
    found: list[Concept] = []
    adjoins = False
    for word in analysis.words(text):
        form = text[word.start : word.end].lower()
        if form not in content:
            adjoins = False
        elif adjoins:
            last = found.pop()
            found.append(Concept(last.start, word.end, (*last.words, form)))
        else:
            found.append(Concept(word.start, word.end, (form,)))
            adjoins = True
    return tuple(found[: ANSWERING.concepts])


def bearing(index: Index, scores: Scores, about: Sequence[Concept], rows: NDArray[np.int64]) -> Vectors:
    """How well sentences, given by their places in the library, ascending, bear on each concept:
    (len(rows), len(about)), in standard deviations
    above unrelated sentences."""
    tokens = [scores.tokens[list(places)] for places in _tokens_of(index, scores, about)]
    columns = []
    for concept, vectors in zip(about, tokens, strict=True):
        column = np.zeros(len(rows), np.float32)
        if len(vectors):
            mean, deviation = index.unrelated_tokens(vectors)
            column = (index.token_matches(vectors, rows).mean(axis=1) - mean) / deviation
        columns.append(np.maximum(column, ANSWERING.concept_word * _named(index, scores, concept, rows)))
    return np.stack(columns, axis=1)


def _tokens_of(index: Index, scores: Scores, about: Sequence[Concept]) -> list[list[int]]:
    """Which of the query's tokens are each concept's."""
    pieces = index.query_pieces(scores.query.text)[: len(scores.tokens)]
    return [
        [place for place, (start, end) in enumerate(pieces) if start < concept.end and concept.start < end]
        for concept in about
    ]


def _named(index: Index, scores: Scores, concept: Concept, rows: NDArray[np.int64]) -> Vectors:
    """How surely sentences have a counterpart of one of a concept's words, 0–1."""
    sure = np.zeros(len(rows), np.float32)
    for expansion in scores.expansions:
        if not set(expansion.word.split()) & set(concept.words):
            continue
        for candidates in expansion.terms.values():
            for candidate in candidates:
                there = np.isin(rows, index.vocabulary.rows(candidate.term))
                sure[there] = np.maximum(sure[there], np.float32(candidate.probability))
    return sure
