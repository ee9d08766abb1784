"""How work grows with what is worked on, counted and not timed: the same on every machine."""

from __future__ import annotations

import sys
from collections.abc import Callable

__all__ = ["steps"]


def steps(work: Callable[[], object]) -> int:
    """How many calls of Python's it takes: the same on every machine."""
    count = 0

    def counted(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count
