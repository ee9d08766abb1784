"""How long a question may take, and where its time goes.

The parts of searching call :func:`checkpoint` as they go. Inside of :func:`watched` that notes what each
stage took, and stops the work, by an error, once its time is spent; anywhere else it does nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from search.errors import SearchTooSlow

__all__ = ["Watch", "checkpoint", "note", "remaining", "watched"]


@dataclass(slots=True)
class Watch:
    """One question's time: ``seconds`` it may take in all (None: as long as it likes), ``stages`` what each
    took so far, ``counts`` what was found."""

    seconds: float | None
    started: float = field(default_factory=lambda: time.monotonic())
    stages: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    last: float = field(default_factory=lambda: time.monotonic())


_current: ContextVar[Watch | None] = ContextVar("search.budget", default=None)


@contextmanager
def watched(seconds: float | None = None) -> Iterator[Watch]:
    """Searches of this thread inside the block take no more than so many seconds together, or raise
    SearchTooSlow."""
    watch = Watch(seconds)
    token = _current.set(watch)
    try:
        yield watch
    finally:
        _current.reset(token)


def checkpoint(stage: str) -> None:
    """What was done since the last checkpoint was ``stage``. Raises SearchTooSlow when the time is spent."""
    watch = _current.get()
    if watch is None:
        return
    now = time.monotonic()
    watch.stages[stage] = watch.stages.get(stage, 0.0) + now - watch.last
    watch.last = now
    if watch.seconds is not None and now - watch.started > watch.seconds:
        raise SearchTooSlow(
            f"this takes more than the {watch.seconds:g} seconds that a search may take here; "
            "ask with fewer words, or try again when less is going on"
        )


def note(what: str, count: int) -> None:
    """How many of something were found."""
    watch = _current.get()
    if watch is not None:
        watch.counts[what] = count


def remaining() -> float:
    """Seconds left to this question; a very long time where nobody set any."""
    watch = _current.get()
    if watch is None or watch.seconds is None:
        return 1e6
    return max(0.0, watch.started + watch.seconds - time.monotonic())
