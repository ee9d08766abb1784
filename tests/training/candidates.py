"""What the engine's own candidates are for the evaluation set's questions, and the weights of the verdict.

``python -m tests.training.candidates collect FILE`` builds the evaluation set's libraries and writes, for
every question, the sentences that ``ask`` would read; ``… read FILE [ADAPTERS]`` adds the reader's logits;
``… fit FILE`` prints the verdict's weights, with and without a reader. Nothing else is trained on any of it,
and these on the half "fit" only; the half "report" only reports.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import search
from search.answers.candidates import find_candidates
from search.answers.evidence import most_promising
from search.answers.settings import ANSWERING
from search.answers.texts import read_texts
from search.answers.verdict import Weights, features, likely, with_reader
from search.arrays.vectors import Vectors
from search.encoding.adapter import ADAPTERS
from search.evaluation import datasets, measures
from search.reader.onnx_reader import OnnxReader
from search.reader.protocol import titled

EVALUATION = Path(__file__).parents[1] / "eval"
_RIDGE = 0.1
_PER_LANGUAGE = 3


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
    index = engine._index
    ranking = index.rank(question.text, frozenset())
    scores = ranking.scores
    shape, found = find_candidates(index, ranking)
    chosen = most_promising(scores.pool, found)
    answering = index.answering(scores, np.sort(ranking.places))
    rows = []
    for one, text in zip(chosen, read_texts(engine._snapshot, scores.pool, chosen), strict=True):
        source = text.article.article.source
        labels = [label for label in question.answering if label.source == source]
        at = one.best - int(scores.pool.first[one.place])
        rows.append(
            {
                "language": text.best.language,
                "source": source,
                "title": text.title,
                "text": text.quote,
                "before": text.before,
                "score": one.score,
                "own": float(answering[scores.pool.bounds[one.place] + at]),
                "passage": float(scores.dense[one.place]),
                "near": float(scores.near[scores.pool.language[one.place]]),
                "words": float(scores.words[one.place]),
                "bears": bool(labels),
                "right": any(
                    measures.same_sentence(text.quote, quote) for label in labels for quote in label.quotes
                ),
            }
        )
    return {
        "id": question.id,
        "half": datasets.half_of(question.id),
        "shape": shape,
        "question": question.text,
        "answerable": bool(question.answering),
        "answering": sorted({label.source for label in question.answering}),
        "candidates": rows,
    }


def read(path: Path, adapter: Path) -> None:
    """Adds the reader's logits to every candidate of the file."""
    reader = OnnxReader(adapter)
    asked = _rows(path)
    for one in asked:
        rows = one["candidates"]
        logits = reader.score(one["question"], [titled(row["title"], row["text"]) for row in rows])
        for row, logit in zip(rows, logits.tolist(), strict=True):
            row["logit"] = logit
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in asked), "utf-8")


def fit(path: Path) -> None:
    """Prints the weights of :mod:`search.answers.verdict`, fitted on the half "fit", and what they do."""
    asked = [one for one in _rows(path) if one["candidates"]]
    halves = {half: [one for one in asked if one["half"] == half] for half in datasets.HALVES}
    read = all("logit" in row for one in asked for row in one["candidates"])
    for reader in (0.0, *((0.1, 0.25, 0.5, 1.0, 2.0) if read else ())):
        told = np.concatenate([_features(one, reader) for one in halves["fit"]])
        right = np.array([row["right"] for one in halves["fit"] for row in one["candidates"]], np.float64)
        bias, score, behind, relation = _logistic(told, right).tolist()
        weights = Weights(bias, score, -behind, relation, reader)
        print(weights)
        for half, ours in halves.items():
            print(f"  {half}: {_figures(ours, weights)}")


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _scores(asked: dict[str, Any], reader: float) -> Vectors:
    """The whole scores of a question's candidates, with so much of the reader's logits."""
    rows = asked["candidates"]
    scores = np.array([row["score"] for row in rows], np.float32)
    logits = np.array([row.get("logit", 0.0) for row in rows], np.float32)
    return with_reader(scores, logits, Weights(0.0, 0.0, 0.0, 0.0, reader))


def _features(asked: dict[str, Any], reader: float) -> Vectors:
    return features(_scores(asked, reader), relation=_relates(asked))


def _relates(asked: dict[str, Any]) -> bool:
    return bool(asked["shape"] == "relation")


def _logistic(features: Vectors, truth: Vectors) -> Vectors:
    """Bias and weights by Newton's method, with a little ridge, for a handful of features."""
    with_bias = np.column_stack([np.ones(len(features)), features])
    weights = np.zeros(with_bias.shape[1])
    ridge = np.diag([0.0, *[_RIDGE] * features.shape[1]])
    for _ in range(50):
        likely = 1 / (1 + np.exp(-with_bias @ weights))
        slope = with_bias.T @ (likely - truth) + ridge @ weights
        curvature = (with_bias * (likely * (1 - likely))[:, None]).T @ with_bias + ridge
        weights -= np.linalg.solve(curvature, slope)
    return weights


def _figures(asked: Sequence[dict[str, Any]], weights: Weights) -> dict[str, float]:
    """First quote right; AUROC of the best for answerable against not; of the cards that would be shown, the
    share whose sentence is right, and whose article answers; and of the latter, the share that is shown."""
    first, best, cards = [], [], []
    for one in asked:
        scores = _scores(one, weights.reader)
        chances = likely(scores, relation=_relates(one), read=weights.reader > 0, weights=weights)
        order = np.argsort(chances)[::-1]
        best.append((one["answerable"], chances[order[0]]))
        if one["answerable"]:
            first.append(one["candidates"][order[0]]["right"])
        counts: Counter[str] = Counter()
        for at in order:
            row = one["candidates"][at]
            counts[row["language"]] += 1
            if counts[row["language"]] <= _PER_LANGUAGE:
                shown = chances[order[0]] >= ANSWERING.answered and chances[at] >= ANSWERING.shown
                cards.append((shown, row["right"], row["bears"]))
    known, unknown = ([p for truth, p in best if truth == of] for of in (True, False))
    shown_cards = [card for card in cards if card[0]]
    return {
        "first": round(float(np.mean(first)), 3),
        "auroc": round(measures.auroc(known, unknown) or 0.0, 3),
        "refused": round(float(np.mean([p < ANSWERING.answered for p in known])), 3),
        "invented": round(float(np.mean([p >= ANSWERING.answered for p in unknown])), 3),
        "right": round(float(np.mean([card[1] for card in shown_cards])), 3),
        "precision": round(float(np.mean([card[2] for card in shown_cards])), 3),
        "recall": round(sum(card[2] for card in shown_cards) / sum(card[2] for card in cards), 3),
    }


if __name__ == "__main__":
    file = Path(sys.argv[2])
    match sys.argv[1]:
        case "collect":
            collect(file)
        case "read":
            read(file, Path(sys.argv[3]) if len(sys.argv) > 3 else ADAPTERS)
        case "fit":
            fit(file)
        case other:
            sys.exit(f"{other}: collect, read or fit")
