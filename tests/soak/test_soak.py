"""A hundred kills, three hundred damages, twenty rebuilds under readers, ten thousand hostile articles."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import faults
import pytest
from damaged_caches import Caches
from faults import damage_and_look, live_folder, two_generations
from fuzzing import TARGETS
from serving import serving

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


def test_three_hundred_damages_of_every_kind_of_cache_change_nothing_that_is_built(
    tmp_path: Path, tiny_cache: Path
) -> None:
    caches = Caches(random.Random(), tmp_path, tiny_cache)
    for _ in range(300):
        caches.build_with_damaged(caches.one_of_each_kind())
    print(f"\ndamages: {dict(caches.damages)}")


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
    script = Path(__file__).parent / "hostile_questions.py"
    command = [sys.executable, str(script), str(tmp_path), str(tiny_cache)]
    done = subprocess.run(command, cwd=faults.ROOT, stdout=subprocess.PIPE, text=True, check=True)
    said = json.loads(done.stdout.splitlines()[-1])
    print(
        f"\nslowest: {said['slowest']}, {said['seconds']:.2f} s of processor time; {said['grown']} MB grown"
    )
    assert said["seconds"] < 1
    assert said["grown"] < 500


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
