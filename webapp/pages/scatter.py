"""A map of passages as one SVG picture, to stand in a page: colours come from the page's style sheet.

Language number n has the classes ``language-n`` (of 12, then again from the first) and, so that it is known
without its colour, its name at the middle of its points.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

from search.answers.overview import MeaningMap
from webapp.pages.svg import inline, text

__all__ = ["COLOURS", "draw_map"]

COLOURS = 12
_WIDTH, _HEIGHT, _MARGIN, _LINE = 640, 420, 24, 15


def draw_map(drawn: MeaningMap, label: str, names: Mapping[str, str]) -> str:
    """``label`` says what the picture is, ``names`` what each language is called on it."""
    body = []
    for number, points in enumerate(drawn.points.values()):
        if points:
            # A line of no length with round ends is a dot, and a whole language is one path.
            dots = "".join(f"M{_x(x):.0f} {_y(y):.0f}h0" for x, y in points)
            body.append(f'<path class="language-{number % COLOURS}" d="{dots}"/>')
    taken: list[float] = []
    for language, points in drawn.points.items():
        if points:
            x, y = _x(median(x for x, _ in points)), _y(median(y for _, y in points))
            while any(abs(y - other) < _LINE for other in taken):
                y += _LINE
            taken.append(y)
            body.append(text(round(x), round(y), names.get(language, language), language=language))
    return inline(_WIDTH, _HEIGHT, body, kind="map", label=label)


def _x(share: float) -> float:
    return _MARGIN + share * (_WIDTH - 2 * _MARGIN)


def _y(share: float) -> float:
    return _HEIGHT - _MARGIN - share * (_HEIGHT - 2 * _MARGIN)
