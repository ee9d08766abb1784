"""A hundred kills, three hundred damages, twenty rebuilds under readers, ten thousand hostile articles."""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import time
from pathlib import Path

import faults
import pytest
from fuzzing import TARGETS
from hostile import QUERIES
from test_search_verification import damage_and_look, live_folder, two_generations
from test_webapp_server import serving

import search
from search.errors import QueryError

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7200)]


def test_a_hundred_kills_lose_nothing_that_was_acknowledged(tmp_path: Path, tiny_cache: Path) -> None:
    killer = faults.Killer(tmp_path, tiny_cache, random.Random())
    while killer.killed < 100:
        killer.round()
    print(f"\nkills: {killer.killed}, writes that were acknowledged: {killer.finished}")


def test_three_hundred_damages_are_noticed(tmp_path: Path, tiny_cache: Path) -> None:
    library, rng = two_generations(tmp_path, tiny_cache), random.Random()
    every = [path for path in sorted(live_folder(library).rglob("*")) if path.is_file()]
    for number in range(300):
        damage_and_look(library, tiny_cache, every[number % len(every)], rng)
    print(f"\ndamages: 300, of {len(every)} files")


def test_readers_never_fail_during_twenty_rebuilds(
    tmp_path: Path, tiny_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random()
    faults.build_two_articles(rng, tmp_path, tiny_cache)
    monkeypatch.setenv("KB_CACHE", str(tiny_cache))
    with serving("--kb", str(tmp_path / "kb")) as (_process, address):
        readers = faults.read_while_building(tmp_path, tiny_cache, address, rebuilds=20)
    assert readers.failures == []
    print(f"\nsearches during 20 rebuilds: {readers.asked}, failed: {len(readers.failures)}")


def test_hostile_queries_on_ten_thousand_articles_stay_within_a_second_and_500_mb(
    tmp_path: Path, tiny_cache: Path
) -> None:
    """Of the processor's time: how long it takes depends on who else is there. The model is the tiny one;
    what the bundled one takes for a query does not depend on the library."""
    rng = random.Random(1)
    pages = tmp_path / "pages"
    pages.mkdir()
    vocabulary = [f"{rng.choice('bdfgklmnprst')}{rng.choice('aeiou')}{number:x}" for number in range(20_000)]
    for number in range(10_000):
        words = " ".join(rng.choices(vocabulary, k=60)) + " loyalty customer service w"
        (pages / f"{number}.md").write_text(f"# Article {number}\n\n{words}.\n\n{words[:200]}.\n", "utf-8")
    search.build([pages], tmp_path / "kb", cache=tiny_cache)
    slowest = ("", 0.0)
    with search.open(tmp_path / "kb", cache=tiny_cache) as engine:
        engine.search("loyalty")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for row in QUERIES:
            for ask in (engine.search, engine.ask):
                started = time.process_time()
                try:
                    ask(row.query)
                except QueryError:
                    assert row.expected == "refused", row.name
                slowest = max(slowest, (row.name, time.process_time() - started), key=lambda one: one[1])
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"\nslowest: {slowest[0]}, {slowest[1]:.2f} s of processor time; memory grown by {grown:.0f} MB")
    assert slowest[1] < 1
    assert grown < 500


@pytest.mark.parametrize(
    ("target", "seconds"),
    [("normaliser", 160), ("grammar", 90), ("marking", 120), ("jsonl", 90), ("zip", 90), ("html", 60)],
)
def test_fuzzing_by_coverage_finds_nothing(tmp_path: Path, target: str, seconds: int) -> None:
    pytest.importorskip("atheris", reason="atheris has no wheel for this machine")
    assert target in TARGETS
    script = Path(__file__).parent / "fuzz_atheris.py"
    command = [sys.executable, str(script), target, str(seconds), str(tmp_path)]
    done = subprocess.run(command, cwd=faults.ROOT, capture_output=True, text=True)
    print("\n" + done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr[-3000:]


def test_load_is_borne_and_nothing_grows_in_twenty_minutes() -> None:
    script = Path(__file__).parent.parent / "bench" / "load.py"
    done = subprocess.run(
        [sys.executable, str(script), "--soak", "20"], cwd=faults.ROOT, capture_output=True, text=True
    )
    print("\n" + done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
