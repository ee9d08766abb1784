"""What a run measures, as it is written to JSON and read from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

__all__ = [
    "MEASURES",
    "QUALITIES",
    "Behind",
    "Failure",
    "Measure",
    "Quality",
    "Run",
    "Speed",
    "behind",
    "percentile",
]


@dataclass(frozen=True, slots=True)
class Speed:
    """One system at one size. Seconds and bytes; ``real``: encoded by the model, else looked up."""

    system: str
    passages: int
    real: bool
    build: float
    build_cpu: float
    build_memory: int
    disk: int
    open: float
    first_answer: float
    """From the start of the process."""
    p50: float
    p95: float
    cpu: float
    """The median of a question's work on all cores."""
    encode: float
    """The median of a question's vector alone, in the same process."""
    memory: int


@dataclass(frozen=True, slots=True)
class Quality:
    """On parallel texts, 0–1, see docs/evaluation.md. ``own``: first hit in the question's language."""

    system: str
    parallel_map: float
    scattered_mrr: float
    own: float


@dataclass(frozen=True, slots=True)
class Failure:
    """What a system could not do."""

    system: str
    passages: int
    what: str


@dataclass(frozen=True, slots=True)
class Run:
    """``load`` is the machine's load average over a minute, before and after: with others at work, times are
    noisy."""

    machine: str
    date: str
    load: tuple[float, float]
    questions: int
    versions: Mapping[str, Mapping[str, str]]
    speeds: Sequence[Speed]
    qualities: Sequence[Quality]
    quality_questions: int
    failures: Sequence[Failure]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, held: Mapping[str, Any]) -> Run:
        return cls(
            **{
                **held,
                "load": tuple(held["load"]),
                "speeds": [Speed(**one) for one in held["speeds"]],
                "qualities": [Quality(**one) for one in held["qualities"]],
                "failures": [Failure(**one) for one in held["failures"]],
            }
        )


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of :class:`Speed`, or, as a ``rate``, passages over it; times ``scale`` it has ``unit``."""

    title: str
    field: str
    unit: str
    scale: float
    rate: bool = False
    compared: bool = True
    """Whether being worse at it counts: the question's vector is the same graph's in most systems."""

    def of(self, speed: Speed) -> float:
        value = float(getattr(speed, self.field))
        return (speed.passages / value if self.rate else value) * self.scale


MEASURES = (
    Measure("built", "build", "passages/s", 1, rate=True),
    Measure("built, by CPU", "build_cpu", "passages/s", 1, rate=True),
    Measure("open", "open", "s", 1),
    Measure("start to first answer", "first_answer", "s", 1),
    Measure("question p50", "p50", "ms", 1e3),
    Measure("question p95", "p95", "ms", 1e3),
    Measure("question, CPU", "cpu", "ms", 1e3),
    Measure("its vector alone", "encode", "ms", 1e3, compared=False),
    Measure("memory, serving", "memory", "MB", 1e-6),
    Measure("memory, building", "build_memory", "MB", 1e-6),
    Measure("disk", "disk", "MB", 1e-6),
)

QUALITIES = {"parallel mAP": "parallel_map", "scattered MRR@10": "scattered_mrr"}


@dataclass(frozen=True, slots=True)
class Behind:
    """Who does how many times better at a measure; ``passages`` is 0 for quality."""

    measure: str
    passages: int
    real: bool
    times: Mapping[str, float]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share (0–1) of the values lie, between two of them in proportion."""
    if not values:
        raise ValueError("there is no percentile of nothing")
    held = sorted(values)
    place = share * (len(held) - 1)
    low = int(place)
    high = min(low + 1, len(held) - 1)
    return held[low] + (held[high] - held[low]) * (place - low)


def behind(run: Run, own: str = "rosetta") -> list[Behind]:
    """Where other systems do better than ``own``, size by size, quality last."""
    found = []
    for passages, real in dict.fromkeys((one.passages, one.real) for one in run.speeds):
        rows = {one.system: one for one in run.speeds if (one.passages, one.real) == (passages, real)}
        ours = rows.pop(own, None)
        for measure in (measure for measure in MEASURES if measure.compared and ours is not None):
            times = {name: measure.of(one) / measure.of(ours) for name, one in rows.items()}
            better = {name: times[name] if measure.rate else 1 / times[name] for name in times}
            found.append(Behind(measure.title, passages, real, {k: v for k, v in better.items() if v > 1}))
    graded = {one.system: one for one in run.qualities}
    ours_graded = graded.pop(own, None)
    for title, field in QUALITIES.items() if ours_graded is not None else ():
        mine = max(getattr(ours_graded, field), 1e-9)
        better = {name: getattr(one, field) / mine for name, one in graded.items()}
        found.append(Behind(title, 0, True, {k: v for k, v in better.items() if v > 1}))
    return [one for one in found if one.times]
