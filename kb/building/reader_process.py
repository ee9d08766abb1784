"""One process that reads files (:mod:`kb.building.worker`), seen from outside: started, asked, and stopped.

Starting one takes about a second, so one that is idle when its build ends waits a while for the next build.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from kb.building.settings import BUILDING
from kb.building.worker import READY, receive, send

__all__ = ["ReaderProcess", "Stopped"]

# What a process runs: it finds this package where we did, and its numpy takes one thread, for there are as
# many processes as processors.
_START = """\
import os, sys
for name in ("OMP", "OPENBLAS", "MKL"):
    os.putenv(name + "_NUM_THREADS", "1")
sys.path[:0] = sys.argv.pop(1).split(os.pathsep)
from kb.building.worker import main
main()
"""

_OUT_OF_TIME = -getattr(signal, "SIGXCPU", 0) or None

_Started = tuple[str, ...]  # what a process was started with, and where


class Stopped(Exception):
    """A process is gone; the text says why, and what to do about the file that it was reading."""


class ReaderProcess:
    """Its methods are called by one thread, but for ``look`` and ``leave``, which another calls."""

    def __init__(self, told: tuple[str, ...]) -> None:
        self._told = told
        self._process: subprocess.Popen[bytes] | None = None
        self._started: _Started = ()
        self._deadline: float | None = None
        self._left = 0.0  # seconds for the whole task
        self._asked = 0  # seconds for the next answer
        self._late = False
        self._busy = False
        self._leaving = False

    def start(self) -> None:
        """Raises OSError where no process can be started."""
        if self._process is not None and self._process.poll() is None:
            return
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self._started = (sys.executable, "-c", _START, path, *self._told, _here())
        self._process = _waiting.take(self._started)
        if self._process is not None:
            return
        self._process = subprocess.Popen(
            self._started[:-1], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._busy = True
        if self._leaving:  # stopped in the meantime
            self._process.kill()
        # What it takes to start is not the first file's fault.
        self._late, self._deadline = False, time.monotonic() + BUILDING.starting
        if receive(self._process.stdout) != READY:  # type: ignore[arg-type]
            late = self._late
            self.gone()
            raise Stopped(
                f"was not read, for no process was ready for it within {BUILDING.starting} seconds; "
                "build again when the machine has less to do"
                if late
                else "was not read, for the process for it did not start; see that there is memory for it"
            )

    def begin(self, seconds: int) -> None:
        """A task, which may take so long in all."""
        self._left = seconds

    def ask(self, message: object, seconds: int) -> Any:
        """What it says to a message within so many seconds of the processor's time. Raises Stopped."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._busy, self._late = True, False
        self._deadline = time.monotonic() + min(BUILDING.patience * seconds, self._left)
        send(self._process.stdin, message)  # type: ignore[arg-type]
        return self.next(seconds)

    def next(self, seconds: int) -> Any:
        """What it says next. While nobody waits for it, it is not late."""
        assert self._process is not None
        assert self._process.stdout is not None
        begun = time.monotonic()
        self._asked = seconds
        self._deadline = begun + min(BUILDING.patience * seconds, self._left)
        message = receive(self._process.stdout)  # type: ignore[arg-type]
        self._deadline = None
        if message is None:
            raise self.gone()
        self._left -= time.monotonic() - begun
        return message

    def idle(self) -> None:
        """Its task is done."""
        self._busy = False

    def gone(self) -> Stopped:
        """What to say of a process that is gone; forgets it."""
        process, self._process, self._deadline = self._process, None, None
        if process is not None:
            _released(process)
        late = self._late or (process is not None and process.returncode == _OUT_OF_TIME)
        if not late:
            return Stopped("makes its reader crash; save it in another format")
        if self._left < self._asked:
            return Stopped("takes too long to read as a whole; split it")
        return Stopped(f"takes more than {self._asked} seconds to read; save it in a simpler format")

    def look(self) -> None:
        """Stop it if its time is up."""
        deadline, process = self._deadline, self._process
        if deadline is not None and time.monotonic() > deadline and process is not None:
            self._late = True
            process.kill()

    def leave(self) -> None:
        """Stop it if it is at work: nobody waits for what it says."""
        self._leaving = True
        process = self._process
        if process is not None and self._busy:
            process.kill()

    def release(self) -> None:
        """Let go of it; one that is idle may be taken again."""
        process, self._process = self._process, None
        if process is None:
            return
        if self._busy or process.poll() is not None:
            _released(process)
        else:
            _waiting.put(self._started, process)


class _Waiting:
    """The process that waits for the next build, for a while."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: tuple[_Started, subprocess.Popen[bytes]] | None = None
        self._timer: threading.Timer | None = None

    def put(self, started: _Started, process: subprocess.Popen[bytes]) -> None:
        self.clear()
        with self._lock:
            self._held = (started, process)
            self._timer = threading.Timer(BUILDING.idle, self.clear)
            self._timer.daemon = True
            self._timer.start()

    def take(self, started: _Started) -> subprocess.Popen[bytes] | None:
        """The one that was started just so, if it is still there."""
        with self._lock:
            held, self._held = self._held, None
            if self._timer is not None:
                self._timer.cancel()
        if held is None:
            return None
        if held[0] == started and held[1].poll() is None:
            return held[1]
        _released(held[1])
        return None

    def clear(self) -> None:
        self.take(())


_waiting = _Waiting()
atexit.register(_waiting.clear)


def _here() -> str:
    try:
        return str(Path.cwd())
    except OSError:  # it is gone
        return ""


def _released(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):  # what it still held cannot be written any more
                stream.close()
