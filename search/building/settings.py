"""The numbers of this room: how much is held at a time, and when a generation is made anew."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BUILDING"]


@dataclass(frozen=True, slots=True)
class BuildingSettings:
    passed_over: int = 50  # sentences for each that may have come or gone since statistics were made
    rounds: int = 4  # in which articles are left out that cannot be indexed: one finds all that fail alike
    # What is shorter, in letters, is a fragment: it answers nothing by itself.
    fragment: int = 20
    # Slices that may wait before reading waits for them, so that their texts are not all in memory.
    slices_waiting: int = 64
    rows_at_a_time: int = 8192
    copied_at_a_time: int = 1 << 20  # bytes


BUILDING = BuildingSettings()
