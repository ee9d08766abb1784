"""Fuzzing guided by coverage: ``python tests/soak/fuzz_atheris.py TARGET SECONDS FOLDER``.

What it finds goes to FOLDER as ``crash-…``; mended, it is kept in tests/fuzz_cases as a ``.case``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent.parent))
with atheris.instrument_imports(include=["kb", "search.ranking.query", "webapp.payload"]):
    import fuzzing


def main() -> None:
    target, seconds, folder = sys.argv[1:]
    work = Path(folder) / target
    work.mkdir(parents=True, exist_ok=True)
    seeds = fuzzing.CASES / target
    options = [f"-max_total_time={seconds}", "-max_len=2000", "-timeout=20", f"-artifact_prefix={work}/"]
    corpora = [str(work), *([str(seeds)] if seeds.exists() else [])]
    atheris.Setup([sys.argv[0], *options, *corpora], fuzzing.TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
