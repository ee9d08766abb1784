"""What stands in, in a simulation, for encoding, other processes, and time; see simulation.py."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import io
import json
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from filelock import Timeout
from scheduling import World

import kb.run
import search.building.build as building
from kb.building import watch
from kb.building.prepare import prepare
from kb.store.store import Store
from search import opening
from search.disk import layout, locking, manifest, truth
from search.disk.leases import Lease
from search.encoding.protocol import ModelIdentity

__all__ = ["WALL", "Lock", "indexed", "running", "standing_in"]

WALL = 1_800_000_000.0
"""What the clock on the wall says when the simulated one says 0."""

_INDEXED = "indexed.json"


@dataclass
class _Running:
    world: World | None = None
    simulation: Any = None


running = _Running()
_model = ModelIdentity("simulated", "1", 4)


class _Engine:
    """What of an engine reads the library: every article, by its index and from the database."""

    degraded = ""

    def __init__(self, library: Path, lease: Lease, **_options: object) -> None:
        self.generation = lease.generation
        self._lease = lease
        self._held = indexed(lease.folder)
        self._store = Store.open(layout.database(library))

    def ask(self, _question: str = "", **_options: object) -> dict[str, str]:
        found = {one.article.source: one.article.text for one in self._store.at(self.generation).articles()}
        assert found == self._held, f"generation {self.generation}: {found} and {self._held}"
        simulation = running.simulation
        assert simulation is not None
        assert found in simulation.held[self.generation], f"generation {self.generation} was never {found}"
        return found

    def suggest(self, _prefix: str) -> None:
        pass

    def close(self) -> None:
        self._store.close()
        self._lease.release()

    def __enter__(self) -> _Engine:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def indexed(folder: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((folder / "indexed" / _INDEXED).read_text("utf-8"))
    return found


def _write_generation(
    snapshot: Any, _before: object, encoder: Any, _vectors: object, directory: Path, *_: object
) -> None:
    texts = {one.article.source: one.article.text for one in snapshot.articles()}
    for name in ("model", "indexed"):
        (directory / name).mkdir()
    encoder.identity.write(directory / "model")
    (directory / "indexed" / _INDEXED).write_text(json.dumps(texts), "utf-8")
    if running.simulation is not None:
        running.simulation.held.setdefault(snapshot.generation, []).append(texts)


class _Encoder:
    identity = _model

    def passages(self, texts: Any) -> Any:
        raise AssertionError("nothing is in doubt")


class _Nothing:
    """Has no effect, whatever is done with it."""

    path = Path("nowhere", "nothing")  # of no cache

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __enter__(self) -> _Nothing:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def compact(self) -> None:
        pass

    def remove_others(self) -> None:
        pass

    def take(self, _passages: object) -> None:
        pass

    def finish(self, _progress: object) -> None:
        pass


class _Here(_Nothing):
    """Threads that are none."""

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        made: Future[Any] = Future()
        try:
            made.set_result(work(*arguments))
        except Exception as error:
            made.set_exception(error)
        return made


class _Reading(_Nothing):
    """Processes that are none."""

    def run(self, tasks: Iterable[Any], _encode: object = None) -> Iterator[Iterator[Any]]:
        for task in tasks:
            yield prepare(task)


class Lock:
    """The lock of a library, waited for by the simulated clock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def acquire(self, timeout: float) -> None:
        world = running.world
        end = world.now + timeout if world is not None else 0.0
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT)
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if world is None or world.now >= end:
                    os.close(descriptor)
                    raise Timeout(str(self._path)) from None
                world.sleep(0.5)
                continue
            break
        self._file = descriptor
        actor = world.actor() if world is not None else None
        if actor is not None and running.simulation is not None:
            running.simulation.locks.setdefault(actor, []).append(self)

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _noted(library: Path) -> bytes:
    """As a process apart does it, whose closing of the file takes no lock away."""
    made = {}
    for path in (library / "kb.sqlite", library / "kb.sqlite-wal"):
        if path.exists() and path.stat().st_size:
            made[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return json.dumps(made, sort_keys=True).encode() + b"\n"


class _Times:
    """A file's times by the simulated clock; all else is the system's."""

    def __init__(self, real: os.stat_result, content: int, inode: int) -> None:
        self._real = real
        self.st_mtime_ns, self.st_ctime_ns = content, inode

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


_CALLS = ("replace", "rename", "unlink", "rmdir", "mkdir", "open", "scandir", "fsync", "truncate")
_WRITES = ("replace", "rename", "mkdir", "fsync")


@contextlib.contextmanager
def standing_in() -> Iterator[None]:
    """Within it, all of them stand in."""
    with pytest.MonkeyPatch.context() as patched:
        _stand_ins(patched)
        _clock(patched)
        for name in _CALLS:
            patched.setattr(os, name, _call(name, getattr(os, name)))
        patched.setattr(io, "open", _call("open file", io.open))
        patched.setattr(os, "stat", _stat(os.stat))
        yield


def _stand_ins(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(building, "load", lambda *_, **__: _Encoder())
    for name in ("VectorCache", "PassagesAhead", "prepare_beside", "threadpool_limits"):
        patched.setattr(building, name, _Nothing)
    patched.setattr(building, "ThreadPoolExecutor", _Here)
    for name in ("before_of", "held_tokens"):
        patched.setattr(building, name, lambda *_: None)
    patched.setattr(building, "write_generation", _write_generation)
    patched.setattr(kb.run, "Processes", _Reading)
    patched.setattr(opening, "Engine", _Engine)
    patched.setattr(manifest, "spread", lambda work, items, *_, **__: [work(one) for one in items])
    patched.setattr(truth, "_noted", _noted)
    patched.setattr(locking, "FileLock", Lock)
    patched.setattr(watch, "BUILDING", replace(watch.BUILDING, longest_wait=10.0))


def _clock(patched: pytest.MonkeyPatch) -> None:
    def simulated(name: str, told: Callable[[World], Any]) -> None:
        real = getattr(time, name)

        def call(*arguments: Any) -> Any:
            world = running.world
            return told(world, *arguments) if world is not None and world.actor() else real(*arguments)

        patched.setattr(time, name, call)

    simulated("monotonic", lambda world: world.now)
    simulated("time", lambda world: WALL + world.now + world.jumped)
    simulated("time_ns", lambda world: int((WALL + world.now + world.jumped) * 1e9))
    simulated("sleep", World.sleep)


def _call(name: str, real: Any) -> Any:
    """A call of the system: before it another may go on, or the disk refuses."""

    def call(*arguments: Any, **options: Any) -> Any:
        world, simulation = running.world, running.simulation
        actor = world.actor() if world is not None else None
        if world is not None and simulation is not None and actor is not None:
            world.step()
            if actor.name in ("watcher", "writer"):
                writes = name in _WRITES or (name == "open file" and "w" in str(arguments[1:2]))
                if simulation.is_full and writes:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                named = isinstance(arguments[0], (str, os.PathLike)) and Path(arguments[0]).name
                if name in ("open", "scandir") and named in simulation.refused:
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
        return None if name == "fsync" else real(*arguments, **options)

    if real in os.supports_dir_fd:
        os.supports_dir_fd.add(call)
    return call


def _stat(real: Any) -> Any:
    def call(*arguments: Any, **options: Any) -> Any:
        found = real(*arguments, **options)
        simulation = running.simulation
        times = simulation.times.get(found.st_ino) if simulation is not None else None
        return found if times is None or not stat.S_ISREG(found.st_mode) else _Times(found, *times)

    return call
