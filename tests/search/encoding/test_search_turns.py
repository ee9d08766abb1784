"""Who is next to use the cores."""

from __future__ import annotations

import threading
import time

import pytest

from search.encoding.turns import Turns

pytestmark = pytest.mark.unit

WAIT = 10.0


class Line:
    """Threads that wait for a turn, one after the other, while somebody has it; notes in which order they
    had it."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.order: list[str] = []
        self.threads: list[threading.Thread] = []

    def waits(self, name: str, rank: int) -> None:
        there = len(self.turns._waiting)

        def take() -> None:
            with self.turns.turn(rank):
                self.order.append(name)

        thread = threading.Thread(target=take)
        thread.start()
        self.threads.append(thread)
        deadline = time.monotonic() + WAIT
        while len(self.turns._waiting) == there:
            assert time.monotonic() < deadline, "it does not wait"
            time.sleep(0.001)

    def ends(self) -> list[str]:
        for thread in self.threads:
            thread.join(WAIT)
            assert not thread.is_alive()
        return self.order


def test_the_lowest_rank_is_next_and_of_equals_who_came_first() -> None:
    line = Line(Turns(1))
    with line.turns.turn():
        for name, rank in (("word", 2), ("sentence", 1), ("other word", 2), ("question", 0), ("other", 1)):
            line.waits(name, rank)
    assert line.ends() == ["question", "sentence", "other", "word", "other word"]


@pytest.mark.parametrize("most", [1, 2, 3])
def test_no_more_than_so_many_have_a_turn_at_a_time(most: int) -> None:
    turns, lock = Turns(most), threading.Lock()
    now = highest = done = 0

    def work(rank: int) -> None:
        nonlocal now, highest, done
        for _ in range(50):
            with turns.turn(rank):
                with lock:
                    now += 1
                    highest = max(highest, now)
                time.sleep(0.0001)
                with lock:
                    now -= 1
                    done += 1

    threads = [threading.Thread(target=work, args=(rank,)) for rank in (0, 0, 1, 1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (highest, done) == (most, 6 * 50)


def test_a_turn_is_given_back_after_an_error() -> None:
    turns = Turns(1)
    with pytest.raises(ValueError, match="broken"), turns.turn():
        raise ValueError("broken")
    with turns.turn(5):
        pass


def test_who_is_interrupted_while_waiting_does_not_keep_the_others_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = Line(Turns(1))
    with line.turns.turn():
        line.waits("behind", 1)

        def interrupted(event: threading.Event, timeout: float | None = None) -> bool:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(threading.Event, "wait", interrupted)
            with pytest.raises(KeyboardInterrupt), line.turns.turn(0):
                pass
    assert line.ends() == ["behind"]
