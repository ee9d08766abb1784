"""Speed, as ratios within one run: `make bench`. Not part of `make test`."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

RESULTS = Path(__file__).parent / "results"
NEEDED = "at least", "at most"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Nothing here runs unless it is asked for."""
    return None if "bench" in (config.option.markexpr or "") else True


@dataclass(frozen=True)
class Row:
    """One measure; ``detail`` says what it was worked out from."""

    name: str
    value: float
    unit: str
    needed: str
    limit: float
    detail: str

    @property
    def met(self) -> bool:
        return self.value >= self.limit if self.needed == "at least" else self.value <= self.limit


class Board:
    """The measures of one run."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def add(self, name: str, value: float, unit: str, needed: str, limit: float, detail: str) -> None:
        """Notes a measure; one that is not what is needed fails the test, when it has noted all of them."""
        assert needed in NEEDED
        self.rows.append(Row(name, round(value, 3), unit, needed, limit, detail))

    def markdown(self) -> str:
        lines = [f"Measured on {machine()}.", "", "| measure | value | needed | from |", "|---|---|---|---|"]
        for row in self.rows:
            sign = "" if row.met else " ✗"
            unit = f" {row.unit}" if row.unit else ""
            lines.append(
                f"| {row.name} | {row.value:g}{unit}{sign} | {row.needed} {row.limit:g} | {row.detail} |"
            )
        return "\n".join(lines) + "\n"

    def document(self) -> dict[str, Any]:
        return {"machine": machine(), "measures": [asdict(row) | {"met": row.met} for row in self.rows]}


def machine() -> str:
    """What it ran on, in a line."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line
        ]
        model = names[0] if names else model
    import onnxruntime

    versions = f"Python {platform.python_version()}, onnxruntime {onnxruntime.__version__}"
    return f"{os.cpu_count()} cores, {model}, {versions}"


def interleaved(runs: int, *works: Callable[[], object]) -> list[float]:
    """The median seconds of each of several works, run in turns so that a noisy moment hits them all."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for place, work in enumerate(works):
            started = time.perf_counter()
            work()
            taken[place].append(time.perf_counter() - started)
    return [statistics.median(one) for one in taken]


@pytest.fixture
def board(boards: Board) -> Iterator[Board]:
    """Where a test notes what it measures."""
    before = len(boards.rows)
    yield boards
    missed = [row for row in boards.rows[before:] if not row.met]
    assert not missed, "; ".join(
        f"{row.name}: {row.value} {row.unit}, needed {row.needed} {row.limit} ({row.detail})"
        for row in missed
    )


@pytest.fixture(scope="module")
def boards(request: pytest.FixtureRequest) -> Iterator[Board]:
    """Collects a module's measures; prints them and writes them to results/ at its end."""
    made = Board()
    yield made
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / Path(request.module.__file__).stem.removeprefix("test_")
    document = json.dumps(made.document(), indent=1, ensure_ascii=False) + "\n"
    path.with_suffix(".json").write_text(document, "utf-8")
    path.with_suffix(".md").write_text(made.markdown(), "utf-8")
    print("\n\n" + made.markdown())
