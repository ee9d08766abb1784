"""What a search costs, in encodes of its query: the unit that is the same on every machine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from conftest import Board

import search

__all__ = ["note_searches", "questions"]

QUESTIONS = Path(__file__).parent.parent / "eval" / "questions"
WARM = 20


def questions(most: int) -> list[str]:
    """So many questions of the evaluation's, and those to warm up with before them."""
    lines = (
        line for path in sorted(QUESTIONS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()
    )
    return [json.loads(line)["question"] for line in lines][: WARM + most]


def note_searches(engine: search.Engine, asked: Sequence[str], board: Board, said: str) -> None:
    """Notes how many times as long as its encode a search takes, each question's right after the other; the
    first warm up."""
    encoder = engine._index._encoder
    for question in asked[:WARM]:
        engine.search(question)
    taken = np.array(
        [(_seconds(encoder.queries, [one]), _seconds(engine.search, one)) for one in asked[WARM:]]
    )
    encode, (half, most) = np.median(taken[:, 0]), np.quantile(taken[:, 1], [0.5, 0.95])
    detail = f"one encode is {encode * 1e3:.1f} ms, {said}"
    board.add("a search, p50", float(half / encode), "encodes", "at most", 4, detail)
    board.add("a search, p95", float(most / encode), "encodes", "at most", 8, detail)


def _seconds(work: Callable[[Any], object], given: Any) -> float:
    started = time.perf_counter()
    work(given)
    return time.perf_counter() - started
