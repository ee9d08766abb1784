"""Asks every hostile question of a library of ten thousand articles: ``python tests/soak/hostile_questions.py
FOLDER CACHE``. Prints JSON: the slowest question, and by how much the process grew.

It has a process of its own: a peak of memory is of all that a process did before.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "bench"))
sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from hostile import QUERIES
from peers.protocol import peak_memory

import search
from search.errors import QueryError

ARTICLES = 10_000


def write_pages(folder: Path) -> None:
    rng = random.Random(1)
    folder.mkdir()
    vocabulary = [f"{rng.choice('bdfgklmnprst')}{rng.choice('aeiou')}{number:x}" for number in range(20_000)]
    for number in range(ARTICLES):
        words = " ".join(rng.choices(vocabulary, k=60)) + " loyalty customer service w"
        (folder / f"{number}.md").write_text(f"# Article {number}\n\n{words}.\n\n{words[:200]}.\n", "utf-8")


def ask_all(library: Path, cache: Path) -> dict[str, object]:
    slowest, grown = ("", 0.0), {}
    with search.open(library, cache=cache) as engine:
        engine.search("loyalty")
        before = peak_memory()
        for row in QUERIES:
            for ask in (engine.search, engine.ask):
                started = time.process_time()
                try:
                    ask(row.query)
                except QueryError:
                    assert row.expected == "refused", row.name
                slowest = max(slowest, (row.name, time.process_time() - started), key=lambda one: one[1])
            grown[row.name] = (peak_memory() - before) >> 20
    return {"slowest": slowest[0], "seconds": slowest[1], "grown": max(grown.values()), "after": grown}


def main() -> None:
    folder, cache = map(Path, sys.argv[1:3])
    if sys.argv[3:] == ["ask"]:
        print(json.dumps(ask_all(folder / "kb", cache)))
        return
    write_pages(folder / "pages")
    search.build([folder / "pages"], folder / "kb", cache=cache)
    subprocess.run([sys.executable, __file__, str(folder), str(cache), "ask"], check=True)


if __name__ == "__main__":
    main()
