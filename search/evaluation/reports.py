"""What an evaluation came to: figures, matrices and each question's outcome, ready to print, save or draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from search.models import Matrix

__all__ = ["LABELS", "LEGS", "ORDERS", "Outcome", "Report"]

LEGS = ("both", "dense", "lexical")
"""The ranking as it is, and each of its legs alone."""

ORDERS = ("raw", "centred", "fair", "ask")
"""Of a sentence set: by the encoder's own vectors; by centred ones; by these less 0.7 of what the best of
each language has; and as ``ask`` ranks sentences."""

LABELS: Mapping[str, str] = {
    "parallel_map": "parallel pool, mAP@50",
    "parallel_own_language": "parallel pool, first hit in own language",
    "scattered_mrr": "scattered pool, MRR@10",
    "filtered_same_mrr": "filtered, same language, MRR@10",
    "filtered_cross_mrr": "filtered, other languages, MRR@10",
    "sentence_map": "sentences of all languages, mAP",
    "sentence_same": "within its paragraph, same language",
    "sentence_other": "within its paragraph, other languages",
    "ndcg": "nDCG@10",
    "mrr": "MRR@10 of what answers",
    "language_recall": "answering languages in the first 10",
    "evidence_precision": "first quote answers",
    "evidence_languages": "languages with an answering quote",
    "card_precision": "quotes shown that are of an answering article",
    "card_recall": "answering languages that show one",
    "confidence_auroc": "confidence, AUROC",
    "refused_answerable": "answerable, but refused",
    "answered_unanswerable": "unanswerable, but answered",
    "questions_asked": "questions taken as questions",
    "known_first": "known items, found first",
    "known_first_apart": "the same, each text in one language",
    "known_own_version": "known items, own version among translations",
    "keywords_answered": "keywords, but answered",
}
"""What each figure is called; shares are 0–1. docs/evaluation.md defines them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One labelled question: what was expected and what came; ``asked``: was it taken as a question?

    ``quote`` and ``source`` are of the first evidence; ``right`` says whether it answers (None: nothing
    could). ``languages`` have an answer by the labels; of ``languages_right`` the reader was shown one. Of
    the ``cards``, quotes shown as answers, ``cards_right`` are of an answering article, in
    ``languages_shown``.
    """

    id: str
    language: str
    shape: str
    question: str
    answerable: bool
    found: bool
    confidence: float
    quote: str
    source: str
    right: bool | None
    languages: tuple[str, ...]
    languages_right: tuple[str, ...]
    asked: bool = True
    cards: int = 0
    cards_right: int = 0
    languages_shown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """``figures`` holds a value by measure (see LABELS) and leg or order; ``selection`` says in words which
    questions were asked, ``questions`` how many."""

    dataset: str
    kind: str
    model: str
    selection: str
    questions: int
    figures: Mapping[str, Mapping[str, float]]
    matrices: tuple[Matrix, ...] = ()
    outcomes: tuple[Outcome, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """This report as JSON-ready builtins."""
        plain = asdict(self)
        plain["figures"] = {name: dict(by_leg) for name, by_leg in self.figures.items()}
        rounded: dict[str, Any] = _rounded(plain)
        return rounded


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return value
