"""A part of a generation, and the run that makes all of them, each as soon as what it needs is there."""

from __future__ import annotations

import shutil
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from kb.mishaps import at_cost_of_all
from kb.progress import Progress
from kb.store.snapshot import Snapshot
from search.building.ahead import Ahead
from search.building.basis import PreviousGeneration
from search.building.passage_texts import PassageTexts
from search.disk import durable
from search.encoding.protocol import Encoder
from search.encoding.vector_cache import VectorCache

__all__ = ["Made", "Making", "Part", "make_all"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Making:
    """A generation in the making: of ``snapshot``, in ``directory``, with the model ``encoder``.

    ``texts`` are the passages to be read and encoded: all of them, or, after the generation ``before``, those
    that it has not. ``vectors`` are the library's cache of what was encoded, ``cache`` the user's of models
    (None: the usual place); ``ahead`` returns when those passages are encoded that somebody else encodes.
    What takes texts apart goes on in the one thread of ``aside``, so that encoding has the interpreter to
    itself otherwise. ``tokens`` is the folder of sound tokens that need not be made again, of an earlier
    generation (None: there is none).
    """

    snapshot: Snapshot
    encoder: Encoder
    vectors: VectorCache
    directory: Path
    cache: Path | None
    progress: Progress
    ahead: Ahead
    texts: PassageTexts
    aside: ThreadPoolExecutor
    before: PreviousGeneration | None = None
    tokens: Path | None = None

    @property
    def old(self) -> PreviousGeneration:
        """The generation before, for those who carry over from it."""
        if self.before is None:
            raise ValueError("this generation is made of the whole library")
        return self.before


class Part(ABC, Generic[T]):
    """One part of a generation: alone it owns its files, makes them, and carries them over.

    What ``make`` and ``carry`` return, others ask for by the part's class; it is let go when the last of them
    is done. A part without folders only computes something that others need.
    """

    doing: ClassVar[str]
    """What is said to have failed where it fails."""
    folders: ClassVar[tuple[str, ...]] = ()
    """What it owns in a generation's folder."""
    sent: ClassVar[tuple[str, ...]] = ()
    """Those of its folders that go as files to a server which keeps the passages themselves."""
    needs: ClassVar[tuple[type[Part[Any]], ...]] = ()
    """Whose results it asks for when all is made anew."""
    needs_to_carry: ClassVar[tuple[type[Part[Any]], ...]] = ()
    """Whose results it asks for when the generation before is carried over."""

    @abstractmethod
    def make(self, making: Making, made: Made) -> T:
        """Makes it of the whole library. Its folders are there, and empty."""

    def carry(self, making: Making, made: Made) -> T:
        """Takes over from the generation before what stays, and makes what is new; as it is, where nothing
        else is said."""
        for name in self.folders:
            old = making.old.directory / name
            shutil.copytree(old, making.directory / name, dirs_exist_ok=True)
        return self.opened(making.directory)

    @classmethod
    def opened(cls, directory: Path) -> T:
        """What it returned when the generation in ``directory`` was made, or the like, from its files."""
        raise TypeError(f"{cls.__name__} keeps nothing to be opened")


class Made:
    """What the parts of a generation returned, or will: whoever asks for one waits for it."""

    def __init__(self, needs: Mapping[type[Part[Any]], Sequence[type[Part[Any]]]]) -> None:
        self._wanted = Counter(needed for given in needs.values() for needed in given)
        self._futures: dict[type[Part[Any]], Future[Any]] = {part: Future() for part in self._wanted}
        self._lock = threading.Lock()
        self._failed = threading.Event()

    def __getitem__(self, part: type[Part[T]]) -> T:
        """Raises CancelledError where it will not come."""
        future: Future[T] = self._futures[part]
        try:
            return future.result()
        except Exception as error:
            raise CancelledError(f"{part.__name__} will not come") from error

    def check(self) -> None:
        """Raises CancelledError where some part failed, so that what the others do is in vain."""
        if self._failed.is_set():
            raise CancelledError("another part failed")

    def fail(self) -> None:
        """Nothing more is wanted."""
        self._failed.set()

    def keep(self, part: type[Part[Any]], result: Any) -> None:
        with self._lock:
            if part in self._futures:
                self._futures[part].set_result(result)

    def give_up(self, part: type[Part[Any]], error: BaseException) -> None:
        self.fail()
        with self._lock:
            future = self._futures.get(part)
            if future is not None and not future.done():
                future.set_exception(error)

    def done(self, needed: Sequence[type[Part[Any]]]) -> None:
        """One who needed these is done: what nobody else needs is let go."""
        with self._lock:
            self._wanted.subtract(needed)
            for part in needed:
                if not self._wanted[part]:
                    del self._futures[part]


def make_all(parts: Sequence[type[Part[Any]]], making: Making) -> None:
    """Makes all parts, or carries them over from the generation before, side by side as far as they do not
    wait for one another, and syncs each part's files as soon as they are there.

    Raises what the first of them raised that failed, when all have ended.
    """
    carried = making.before is not None
    needs = _needs(parts, carried)
    made = Made(needs)

    def progress(stage: str, done: int, total: int) -> None:
        made.check()
        making.progress(stage, done, total)

    watched = replace(making, progress=progress)

    def run(part: type[Part[Any]]) -> None:
        try:
            with at_cost_of_all(part.doing):
                for name in part.folders:
                    (making.directory / name).mkdir()
                act = part().carry if carried else part().make
                made.keep(part, act(watched, made))
            for name in part.folders:
                durable.sync_tree(making.directory / name)
        except BaseException as error:
            made.give_up(part, error)
            raise
        finally:
            made.done(needs[part])

    order = TopologicalSorter(needs).static_order()
    with ThreadPoolExecutor(len(needs), "part") as threads:
        running = [threads.submit(run, part) for part in order]
        try:
            wait(running)
        except BaseException:  # interrupted: the others notice when they next tell how far they are
            made.fail()
            raise
    failures = [error for future in running if (error := future.exception()) is not None]
    if failures:
        # Who waited for what failed failed, too.
        raise min(failures, key=lambda error: isinstance(error, CancelledError))


def _needs(
    parts: Sequence[type[Part[Any]]], carried: bool
) -> dict[type[Part[Any]], tuple[type[Part[Any]], ...]]:
    """What each of the parts asks for, of those that are to be made: files or what such need."""
    found: dict[type[Part[Any]], tuple[type[Part[Any]], ...]] = {}
    waiting = [part for part in parts if part.folders]
    while waiting:
        part = waiting.pop()
        if part not in found:
            found[part] = part.needs_to_carry if carried else part.needs
            waiting += found[part]
    return found
