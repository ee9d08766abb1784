"""How sure it is that a sentence answers a question: the probability that its quote is an answer.

What the engine gives a sentence, and the reader where there is one, is one score; the log-odds of an answer
grow with it, and fall with how far it is behind the question's best, for one answer makes others less likely.
A logistic regression, fitted on the half of the evaluation set that is not reported
(``python -m tests.training.candidates fit``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from search.arrays.vectors import Vectors

__all__ = ["ANSWERED", "SHOWN", "Weights", "features", "likely", "with_reader"]

# A question is answered where its best sentence is at least so likely an answer: as many wrong answers as
# wrong refusals. Then whatever is at least so likely is shown.
ANSWERED, SHOWN = 0.23, 0.02


@dataclass(frozen=True, slots=True)
class Weights:
    """The log-odds: ``bias``, ``score`` times the score, less ``behind`` times the root of the distance to
    the best. Scores are the engine's, plus ``reader`` times the reader's logit."""

    bias: float
    score: float
    behind: float
    reader: float = 0.0


_BY_ENGINE = Weights(bias=-4.89, score=0.88, behind=1.15)
_WITH_READER = Weights(bias=-4.35, score=0.84, behind=1.20, reader=0.25)


def with_reader(scores: Vectors, logits: Vectors, weights: Weights | None = None) -> Vectors:
    """Whole scores of n sentences: the engine's ``scores`` (n,) with the reader's ``logits`` (n,)."""
    by = weights or _WITH_READER
    return scores + np.float32(by.reader) * logits


def features(scores: Vectors) -> Vectors:
    """Of each of a question's n sentences (n, 2): its whole score, and the root of what it is behind the
    best."""
    return np.stack([scores, np.sqrt(scores.max(initial=-np.inf) - scores)], axis=1)


def likely(scores: Vectors, *, read: bool, weights: Weights | None = None) -> Vectors:
    """0-1 for each of a question's n sentences, by their whole scores (n,), in which the reader's are where
    they were ``read``."""
    by = weights or (_WITH_READER if read else _BY_ENGINE)
    whole, behind = features(scores).T
    return np.asarray(1 / (1 + np.exp(-(by.bias + by.score * whole - by.behind * behind))), np.float32)
