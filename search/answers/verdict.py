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

__all__ = ["ANSWERED", "SHOWN", "Weights", "features", "probabilities"]

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


def features(scores: Vectors, logits: Vectors | None, reader: float) -> Vectors:
    """Of each of a question's n sentences (n, 2): the whole score, and the root of what it is behind the
    best."""
    whole = scores if logits is None else scores + np.float32(reader) * logits
    return np.stack([whole, np.sqrt(whole.max(initial=-np.inf) - whole)], axis=1)


def probabilities(scores: Vectors, logits: Vectors | None, weights: Weights | None = None) -> Vectors:
    """0-1 for each of a question's n sentences, by what the engine gives them, ``scores`` (n,), and, where a
    reader has read them, ``logits`` (n,)."""
    by = weights or (_BY_ENGINE if logits is None else _WITH_READER)
    whole, behind = features(scores, logits, by.reader).T
    return np.asarray(1 / (1 + np.exp(-(by.bias + by.score * whole - by.behind * behind))), np.float32)
