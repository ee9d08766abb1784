"""How much a query is a question, and how much it is keywords, a title or a sentence to be found.

Learnt from the background set, in every language: its questions, against its statements, words and pairs of
words, all encoded as queries; a linear map of the centred vector, by ridge regression, which carries over to
languages that the background lacks. The words of the background's questions count beside it. Many questions
are typed without a mark, so that it decides nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from kb.text.cached_arrays import read_array
from search.arrays.vectors import Vectors
from search.language import analysis, background

__all__ = ["ASKS", "asks", "fit_asking", "read_asking", "write_asking"]

ASKS = 0.5
"""From here on a query is treated as a question."""

_FILE = "asking.npy"
_RIDGE = 10.0
# What the words' log-odds count beside the regression's score (1 for a question, −1 for others), and their
# bounds.
_WORDS_WEIGHT, _WORDS_MOST = 0.05, 3.0
# In how many of the background's texts a word says something, and the count added to each kind's.
_SEEN, _SMOOTHING = 3, 0.5
# The score at which half are questions, and the steepness: short questions score low more often than keywords
# high.
_HALF, _STEEPNESS = -0.1, 6.0
# What is taken off a single word, which hardly asks anything.
_ALONE = 0.5
# What is taken off where the library has the whole query, word for word, in one passage: it is a title or a
# sentence that was pasted. Who puts a mark to it asks.
_QUOTED = 0.8


def fit_asking(questions: Vectors, others: Vectors) -> Vectors:
    """The map (dimension + 1,) from a centred query vector to a score, its last value the constant."""
    vectors = np.concatenate([questions, others])
    vectors = np.hstack([vectors, np.ones((len(vectors), 1), np.float32)])
    targets = np.concatenate([np.ones(len(questions)), -np.ones(len(others))])
    penalty = np.full(vectors.shape[1], _RIDGE)
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
    forms = {word.form for word in analysis.words_of(text)}
    odds = sum(_odds().get(form, 0.0) for form in forms)
    score = float(query @ weights[:-1] + weights[-1])
    score += _WORDS_WEIGHT * max(-_WORDS_MOST, min(_WORDS_MOST, odds))
    pasted = quoted and not text.rstrip().endswith(tuple(analysis.QUESTION_MARKS))
    score -= _QUOTED * pasted + _ALONE * (len(forms) < 2)
    return 1 / (1 + math.exp(-_STEEPNESS * (score - _HALF)))


@cache
def _odds() -> Mapping[str, float]:
    """A word's log-odds to be in one of the background's questions, not in a statement, in any language."""
    asked, said = Counter[str](), Counter[str]()
    for total, kind in ((asked, "question"), (said, "statement")):
        for counts in background.word_counts(kind).values():
            total.update(counts)
    return {
        form: math.log((asked[form] + _SMOOTHING) / (said[form] + _SMOOTHING))
        for form in {*asked, *said}
        if asked[form] + said[form] >= _SEEN
    }
