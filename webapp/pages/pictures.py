"""Pictures of the library for the page about its languages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from kb import languages
from webapp.interface.i18n import gettext as _
from webapp.pages.scatter import draw_map
from webapp.settings import WEBAPP

if TYPE_CHECKING:
    from search.answers.overview import Dot, Overview

__all__ = ["Scale", "colour", "map_picture", "scale"]


def map_picture(seen: Overview, address: Callable[[Dot], str]) -> Markup:
    """The passages by meaning, each a link to its ``address``. Its words are escaped where it is drawn."""
    names = {code: languages.get(code).autonym for code in seen.map.points}
    return Markup(draw_map(seen.map, _("Passages by meaning, coloured by language"), names, address))


def colour(seen: Overview, code: str) -> str:
    """The class of a language's points on the map."""
    return f"language-{list(seen.map.points).index(code) % WEBAPP.colours}" if code in seen.map.points else ""


@dataclass(frozen=True, slots=True)
class Scale:
    """Steps of equal size from the least value of a matrix to its greatest."""

    low: float
    high: float

    def step(self, value: float) -> int:
        """The number of a value's step, from 0."""
        return min(WEBAPP.steps - 1, max(0, int((value - self.low) / (self.high - self.low) * WEBAPP.steps)))

    def bounds(self) -> tuple[tuple[float, float], ...]:
        """Where each step begins and ends."""
        width = (self.high - self.low) / WEBAPP.steps
        return tuple((self.low + width * at, self.low + width * (at + 1)) for at in range(WEBAPP.steps))


def scale(values: Sequence[Sequence[float | None]]) -> Scale:
    """The scale of a matrix's values."""
    known = [value for row in values for value in row if value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    return Scale(low, max(high, low + WEBAPP.narrowest))
