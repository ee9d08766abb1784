"""``python -m peers`` measures, prints tables, writes JSON and an SVG. `make bench-peers` runs it."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from peers import texts
from peers.client import Place, apart
from peers.figures import Quality, Run, Speed
from peers.measuring import Notes, quality, speeds, warm_up
from peers.plot import draw
from peers.report import markdown
from peers.systems import SYSTEMS
from search.encoding.preparation import prepare_bundled

_REAL = 1_000  # passages that every system encodes itself
_QUESTIONS = 220  # the first of them warm up


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m peers", description=__doc__)
    parser.add_argument("--sizes", default="1000,10000,100000", help="passages, with looked-up vectors")
    parser.add_argument("--real", type=int, default=_REAL, help="passages with real vectors; 0: none")
    parser.add_argument("--systems", default=",".join(SYSTEMS))
    parser.add_argument(
        "--questions", type=int, default=_QUESTIONS, help="at each size, the first 20 to warm up"
    )
    parser.add_argument("--dataset", type=Path, default=texts.ROOT.parent / "shared/eval/xquad-dev")
    parser.add_argument("--sample", type=int, default=19, help="every N-th question of the data set; 0: none")
    parser.add_argument("--peers-python", type=Path, default=texts.ROOT / ".venv-peers/bin/python")
    parser.add_argument(
        "--work", type=Path, help="a folder for libraries, which are kept (else a temporary one)"
    )
    parser.add_argument("--cache", type=Path, help="where prepared models live (else the user's cache)")
    parser.add_argument(
        "--reuse", action="store_true", help="take libraries that are in the work folder already"
    )
    parser.add_argument("--patience", type=float, default=7200, help="seconds that one build may take")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "results")
    made = parser.parse_args(given)
    made.sizes = [int(one) for one in made.sizes.split(",") if one]
    made.systems = made.systems.split(",")
    unknown = set(made.systems) - SYSTEMS.keys()
    if unknown:
        parser.error(f"no system is called {min(unknown)}; there are {', '.join(SYSTEMS)}")
    if any(not SYSTEMS[one].own for one in made.systems) and not made.peers_python.exists():
        parser.error(f"{made.peers_python} is missing; `make bench-peers` installs the peers")
    return made


def run(given: argparse.Namespace, work: Path) -> Iterator[Run]:
    """Measures all that was asked for: what is known so far, again after each part."""
    notes = Notes(lambda said: print(said, file=sys.stderr, flush=True), given.reuse)
    prepared = prepare_bundled(given.cache)
    real, looked_up = (
        [_place(system, given, model, real=is_real) for system in given.systems]
        for model, is_real in ((prepared, True), (apart(prepared, work / "cache"), False))
    )
    questions = texts.questions()[: given.questions]
    load = os.getloadavg()[0]
    timed: list[Speed] = []
    graded: list[Quality] = []

    def so_far(asked: int = 0) -> Run:
        return Run(
            machine=_machine(),
            date=date.today().isoformat(),
            load=(load, os.getloadavg()[0]),
            questions=len(questions),
            versions=dict(notes.versions),
            speeds=tuple(timed),
            qualities=tuple(graded),
            quality_questions=asked,
            failures=tuple(notes.failures),
        )

    for place in [*real * bool(given.real), *looked_up * bool(given.sizes)]:
        warm_up(place, work, notes)
    for places, size in [(real, given.real)] * bool(given.real) + [(looked_up, size) for size in given.sizes]:
        notes.say(f"{size:,} passages, {'real' if places is real else 'looked-up'} vectors")
        timed += speeds(places, size, questions, work, notes)
        yield so_far()
    if given.sample and not given.dataset.is_dir():
        notes.say(f"{given.dataset} is not there: quality is not measured")
    elif given.sample:
        notes.say(f"quality on {given.dataset.name}")
        for one, asked in quality(real, given.dataset, given.sample, work, notes):
            graded.append(one)
            yield so_far(asked)


def _place(system: str, given: argparse.Namespace, model: Path, *, real: bool) -> Place:
    python = Path(sys.executable) if SYSTEMS[system].own else given.peers_python
    return Place(system, python, model, real, given.patience)


def _machine() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text("utf-8").splitlines() if cpuinfo.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    model = models[0] if models else platform.processor() or platform.machine()
    return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}"


def main() -> None:
    given = arguments()
    with tempfile.TemporaryDirectory(prefix="peers-") as temporary:
        work = given.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        given.out.mkdir(parents=True, exist_ok=True)
        for made in run(given, work):
            (given.out / "peers.json").write_text(json.dumps(made.to_dict(), indent=1) + "\n", "utf-8")
            (given.out / "peers.md").write_text(markdown(made), "utf-8")
            (given.out / "peers.svg").write_text(draw(made), "utf-8")
    print((given.out / "peers.md").read_text("utf-8"))


if __name__ == "__main__":
    main()
