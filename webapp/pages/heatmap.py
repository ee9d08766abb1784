"""A report's matrices as one SVG file: cells shaded and numbered, readable without the shades."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from search.evaluation.reports import LABELS, LEGS, Report
from search.models import Matrix
from webapp.pages.svg import drawing, inline, text

__all__ = ["draw", "draw_matrix"]

# Pixels.
_MARGIN, _CELL_HEIGHT, _ROW_LABEL, _LINE, _CHARACTER = 24, 30, 120, 20, 7.2
_NARROW, _WIDEST = 70, 150
_FIGURES_LABEL, _FIGURES_COLUMN = 290, 80
# Two ends of one hue; at 0.69 between them dark text on light turns into white text on dark, which keeps
# the contrast above 4.5:1 (WCAG 2.2, AA) on both sides.
_LIGHT, _DARK = (239, 246, 252), (8, 64, 129)
_INK, _PAPER, _TURN = "#000000", "#ffffff", 0.69
_MISSING = "#eeeeee"
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:" + _INK + "}.title{font-weight:600;font-size:15px}"
    ".quiet{fill:#555}.number{text-anchor:end;font-variant-numeric:tabular-nums}"
    ".cell{text-anchor:middle;font-variant-numeric:tabular-nums}.dark{fill:" + _PAPER + "}"
    ".column{text-anchor:middle}"
)


def draw(report: Report) -> str:
    """The figures as a table and each matrix as a heat map, one below the other."""
    body: list[str] = []
    width: float = _MARGIN * 2 + _FIGURES_LABEL + _FIGURES_COLUMN * len(LEGS)
    y: float = _MARGIN + _LINE
    body.append(text(_MARGIN, y, f"{report.dataset}, {report.questions} questions", "title"))
    y += _LINE
    body.append(text(_MARGIN, y, f"{report.selection}; model {report.model}", "quiet"))
    y += _LINE
    lines, y = _figures(report, y)
    body += lines
    for matrix in report.matrices:
        lines, right, y = _matrix(matrix, y + _LINE)
        body += lines
        width = max(width, right)
    return drawing(
        width,
        y + _MARGIN,
        body,
        title=f"Quality of search on {report.dataset}",
        description=_description(report),
        style=_STYLE,
    )


def draw_matrix(matrix: Matrix) -> str:
    """One matrix as a picture to stand in a page, whose style sheet has rules for ``.heatmap``."""
    lines, width, height = _matrix(matrix, 0)
    return inline(width, height + _MARGIN, lines, kind="heatmap", label=matrix.name, fixed=True)


def _description(report: Report) -> str:
    """What the picture shows, for those who hear it."""
    said = [
        f"{_label(name)} {by_leg['both']:.3f}" for name, by_leg in report.figures.items() if "both" in by_leg
    ]
    drawn = [
        f"{one.name}: {one.row_name} {', '.join(one.rows)}; {one.column_name} {', '.join(one.columns)}"
        for one in report.matrices
    ]
    return f"{'; '.join(said)}. Heat maps, darker is better. {'. '.join(drawn)}."


def _figures(report: Report, y: float) -> tuple[list[str], float]:
    """The table of measures by leg, and where it ends."""
    y += _LINE
    right = [_MARGIN + _FIGURES_LABEL + _FIGURES_COLUMN * (number + 1) for number in range(len(LEGS))]
    lines = [text(x, y, leg, "number quiet") for x, leg in zip(right, LEGS, strict=True)]
    for name, by_leg in report.figures.items():
        y += _LINE
        lines.append(text(_MARGIN, y, _label(name)))
        for x, leg in zip(right, LEGS, strict=True):
            if leg in by_leg:
                lines.append(text(x, y, f"{by_leg[leg]:.3f}", "number"))
    return lines, y


def _matrix(matrix: Matrix, y: float) -> tuple[list[str], float, float]:
    """A heat map that begins at ``y``, its right edge and its lower one."""
    y += _LINE
    lines = [text(_MARGIN, y, matrix.name, "title")]
    y += _LINE
    lines.append(text(_MARGIN, y, f"{matrix.row_name} ↓   {matrix.column_name} →", "quiet"))
    widths = [min(_WIDEST, max(_NARROW, len(name) * _CHARACTER + 14)) for name in matrix.columns]
    edges = [_MARGIN + _ROW_LABEL + sum(widths[:number]) for number in range(len(widths))]
    y += _LINE
    for name, x, width in zip(matrix.columns, edges, widths, strict=True):
        lines.append(text(x + width / 2, y, name, "column"))
    y += 8
    for name, values in zip(matrix.rows, matrix.values, strict=True):
        lines.append(text(_MARGIN, y + _CELL_HEIGHT / 2 + 5, name))
        lines += _row(values, edges, widths, y)
        y += _CELL_HEIGHT
    return lines, edges[-1] + widths[-1] + _MARGIN, y


def _row(
    values: Sequence[float | None], edges: Sequence[float], widths: Sequence[float], y: float
) -> Iterator[str]:
    for value, x, width in zip(values, edges, widths, strict=True):
        fill = _MISSING if value is None else _shade(value)
        yield (
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{_CELL_HEIGHT}" fill="{fill}" '
            f'stroke="{_PAPER}"/>'
        )
        style = "cell dark" if value is not None and value > _TURN else "cell"
        shown = "–" if value is None else f"{value:.2f}"
        yield text(x + width / 2, y + _CELL_HEIGHT / 2 + 5, shown, style)


def _shade(value: float) -> str:
    """The colour of a value, 0 lightest and 1 darkest."""
    share = min(max(value, 0.0), 1.0)
    return "#" + "".join(
        f"{round(light + (dark - light) * share):02x}" for light, dark in zip(_LIGHT, _DARK, strict=True)
    )


def _label(name: str) -> str:
    return LABELS.get(name, name)
