"""Pictures as SVG, written by hand: what is the same gives the same bytes anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

__all__ = ["drawing", "inline", "text"]

_SPACE = 'xmlns="http://www.w3.org/2000/svg"'


def drawing(
    width: float, height: float, body: Iterable[str], *, title: str, description: str, style: str
) -> str:
    """A picture in a file of its own, on white paper; ``description`` is for those who hear it."""
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    lines = (
        f'<svg {_SPACE} {size} role="img" aria-labelledby="title description">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="description">{escape(description)}</desc>',
        f"<style>{style}</style>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        *body,
        "</svg>",
        "",
    )
    return "\n".join(lines)


def inline(width: float, height: float, body: Iterable[str], *, kind: str, label: str) -> str:
    """A picture with links in it, to stand in a page, whose style sheet has rules for its class ``kind``; as
    wide as there is room for."""
    opening = f'<svg class="{kind}" {_SPACE} viewBox="0 0 {width:g} {height:g}" role="group"'
    return "\n".join([f"{opening} aria-label={quoteattr(label)}>", *body, "</svg>"])


def text(x: float, y: float, words: str, style: str = "", *, language: str = "") -> str:
    """Words at a place, in a class of the style sheet."""
    named = f' class="{style}"' if style else ""
    said = f" lang={quoteattr(language)}" if language else ""
    return f'<text{said} x="{x:g}" y="{y:g}"{named}>{escape(words)}</text>'
