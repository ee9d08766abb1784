"""The numbers of this room: how long a writer waits, and how much it holds."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["STORE"]


@dataclass(frozen=True, slots=True)
class StoreSettings:
    # Seconds to wait for another who writes, and between two tries.
    busy: float = 5.0
    again: float = 0.01
    rows_held: int = 5_000  # in memory before they are written


STORE = StoreSettings()
