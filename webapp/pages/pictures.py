"""Pictures of the library for the page about its languages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from markupsafe import Markup

from kb import languages
from webapp.interface.i18n import gettext as _
from webapp.pages.heatmap import draw_matrix
from webapp.pages.scatter import COLOURS, draw_map

if TYPE_CHECKING:
    from search.answers.overview import Overview

__all__ = ["colour", "map_picture", "shared_picture"]


def map_picture(seen: Overview) -> Markup:
    """The passages by meaning. Its words are escaped where it is drawn."""
    names = {code: languages.get(code).autonym for code in seen.map.points}
    return Markup(draw_map(seen.map, _("Passages by meaning, coloured by language"), names))


def shared_picture(seen: Overview) -> Markup:
    """What every two languages share."""
    named = replace(
        seen.shared,
        name=_("How much languages share"),
        row_name=_("passages in"),
        column_name=_("nearest in"),
    )
    return Markup(draw_matrix(named))


def colour(seen: Overview, code: str) -> str:
    """The class of a language's points on the map."""
    return f"language-{list(seen.map.points).index(code) % COLOURS}" if code in seen.map.points else ""
