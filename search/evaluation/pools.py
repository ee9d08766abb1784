"""Measures a ranking's fairness to languages on parallel texts, in three pools of the same passages.

*parallel*: every version of every paragraph; all versions of the right one are relevant.
*scattered*: every paragraph in one language only, drawn at random.
*filtered*: the parallel pool, searched in one language at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kb.progress import Progress
from search.engine import Engine
from search.evaluation import measures
from search.evaluation.datasets import PoolPassage, PoolQuestion, PoolSet
from search.evaluation.reports import LEGS
from search.evaluation.settings import EVALUATION
from search.models import Matrix

__all__ = [
    "Found",
    "KeyedQuestion",
    "ask_all",
    "figures",
    "matrices",
    "questions",
    "scattered",
    "write_articles",
]


Found = Mapping[tuple[str, str], Mapping[str, Sequence[str]]]
"""By leg and language asked for ("" for all), and then by question: sources, best first."""
Cells = dict[tuple[str, str], list[float]]
"""Values by the language of the question and the language of the articles."""


def scattered(held: PoolSet) -> tuple[PoolPassage, ...]:
    """Each paragraph's passage in the language drawn for it, or, where it has none in that language, in the
    next one that has."""
    count = len(held.languages)
    drawn = np.random.default_rng(EVALUATION.seed).integers(0, count, len(held.paragraphs))
    passages = {(passage.paragraph, passage.language): passage for passage in held.passages}
    chosen = []
    for paragraph, first in zip(held.paragraphs, drawn, strict=True):
        turns = (held.languages[(int(first) + turn) % count] for turn in range(count))
        chosen.append(next(passages[paragraph, code] for code in turns if (paragraph, code) in passages))
    return tuple(chosen)


def write_articles(passages: Iterable[PoolPassage], folder: Path) -> None:
    """One Markdown file each, in its given language and with nothing to be cleaned."""
    for passage in passages:
        path = folder / passage.source
        path.parent.mkdir(parents=True, exist_ok=True)
        # JSON strings are YAML. The title is the paragraph's number: a passage of XQuAD has none of its own.
        head = {"title": str(passage.paragraph), "language": passage.language, "cleaned": True}
        lines = [f"{name}: {json.dumps(value)}\n" for name, value in head.items()]
        path.write_text("".join(["---\n", *lines, "---\n", passage.text, "\n"]), "utf-8")


@dataclass(frozen=True, slots=True)
class KeyedQuestion:
    """A question with its key, the languages that its paragraph is in, and the one it is scattered to."""

    key: str
    question: PoolQuestion
    languages: frozenset[str]
    scattered: str

    def source(self, language: str) -> str:
        """The right article in a language."""
        return PoolPassage(self.question.paragraph, language, "").source


def questions(held: PoolSet, sample: int) -> tuple[KeyedQuestion, ...]:
    """Every ``sample``-th question."""
    versions: dict[int, set[str]] = {}
    for passage in held.passages:
        versions.setdefault(passage.paragraph, set()).add(passage.language)
    kept = {passage.paragraph: passage.language for passage in scattered(held)}
    return tuple(
        KeyedQuestion(
            str(number), question, frozenset(versions[question.paragraph]), kept[question.paragraph]
        )
        for number, question in enumerate(held.questions[::sample])
    )


def ask_all(
    engine: Engine, asked: Sequence[KeyedQuestion], pool: str, languages: Sequence[str], progress: Progress
) -> Found:
    """What each leg finds in the whole pool, and in each of ``languages`` alone."""
    found: dict[tuple[str, str], dict[str, Sequence[str]]] = {}
    # Question by question, not pool by pool: an engine may remember the last queries that it encoded.
    for done, question in enumerate(asked, 1):
        for leg in LEGS:
            for language in ("", *(code for code in languages if code in question.languages)):
                hits = engine.search(
                    question.question.text,
                    limit=EVALUATION.hits if language or not languages else EVALUATION.long_hits,
                    languages=[language] if language else None,
                    leg=leg,
                    # All versions of a paragraph are relevant, and all are to be shown.
                    collapse=False,
                )
                sources = tuple(hit.article.source for hit in hits)
                found.setdefault((leg, language), {})[question.key] = sources
        progress(f"asking the {pool} pool", done, len(asked))
    return found


def figures(asked: Sequence[KeyedQuestion], parallel: Found, scattered: Found) -> dict[str, dict[str, float]]:
    """Every measure by leg; ``parallel`` also holds the searches in one language."""
    made: dict[str, dict[str, float]] = {}
    versions = {question.key: {question.source(code): 1 for code in question.languages} for question in asked}
    kept = {question.key: {question.source(question.scattered): 1} for question in asked}
    for leg in (leg for leg in LEGS if (leg, "") in parallel):
        cells = _cells(measures.RR10, asked, parallel, leg).items()
        whole = parallel[leg, ""]
        values: dict[str, Iterable[float]] = {
            "parallel_map": measures.per_question(measures.AP50, versions, whole).values(),
            "parallel_own_language": [
                whole[keyed.key][0].startswith(f"{keyed.question.language}/")
                for keyed in asked
                if whole[keyed.key]
            ],
            "scattered_mrr": measures.per_question(measures.RR10, kept, scattered[leg, ""]).values(),
            "filtered_same_mrr": [value for (row, column), held in cells if row == column for value in held],
            "filtered_cross_mrr": [value for (row, column), held in cells if row != column for value in held],
        }
        for name, held in values.items():
            value = measures.mean(held)
            if value is not None:
                made.setdefault(name, {})[leg] = value
    return made


def matrices(asked: Sequence[KeyedQuestion], parallel: Found) -> tuple[Matrix, ...]:
    """How well questions in one language find articles in another, when only those are searched."""
    return (
        _matrix("MRR@10", _cells(measures.RR10, asked, parallel, "both")),
        _matrix("nDCG@10", _cells(measures.NDCG10, asked, parallel, "both")),
    )


def _cells(measure: str, asked: Sequence[KeyedQuestion], parallel: Found, leg: str) -> Cells:
    cells: Cells = {}
    for (found_leg, language), found in parallel.items():
        if found_leg != leg or not language:
            continue
        judged = {question.key: {question.source(language): 1} for question in asked if question.key in found}
        values = measures.per_question(measure, judged, found)
        for question in asked:
            if question.key in values:
                cells.setdefault((question.question.language, language), []).append(values[question.key])
    return cells


def _matrix(name: str, cells: Cells) -> Matrix:
    rows = tuple(sorted({row for row, _ in cells}))
    columns = tuple(sorted({column for _, column in cells}))
    values = tuple(tuple(measures.mean(cells.get((row, column), ())) for column in columns) for row in rows)
    return Matrix(name, "question in", "articles in", rows, columns, values)
