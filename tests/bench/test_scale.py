"""Questions to libraries of a hundred thousand passages and more: ``make bench-scale``.

The library is grown (see grown.py) from the evaluation's articles: the words are real, the vectors shaken.
Every time is given as a multiple of what encoding the query takes in the same run.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from asked import note_searches, questions
from conftest import Board
from grown import grow

import search
from search.passages import embedded

pytestmark = pytest.mark.bench

ROOT = Path(__file__).parent.parent.parent
PASSAGES = int(os.environ.get("PASSAGES", "100000"))

OPENED = """
import sys, time
import search
from peers.protocol import peak_memory
from search.encoding.encoder import load
load()
before = time.perf_counter()
engine = search.open(sys.argv[1])
opened = time.perf_counter() - before
for question in sys.argv[2:]:
    engine.search(question)
print(opened, peak_memory())
"""


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("scale")
    search.build([ROOT / "tests" / "eval" / "library"], base / "small")
    with search.open(base / "small") as engine:
        copies = -(-PASSAGES // sum(engine.status().passages.values()))
    print(f"{grow(base / 'small', base / 'kb', copies)[0]:,} passages")
    return base / "kb"


@pytest.mark.timeout(3600)
def test_a_large_library_answers_in_a_few_encodes_time(grown: Path, board: Board) -> None:
    with search.open(grown) as engine:
        note_searches(engine, questions(120), board, f"{PASSAGES:,} passages")


@pytest.mark.timeout(3600)
def test_what_is_found_is_what_an_exact_scan_finds(
    grown: Path, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = questions(40)
    with search.open(grown) as engine:
        pools = [engine._index.rank(one, frozenset()).scores.pool.rows for one in asked]
        firsts = [_first(engine, one) for one in asked]
    monkeypatch.setattr(embedded, "PASSAGES", replace(embedded.PASSAGES, whole_below=1 << 60))
    with search.open(grown) as engine:
        exact_pools = [engine._index.rank(one, frozenset()).scores.pool.rows for one in asked]
        exact = [_first(engine, one) for one in asked]
    overlap = statistics.mean(len(set(a) & set(b)) / len(b) for a, b in zip(firsts, exact, strict=True))
    whole = statistics.mean(
        len(np.intersect1d(a, b)) / len(b) for a, b in zip(pools, exact_pools, strict=True)
    )
    board.add("first ten as by an exact scan", overlap, "", "at least", 0.98, f"of the pool {whole:.3f}")


def _first(engine: search.Engine, question: str) -> list[int]:
    ranking = engine._index.rank(question, frozenset())
    rows: list[int] = ranking.scores.pool.rows[ranking.places[:10]].tolist()
    return rows


@pytest.mark.timeout(3600)
def test_opening_and_memory(grown: Path, board: Board) -> None:
    command = [sys.executable, "-c", OPENED, str(grown), *questions(20)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    said = [
        subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    ]
    said += [
        subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    ]
    opened = min(float(one[0]) for one in said)
    board.add("opening", opened, "s", "at most", 1.5, f"{PASSAGES:,} passages, the model beside")
    board.add("peak memory", float(said[0][1]) / 1e9, "GB", "at most", 2, "mapped pages included")
