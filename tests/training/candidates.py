"""What the engine's own candidates are for the evaluation set's questions, and the reader's order of them.

``python -m tests.training.candidates collect FILE`` builds the evaluation set's libraries and writes, for
every question, the sentences that ``ask`` would look at; ``… measure FILE [ADAPTER]`` reorders them. Nothing
is trained on any of it: one weight is fitted on the half "fit", the half "report" only reports.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import search
from search.answers.evidence import find_candidates
from search.answers.quotes import quotes
from search.evaluation import datasets, measures
from search.reader.adapter import ADAPTER
from search.reader.onnx_reader import OnnxReader
from search.reader.protocol import titled

EVALUATION = Path(__file__).parents[1] / "eval"
CANDIDATES, EACH = 24, 2
_KEPT = 40


def collect(to: Path) -> None:
    held = datasets.read(EVALUATION)
    assert isinstance(held, datasets.LabelledSet)
    with to.open("w", encoding="utf-8") as file:
        for collection in held.collections:
            with tempfile.TemporaryDirectory() as folder:
                search.build([collection.sources], Path(folder) / "library")
                with search.open(Path(folder) / "library") as engine:
                    for question in collection.questions:
                        file.write(json.dumps(_asked(engine, question), ensure_ascii=False) + "\n")


def _asked(engine: Any, question: datasets.LabelledQuestion) -> dict[str, Any]:
    ranking = engine._index.rank(question.text, frozenset())
    shape, found = find_candidates(engine._index, ranking)
    languages = ranking.scores.pool.language
    chosen = _first(found, [int(languages[one.place]) for one in found], _KEPT)
    evidence = quotes(engine._index, engine._snapshot, engine._references, ranking, chosen)
    rows = [
        {
            "language": one.language,
            "title": one.article.title,
            "text": one.quote,
            "score": one.score,
            "right": any(
                label.source == one.article.source and measures.same_sentence(one.quote, quote)
                for label in question.answering
                for quote in label.quotes
            ),
        }
        for one in evidence
    ]
    return {
        "id": question.id,
        "half": datasets.half_of(question.id),
        "shape": shape,
        "question": question.text,
        "answerable": bool(question.answering),
        "candidates": rows,
    }


def _first(ordered: Sequence[Any], languages: Sequence[Any], most: int) -> list[Any]:
    """The best, and of each language its best two, in their order."""
    counts: Counter[Any] = Counter()
    forced = set()
    for at, language in enumerate(languages):
        if counts[language] < EACH:
            forced.add(at)
        counts[language] += 1
    for at in range(len(ordered)):
        if len(forced) >= most:
            break
        forced.add(at)
    return [ordered[at] for at in sorted(forced)]


def measure(path: Path, adapter: Path) -> None:
    reader = OnnxReader(adapter)
    asked = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for one in asked:
        rows = one["candidates"]
        one["candidates"] = rows = _first(rows, [row["language"] for row in rows], CANDIDATES)
        logits = reader.score(one["question"], [titled(row["title"], row["text"]) for row in rows])
        for row, logit in zip(rows, logits.tolist(), strict=True):
            row["logit"] = logit
    halves = {half: [one for one in asked if one["half"] == half] for half in datasets.HALVES}
    for half, ours in halves.items():
        print(half, len(ours), "questions")
        print("  engine alone ", figures(ours, 1.0, 0.0))
        print("  reader alone ", figures(ours, 0.0, 1.0))
    best = max(np.arange(0.0, 2.01, 0.1), key=lambda weight: sum(figures(halves["fit"], 1.0, weight)[:2]))
    print(f"weight of the reader fitted on the half fit: {best:.1f} beside the engine's score")
    for half, ours in halves.items():
        print(f"  {half}: together", figures(ours, 1.0, best))


def figures(asked: Sequence[dict[str, Any]], engine: float, reader: float) -> tuple[float, ...]:
    """First quote right, AUROC of the best score for answerable against not, and of single sentences."""
    first, best, single = [], [], []
    for one in asked:
        scores = [engine * row["score"] + reader * row["logit"] for row in one["candidates"]]
        if not scores:
            first += [False] if one["answerable"] else []
            continue
        best.append((one["answerable"], max(scores)))
        single += [(row["right"], score) for row, score in zip(one["candidates"], scores, strict=True)]
        if one["answerable"]:
            first.append(one["candidates"][int(np.argmax(scores))]["right"])
    return (round(float(np.mean(first)), 3), round(_auroc(best), 3), round(_auroc(single), 3))


def _auroc(scored: Sequence[tuple[bool, float]]) -> float:
    return measures.auroc(list(_of(scored, True)), list(_of(scored, False))) or 0.0


def _of(scored: Sequence[tuple[bool, float]], truth: bool) -> Iterator[float]:
    return (value for is_true, value in scored if is_true == truth)


if __name__ == "__main__":
    if sys.argv[1] == "collect":
        collect(Path(sys.argv[2]))
    else:
        measure(Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else ADAPTER)
