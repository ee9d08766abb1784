"""Ten thousand schedules of writers, readers, `kb watch`, kills, faults and clocks; the first that fails is
made short, and printed."""

from __future__ import annotations

import os
import random
import time

import pytest
import simulation

pytestmark = [pytest.mark.soak, pytest.mark.timeout(14_400)]

_SCHEDULES = int(os.environ.get("SCHEDULES", "10000"))


def test_ten_thousand_schedules_end_with_the_library_as_its_files_are() -> None:
    first = random.SystemRandom().randrange(1 << 40)
    began, steps = time.monotonic(), 0
    with simulation.installed():
        for seed in range(first, first + _SCHEDULES):
            made = simulation.schedule(random.Random(seed))
            try:
                steps += simulation.run(made).world.steps
            except Exception as error:
                least = simulation.shortest(made)
                told = "\n".join([f"seed {seed}, at its shortest:", *map(repr, least), *error.__notes__])
                pytest.fail(f"{error!r}\n{told}")
    taken = time.monotonic() - began
    print(f"\n{_SCHEDULES} schedules from seed {first}: {steps} steps in {taken:.0f} s")
