"""What a process holds in memory: what it remembers has bounds, and what it does not need goes back."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Mapping
from typing import TypeVar

__all__ = ["Remembered", "give_back"]

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


def give_back() -> None:
    """Returns what was freed to the system: glibc keeps it, so that each stage's peak would come on top of
    the last one's. Elsewhere nothing is done."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)
