"""What the driver and a system's process say to each other: one JSON object a line, each answered by one.

    {"do": "build", "texts": FOLDER, "library": FOLDER}   → {"seconds", "cpu"}
    {"do": "open", "library": FOLDER}                     → {"seconds", "cpu"}
    {"do": "search", "questions": […], "limit": 10}       → {"seconds": […], "cpu": […], "found": [[name], …]}
    {"do": "encode", "questions": […]}                    → {"seconds": […], "cpu": […]}   the vectors alone
    {"do": "memory"}                                      → {"peak"}   bytes, with the processes it started

Before the first request a process says ``{"ready": versions}``. What cannot be done is answered with
``{"error": …}``. Times are taken in the process, around the call: the pipe costs nobody anything. ``cpu`` is
what all cores together were at work for, which depends less on what else the machine does.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

__all__ = ["System", "answer", "directory_bytes", "peak_memory", "serve"]


class System(Protocol):
    """One way to search passages. Texts are a folder that :func:`peers.texts.write` made."""

    versions: dict[str, str]

    def build(self, texts: Path, library: Path) -> None:
        """Makes a library from the texts."""

    def open(self, library: Path) -> None:
        """Loads what questions need, the model included."""

    def search(self, question: str, limit: int) -> list[str]:
        """The names of the best passages; their texts have been read."""

    def encode(self, question: str) -> object:
        """The question's vector alone, as :meth:`search` makes it."""


def serve(load: Callable[[], System]) -> None:
    """Answers requests on standard input until there are no more."""
    # Libraries print what they like: their standard output becomes standard error.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    system = load()
    print(json.dumps({"ready": system.versions}), file=replies)
    for line in sys.stdin:
        try:
            reply = answer(system, json.loads(line))
        except Exception as error:  # whatever a library raises, the driver is told
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=replies)


def answer(system: System, request: dict[str, Any]) -> dict[str, Any]:
    """One request's reply."""
    match request["do"]:
        case "build":
            return _timed(lambda: system.build(Path(request["texts"]), Path(request["library"])))[1]
        case "open":
            return _timed(lambda: system.open(Path(request["library"])))[1]
        case "search":
            limit = int(request["limit"])
            return _each(request["questions"], lambda one: system.search(one, limit), found=True)
        case "encode":
            return _each(request["questions"], system.encode)
        case "memory":
            return {"peak": peak_memory()}
        case other:
            raise ValueError(f"nothing is known of {other!r}")


def _each(questions: list[str], work: Callable[[str], Any], *, found: bool = False) -> dict[str, Any]:
    both = [_timed(lambda one=one: work(one)) for one in questions]
    reply: dict[str, Any] = {name: [times[name] for _, times in both] for name in ("seconds", "cpu")}
    return reply | ({"found": [made for made, _ in both]} if found else {})


def _timed(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    started, worked = time.perf_counter(), _cpu()
    made = work()
    return made, {"seconds": time.perf_counter() - started, "cpu": _cpu() - worked}


def _cpu() -> float:
    """Seconds of this process and of those that it started and that have ended."""
    # os.times counts in hundredths, getrusage in millionths.
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, whose))


def peak_memory() -> int:
    """Bytes of memory at the highest, of this process and those that it started and that still run."""
    me = os.getpid()
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text("utf-8")
        except OSError:  # gone
            continue
        parents[int(folder.name)] = int(stat.rpartition(")")[2].split()[1])
    family = {me}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(_high_water(pid) for pid in family)


def _high_water(pid: int) -> int:
    # Not getrusage: what it calls the peak begins with that of the process that started this one.
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def directory_bytes(folder: Path) -> int:
    """What a library takes on disk, in bytes."""
    files = [folder] if folder.is_file() else [path for path in folder.rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in files)
