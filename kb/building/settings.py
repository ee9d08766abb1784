"""The numbers of this room: how long reading may take, with how much memory, and how changes are noticed."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BUILDING"]


@dataclass(frozen=True, slots=True)
class BuildingSettings:
    # Nanoseconds: a file written more recently may be written again at the same tick of the clock.
    tick: int = 2_000_000_000

    # Reading in processes. Seconds that one article may take, and that a file of many may take, all in all.
    seconds: int = 60
    file_seconds: int = 3_600
    memory: int = 1_200 << 20  # bytes of address space of one process
    # Members of one file that may stop their process; it is not read on where there are more of them.
    members_left_out: int = 8
    ahead: int = 4  # tasks under way for each process
    held: int = 64  # results of one task that wait to be taken
    watch: float = 0.25  # seconds between looks at the clock
    # Seconds that a process is at work before the next one starts: few small files need no other.
    next_after: float = 0.5
    starting: int = 120  # seconds until a process is ready, which on a busy machine takes a while
    idle: int = 60  # seconds that an idle one waits for the next build
    # Seconds by the clock for each second of the processor's: where others have it, a file is not at fault.
    patience: int = 4

    # Watching, in seconds: between looks; that nothing may have changed before a change is told, as files are
    # written in pieces; and until what failed is tried again, the first time and at most, each time twice as
    # long.
    interval: float = 1.0
    settled: float = 2.0
    wait: float = 5.0
    longest_wait: float = 300.0


BUILDING = BuildingSettings()
