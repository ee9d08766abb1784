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

__all__ = ["Weights", "features", "likely", "with_reader"]


@dataclass(frozen=True, slots=True)
class Weights:
    """The log-odds: ``bias``, ``score`` times the score, less ``behind`` times the root of the distance to
    the best, and ``relation`` where a question asks for one, which many sentences tell a part of. Scores are
    the engine's, plus ``reader`` times the reader's logit."""

    bias: float
    score: float
    behind: float
    relation: float
    reader: float = 0.0


_BY_ENGINE = Weights(bias=-4.60, score=0.97, behind=1.81, relation=0.53)
_WITH_READER = Weights(bias=-4.08, score=0.87, behind=1.10, relation=0.35, reader=0.25)


def with_reader(scores: Vectors, logits: Vectors, weights: Weights | None = None) -> Vectors:
    """Whole scores of n sentences: the engine's ``scores`` (n,) with the reader's ``logits`` (n,)."""
    by = weights or _WITH_READER
    return scores + np.float32(by.reader) * logits


def features(scores: Vectors, *, relation: bool) -> Vectors:
    """Of each of a question's n sentences (n, 3): its whole score, the root of what it is behind the best,
    and whether a relation is asked for."""
    behind = np.sqrt(scores.max(initial=-np.inf) - scores)
    return np.stack([scores, behind, np.full_like(scores, relation)], axis=1)


def likely(scores: Vectors, *, relation: bool, read: bool, weights: Weights | None = None) -> Vectors:
    """0-1 for each of a question's n sentences, by their whole scores (n,), in which the reader's are where
    they were ``read``, and by whether a ``relation`` is asked for."""
    by = weights or (_WITH_READER if read else _BY_ENGINE)
    log_odds = by.bias + features(scores, relation=relation) @ np.array(
        [by.score, -by.behind, by.relation], np.float32
    )
    return np.asarray(1 / (1 + np.exp(-log_odds)), np.float32)
