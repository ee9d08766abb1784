"""Encoding while files are still being read: reading has one core, encoding the others."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from kb.models import Passage
from kb.progress import Progress
from search.building.settings import BUILDING
from search.disk.record_cache import content_key
from search.encoding.settings import ENCODING

__all__ = ["Ahead", "PassagesAhead", "none_ahead"]

Ahead = Callable[[Progress], None]
"""Returns when what is encoded ahead is there; is told where to report."""


def none_ahead(progress: Progress) -> None:
    """Nobody encodes anything ahead."""


class PassagesAhead:
    """Encodes passages as they come, in slices, which do not depend on how fast they come, and keeps their
    vectors in the library's cache. A context: what has not begun when it ends is left."""

    def __init__(self, encode: Callable[[Sequence[str]], int]) -> None:
        """``encode`` keeps what it encodes, and returns how many texts that were; what it raises is raised
        by the next call here."""
        self._encode = encode
        self._pool = ThreadPoolExecutor(2)  # while one slice ends, the cores have the other
        self._waiting: deque[tuple[Future[int], int]] = deque()
        self._taken: set[bytes] = set()
        self._slice: list[str] = []
        self._size = 0

    def take(self, passages: Sequence[Passage]) -> None:
        """The next article's passages; what another had, too, is encoded once."""
        for passage in passages:
            key = content_key(passage.text)
            if key in self._taken:
                continue
            self._taken.add(key)
            self._slice.append(passage.text)
            self._size += len(passage.text.encode("utf-8", "surrogatepass"))
            if self._size >= ENCODING.slice_bytes:
                self._begin()
        while len(self._waiting) > BUILDING.slices_waiting or (self._waiting and self._waiting[0][0].done()):
            self._waiting.popleft()[0].result()

    def finish(self, progress: Progress) -> None:
        """Returns when all of them are encoded; progress is told where any had to be."""
        self._begin()
        total, done, encoded = sum(count for _, count in self._waiting), 0, 0
        while self._waiting:
            future, count = self._waiting.popleft()
            encoded += future.result()
            done += count
            if encoded:
                progress("encoding passages", done, total)

    def __enter__(self) -> PassagesAhead:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _begin(self) -> None:
        if self._slice:
            self._waiting.append((self._pool.submit(self._encode, self._slice), len(self._slice)))
            self._slice, self._size = [], 0
