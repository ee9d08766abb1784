"""Says how far long work is, on stderr: a bar on a terminal, plain lines otherwise."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from webapp.settings import WEBAPP

if TYPE_CHECKING:
    from kb.progress import Progress

__all__ = ["onward", "plain", "shown"]


@contextmanager
def shown() -> Iterator[Progress]:
    """A function to report progress to, for as long as the work goes on."""
    if not sys.stderr.isatty():
        yield onward(plain(sys.stderr))
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

        yield onward(report)


def onward(report: Progress) -> Progress:
    """``report`` without what goes back: two parts of a build may do one stage's work, one after the other,
    and who watches would see it begin again."""
    reached: dict[str, tuple[int, int]] = {}

    def only_onward(stage: str, done: int, total: int) -> None:
        before, of = reached.get(stage, (0, total))
        if of == total and done < before:
            return
        reached[stage] = done, total
        report(stage, done, total)

    return only_onward


def plain(stream: IO[str], clock: Callable[[], float] = time.monotonic) -> Progress:
    """One line when a stage begins to take long, every few seconds, and when it is done."""
    said: dict[str, float] = {}
    ended: dict[str, int] = {}

    def report(stage: str, done: int, total: int) -> None:
        now = clock()
        since = said.setdefault(stage, now)
        ends = done >= total
        if ended.get(stage) != total if ends else now - since >= WEBAPP.progress_every:
            stream.write(f"{stage}: {done} of {total}\n")
            stream.flush()
            said[stage] = now
        if ends:
            ended[stage] = total
            said.pop(stage, None)  # what comes of it yet has to take long to be said

    return report
