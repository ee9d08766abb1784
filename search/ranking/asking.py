"""How much a query is a question, and how much it is keywords, a title or a sentence to be found.

Learnt from the background set, in every language: its questions, against its statements, words and pairs of
words, all encoded as queries; a linear map of the centred vector, by ridge regression, which carries over to
languages that the background lacks. The words of the background's questions count beside it, and so do the
words that ask in a language, a row of ``kb/data/asking.tsv``. A mark counts as such a word does: many
questions are typed without, but who puts one asks.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from kb import tables
from kb.text.cached_arrays import read_array
from search.arrays.vectors import Vectors
from search.language import analysis, background
from search.ranking.settings import RANKING

__all__ = ["asks", "fit_asking", "read_asking", "write_asking"]


_FILE = "asking.npy"


def fit_asking(questions: Vectors, others: Vectors) -> Vectors:
    """The map (dimension + 1,) from a centred query vector to a score, its last value the constant."""
    vectors = np.concatenate([questions, others])
    vectors = np.hstack([vectors, np.ones((len(vectors), 1), np.float32)])
    targets = np.concatenate([np.ones(len(questions)), -np.ones(len(others))])
    penalty = np.full(vectors.shape[1], RANKING.asking_ridge)
    penalty[-1] = 0.0
    weights: Vectors = np.linalg.solve(vectors.T @ vectors + np.diag(penalty), vectors.T @ targets)
    return weights.astype(np.float32)


def write_asking(weights: Vectors, directory: Path) -> None:
    np.save(directory / _FILE, weights)


def read_asking(directory: Path) -> Vectors:
    weights: Vectors = read_array(directory / _FILE)
    return weights


def asks(weights: Vectors, query: Vectors, text: str, quoted: bool = False) -> float:
    """How much a query, given its centred vector and its text, is a question, 0–1; ``quoted`` says that the
    library has it word for word."""
    words = [word.form for word in analysis.words_of(text)]
    forms = set(words)
    odds = sum(map(_odds, forms))
    score = float(query @ weights[:-1] + weights[-1])
    score += RANKING.asking_words * max(-RANKING.asking_words_most, min(RANKING.asking_words_most, odds))
    marked = text.rstrip().endswith(tuple(analysis.QUESTION_MARKS))
    if quoted and not marked:
        score -= RANKING.quoted
    elif marked or (len(forms) > 1 and _has_asking_word(text, words)):
        score += RANKING.asking_word
    elif not analysis.is_unspaced(text) and not any(map(background.is_function_word, forms)):
        score -= RANKING.bare
    score -= RANKING.alone * (len(forms) < 2)
    return 1 / (1 + math.exp(-RANKING.asking_steepness * (score - RANKING.asking_half)))


def _has_asking_word(text: str, words: Sequence[str]) -> bool:
    """Whether a query begins with a word that asks, but for one before it, or has one that hardly stands in
    anything else; ``words`` are its own, in their order."""
    first, anywhere, inside = _asking_words()
    whole = analysis.normal(text)
    return (
        not first.isdisjoint(words[:2])
        or not anywhere.isdisjoint(words)
        or any(word in whole for word in inside)
    )


@cache
def _asking_words() -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    """The words that ask, of all languages: those that begin a question, with their marks and without; those
    that stand anywhere in one; and of these, those of scripts without spaces."""
    rows = tables.rows("asking", 3, optional=1)
    first = {analysis.normal(word) for _, words, _ in rows for word in words.split()}
    anywhere = {analysis.normal(word) for _, _, words in rows for word in words.split()}
    inside = tuple(sorted(filter(analysis.is_unspaced, anywhere)))
    return frozenset(first | set(map(analysis.fold, first))), frozenset(anywhere), inside


def _odds(form: str) -> float:
    """A word's log-odds to be in one of the background's questions, not in a statement, in any language."""
    asked, said = (_texts_with(kind)[form] for kind in ("question", "statement"))
    if asked + said < RANKING.asking_seen:
        return 0.0
    return math.log((asked + RANKING.asking_smoothing) / (said + RANKING.asking_smoothing))


@cache
def _texts_with(kind: str) -> Mapping[str, int]:
    """In how many of the background's texts of a kind a word is, all languages together; 0 where in none."""
    return Counter(form for forms in background.words(kind) for form in set(forms))
