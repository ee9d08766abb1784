"""Says how far long work is, on stderr: a bar on a terminal, plain lines otherwise."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from kb.progress import Progress

__all__ = ["plain", "shown"]


_EVERY = 5.0  # seconds between two plain lines about the same stage


@contextmanager
def shown() -> Iterator[Progress]:
    """A function to report progress to, for as long as the work goes on."""
    if not sys.stderr.isatty():
        yield plain(sys.stderr)
        return
    from rich import progress as bar
    from rich.console import Console

    columns = (
        bar.TextColumn("{task.description}"),
        bar.BarColumn(),
        bar.MofNCompleteColumn(),
        bar.TimeRemainingColumn(),
    )
    with bar.Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, bar.TaskID] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield report


def plain(stream: IO[str], clock: Callable[[], float] = time.monotonic) -> Progress:
    """One line when a stage begins to take long, every few seconds, and when it is done."""
    said: dict[str, float] = {}

    def report(stage: str, done: int, total: int) -> None:
        now = clock()
        since = said.setdefault(stage, now)
        if (done >= total and since >= 0) or now - since >= _EVERY:
            stream.write(f"{stage}: {done} of {total}\n")
            stream.flush()
            said[stage] = -1.0 if done >= total else now

    return report
