"""The evaluation's library in its folder, on one PostgreSQL server, and on three shards: what each finds, and
how long it takes, each question asked of all three in turn."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Board
from postgres_server import PostgresServer
from small_library import alike

import search
from search.cluster.publishing import publish
from search.remote import parse

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]

EVAL = Path(__file__).parent.parent / "eval"
TERMS = ("bread", "bicycle", "sleep", "yeast", "bees", "tides")
WARM, ANSWERED = 8, 8  # questions to warm up with, and of how many one is answered, too
FOLDER, SERVER, SHARDS = "folder", "one server", "three shards"
SLOWER = {SERVER: 2.5, SHARDS: 3.5}


@pytest.fixture(scope="module")
def questions() -> list[str]:
    """Those of the articles in the evaluation's own library."""
    lines = (
        line
        for path in sorted((EVAL / "questions").glob("*.jsonl"))
        if path.stem != "corpus"
        for line in path.read_text("utf-8").splitlines()
    )
    return [json.loads(line)["question"] for line in lines]


@pytest.fixture(scope="module")
def engines(
    tmp_path_factory: pytest.TempPathFactory, boards: Board, postgres: PostgresServer, shards: Any
) -> Iterator[dict[str, search.Engine]]:
    home = tmp_path_factory.mktemp("servers") / "kb"
    search.build([EVAL / "library"], home)
    hosts = [server.host for server in shards]
    with ExitStack() as opened:
        made = {FOLDER: opened.enter_context(search.open(home))}
        for name, where in ((SERVER, ()), (SHARDS, hosts)):
            address = postgres.address("bench" if name == SERVER else "bench_shards")
            started = time.monotonic()
            publish(home, parse(address), shards=where)
            taken = time.monotonic() - started
            boards.add(f"published to {name}", taken, "s", "at most", 5, "72 articles, beyond encoding")
            made[name] = opened.enter_context(search.open(address))
        yield made


def test_servers_find_what_the_folder_finds_nearly_as_fast(
    engines: dict[str, search.Engine], questions: list[str], board: Board
) -> None:
    assert len(questions) == 192
    taken: dict[str, list[float]] = {name: [] for name in engines}
    found: dict[str, list[list[str]]] = {name: [] for name in engines}
    for asked in [*questions[-WARM:], *questions]:
        for name, engine in engines.items():
            started = time.perf_counter()
            hits = engine.search(asked, limit=10)
            taken[name].append(time.perf_counter() - started)
            found[name].append([hit.article.source for hit in hits])
    p50 = {name: float(np.median(some[WARM:])) for name, some in taken.items()}
    for name, slower in SLOWER.items():
        both = list(zip(found[name][WARM:], found[FOLDER][WARM:], strict=True))
        first = float(np.mean([one[:1] == other[:1] for one, other in both]))
        overlap = float(np.mean([_overlap(one, other) for one, other in both]))
        board.add(f"top hit the folder's, {name}", first, "", "at least", 1, f"{len(both)} questions")
        board.add(f"overlap@10, {name}", overlap, "", "at least", 0.998, f"{len(both)} questions")
        detail = f"{p50[name] * 1e3:.1f} ms, the folder {p50[FOLDER] * 1e3:.1f} ms"
        board.add(f"p50 of a search, {name}", p50[name] / p50[FOLDER], "folder's", "at most", slower, detail)


def test_servers_answer_what_the_folder_answers(
    engines: dict[str, search.Engine], questions: list[str], board: Board
) -> None:
    asked = questions[::ANSWERED]
    expected = [engines[FOLDER].ask(one).to_dict() for one in asked]
    terms = [engines[FOLDER].lookup(term) for term in TERMS]
    for name in SLOWER:
        same = [
            alike(engines[name].ask(one).to_dict(), answer)
            for one, answer in zip(asked, expected, strict=True)
        ]
        board.add(
            f"answer the folder's, {name}", float(np.mean(same)), "", "at least", 1, f"{len(asked)} questions"
        )
        assert [engines[name].lookup(term) for term in TERMS] == terms


def test_shards_answer_many_at_once(
    engines: dict[str, search.Engine], questions: list[str], board: Board
) -> None:
    """Sixteen clients: nobody waits for a thread or a connection for ever."""
    taken = {}
    for name, engine in engines.items():
        engine._index._scores.cache_clear()
        with ThreadPoolExecutor(16) as clients:
            started = time.perf_counter()
            list(clients.map(engine.search, questions[:64]))
            taken[name] = time.perf_counter() - started
    for name in SLOWER:
        detail = f"{64 / taken[name]:.0f} a second, the folder {64 / taken[FOLDER]:.0f}"
        board.add(f"16 clients, {name}", taken[name] / taken[FOLDER], "folder's time", "at most", 4, detail)


def _overlap(one: list[str], other: list[str]) -> float:
    return len({*one} & {*other}) / max(1, len({*one} | {*other}))
