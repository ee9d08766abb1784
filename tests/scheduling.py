"""Several actors, one at a time, by a clock of their own: the same schedule always gives the same run.

An actor is a thread that runs until it comes to a step (a call of the system), where another may go on, or
until it sleeps. What is not said goes the usual way: whoever runs runs on; of those that wake, the first. A
schedule says only where it goes otherwise, so that one that fails can be made small by leaving out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TypeVar

__all__ = ["Actor", "Killed", "World", "smaller"]

_MOST_STEPS = 60_000
_STEP = (
    0.01  # seconds that a call of the system takes, so that others wake in the middle of what somebody does
)
_Told = TypeVar("_Told")


class Killed(BaseException):
    """An actor's process is gone: whatever it would still do, it does not."""


class Actor:
    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self.name = name
        self.work = work
        self.wakes = 0.0
        self.ran = 0  # at which step it ran last
        self.dies_after: int | None = None
        """Steps that it has left, where it is to be killed in the middle of what it does."""
        self.over = self.killed = False
        self.turn = threading.Semaphore(0)
        self.thread: threading.Thread | None = None


class World:
    """``switches``: at which steps which of the others goes on (counted from those that wait longest)."""

    def __init__(self, switches: Mapping[int, int]) -> None:
        self.now = 10_000.0
        """Seconds by the clock that only goes on."""
        self.jumped = 0.0
        """Seconds by which the clock on the wall was set."""
        self.steps = 0
        self.trace: list[str] = []
        self.failure: BaseException | None = None
        self._switches = switches
        self._actors: list[Actor] = []
        self._by_thread: dict[int, Actor] = {}
        self._ended = threading.Semaphore(0)

    def say(self, what: str) -> None:
        """Notes what is done."""
        actor = self.actor()
        self.trace.append(f"{self.now - 10_000:8.2f} s  {actor.name if actor else '-':8} {what}")

    def begin(self, name: str, work: Callable[[], None]) -> Actor:
        """One more actor, from now on."""
        made = Actor(name, work)
        made.wakes = self.now
        made.thread = threading.Thread(target=self._live, args=(made,), name=f"simulated {name}")
        self._actors.append(made)
        made.thread.start()
        return made

    def run(self) -> None:
        """Until all are over. Raises what the first of them raised."""
        self._hand_over(self._next(None))
        self._ended.acquire()
        for actor in self._actors:
            assert actor.thread is not None
            actor.thread.join()
        if self.failure is not None:
            raise self.failure

    def actor(self) -> Actor | None:
        """Who runs, where this thread is one of them."""
        return self._by_thread.get(threading.get_ident())

    def step(self) -> None:
        """Another may go on here."""
        actor = self.actor()
        if actor is None:
            return
        self._count(actor)
        self.now += _STEP
        if actor.dies_after is not None:
            actor.dies_after -= 1
            actor.killed = actor.dies_after <= 0
            self._must_live(actor)
        choice = self._switches.get(self.steps)
        if choice is not None:
            others = [one for one in self._waiting() if one is not actor and one.wakes <= self.now]
            if others:
                self._switch(actor, others[choice % len(others)])

    def sleep(self, seconds: float) -> None:
        actor = self.actor()
        if actor is None:
            return
        self._count(actor)
        actor.wakes = self.now + seconds
        self._switch(actor, self._next(self._switches.get(self.steps)))

    def kill(self, actor: Actor) -> None:
        actor.killed = True
        actor.wakes = self.now

    def _count(self, actor: Actor) -> None:
        self._must_live(actor)
        self.steps += 1
        actor.ran = self.steps
        if self.steps > _MOST_STEPS:
            raise AssertionError("it has no end")

    def _must_live(self, actor: Actor) -> None:
        if actor.killed:
            raise Killed

    def _waiting(self) -> list[Actor]:
        return sorted((one for one in self._actors if not one.over), key=lambda one: (one.wakes, one.ran))

    def _next(self, choice: int | None) -> Actor | None:
        """Who goes on where the one that ran does not; the clock goes on to when that is."""
        waiting = self._waiting()
        if not waiting:
            return None
        self.now = max(self.now, waiting[0].wakes)
        awake = [one for one in waiting if one.wakes <= self.now]
        return awake[(choice or 0) % len(awake)]

    def _switch(self, actor: Actor, to: Actor | None) -> None:
        if to is not actor:
            self._hand_over(to)
            actor.turn.acquire()
        self._must_live(actor)

    def _hand_over(self, to: Actor | None) -> None:
        (to.turn if to is not None else self._ended).release()

    def _live(self, actor: Actor) -> None:
        actor.turn.acquire()
        self._by_thread[threading.get_ident()] = actor
        try:
            if not actor.killed:
                actor.work()
        except Killed:
            pass
        except BaseException as error:
            self.failure = self.failure or error
            for other in self._actors:
                self.kill(other)
        actor.over = True
        del self._by_thread[threading.get_ident()]
        self._hand_over(self._next(None))


def smaller(whole: list[_Told], fails: Callable[[list[_Told]], bool]) -> list[_Told]:
    """What is left when all is left out without which it still ``fails``."""
    size = max(1, len(whole) // 2)
    while True:
        at, before = 0, len(whole)
        while at < len(whole):
            less = whole[:at] + whole[at + size :]
            if fails(less):
                whole = less
            else:
                at += size
        if size == 1 and len(whole) == before:
            return whole
        size = max(1, size // 2)
