"""The numbers of this room: what is kept of replies, and what connections may take."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SERVING"]


@dataclass(frozen=True, slots=True)
class ServingSettings:
    kept_bytes: int = 16 << 20  # of replies that are kept to be given again
    # Bytes that an entry takes beside its body: the key, the type, and what holds them (measured: 434).
    entry: int = 600

    # Connections.
    never: int = 1 << 40  # bytes that no reply has
    sent: int = 256 * 1024  # bytes of a reply that the system may hold for one connection; it would take 4 MB
    # A share of 1 / 20 of the connections is taken at once; then the open ones have their turn.
    accepted: int = 20
    pause: float = 0.2  # seconds until another connection is taken, where the system has no more
    complaint: float = 60.0  # seconds between two lines of the log about that
    # Whole seconds between two rounds of the loop at most: it looks at the clocks in each.
    round: int = 1
    # Descriptors for the library, of which three generations may be open, and for the log.
    reserved: int = 200
    selected: int = 400  # connections that select() can look after, where there is no poll(): on Windows
    # Bounds of a histogram of seconds.
    seconds: tuple[float, ...] = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


SERVING = ServingSettings()
