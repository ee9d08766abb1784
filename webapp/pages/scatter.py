"""A map of passages as one SVG picture, to stand in a page: colours come from the page's style sheet.

Language number n has the classes ``language-n`` (of 12, then again from the first) and, so that it is known
without its colour, its name at the middle of its points. Each dot is a link to its passage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from xml.sax.saxutils import escape, quoteattr

from search.answers.overview import Dot, MeaningMap
from webapp.pages.svg import inline, text
from webapp.settings import WEBAPP

__all__ = ["draw_map"]


def draw_map(drawn: MeaningMap, label: str, names: Mapping[str, str], address: Callable[[Dot], str]) -> str:
    """``label`` says what the picture is, ``names`` what each language is called on it, ``address`` where a
    passage is."""
    # The names lie under the dots, and hide none.
    body = []
    taken: list[float] = []
    for language, dots in drawn.points.items():
        if dots:
            x, y = _x(median(dot.x for dot in dots)), _y(median(dot.y for dot in dots))
            while any(abs(y - other) < WEBAPP.map_line for other in taken):
                y += WEBAPP.map_line
            taken.append(y)
            body.append(text(round(x), round(y), names.get(language, language), language=language))
    for number, (language, dots) in enumerate(drawn.points.items()):
        named = names.get(language, language)
        body.append(f'<g class="language-{number % WEBAPP.colours}">')
        body += [_linked(dot, f"{dot.article.title} ({named})", address(dot)) for dot in dots]
        body.append("</g>")
    return inline(WEBAPP.map_width, WEBAPP.map_height, body, kind="map", label=label)


def _linked(dot: Dot, title: str, address: str) -> str:
    place = f'cx="{_x(dot.x):.0f}" cy="{_y(dot.y):.0f}"'
    return f'<a href={quoteattr(address)}><title>{escape(title)}</title><circle {place} r="5"/></a>'


def _x(share: float) -> float:
    return WEBAPP.map_margin + share * (WEBAPP.map_width - 2 * WEBAPP.map_margin)


def _y(share: float) -> float:
    return WEBAPP.map_height - WEBAPP.map_margin - share * (WEBAPP.map_height - 2 * WEBAPP.map_margin)
