"""Whose turn it is to use the cores: a bounded number at a time, and who can wait gives way."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

__all__ = ["Turns"]


class Turns:
    """A semaphore, but of those who wait the one of the lowest rank is next; of equals, who came first.

    A turn that is free is for whoever comes for it first, unless who waits has a lower rank: to be woken
    takes a thread a while, in which one that has just had its turn begins another."""

    def __init__(self, most: int) -> None:
        self._free = most
        self._lock = threading.Lock()
        self._arrivals = count()
        self._waiting: list[tuple[int, int, threading.Event]] = []

    @contextmanager
    def turn(self, rank: int = 0) -> Iterator[None]:
        """A block that at most so many are in at a time."""
        self._wait(rank)
        try:
            yield
        finally:
            with self._lock:
                self._free += 1
                self._wake()

    def _wait(self, rank: int) -> None:
        with self._lock:
            if self._free and (not self._waiting or rank <= self._waiting[0][0]):
                self._free -= 1
                return
            mine = (rank, next(self._arrivals), threading.Event())
            heapq.heappush(self._waiting, mine)
        try:
            while not self._taken(mine):
                mine[2].wait()
        except BaseException:  # interrupted: the next one may have been waiting for this one
            with self._lock:
                if mine in self._waiting:
                    self._waiting.remove(mine)
                    heapq.heapify(self._waiting)
                else:
                    self._free += 1
                self._wake()
            raise

    def _taken(self, mine: tuple[int, int, threading.Event]) -> bool:
        """Whether the turn has come, and is taken then."""
        with self._lock:
            mine[2].clear()
            if not self._free or self._waiting[0] is not mine:
                return False
            self._free -= 1
            heapq.heappop(self._waiting)
            self._wake()
            return True

    def _wake(self) -> None:
        if self._free and self._waiting:
            self._waiting[0][2].set()
