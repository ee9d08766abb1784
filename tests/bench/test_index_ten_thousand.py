"""Ten thousand articles through the whole build: peak memory, and what one changed file costs. `make bench`.

Encoding is not what is measured here, and would take most of an hour: the model is loaded, but each token's
vector is looked up in a table instead of computed. A build of one changed file is measured in processor time
of all its threads: on a machine that is busy with other things a clock says nothing.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.bench

CORPUS = Path(__file__).parent.parent.parent / "corpus"
ARTICLES, SENTENCES = 10_000, 5
MEMORY, SECONDS = 1_500_000_000, 3.0

BUILD = """
import sys, time
from pathlib import Path
import search
from peers.protocol import peak_memory
from peers.systems.rosetta import look_up

def told(stage, done, total):
    if stage != last[0]:
        passed, memory = time.perf_counter() - start, peak_memory() / 1e6
        print(f"  {passed:6.1f} s {memory:6.0f} MB  {stage}", file=sys.stderr)
        last[0] = stage

look_up()
start, busy, last = time.perf_counter(), time.process_time(), [""]
report = search.build([Path(sys.argv[1])], Path(sys.argv[2]), cache=Path(sys.argv[3]), progress=told)
counts = len(report.added), len(report.changed), len(report.unchanged)
print(*counts, time.perf_counter() - start, time.process_time() - busy, peak_memory())
"""


def build(folder: Path, library: Path, cache: Path) -> tuple[list[int], float, float, float]:
    """(added, changed, unchanged), seconds by the clock and of the processor, bytes of the builder at its
    peak."""
    command = [sys.executable, "-c", BUILD, str(folder), str(library), str(cache)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    said = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.split()
    return [int(word) for word in said[:3]], float(said[3]), float(said[4]), float(said[5])


def write_articles(folder: Path) -> None:
    """Short articles of five sentences of the corpus each, in fifty folders."""
    chance = random.Random(1)
    languages = [
        [one for one in re.split(r"(?<=[.!?])\s+", path.read_text(encoding="utf-8")) if len(one) > 40]
        for path in sorted(CORPUS.glob("*.txt"))
    ]
    for n in range(ARTICLES):
        parts = chance.sample(languages[n % len(languages)], SENTENCES)
        path = folder / f"{n % 50:02d}" / f"{n:05d}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{' '.join(parts[0].split()[:5])} {n}\n\n{' '.join(parts)}\n", encoding="utf-8")
        os.utime(path, (time.time() - 60, time.time() - 60))


@pytest.mark.timeout(3600)
def test_ten_thousand_articles_through_the_whole_build(tmp_path: Path) -> None:
    folder, library = tmp_path / "texts", tmp_path / "kb"
    # The looked-up background must not stay in anyone's cache: only the model is shared.
    cache = tmp_path / "cache"
    cache.mkdir()
    from search.encoding.preparation import cache_directory

    for path in cache_directory(None).glob("multilingual-e5-small-*"):
        (cache / path.name).symlink_to(path)
    write_articles(folder)
    counts, seconds, _, peak = build(folder, library, cache)
    assert counts == [ARTICLES, 0, 0]
    changed = folder / "00" / "00000.txt"
    changed.write_text(changed.read_text(encoding="utf-8") + "\n\nOne more.", encoding="utf-8")
    os.utime(changed, (time.time() - 30, time.time() - 30))
    counts, for_one, busy, again = build(folder, library, cache)
    assert counts == [0, 1, ARTICLES - 1]
    memory = max(peak, again)
    said = f"{for_one:.1f} s, {busy:.1f} s of the processor"
    print(f"{ARTICLES} articles: {seconds:.0f} s, {memory / 1e6:.0f} MB; one changed: {said}")
    assert memory <= MEMORY
    assert busy <= SECONDS
