"""Processes that read files side by side, each of which is stopped when it takes too long.

Results come in the order of the tasks, as they are made; only a few tasks are under way at a time, so that
memory stays bounded however many there are.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from kb.building.prepare import Failed, Result, Task
from kb.building.worker import DONE, READY, receive, send
from kb.text.language_model import folder_for_others

__all__ = ["MEMORY_LIMIT", "Processes"]

# What a worker process runs: it finds this package where we did, and its numpy takes one thread, for there
# are as many workers as processors.
_START = """\
import os, sys
for name in ("OMP", "OPENBLAS", "MKL"):
    os.putenv(name + "_NUM_THREADS", "1")
sys.path[:0] = sys.argv.pop(1).split(os.pathsep)
from kb.building.worker import main
main()
"""

_SECONDS_LIMIT = 60
"""Seconds that one article may take to read."""

MEMORY_LIMIT = 1_200 << 20
"""Bytes of address space of one process."""

_STARTING = 120  # seconds until a process is ready, which on a busy machine takes a while
_AHEAD = 4  # tasks under way for each process
_HELD = 64  # results of one task that wait to be taken
_WATCH = 0.25  # seconds between looks at the clock


@dataclass(slots=True)
class _Job:
    task: Task
    results: queue.Queue[Result | Failed | str] = field(default_factory=lambda: queue.Queue(_HELD))


class Processes:
    """Use it as a context manager: leaving it stops its processes."""

    def __init__(
        self, workers: int | None = None, *, seconds: int = _SECONDS_LIMIT, memory: int = MEMORY_LIMIT
    ) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        count = workers or _processors()
        told = (str(seconds), str(memory), str(folder_for_others() or ""))
        self._runners = [_Runner(self._jobs, self._closed, seconds, told) for _ in range(count)]
        self._watch = threading.Thread(target=self._watching, name="kb-watch", daemon=True)
        self._watch.start()

    def run(self, tasks: Iterable[Task]) -> Iterator[Iterator[Result | Failed]]:
        """Each task's results, which must be taken before the next task is asked for."""
        waiting: deque[_Job] = deque()
        coming = iter(tasks)
        while True:
            while len(waiting) < _AHEAD * len(self._runners):
                task = next(coming, None)
                if task is None:
                    break
                job = _Job(task)
                waiting.append(job)
                self._jobs.put(job)
            if not waiting:
                return
            job = waiting.popleft()
            yield self._results(job)

    def _results(self, job: _Job) -> Iterator[Result | Failed]:
        while not isinstance(result := job.results.get(), str):
            yield result

    def _watching(self) -> None:
        while not self._closed.wait(_WATCH):
            for runner in self._runners:
                runner.look()

    def close(self) -> None:
        self._closed.set()
        for _ in self._runners:
            self._jobs.put(None)
        for runner in self._runners:
            runner.stop()

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Runner:
    """A thread that feeds one process, and starts another when that one had to be stopped."""

    def __init__(
        self,
        jobs: queue.SimpleQueue[_Job | None],
        closed: threading.Event,
        seconds: int,
        told: tuple[str, ...],
    ) -> None:
        self._jobs = jobs
        self._closed = closed
        self._seconds = seconds
        self._told = told
        self._process: subprocess.Popen[bytes] | None = None
        self._deadline: float | None = None
        self._late = False
        self._thread = threading.Thread(target=self._work, name="kb-reader", daemon=True)
        self._thread.start()

    def look(self) -> None:
        """Stop the process if its time is up."""
        deadline, process = self._deadline, self._process
        if deadline is not None and time.monotonic() > deadline and process is not None:
            self._late = True
            process.kill()

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
        self._thread.join(timeout=5)
        if self._process is not None:
            _released(self._process)

    def _work(self) -> None:
        while not self._closed.is_set() and (job := self._jobs.get()) is not None:
            try:
                self._run(job)
            except Exception:  # its pipe broke, or what came through it is no answer
                self._give(job, Failed(self._why()))
            self._deadline = None
            self._give(job, DONE)

    def _run(self, job: _Job) -> None:
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        self._late = False
        self._deadline = time.monotonic() + self._seconds
        send(process.stdin, job.task)  # type: ignore[arg-type]
        while (message := receive(process.stdout)) != DONE:  # type: ignore[arg-type]
            if message is None:
                self._give(job, Failed(self._why()))
                return
            self._deadline = None  # while the result waits to be taken, nobody is late
            self._give(job, message)
            if isinstance(message, Failed):
                return
            self._deadline = time.monotonic() + self._seconds

    def _why(self) -> str:
        """What to say of a process that is gone; forgets it."""
        process, self._process = self._process, None
        if process is not None:
            _released(process)
        if self._late:
            return f"takes more than {self._seconds} seconds to read; save it in a simpler format"
        return "makes its reader crash; save it in another format"

    def _give(self, job: _Job, message: Any) -> None:
        while not self._closed.is_set():
            try:
                job.results.put(message, timeout=1)
            except queue.Full:
                continue
            return

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            path = os.pathsep.join(entry for entry in sys.path if entry)
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START, path, *self._told],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            if self._closed.is_set():  # stopped in the meantime
                self._process.kill()
            # What it takes to start is not the first file's fault.
            self._deadline = time.monotonic() + _STARTING
            if receive(self._process.stdout) != READY:  # type: ignore[arg-type]
                raise OSError("a process for reading files did not start")
        return self._process


def _released(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):  # what it still held cannot be written any more
                stream.close()


def _processors() -> int:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(8, available))
