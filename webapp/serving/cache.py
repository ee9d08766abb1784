"""Replies that were made already, given again for as long as the library stays the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from webapp.serving.settings import SERVING

__all__ = ["Kept", "Replies"]


@dataclass(frozen=True, slots=True)
class Kept:
    """The body of a reply, and its type as it stood in the header."""

    body: bytes
    content_type: str


class Replies:
    """The last replies, ``most`` bytes of them with all that keeping them takes. Thread-safe."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[bytes, Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: bytes) -> Kept | None:
        """The reply kept under a key of 32 bytes."""
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def keep(self, key: bytes, reply: Kept) -> None:
        """Keeps a reply; those that were asked for longest ago make room."""
        size = len(reply.body) + SERVING.entry
        if size > self._most // 8:
            return
        with self._lock:
            before = self._held.pop(key, None)
            self._size += size - (len(before.body) + SERVING.entry if before else 0)
            self._held[key] = reply
            while self._size > self._most:
                _, gone = self._held.popitem(last=False)
                self._size -= len(gone.body) + SERVING.entry
