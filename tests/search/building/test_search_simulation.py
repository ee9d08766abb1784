"""Writers, readers, `kb watch`, kills, full disks, shares that go and come, and clocks, simulated: a few
schedules, always the same. Ten thousand others: `make soak`."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
import simulation
from scheduling import World, smaller
from simulation import Deed, Switch

pytestmark = pytest.mark.slow

_SCHEDULES = 12


@pytest.fixture(scope="module", autouse=True)
def _simulated() -> Iterator[None]:
    with simulation.installed():
        yield


@pytest.mark.parametrize("seed", range(_SCHEDULES))
def test_a_schedule_ends_with_the_library_as_its_files_are(seed: int) -> None:
    simulation.run(simulation.schedule(random.Random(seed)))


def test_a_run_can_be_had_again() -> None:
    made = simulation.schedule(random.Random(3))
    first, second = simulation.run(made), simulation.run(made)
    assert first.world.trace == second.world.trace
    assert first.world.steps == second.world.steps


def test_what_fails_is_made_as_short_as_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that takes what is read for what nobody reads."""
    monkeypatch.setattr("search.disk.layout.is_held", lambda _folder: False)
    edits = [Deed("editor", pause, "write", name) for pause, name in ((0.1, "a.txt"), (4.0, "b.txt"))]
    others = [Deed("editor", 9.0, "delete", "deep/c.txt"), Deed("reader", 5.0, "open"), Switch(40, 1)]
    made = [*edits, Deed("reader", 0.5, "hold"), *others]
    with pytest.raises(AssertionError, match="generation 1") as caught:
        simulation.run(made)
    assert "write a.txt" in "".join(caught.value.__notes__), "what was done is told"
    assert simulation.shortest(made) == [*edits, Deed("reader", 0.5, "hold")]


def test_schedules_are_followed_to_the_letter() -> None:
    def order(switches: dict[int, int]) -> list[str]:
        world, said = World(switches), []

        def act(name: str) -> None:
            for number in range(3):
                said.append(f"{name}{number}")
                world.step()

        for name in "ab":
            world.begin(name, lambda name=name: act(name))  # type: ignore[misc]
        world.run()
        return said

    assert order({}) == ["a0", "a1", "a2", "b0", "b1", "b2"]
    assert order({1: 0}) == ["a0", "b0", "b1", "b2", "a1", "a2"]
    assert order({1: 0, 3: 0}) == ["a0", "b0", "b1", "a1", "a2", "b2"]


def test_the_smallest_part_that_fails_is_found() -> None:
    assert smaller(list(range(50)), lambda some: {7, 31} <= set(some)) == [7, 31]
