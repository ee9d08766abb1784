"""Builds, opens and asks every system at one size, and the quality of them all."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from peers import texts
from peers.client import Client, Place, RunnerFailed
from peers.figures import Failure, Quality, Speed, percentile
from peers.protocol import directory_bytes
from search.evaluation import datasets, pools

__all__ = ["LIMIT", "Notes", "quality", "speeds", "warm_up"]

LIMIT = 10  # hits of a timed question
_LONG = 50  # hits that average precision is over
_FIRST = 24  # passages of the library that is built before what is timed
_WARM, _BLOCK = 20, 20  # questions before the timed ones, and in one turn


@dataclass
class Notes:
    """What is said on the way, what failed, and which versions ran."""

    say: Callable[[str], None]
    reuse: bool = False
    """Whether libraries that were built before, and their builds' figures, are taken."""
    failures: list[Failure] = field(default_factory=list)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)

    def failed(self, system: str, passages: int, error: RunnerFailed) -> None:
        self.say(f"  {error}")
        self.failures.append(Failure(system, passages, str(error)))


@dataclass(frozen=True, slots=True)
class _Built:
    library: Path
    seconds: float
    cpu: float
    memory: int


def warm_up(place: Place, work: Path, notes: Notes) -> None:
    """Builds a tiny library, so that what a machine makes or reads once is not counted."""
    folder = work / "texts-first"
    if not folder.exists():
        texts.write(folder, texts.passages(_FIRST))
    try:
        _build(place, folder, work / f"{place.system}-first-{_kind(place.real)}", notes)
    except RunnerFailed as error:
        notes.failed(place.system, _FIRST, error)


def speeds(
    places: Sequence[Place], passages: int, questions: Sequence[str], work: Path, notes: Notes
) -> list[Speed]:
    """Every system at one size. All are open at a time and asked in turns, a block of questions each, so that
    a noisy moment hits them alike; no question is asked twice of one process."""
    real = places[0].real
    folder = work / f"texts-{passages}"
    if not folder.exists():
        texts.write(folder, texts.passages(passages))
    built: dict[str, _Built] = {}
    for place in places:
        try:
            built[place.system] = _build(
                place, folder, work / f"{place.system}-{passages}-{_kind(real)}", notes
            )
        except RunnerFailed as error:
            notes.failed(place.system, passages, error)
    with ExitStack() as stack:
        serving: dict[str, _Serving] = {}
        for place in places:
            if place.system not in built:
                continue
            try:
                one = _Serving(place, built[place.system].library, questions[0], stack)
            except RunnerFailed as error:
                notes.failed(place.system, passages, error)
                continue
            serving[place.system] = one
            notes.versions[place.system] = one.client.versions
        for start in range(1, len(questions), _BLOCK):
            for one in serving.values():
                one.ask(questions[start : start + _BLOCK], timed=start > _WARM)
        return [_speed(one, passages, real, built[name]) for name, one in serving.items()]


def _kind(real: bool) -> str:
    return "real" if real else "looked-up"


def _build(place: Place, folder: Path, library: Path, notes: Notes) -> _Built:
    kept = library.with_name(f"{library.name}.json")
    if notes.reuse and kept.exists():
        held = json.loads(kept.read_text("utf-8"))
        return _Built(library, held["seconds"], held["cpu"], held["memory"])
    shutil.rmtree(library, ignore_errors=True)
    with Client(place) as client:
        seconds, cpu = client.build(folder, library)
        memory = client.memory()
    kept.write_text(json.dumps({"seconds": seconds, "cpu": cpu, "memory": memory}), "utf-8")
    notes.say(f"  {place.system}: built in {seconds:.1f} s")
    return _Built(library, seconds, cpu, memory)


class _Serving:
    """A system's open process, and what it has taken so far."""

    def __init__(self, place: Place, library: Path, question: str, stack: ExitStack) -> None:
        self.system = place.system
        self.client = stack.enter_context(Client(place))
        self.open = self.client.open(library)
        self.client.search([question], LIMIT)
        self.first_answer = time.perf_counter() - self.client.started
        self.taken: list[float] = []
        self.cpu: list[float] = []
        self.encoding: list[float] = []

    def ask(self, questions: Sequence[str], *, timed: bool) -> None:
        found = self.client.search(questions, LIMIT)
        encoding = self.client.encode(questions)
        if timed:
            self.taken += found.seconds
            self.cpu += found.cpu
            self.encoding += encoding


def _speed(one: _Serving, passages: int, real: bool, built: _Built) -> Speed:
    return Speed(
        system=one.system,
        passages=passages,
        real=real,
        build=built.seconds,
        build_cpu=built.cpu,
        build_memory=built.memory,
        disk=directory_bytes(built.library),
        open=one.open,
        first_answer=one.first_answer,
        p50=percentile(one.taken, 0.5),
        p95=percentile(one.taken, 0.95),
        cpu=median(one.cpu),
        encode=median(one.encoding),
        memory=one.client.memory(),
    )


def quality(
    places: Sequence[Place], dataset: Path, sample: int, work: Path, notes: Notes
) -> Iterator[tuple[Quality, int]]:
    """Every system on parallel texts, and how many questions it was asked."""
    held = datasets.read(dataset)
    if not isinstance(held, datasets.PoolSet):
        raise ValueError(f"{dataset} holds no parallel passages")
    asked = pools.questions(held, sample)
    spread = {"parallel": held.passages, "scattered": pools.scattered(held)}
    names = {pool: _write(passages, work / f"texts-{pool}") for pool, passages in spread.items()}
    for place in places:
        try:
            ranked = {pool: _ranked(place, pool, asked, names[pool], work, notes) for pool in spread}
        except RunnerFailed as error:
            notes.failed(place.system, len(held.passages), error)
            continue
        figures = pools.figures(
            asked, {("both", ""): ranked["parallel"]}, {("both", ""): ranked["scattered"]}
        )
        one = Quality(
            place.system,
            figures["parallel_map"]["both"],
            figures["scattered_mrr"]["both"],
            figures["parallel_own_language"]["both"],
        )
        notes.say(
            f"  {place.system}: parallel mAP {one.parallel_map:.3f}, scattered MRR {one.scattered_mrr:.3f}"
        )
        yield one, len(asked)


def _write(passages: Sequence[datasets.PoolPassage], folder: Path) -> dict[str, str]:
    """Which passage of the data set each name is."""
    shutil.rmtree(folder, ignore_errors=True)
    written = texts.write(folder, (texts.Passage(one.language, one.text) for one in passages))
    return dict(zip(written, (one.source for one in passages), strict=True))


def _ranked(
    place: Place,
    pool: str,
    asked: Sequence[pools.KeyedQuestion],
    names: Mapping[str, str],
    work: Path,
    notes: Notes,
) -> dict[str, list[str]]:
    """Sources by question, best first."""
    built = _build(place, work / f"texts-{pool}", work / f"{place.system}-{pool}", notes)
    with Client(place) as client:
        client.open(built.library)
        found = client.search([one.question.text for one in asked], _LONG if pool == "parallel" else LIMIT)
    return {one.key: [names[name] for name in some] for one, some in zip(asked, found.names, strict=True)}
