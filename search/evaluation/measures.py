"""Measures of rankings and answers, from labels and from what came out; nothing here opens a library.

Ranking measures are those of trec_eval, through ir-measures: the gain of nDCG is the grade itself.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from types import ModuleType

import numpy as np

from search.errors import ExtraMissing
from search.evaluation.settings import EVALUATION

__all__ = [
    "AP50",
    "NDCG10",
    "RR10",
    "RR10_ANSWERS",
    "auroc",
    "average_precision",
    "library",
    "mean",
    "per_question",
    "same_sentence",
]

# In the notation of ir-measures.
AP50 = "AP@50"
"""Average precision over the first 50, divided by the number of relevant documents."""
NDCG10 = "nDCG@10"
RR10 = "RR@10"
RR10_ANSWERS = "RR(rel=2)@10"
"""Reciprocal rank of the first document that answers (grade 2); those that only help do not count."""


Judgements = Mapping[str, Mapping[str, int]]
Rankings = Mapping[str, Sequence[str]]


def library() -> ModuleType:
    """ir-measures, imported when something is measured. Raises ExtraMissing where it is not installed."""
    try:
        import ir_measures
    except ImportError as error:
        # The extra leaves it out on Linux on ARM, where pytrec-eval-terrier, which it needs, has no wheel.
        raise ExtraMissing(
            "measuring needs ir-measures: pip install 'rosetta-kb[evaluate]' (on Linux on ARM `pip install "
            "ir-measures`, with a C compiler)"
        ) from error
    module: ModuleType = ir_measures
    return module


def per_question(measure: str, judged: Judgements, ranked: Rankings) -> dict[str, float]:
    """The measure of each judged question: ``judged`` holds grades by question and document, ``ranked``
    documents best first. A question that nothing was found for has 0."""
    ir_measures = library()
    grades = [
        ir_measures.Qrel(question, document, grade)
        for question, documents in judged.items()
        for document, grade in documents.items()
    ]
    run = [
        ir_measures.ScoredDoc(question, document, float(-place))
        for question in judged
        for place, document in enumerate(ranked.get(question, ()))
    ]
    values = dict.fromkeys(judged, 0.0)
    if run:
        found = ir_measures.iter_calc([ir_measures.parse_measure(measure)], grades, run)
        values.update((metric.query_id, metric.value) for metric in found)
    return values


def average_precision(scores: Sequence[float], relevant: Sequence[int]) -> float:
    """The mean, over the places of ``relevant`` in ``scores`` (n,), of the precision down to each; what
    scores minus infinity was not found. Ties go to who comes first."""
    values = np.asarray(scores, np.float64)
    order = np.argsort(-values, kind="stable")
    rank = np.empty(len(values), np.int64)
    rank[order] = np.arange(1, len(values) + 1)
    found = np.sort([rank[at] for at in relevant if np.isfinite(values[at])])
    return float((np.arange(1, len(found) + 1) / found).sum() / len(relevant))


def mean(values: Iterable[float]) -> float | None:
    """The arithmetic mean; None of nothing."""
    held = list(values)
    return float(np.mean(held)) if held else None


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """The probability that a positive's score is above a negative's, ties counting half (Mann-Whitney U
    over the number of pairs); None where either is missing."""
    if not len(positive) or not len(negative):
        return None
    above = np.subtract.outer(np.asarray(positive, np.float64), np.asarray(negative, np.float64))
    return float((np.sign(above) / 2 + 0.5).mean())


def same_sentence(quote: str, other: str) -> bool:
    """Whether two quotes of one article are the same but for where they were cut: NFC and white space aside,
    one contains the other, or they share a run of at least 60 % of the shorter."""
    first, second = _flat(quote), _flat(other)
    if not first or not second:
        return False
    if first in second or second in first:
        return True
    # Without autojunk=False difflib drops the commonest letters of texts above 200 characters.
    run = SequenceMatcher(None, first, second, autojunk=False).find_longest_match().size
    return run >= EVALUATION.shared * min(len(first), len(second))


def _flat(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
