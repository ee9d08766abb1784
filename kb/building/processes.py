"""Processes that read files side by side: every file of every format is read here, under limits of time and
memory, however many there are.

Results come in the order of the tasks, as they are made; only a few tasks are under way at a time, so that
memory stays bounded. Where a process has to be stopped, or ends, at a member of a file, the file is read once
more without that member.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

from kb.building.prepare import Failed, Prepared, Reading, Result, Task
from kb.building.reader_process import ReaderProcess, Stopped
from kb.building.settings import BUILDING
from kb.building.worker import DONE, Asked, At, Vectors
from kb.cleaning.page import Encode
from kb.errors import SourceRefused
from kb.mishaps import at_cost_of
from kb.text.language_model import folder_for_others

__all__ = ["Processes"]


@dataclass(slots=True)
class _Job:
    task: Task
    judged: bool
    results: queue.Queue[Result | Failed | Asked | str] = field(
        default_factory=lambda: queue.Queue(BUILDING.held)
    )
    vectors: queue.SimpleQueue[Vectors | None] = field(default_factory=queue.SimpleQueue)
    at: str | None = None  # what is being looked at
    done: set[str] = field(default_factory=set)  # sources whose results were given
    left_out: dict[str, str] = field(default_factory=dict)

    def left(self) -> Task:
        """The task, without what is had, and what cannot be."""
        if not isinstance(self.task, Reading):
            return self.task
        return replace(self.task, done=frozenset(self.done), left_out=dict(self.left_out))

    def leave_out(self, why: str) -> bool:
        """Is what was being looked at but a part of the task, which can go on without it?"""
        if not isinstance(self.task, Reading) or self.at is None or self.at in self.left_out:
            return False
        self.left_out[self.at] = why
        return len(self.left_out) <= BUILDING.members_left_out


class Processes:
    """Use it as a context manager: leaving it stops its processes, but for one that waits for the next."""

    def __init__(
        self, workers: int | None = None, *, seconds: int = BUILDING.seconds, memory: int = BUILDING.memory
    ) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        count = workers or _processors()
        told = (str(seconds), str(memory), str(folder_for_others() or ""))
        self._runners: list[_Runner] = []
        for _ in range(count):
            before = self._runners[-1] if self._runners else None
            self._runners.append(_Runner(self._jobs, self._closed, before, seconds, told))
        self._watch = threading.Thread(target=self._watching, name="kb-watch", daemon=True)
        self._watch.start()

    def run(self, tasks: Iterable[Task], encode: Encode | None = None) -> Iterator[Iterator[Result | Failed]]:
        """Each task's results, which must be taken before the next task is asked for.

        ``encode`` is as in :class:`kb.article.normalize.Hints`; it is called in this thread, for the model is
        in this process. What it raises on purpose, and what the disk refuses, is raised here.
        """
        waiting: deque[_Job] = deque()
        coming = iter(tasks)
        while True:
            while len(waiting) < BUILDING.ahead * len(self._runners):
                task = next(coming, None)
                if task is None:
                    break
                job = _Job(task, encode is not None)
                waiting.append(job)
                self._jobs.put(job)
            if not waiting:
                return
            job = waiting.popleft()
            yield self._results(job, encode)

    def _results(self, job: _Job, encode: Encode | None) -> Iterator[Result | Failed]:
        while not isinstance(result := job.results.get(), str):
            if isinstance(result, Asked):
                job.vectors.put(_vectors(result, encode))
            else:
                yield result

    def _watching(self) -> None:
        while not self._closed.wait(BUILDING.watch):
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
        before: _Runner | None,
        seconds: int,
        told: tuple[str, ...],
    ) -> None:
        self.at_work = threading.Event()
        self._jobs = jobs
        self._closed = closed
        self._before = before
        self._seconds = seconds
        self._process = ReaderProcess(told)
        self._thread = threading.Thread(target=self._work, name="kb-reader", daemon=True)
        self._thread.start()

    def look(self) -> None:
        """Stop the process if its time is up."""
        self._process.look()

    def stop(self) -> None:
        self._process.leave()
        self._thread.join(timeout=5)
        self._process.release()

    def _work(self) -> None:
        if self._before is not None:
            self._before.at_work.wait()
            self._closed.wait(BUILDING.next_after)
        while not self._closed.is_set() and (job := self._jobs.get()) is not None:
            self._process.begin(BUILDING.file_seconds)
            while (why := self._run(job)) is not None and not self._closed.is_set():
                if not job.leave_out(why):
                    self._give(job, Failed(why))
                    break
            self._give(job, DONE)
        self.at_work.set()

    def _run(self, job: _Job) -> str | None:
        """Why the task could not be done to its end, if so."""
        try:
            self._process.start()
            self.at_work.set()
            message = self._process.ask((job.left(), job.judged), self._seconds)
            while not isinstance(message, (str, Failed)):
                if isinstance(message, At):
                    job.at = message.source
                    message = self._process.next(self._seconds)
                    continue
                self._give(job, message)
                if isinstance(message, Asked):
                    message = self._process.ask(self._answer(job), self._seconds)
                else:
                    job.done.add(_name(message))
                    message = self._process.next(self._seconds)
        except Stopped as stopped:
            return str(stopped)
        except Exception:  # its pipe broke, or what came through it is no answer
            return str(self._process.gone())
        self._process.idle()
        if isinstance(message, Failed):
            self._give(job, message)
        return None

    def _answer(self, job: _Job) -> Vectors | None:
        while not self._closed.is_set():
            with contextlib.suppress(queue.Empty):
                return job.vectors.get(timeout=1)
        return None

    def _give(self, job: _Job, message: Any) -> None:
        while not self._closed.is_set():
            try:
                job.results.put(message, timeout=1)
            except queue.Full:
                continue
            return


def _name(result: Result) -> str:
    return result.source.source if isinstance(result, Prepared) else result.source


def _vectors(asked: Asked, encode: Encode | None) -> Vectors | None:
    assert encode is not None
    try:
        with at_cost_of("", "judging its lists"):
            return encode(asked.texts)
    except SourceRefused:  # a mishap, at the cost of the article
        return None


def _processors() -> int:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(8, available))
