"""Postings on their way into PostgreSQL: as batches bring them, by passage; then sorted, by term, many of
them in a row of their table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from search.postgres import schema
from search.postgres.settings import POSTGRES
from search.postgres.values import array, key, number, small
from search.postgres.writing.portions import Portion

__all__ = ["lists", "read", "together", "unsorted"]

# Postings are sorted in so many parts, by the hash of their term, so that one fits into memory.
_PARTS, _SHIFT = 64, 58
_POSTING = np.dtype([("term", "<i8"), ("row", "<u4"), ("impact", "<f4")])
# Bytes of a row of their table, four of which fill a page; of what it costs by itself, a term, and a posting.
_ROW, _HEAD, _TERM, _POSTED = 2032, 144, 10, 6
_MOST = 2**15 - 1


def unsorted(portion: Portion, batch: int) -> Iterator[tuple[bytes, bytes, bytes]]:
    """A portion's postings, by parts of the range of hashes, as rows of the table of the unsorted; ``batch``
    is the first row of the batch that they came with."""
    held = np.empty(len(portion.terms), _POSTING)
    held["term"] = np.ascontiguousarray(portion.terms).view(np.int64)
    held["row"] = np.repeat(portion.rows, np.diff(portion.term_offsets))
    held["impact"] = portion.impacts
    part = ((held["term"] >> _SHIFT) + _PARTS // 2).astype(np.int16)
    for one in np.unique(part).tolist():
        yield number(batch), small(one), held[part == one].tobytes()


def together(sizes: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Neighbouring parts that are sorted together, first and last, given each one's bytes."""
    first, last, held = 0, -1, 0
    for part, size in sizes:
        if last >= 0 and held + size > POSTGRES.sorted_bytes:
            yield first, last
            last, held = -1, 0
        first, last, held = (part if last < 0 else first), part, held + size
    if last >= 0:
        yield first, last


def read(data: Iterable[bytes], kept: NDArray[np.bool_]) -> NDArray[np.void]:
    """Postings that were unsorted, sorted by term and row; those of rows that are not ``kept`` (n,) are
    left out."""
    flat = np.frombuffer(b"".join(data), _POSTING)
    flat = flat[flat["row"] < len(kept)]
    flat = flat[kept[flat["row"]]]
    found: NDArray[np.void] = flat[np.lexsort((flat["row"], flat["term"]))]
    return found


def lists(postings: NDArray[np.void]) -> Iterator[tuple[bytes, ...]]:
    """Postings in the order of their terms, and of their rows, as rows of the table: as many terms together
    as a quarter of a page takes."""
    terms, starts = np.unique(postings["term"], return_index=True)
    ends = np.append(starts[1:], len(postings)).tolist()
    first, begins, size = 0, 0, _HEAD
    for at in range(len(terms)):
        size += _TERM + _POSTED * (ends[at] - (ends[at - 1] if at else 0))
        full = at + 1 == len(terms) or size + _TERM + _POSTED * (ends[at + 1] - ends[at]) > _ROW
        if full:
            span = slice(begins, ends[at])
            yield (
                key(int(terms[first])),
                array(terms[first : at + 1]),
                array((np.array(ends[first:at], np.int64) - begins).astype(np.int16)),
                array(postings["row"][span].astype(np.int32)),
                array(np.minimum(np.rint(postings["impact"][span] * schema.IMPACT), _MOST).astype(np.int16)),
            )
            first, begins, size = at + 1, ends[at], _HEAD
