"""Measures a library on labelled questions: the ranking by its hits, the evidence by its quotes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kb.errors import InputError
from kb.progress import Progress
from search.engine import Engine
from search.evaluation import measures
from search.evaluation.datasets import Judgement, LabelledQuestion
from search.evaluation.reports import LEGS, Outcome
from search.evaluation.settings import EVALUATION
from search.models import KEYWORDS, Answer, Evidence, Matrix

__all__ = ["LabelledResults", "ask_all", "figures", "joined", "matrices"]

ByLeg = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class LabelledResults:
    """What came of some questions: an outcome each, and, of those that can be answered, by leg and question
    the ranking's nDCG, reciprocal rank, and share of answering languages found."""

    outcomes: tuple[Outcome, ...]
    ndcg: ByLeg
    mrr: ByLeg
    recall: ByLeg


def ask_all(engine: Engine, questions: Sequence[LabelledQuestion], progress: Progress) -> LabelledResults:
    """Searches for and asks every question. Raises InputError where a label names no article there."""
    spoken = {article.source: article.language for article in engine.articles()}
    _check_labels(questions, spoken)
    answerable = [question for question in questions if question.answering]
    judged = {
        question.id: {label.source: label.grade for label in question.judgements} for question in answerable
    }
    ranked: dict[str, dict[str, tuple[str, ...]]] = {leg: {} for leg in LEGS}
    outcomes = []
    # Question by question, not leg by leg: an engine may remember the last queries that it encoded.
    for done, question in enumerate(questions, 1):
        for leg in LEGS if question.answering else ():
            hits = engine.search(question.text, limit=EVALUATION.hits, leg=leg, collapse=False)
            ranked[leg][question.id] = tuple(hit.article.source for hit in hits)
        outcomes.append(_outcome(question, engine.ask(question.text), spoken))
        progress("asking", done, len(questions))
    return LabelledResults(
        outcomes=tuple(outcomes),
        ndcg={leg: measures.per_question(measures.NDCG10, judged, ranked[leg]) for leg in LEGS},
        mrr={leg: measures.per_question(measures.RR10_ANSWERS, judged, ranked[leg]) for leg in LEGS},
        recall={
            leg: {
                question.id: _language_recall(question, ranked[leg][question.id], spoken)
                for question in answerable
            }
            for leg in LEGS
        },
    )


def joined(parts: Sequence[LabelledResults]) -> LabelledResults:
    """The questions of several libraries as if asked of one."""

    def merged(name: str) -> ByLeg:
        return {
            leg: {key: v for part in parts for key, v in getattr(part, name)[leg].items()} for leg in LEGS
        }

    outcomes = tuple(outcome for part in parts for outcome in part.outcomes)
    return LabelledResults(outcomes, merged("ndcg"), merged("mrr"), merged("recall"))


def _check_labels(questions: Iterable[LabelledQuestion], spoken: Mapping[str, str]) -> None:
    for question in questions:
        for label in question.judgements:
            if label.source not in spoken:
                raise InputError(
                    f"{question.id} is labelled with {label.source}, which the library does not hold"
                )


def _language_recall(question: LabelledQuestion, ranked: Sequence[str], spoken: Mapping[str, str]) -> float:
    """The share of languages with an answering article of which one was found."""
    wanted = {spoken[label.source] for label in question.answering}
    found = {spoken[label.source] for label in question.answering if label.source in ranked}
    return len(found) / len(wanted)


def _outcome(question: LabelledQuestion, answer: Answer, spoken: Mapping[str, str]) -> Outcome:
    first = answer.evidence[0] if answer.evidence else None
    by_language: dict[str, list[Judgement]] = {}
    for label in question.answering:
        by_language.setdefault(spoken[label.source], []).append(label)
    shown = [
        language
        for language, labels in by_language.items()
        if any(_answers(item, labels) for item in answer.by_language.get(language, ()))
    ]
    cards = [item for items in answer.by_language.values() for item in items]
    sources = {label.source for label in question.answering}
    bearing = [item for item in cards if item.article.source in sources]
    return Outcome(
        id=question.id,
        language=question.language,
        shape=question.shape,
        question=question.text,
        answerable=bool(question.answering),
        found=answer.found,
        confidence=answer.confidence,
        quote=first.quote if first else "",
        source=first.article.source if first else "",
        right=(first is not None and _answers(first, question.answering)) if question.answering else None,
        languages=tuple(sorted(by_language)),
        languages_right=tuple(sorted(shown)),
        cards=len(cards),
        cards_right=len(bearing),
        languages_shown=tuple(sorted({spoken[item.article.source] for item in bearing})),
        asked=answer.shape != KEYWORDS,
    )


