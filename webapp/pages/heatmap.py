"""A report's matrices as one SVG file: cells shaded and numbered, readable without the shades."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from search.evaluation.reports import LABELS, LEGS, Report
from search.models import Matrix
from webapp.pages.svg import drawing, text

__all__ = ["draw"]


@dataclass(frozen=True, slots=True)
class _Sizes:
    """In pixels."""

    margin: int = 24
    line: int = 20
    character: float = 7.2  # mean width
    cell_height: int = 30
    row_label: int = 120
    narrowest: int = 70  # of columns
    widest: int = 150
    figures_label: int = 290
    figures_column: int = 80


@dataclass(frozen=True, slots=True)
class _Colours:
    """Two ends of one hue; at ``turn`` between them dark text on light turns into white text on dark, which
    keeps the contrast above 4.5:1 (WCAG 2.2, AA) on both sides."""

    light: tuple[int, int, int] = (239, 246, 252)
    dark: tuple[int, int, int] = (8, 64, 129)
    turn: float = 0.69
    ink: str = "#000000"
    paper: str = "#ffffff"
    missing: str = "#eeeeee"


_SIZES, _COLOURS = _Sizes(), _Colours()
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:" + _COLOURS.ink + "}.title{font-weight:600;font-size:15px}"
    ".quiet{fill:#555}.number{text-anchor:end;font-variant-numeric:tabular-nums}"
    ".cell{text-anchor:middle;font-variant-numeric:tabular-nums}.dark{fill:" + _COLOURS.paper + "}"
    ".column{text-anchor:middle}"
)


def draw(report: Report) -> str:
    """The figures as a table and each matrix as a heat map, one below the other."""
    body: list[str] = []
    width: float = _SIZES.margin * 2 + _SIZES.figures_label + _SIZES.figures_column * len(LEGS)
    y: float = _SIZES.margin + _SIZES.line
    body.append(text(_SIZES.margin, y, f"{report.dataset}, {report.questions} questions", "title"))
    y += _SIZES.line
    body.append(text(_SIZES.margin, y, f"{report.selection}; model {report.model}", "quiet"))
    y += _SIZES.line
    lines, y = _figures(report, y)
    body += lines
    for matrix in report.matrices:
        lines, right, y = _matrix(matrix, y + _SIZES.line)
        body += lines
        width = max(width, right)
    return drawing(
        width,
        y + _SIZES.margin,
        body,
        title=f"Quality of search on {report.dataset}",
        description=_description(report),
        style=_STYLE,
    )


def _description(report: Report) -> str:
    """What the picture shows, for those who hear it."""
    said = [
        f"{_label(name)} {by_leg['both']:.3f}" for name, by_leg in report.figures.items() if "both" in by_leg
    ]
    maps = [
        f"{map_.name}: {map_.row_name} {', '.join(map_.rows)}; {map_.column_name} {', '.join(map_.columns)}"
        for map_ in report.matrices
    ]
    return f"{'; '.join(said)}. Heat maps, darker is better. {'. '.join(maps)}."


def _figures(report: Report, y: float) -> tuple[list[str], float]:
    """The table of measures by leg, and where it ends."""
    y += _SIZES.line
    left = _SIZES.margin + _SIZES.figures_label
    right = [left + _SIZES.figures_column * (number + 1) for number in range(len(LEGS))]
    lines = [text(x, y, leg, "number quiet") for x, leg in zip(right, LEGS, strict=True)]
    for name, by_leg in report.figures.items():
        y += _SIZES.line
        lines.append(text(_SIZES.margin, y, _label(name)))
        for x, leg in zip(right, LEGS, strict=True):
            if leg in by_leg:
                lines.append(text(x, y, f"{by_leg[leg]:.3f}", "number"))
    return lines, y


def _matrix(matrix: Matrix, y: float) -> tuple[list[str], float, float]:
    """A heat map that begins at ``y``, its right edge and its lower one."""
    y += _SIZES.line
    lines = [text(_SIZES.margin, y, matrix.name, "title")]
    y += _SIZES.line
    lines.append(text(_SIZES.margin, y, f"{matrix.row_name} ↓   {matrix.column_name} →", "quiet"))
    needed = [len(name) * _SIZES.character + 14 for name in matrix.columns]
    widths = [min(_SIZES.widest, max(_SIZES.narrowest, width)) for width in needed]
    edges = [_SIZES.margin + _SIZES.row_label + sum(widths[:number]) for number in range(len(widths))]
    y += _SIZES.line
    for name, x, width in zip(matrix.columns, edges, widths, strict=True):
        lines.append(text(x + width / 2, y, name, "column"))
    y += 8
    for name, values in zip(matrix.rows, matrix.values, strict=True):
        lines.append(text(_SIZES.margin, y + _SIZES.cell_height / 2 + 5, name))
        lines += _row(values, edges, widths, y)
        y += _SIZES.cell_height
    return lines, edges[-1] + widths[-1] + _SIZES.margin, y


def _row(
    values: Sequence[float | None], edges: Sequence[float], widths: Sequence[float], y: float
) -> Iterator[str]:
    for value, x, width in zip(values, edges, widths, strict=True):
        fill = _COLOURS.missing if value is None else _shade(value)
        yield (
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{_SIZES.cell_height}" fill="{fill}" '
            f'stroke="{_COLOURS.paper}"/>'
        )
        style = "cell dark" if value is not None and value > _COLOURS.turn else "cell"
        shown = "–" if value is None else f"{value:.2f}"
        yield text(x + width / 2, y + _SIZES.cell_height / 2 + 5, shown, style)


def _shade(value: float) -> str:
    """The colour of a value, 0 lightest and 1 darkest."""
    share = min(max(value, 0.0), 1.0)
    ends = zip(_COLOURS.light, _COLOURS.dark, strict=True)
    return "#" + "".join(f"{round(light + (dark - light) * share):02x}" for light, dark in ends)


def _label(name: str) -> str:
    return LABELS.get(name, name)
