"""What a PDF's pages carry at their edges: running heads and feet, page numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from kb.cleaning.phrases import phrase_key
from kb.readers.pdf.measures import MEASURES
from kb.text.line_shapes import is_terminated

__all__ = ["Edge", "running"]

_NUMBER = regex.compile(r"\p{Nd}+")
_ROMAN = regex.compile(r"[\p{Pd}\s]*[ivxlc]{1,7}[\p{Pd}.\s]*", regex.IGNORECASE)
_PAGE_NUMBER = regex.compile(
    r"[\p{Pd}\s\[(|·]*(?:\p{L}{1,12}\.?\s*)?\p{Nd}{1,4}(?:\s*(?:/|\||\p{L}{1,5})\s*\p{Nd}{1,4})?"
    r"\s*(?:[\p{Han}\p{Hangul}]{1,3})?(?:\s*[/／共]?\s*共?\s*\p{Nd}{1,4}\s*[\p{Han}\p{Hangul}]{1,3})?"
    r"[\p{Pd}\s\])|·.]*"
)
_BARE = regex.compile(r"[^\p{L}]*")


@dataclass(frozen=True, slots=True)
class Edge:
    """A line at a page's top or bottom. ``apart``: a wider gap or other type parts it from the text."""

    page: int
    text: str
    base: float
    apart: bool
    outermost: bool


def running(edges: Sequence[Edge], pages: int) -> dict[int, tuple[str, float]]:
    """Reason and score, by index, of those edges that are not the text's."""
    found: dict[int, tuple[str, float]] = {}
    if pages < 2:
        return found
    by_key: dict[str, list[int]] = {}
    for i, edge in enumerate(edges):
        by_key.setdefault(_key(edge.text), []).append(i)
    for group in by_key.values():
        if _PAGE_NUMBER.fullmatch(edges[group[0]].text) or _ROMAN.fullmatch(edges[group[0]].text):
            found.update({i: ("page number", 0.9) for i in group if _counts(edges, group, i)})
        else:
            found.update(dict.fromkeys(_heads(edges, group, pages), ("running head, on most pages", 0.9)))
    return found


def _key(text: str) -> str:
    return _NUMBER.sub("#", phrase_key(text) if not _BARE.fullmatch(text) else text)


def _counts(edges: Sequence[Edge], group: Sequence[int], i: int) -> bool:
    """Is the number at the edge that of its page?"""
    if not edges[i].outermost:
        return False
    values = {edges[j].page: _value(edges[j].text) for j in group if edges[j].outermost}
    here = values[edges[i].page]
    if len(values) == 1:
        return bool(_BARE.fullmatch(edges[i].text)) and here == edges[i].page
    pages = sorted(values)
    rising = all(values[a] < values[b] for a, b in pairwise(pages))
    of_all = len({tuple(_NUMBER.findall(edges[j].text)[1:]) for j in group}) == 1
    if _BARE.fullmatch(edges[i].text) or _ROMAN.fullmatch(edges[i].text):
        return rising
    steady = len({values[page] - page for page in pages}) == 1
    return rising and of_all and (steady or len(_NUMBER.findall(edges[i].text)) > 1)


def _value(text: str) -> int:
    numbers = _NUMBER.findall(text)
    if numbers:
        return int(numbers[0])
    worth = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
    signs = [worth[sign] for sign in text.lower() if sign in worth]
    return sum(-sign if sign < after else sign for sign, after in zip(signs, [*signs[1:], 0], strict=True))


def _heads(edges: Sequence[Edge], group: Sequence[int], pages: int) -> list[int]:
    """Those of the edges with one wording that stand in one place on most pages."""
    texts = Counter(edges[i].text for i in group)
    heads = []
    for i in group:
        edge = edges[i]
        same = texts[edge.text]
        # A sentence whose number changes is a note of its own ("See the log of 1982."), not a head.
        alike = same if is_terminated(edge.text) else len({edges[j].page for j in group})
        there = sum(abs(edges[j].base - edge.base) <= MEASURES.same_place for j in group)
        placed = edge.apart and min(alike, there) >= max(2, MEASURES.on_most * pages)
        if placed or (edge.outermost and same >= max(3, 0.5 * pages)):
            heads.append(i)
    return heads
