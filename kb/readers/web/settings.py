"""The numbers of this room: what of a web page is the article's, and how much of it is looked at."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["WEB"]


@dataclass(frozen=True, slots=True)
class WebSettings:
    # Elements.
    prose: int = 300  # letters of a form beyond which it is wrapped round a page's text
    around: int = 4_000  # characters in which a picture's alternative may be said again
    beside_picture: int = 500  # elements among which a formula stands beside its picture
    # Characters: a longer one is cut by no browser, but no author writes it either.
    alternative: int = 2_000
    marked_beside: float = 0.95  # how sure it is that what a page marks as beside the article is (0–1)
    # Where trafilatura's text stands in the page. Letters and digits: shorter blocks are found by chance;
    # characters that a short block may lie behind the block before it; and the elements of a page up to which
    # trafilatura asks others for a second opinion.
    sure: int = 20
    slack: int = 60
    compared: int = 4_000
    # Tables. Characters of a cell, from which a table without heads is a page's layout; columns that one cell
    # can span; places in all, spanned ones counted again.
    layout_cell: int = 400
    widest: int = 100
    places: int = 1_000_000
    moved: int = 80  # characters of a cell that are said again in each row that it spans
    # Characters of what an abbreviation stands for; and of terms, one after the other, that stand above what
    # they mean.
    abbreviation: int = 200
    defined: int = 10_000


WEB = WebSettings()
