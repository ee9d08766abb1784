"""The same work for several servers at once: each in a thread of its own, for threads wait for servers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

__all__ = ["SideBySide"]

_T = TypeVar("_T")


class SideBySide:
    """Threads for work that ``most`` may be doing at a time, besides those who ask for it."""

    def __init__(self, most: int) -> None:
        self._threads = ThreadPoolExecutor(max(1, most), "rosetta-shard")

    def done(self, tasks: Sequence[Callable[[], _T]]) -> list[_T]:
        """What the tasks return, in their order; each has the time of the question that asks. All end
        before this does; then the first error, if there is one, is raised."""
        others = [self._threads.submit(copy_context().run, task) for task in tasks[1:]]
        try:
            own = [task() for task in tasks[:1]]
        finally:
            for other in others:
                other.exception()
        return [*own, *(other.result() for other in others)]

    def close(self) -> None:
        """Ends the threads; what is still going on in them is waited for by nobody."""
        self._threads.shutdown(wait=False)
