"""Cost against size as one SVG: a plot for each cost, axes logarithmic. One run always gives one picture."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from peers.figures import MEASURES, Measure, Run, Speed
from peers.systems import SYSTEMS
from webapp.pages.svg import drawing, text

__all__ = ["draw"]

# Pixels.
_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP = 300, 190, 64, 78, 78
_COLUMNS = 2
_SHOWN = ("p50", "build", "memory", "disk")
# Okabe and Ito's colours, told apart by colour-blind readers too; the marks tell them apart in print.
_COLOURS = {
    "rosetta": "#d55e00",
    "txtai": "#0072b2",
    "lancedb": "#009e73",
    "milvus": "#cc79a7",
    "bare": "#555555",
}
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#000}.head{font-weight:600;font-size:13px}"
    ".tick{fill:#444;font-variant-numeric:tabular-nums}.end{text-anchor:end}.middle{text-anchor:middle}"
    "line{stroke:#ddd}"
)
_MARKS = {
    "rosetta": "M-5,0 0,-5 5,0 0,5Z",
    "txtai": "M-4,-4 4,-4 4,4 -4,4Z",
    "lancedb": "M-5,4 5,4 0,-5Z",
    "milvus": "M-5,-4 5,-4 0,5Z",
    "bare": "M-4,0A4,4 0 1 0 4,0 4,4 0 1 0 -4,0Z",
}


def draw(run: Run) -> str:
    """Of the sizes with looked-up vectors, which compare with each other."""
    held = [one for one in run.speeds if not one.real]
    measures = [measure for measure in MEASURES if measure.field in _SHOWN]
    measures.sort(key=lambda measure: _SHOWN.index(measure.field))
    rows = math.ceil(len(measures) / _COLUMNS)
    width = _LEFT + _COLUMNS * (_WIDTH + _GAP)
    height = _TOP + rows * (_HEIGHT + _GAP)
    lines = list(_legend(list(dict.fromkeys(one.system for one in held))))
    for place, measure in enumerate(measures):
        x = _LEFT + place % _COLUMNS * (_WIDTH + _GAP)
        y = _TOP + place // _COLUMNS * (_HEIGHT + _GAP)
        lines += [f'<g transform="translate({x},{y})">', *_panel(held, measure), "</g>"]
    return drawing(
        width,
        height,
        lines,
        title="Cost against the number of passages",
        description=_described(held),
        style=_STYLE,
    )


def _described(held: Sequence[Speed]) -> str:
    return "; ".join(
        f"{SYSTEMS[one.system].title} at {one.passages:,} passages: {one.p50 * 1e3:.3g} ms a question, "
        f"{one.build:.3g} s to build, {one.memory / 1e6:.0f} MB of memory, {one.disk / 1e6:.0f} MB on disk"
        for one in held
    )


def _legend(systems: Sequence[str]) -> Iterator[str]:
    x = float(_LEFT)
    for system in systems:
        title = SYSTEMS[system].title
        yield f'<path transform="translate({x:g},24)" d="{_MARKS[system]}" fill="{_COLOURS[system]}"/>'
        yield text(x + 10, 28, title)
        x += 30 + 7.2 * len(title)


def _panel(held: Sequence[Speed], measure: Measure) -> Iterator[str]:
    # A rate is drawn as the time it stands for: every panel is a cost, lower is better.
    unit, scale = ("s", 1.0) if measure.rate else (measure.unit, measure.scale)
    title = "to build" if measure.rate else measure.title
    yield text(0, -12, f"{title}, {unit}", "head")
    if not held:
        return
    points = [(one.system, one.passages, float(getattr(one, measure.field)) * scale) for one in held]
    across = _decades([size for _, size, _ in points])
    up = _decades([value for _, _, value in points])

    def x(size: float) -> float:
        return (math.log10(size) - across[0]) / (across[1] - across[0]) * _WIDTH

    def y(value: float) -> float:
        return _HEIGHT - (math.log10(value) - up[0]) / (up[1] - up[0]) * _HEIGHT

    for power in range(up[0], up[1] + 1):
        yield f'<line x1="0" x2="{_WIDTH}" y1="{y(10.0**power):.1f}" y2="{y(10.0**power):.1f}"/>'
        yield text(-8, round(y(10.0**power) + 4, 1), f"{10.0**power:,.10g}", "tick end")
    for power in range(across[0], across[1] + 1):
        yield text(round(x(10.0**power), 1), _HEIGHT + 18, f"{10**power:,}", "tick middle")
    yield text(_WIDTH / 2, _HEIGHT + 36, "passages", "tick middle")
    for system in dict.fromkeys(name for name, _, _ in points):
        line = sorted((size, value) for name, size, value in points if name == system)
        path = " ".join(f"{x(size):.1f},{y(value):.1f}" for size, value in line)
        colour = _COLOURS[system]
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for size, value in line:
            at = f"translate({x(size):.1f},{y(value):.1f})"
            yield f'<path transform="{at}" d="{_MARKS[system]}" fill="{colour}"/>'


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """Powers of ten that hold all values, two at least."""
    low = math.floor(math.log10(min(values)))
    return low, max(math.ceil(math.log10(max(values))), low + 1)
