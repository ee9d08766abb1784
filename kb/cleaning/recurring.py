"""Lines that recur on a site's pages: noted page by page as hashes, counted per site.

A site is the pages of one host, or, where no address is known, of one folder. Pages that are copies of one
another count as one. Translations share commands, addresses, names: what recurs, recurs among the pages of
one language.
"""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from kb.cleaning.phrases import phrase_key
from kb.cleaning.settings import CLEANING
from kb.text.hashes import hash64
from kb.text.lines import Line

__all__ = ["Recurring", "note", "recurring_lines", "shared", "site_of"]


_HEAD = 2  # numbers before those of the lines


@dataclass(frozen=True, slots=True)
class _Recurs:
    """Of a site's pages in one language, those that a line has to be on: ``share``, but ``pages`` at least,
    and no more than ``always``."""

    pages: int = 3
    share: float = 0.1
    always: int = 20


_RECURS = _Recurs()


class Recurring(Container[str]):
    """The recurring lines of a site, as hashes of their :func:`kb.cleaning.phrases.phrase_key`."""

    def __init__(self, hashes: frozenset[int] = frozenset()) -> None:
        self.hashes = hashes

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and bool(self.hashes) and hash64(key) in self.hashes


def site_of(source: str, url: str | None) -> str:
    """What the page of this source is a page of."""
    try:
        host = urlsplit(url).hostname if url else None
    except ValueError:  # an address that is none, such as "http://[": its page has no host
        host = None
    if host:
        return host.removeprefix("www.")
    folder, _, name = source.rpartition("/")
    return f"{folder}/{name.partition('#')[0] if '#' in name else ''}"


def note(lines: Sequence[Line], language: str) -> bytes:
    """Hashes of a page's lines, eight bytes each, behind those of its longest line and of its language.

    Code is left aside: it is nobody's furniture.
    """
    lines = [line for line in lines if line.kind != "code"]
    if not lines:
        return b""
    half = CLEANING.noted // 2
    taken = lines if len(lines) <= CLEANING.noted else [*lines[:half], *lines[-half:]]
    longest = max(lines, key=lambda line: len(line.text))
    keys = {
        hash64(key)
        for line in taken
        if len(line.text) <= CLEANING.recurring_longest and (key := phrase_key(line.text))
    }
    return array("Q", [hash64(longest.text), hash64(language), *sorted(keys)]).tobytes()


def recurring_lines(notes: Iterable[bytes]) -> frozenset[int]:
    """The lines that recur among the pages of one site."""
    pages = [page for page in map(_hashes, notes) if len(page) > _HEAD]
    if len(pages) < _RECURS.pages:
        return frozenset()
    by_language: dict[int, list[NDArray[np.uint64]]] = {}
    for page in pages:
        by_language.setdefault(int(page[1]), []).append(page)
    return frozenset().union(*map(_recurring, by_language.values()))


def _recurring(pages: Sequence[NDArray[np.uint64]]) -> frozenset[int]:
    """The lines that recur among these pages of one language."""
    if len(pages) < _RECURS.pages:
        return frozenset()
    lines = np.concatenate([page[_HEAD:] for page in pages])
    marks = np.repeat(np.array([page[0] for page in pages]), [len(page) - _HEAD for page in pages])
    order = np.lexsort((marks, lines))
    lines, marks = lines[order], marks[order]
    fresh = np.ones(len(lines), dtype=np.bool_)
    fresh[1:] = (lines[1:] != lines[:-1]) | (marks[1:] != marks[:-1])
    found, counts = np.unique(lines[fresh], return_counts=True)
    different = len({int(page[0]) for page in pages})
    enough = max(_RECURS.pages, min(_RECURS.always, _RECURS.share * different))
    return frozenset(found[counts >= enough].tolist())


def shared(page: bytes, hashes: frozenset[int]) -> frozenset[int]:
    """Those of ``hashes`` that a page has."""
    return hashes.intersection(_hashes(page)[_HEAD:].tolist()) if hashes and page else frozenset()


def _hashes(page: bytes) -> NDArray[np.uint64]:
    return np.frombuffer(page, dtype=np.uint64)
