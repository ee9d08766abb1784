"""What a process holds in memory: what it remembers has bounds, and what it does not need goes back."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache, wraps
from typing import TypeVar

from search.arrays.settings import ARRAYS

__all__ = ["Remembered", "collected_rarely", "give_back", "remembered"]

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Remembered(dict[_Key, _Value]):
    """What was worked out before, for those who ask again: ``most`` entries, or it begins anew. Threads may
    share it, for an entry that is gone is only worked out once more."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def remember(self, made: Mapping[_Key, _Value]) -> None:
        """Adds what was worked out just now."""
        if len(self) + len(made) > self._most:
            self.clear()
        self.update(made)


def remembered(most: int) -> Callable[[Callable[..., _Value]], Callable[..., _Value]]:
    """Remembers what a function of texts gave for the last ``most`` short ones, and the last few long ones,
    which one query asks for again and again: whoever makes up words of a thousand letters must not fill the
    memory with them."""

    def decorated(work: Callable[..., _Value]) -> Callable[..., _Value]:
        kept = lru_cache(maxsize=most)(work)
        long = lru_cache(maxsize=ARRAYS.long_remembered)(work)

        @wraps(work)
        def asked(*texts: str) -> _Value:
            return (long if sum(map(len, texts)) > ARRAYS.longest_remembered else kept)(*texts)

        return asked

    return decorated


_rarely = threading.Lock()
_before: list[tuple[int, int, int]] = []


@contextmanager
def collected_rarely() -> Iterator[None]:
    """A block that makes many objects and hardly a cycle: looking for cycles as often as usual takes a
    fiftieth of a build's time, and several times that in a program that holds much else."""
    with _rarely:
        _before.append(gc.get_threshold())
        gc.set_threshold(max(ARRAYS.objects_between_collections, _before[0][0]), *_before[0][1:])
    try:
        yield
    finally:
        with _rarely:  # of several blocks at a time, the last puts back what was there before the first
            gc.set_threshold(*_before.pop())


def give_back() -> None:
    """Returns what was freed to the system: glibc keeps it, so that each stage's peak would come on top of
    the last one's. Elsewhere nothing is done."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)
