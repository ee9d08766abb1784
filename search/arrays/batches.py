"""How work is cut for the cores: batches of equal or of similar length, and a bounded queue of them."""

from __future__ import annotations

import os
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from search.arrays.settings import ARRAYS

__all__ = [
    "Window",
    "cores",
    "equal_length_batches",
    "in_order",
    "padded",
    "side_by_side",
    "similar_length_batches",
    "spread",
]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_Other = TypeVar("_Other")


class Window(NamedTuple):
    """Token ids of a text, or of a piece of it that fits the model; ``text`` is its place among the texts,
    ``number`` its own among the text's windows, ``last`` whether it is the last of them."""

    text: int
    ids: list[int]
    number: int = 0
    last: bool = True


def equal_length_batches(windows: Iterable[Window]) -> Iterator[list[Window]]:
    """Windows of one length each, longest first, a few hundred tokens a batch: nothing is padded."""
    by_length: dict[int, list[Window]] = defaultdict(list)
    for window in windows:
        by_length[len(window.ids)].append(window)
    for length in sorted(by_length, reverse=True):
        rows = max(1, min(ARRAYS.batch_rows, ARRAYS.batch_tokens // length))
        group = by_length[length]
        yield from (group[start : start + rows] for start in range(0, len(group), rows))


def similar_length_batches(windows: Iterable[Window]) -> Iterator[list[Window]]:
    """Windows of similar lengths, longest first, to be padded (:func:`padded`)."""
    batch: list[Window] = []
    for window in sorted(windows, key=lambda window: len(window.ids), reverse=True):
        longest = len(batch[0].ids) if batch else 0
        if batch and (
            (len(batch) + 1) * longest > ARRAYS.similar_tokens
            or len(window.ids) < ARRAYS.similar_length * longest
        ):
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


def padded(batch: Sequence[Window]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Token ids (windows, tokens of the longest) with any id after a window's end, and
    the windows' lengths."""
    lengths = np.array([len(window.ids) for window in batch], np.int32)
    ids = np.zeros((len(batch), lengths.max()), np.int64)
    for row, window in zip(ids, batch, strict=True):
        row[: len(window.ids)] = window.ids
    return ids, lengths


def spread(
    work: Callable[[_Item], _Result], items: Iterable[_Item], workers: int, *, ahead: int
) -> Iterator[_Result]:
    """:func:`in_order` in threads that are there for as long as it takes; a single item is not worth one."""
    items = iter(items)
    first = list(islice(items, 2))
    if len(first) < 2:
        yield from map(work, first)
        return
    with ThreadPoolExecutor(workers) as threads:
        yield from in_order(threads, work, chain(first, items), ahead=ahead)


def in_order(
    threads: ThreadPoolExecutor, work: Callable[[_Item], _Result], items: Iterable[_Item], *, ahead: int
) -> Iterator[_Result]:
    """``work`` on each item in some threads, results in the items' order; at most ``ahead`` items are
    waiting or at work, since there may be many and they are made as they are taken."""
    waiting: deque[Future[_Result]] = deque()
    try:
        for item in items:
            waiting.append(threads.submit(work, item))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:  # after an error or an interrupt, what has not begun is not worth waiting for
        for future in waiting:
            future.cancel()


def side_by_side(work: Callable[[], _Result], other: Callable[[], _Other]) -> tuple[_Result, _Other]:
    """What both give, which mostly leave the interpreter: the second is done here, the first in a thread."""
    with ThreadPoolExecutor(1) as thread:
        found = thread.submit(work)
        own = other()
        return found.result(), own


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1
