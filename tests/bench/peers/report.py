"""A run as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from peers.figures import MEASURES, Quality, Run, Speed, behind
from peers.systems import SYSTEMS

__all__ = ["markdown"]

_FOOTER = """\
*Looked up*: passages' vectors come from a table instead of the model, the same for every system, since
encoding 100,000 passages would take an hour. What is encoded to answer a question still goes through the
real graph, within the times above. Passages are put together from thirds of sentences of the project's own
articles in twelve languages. *Real*: every system encodes with the same weights, txtai by torch as it does,
the others by the int8 ONNX graph; Rosetta encodes every sentence besides every passage. All processes were
open at a time and asked in turns, each question once. In brackets: how many times better (below 1: worse)
than Rosetta in the same run.
"""


def markdown(run: Run) -> str:
    """Everything, as Markdown."""
    parts = [
        f"Measured {run.date} on {run.machine}; load average {run.load[0]:.1f} before and "
        f"{run.load[1]:.1f} after; "
        f"{run.questions} questions a size."
    ]
    for passages, real in dict.fromkeys((one.passages, one.real) for one in run.speeds):
        rows = [one for one in run.speeds if (one.passages, one.real) == (passages, real)]
        how = "real vectors" if real else "looked-up vectors"
        parts.append(f"### {passages:,} passages, {how}\n\n{_speeds(rows)}")
    if run.qualities:
        parts.append(
            f"### Quality on parallel texts, {run.quality_questions} questions\n\n{_qualities(run.qualities)}"
        )
    parts.append(_FOOTER)
    parts.append(_behind(run))
    if run.failures:
        told = (f"- {_title(one.system)} at {one.passages:,} passages: {one.what}" for one in run.failures)
        parts.append("What failed:\n\n" + "\n".join(told))
    versions = (
        f"{_title(name)}: " + ", ".join(f"{package} {version}" for package, version in held.items())
        for name, held in run.versions.items()
    )
    parts.append("Versions: " + "; ".join(versions) + ".")
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _title(system: str) -> str:
    return SYSTEMS[system].title if system in SYSTEMS else system


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = [titles, ["---", *["---:"] * (len(titles) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _speeds(rows: Sequence[Speed]) -> str:
    own = next((one for one in rows if one.system == "rosetta"), None)
    lines = []
    for measure in MEASURES:
        cells = [f"{measure.title}, {measure.unit}"]
        for one in rows:
            value = measure.of(one)
            ratio = ""
            if own is not None and one is not own:
                times = value / measure.of(own)
                ratio = f" ({_number(times if measure.rate else 1 / times)})"
            cells.append(_number(value) + ratio)
        lines.append(cells)
    return _table(["", *(_title(one.system) for one in rows)], lines)


def _qualities(held: Sequence[Quality]) -> str:
    rows = (
        [_title(one.system), f"{one.parallel_map:.3f}", f"{one.scattered_mrr:.3f}", f"{one.own:.0%}"]
        for one in held
    )
    return _table(["", "parallel mAP", "scattered MRR@10", "first hit in the question's language"], rows)


def _behind(run: Run) -> str:
    found = behind(run)
    if not found:
        return "Rosetta is behind nobody in anything measured here."
    lines = []
    for one in found:
        where = (
            f"{one.passages:,} passages{', real vectors' if one.real else ''}" if one.passages else "quality"
        )
        who = ", ".join(f"{_title(name)} {_number(times)} times" for name, times in one.times.items())
        lines.append(f"- {one.measure}, {where}: {who}")
    return "Where Rosetta is behind, and how many times:\n\n" + "\n".join(lines)


def _number(value: float) -> str:
    """Three digits that mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
