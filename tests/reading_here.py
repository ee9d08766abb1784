"""Reading in the process of a test, where it can put faults and see calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

import kb.building.prepare
import kb.run
from kb.building.prepare import Result, Task
from kb.cleaning.page import Encode

__all__ = ["read_here"]


class _Here:
    """In place of :class:`kb.building.processes.Processes`."""

    def __init__(self, _workers: int | None = None) -> None:
        pass

    def __enter__(self) -> _Here:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def run(self, tasks: Iterable[Task], encode: Encode | None = None) -> Iterator[Iterator[Result]]:
        for task in tasks:
            yield kb.building.prepare.prepare(task, encode=encode)


def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on a build reads in this process."""
    monkeypatch.setattr(kb.run, "Processes", _Here)
