"""Following folders: a look every second, and a word when files have changed and come to rest.

Polling needs no service of the system and works on network drives. A folder that is gone (a drive unplugged)
is waited for, not taken for a folder that was emptied; what cannot be looked at for a while is as it was.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kb.building.settings import BUILDING
from kb.building.sources import Found, find
from kb.errors import InputError, KBError, LibraryLocked, LibraryVersionMismatch, UsageError

__all__ = ["Change", "Watcher"]


State = dict[Path, tuple[int, ...]]


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
        self,
        paths: Iterable[str | Path],
        *,
        interval: float = BUILDING.interval,
        settled: float = BUILDING.settled,
    ) -> None:
        self._paths = [Path(path) for path in paths]
        self._interval = interval
        self._settled = settled
        self._again: float | None = None
        self._wait = BUILDING.wait
        self._told = self._look({})

    def failed(self) -> None:
        """What was to be done about the last change failed for a reason that may pass: it is told again after
        a while, and that while is longer each time."""
        self._again = time.monotonic() + self._wait
        self._wait = min(2 * self._wait, BUILDING.longest_wait)

    def done(self) -> None:
        """What was to be done about the last change is done."""
        self._again, self._wait = None, BUILDING.wait

    def begin(self, build: Callable[[], bool], complain: Callable[[Exception], None]) -> None:
        """The first build. ``build`` says whether all could be read. Where another process writes,
        ``complain`` is told, and it is tried again when changes are followed; all else is raised."""
        try:
            self._built(build)
        except LibraryLocked as error:
            complain(error)
            self.failed()

    def follow(
        self,
        build: Callable[[], bool],
        complain: Callable[[Exception], None],
        stop: threading.Event | None = None,
    ) -> None:
        """Builds after each change. What may pass (the library is being written, a disk is full, a share is
        away while its files are read) ``complain`` is told, once for the same reason, and it is tried again;
        what never passes is raised."""
        told = ""
        for _ in self.changes(stop):
            try:
                self._built(build)
                told = ""
            except (LibraryVersionMismatch, UsageError):
                raise
            except (KBError, OSError) as error:
                if str(error) != told:
                    complain(error)
                told = str(error)
                self.failed()

    def _built(self, build: Callable[[], bool]) -> None:
        (self.done if build() else self.failed)()

    def changes(self, stop: threading.Event | None = None) -> Iterator[Change]:
        """Each change once it has settled, until ``stop`` is set; an empty one where what was to be done
        about the last one has :meth:`failed`. Files that are not read do not count."""
        stop = stop or threading.Event()
        last, since = self._told, time.monotonic()
        while not stop.wait(self._interval):
            try:
                now = self._look(last)
            except InputError:  # gone for a while, or for good
                continue
            due = self._again is not None and time.monotonic() >= self._again
            if now != last:
                last, since = now, time.monotonic()
            if (now != self._told or due) and time.monotonic() - since >= self._settled:
                self._again = None
                change = _between(self._told, now)
                self._told = now
                yield change
                since = time.monotonic()

    def _look(self, before: State) -> State:
        state: State = {}
        for path in self._paths:
            for item in find([path]):
                if isinstance(item, Found):
                    try:
                        about = item.path.stat()
                    except FileNotFoundError:  # gone since it was listed
                        continue
                    except OSError:
                        state |= _within(before, item.path)
                        continue
                    state[item.path] = (about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino)
                elif item.passing:
                    state |= _within(before, path / item.source)
        return state


def _within(before: State, place: Path) -> State:
    """What was known of a file, or of those in a folder."""
    return {path: about for path, about in before.items() if path.is_relative_to(place)}


def _between(before: State, now: State) -> Change:
    return Change(
        added=tuple(sorted(now.keys() - before.keys())),
        changed=tuple(sorted(path for path in now.keys() & before.keys() if now[path] != before[path])),
        removed=tuple(sorted(before.keys() - now.keys())),
    )
