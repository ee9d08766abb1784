"""Replies that were made already, given again for as long as the library stays the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

__all__ = ["Kept", "Replies"]


@dataclass(frozen=True, slots=True)
class Kept:
    """The body of a reply, and its type as it stood in the header."""

    body: bytes
    content_type: str


class Replies:
    """The last replies, so many bytes of them. Thread-safe."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[tuple[str, ...], Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: tuple[str, ...]) -> Kept | None:
        """The reply kept under a key."""
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def keep(self, key: tuple[str, ...], reply: Kept) -> None:
        """Keeps a reply; those that were asked for longest ago make room."""
        size = len(reply.body)
        if size > self._most // 8:
            return
        with self._lock:
            before = self._held.pop(key, None)
            self._size += size - (len(before.body) if before else 0)
            self._held[key] = reply
            while self._size > self._most:
                _, gone = self._held.popitem(last=False)
                self._size -= len(gone.body)