def _answers(item: Evidence, labels: Iterable[Judgement]) -> bool:
    """Whether a quote is one of those that the labels call an answer."""
    return any(
        measures.same_sentence(item.quote, quote)
        for label in labels
        if label.source == item.article.source
        for quote in label.quotes
    )


def figures(asked: LabelledResults) -> dict[str, dict[str, float]]:
    """Every measure that has something to measure, by leg; answers have the one leg "both"."""
    made: dict[str, dict[str, float]] = {}
    for name, by_leg in (("ndcg", asked.ndcg), ("mrr", asked.mrr), ("language_recall", asked.recall)):
        for leg, values in by_leg.items():
            _enter(made, name, leg, measures.mean(values.values()))
    # What nobody takes for a question has articles for a reply, and no evidence.
    taken = [outcome for outcome in asked.outcomes if outcome.asked]
    for name, value in _evidence_figures(taken).items():
        _enter(made, name, "both", value)
    _enter(made, "questions_asked", "both", measures.mean(outcome.asked for outcome in asked.outcomes))
    return made


def _enter(made: dict[str, dict[str, float]], name: str, leg: str, value: float | None) -> None:
    if value is not None:
        made.setdefault(name, {})[leg] = value


def _evidence_figures(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    answerable = [outcome for outcome in outcomes if outcome.answerable]
    others = [outcome for outcome in outcomes if not outcome.answerable]
    return {
        "evidence_precision": measures.mean(bool(outcome.right) for outcome in answerable),
        "evidence_languages": _languages_right(answerable),
        **_card_figures([*answerable, *others], answerable),
        "confidence_auroc": measures.auroc(
            [outcome.confidence for outcome in answerable], [outcome.confidence for outcome in others]
        ),
        "refused_answerable": measures.mean(not outcome.found for outcome in answerable),
        "answered_unanswerable": measures.mean(outcome.found for outcome in others),
    }


def _card_figures(asked: Sequence[Outcome], answerable: Sequence[Outcome]) -> dict[str, float | None]:
    """Of all quotes that are shown as answers, the share that is of an answering article; of all (question,
    language with such an article) pairs, the share that shows one."""
    cards = sum(outcome.cards for outcome in asked)
    return {
        "card_precision": sum(outcome.cards_right for outcome in asked) / cards if cards else None,
        "card_recall": measures.mean(
            language in outcome.languages_shown for outcome in answerable for language in outcome.languages
        ),
    }


def _languages_right(outcomes: Sequence[Outcome]) -> float | None:
    """Of all (question, language that has an answer) pairs, the share that shows one."""
    return measures.mean(
        language in outcome.languages_right for outcome in outcomes for language in outcome.languages
    )


_COLUMNS = (
    "nDCG@10",
    "MRR@10",
    "languages in hits",
    "first quote",
    "languages quoted",
    "answered",
    "refused",
)


def matrices(asked: LabelledResults) -> tuple[Matrix, ...]:
    """The measures by the question's language and by its shape. "answered" is a share of the answerable
    questions, "refused" of the others."""
    return (
        _matrix(asked, "by question language", "language", lambda outcome: outcome.language),
        _matrix(asked, "by shape of question", "shape", lambda outcome: outcome.shape),
    )


def _matrix(asked: LabelledResults, name: str, row_name: str, key: Callable[[Outcome], str]) -> Matrix:
    rows = tuple(sorted({key(outcome) for outcome in asked.outcomes}))
    values = []
    for row in rows:
        outcomes = [outcome for outcome in asked.outcomes if key(outcome) == row]
        answerable = [outcome for outcome in outcomes if outcome.answerable]
        ranking = [
            measures.mean(by_leg["both"][outcome.id] for outcome in answerable)
            for by_leg in (asked.ndcg, asked.mrr, asked.recall)
        ]
        answered = [outcome for outcome in answerable if outcome.asked]
        evidence = (
            measures.mean(bool(outcome.right) for outcome in answered),
            _languages_right(answered),
            measures.mean(outcome.found for outcome in answered),
            measures.mean(
                not outcome.found for outcome in outcomes if outcome.asked and not outcome.answerable
            ),
        )
        values.append((*ranking, *evidence))
    return Matrix(name, row_name, "measure", rows, _COLUMNS, tuple(values))
