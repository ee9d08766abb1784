"""Following folders: a look every second, and a word when files have changed and come to rest.

Polling needs no service of the system and works on network drives. A folder that is gone (a drive unplugged)
is waited for, not taken for a folder that was emptied.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kb.building.sources import Found, find
from kb.errors import InputError

__all__ = ["Change", "Watcher"]

_INTERVAL = 1.0
"""Seconds between looks."""

_SETTLED = 2.0
"""Seconds that nothing may have changed before a change is told: files are written in pieces."""

State = dict[Path, tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Change:
    """Files by what happened to them since the last change was told, each sorted."""

    added: tuple[Path, ...] = ()
    changed: tuple[Path, ...] = ()
    removed: tuple[Path, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


class Watcher:
    """Remembers the files under ``paths`` as they are now: make it before the build, so nothing is missed.

    Raises InputError when a path is not there.
    """

    def __init__(
        self, paths: Iterable[str | Path], *, interval: float = _INTERVAL, settled: float = _SETTLED
    ) -> None:
        self._paths = [Path(path) for path in paths]
        self._interval = interval
        self._settled = settled
        self._told = self._look()

    def changes(self, stop: threading.Event | None = None) -> Iterator[Change]:
        """Each change once it has settled, until ``stop`` is set. Files that are not read do not count."""
        stop = stop or threading.Event()
        last, since = self._told, time.monotonic()
        while not stop.wait(self._interval):
            try:
                now = self._look()
            except InputError:  # gone for a while, or for good
                continue
            if now != last:
                last, since = now, time.monotonic()
            if now != self._told and time.monotonic() - since >= self._settled:
                change = _between(self._told, now)
                self._told = now
                yield change
                since = time.monotonic()

    def _look(self) -> State:
        state: State = {}
        for item in find(self._paths):
            if isinstance(item, Found):
                try:
                    about = item.path.stat()
                except OSError:  # gone since it was listed
                    continue
                state[item.path] = (about.st_size, about.st_mtime_ns, about.st_ino)
        return state


def _between(before: State, now: State) -> Change:
    return Change(
        added=tuple(sorted(now.keys() - before.keys())),
        changed=tuple(sorted(path for path in now.keys() & before.keys() if now[path] != before[path])),
        removed=tuple(sorted(before.keys() - now.keys())),
    )
