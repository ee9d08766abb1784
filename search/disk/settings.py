"""The numbers of this room: how long a writer waits, and how much of a file is read."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DISK"]


@dataclass(frozen=True, slots=True)
class DiskSettings:
    # How long a second writer waits for the first, and between two looks.
    wait_seconds: float = 30.0
    look_seconds: float = 0.5

    # On opening. A file is read whole up to so many bytes; of a larger one, so many blocks.
    whole_bytes: int = 1 << 20
    block_bytes: int = 4096
    blocks: int = 64
    read_together: int = 2  # files that are read side by side

    records_at_a_time: int = 4096

    # Of a backup: bytes that are copied at a time, and that the list of its files may have.
    piece_bytes: int = 1 << 20
    list_bytes: int = 16 << 20


DISK = DiskSettings()
