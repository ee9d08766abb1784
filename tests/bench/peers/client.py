"""The driver's end of a system's process."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from peers.texts import ROOT

__all__ = ["Client", "Found", "Place", "RunnerFailed", "apart"]

_TAIL = 3  # lines of what a process said before it failed
_LEAVING = 30  # seconds


class RunnerFailed(Exception):
    """A system's process could not do what it was asked, died, or took too long. The text says which."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a system runs: which Python, which model directory, and whether vectors are real or looked up."""

    system: str
    python: Path
    model: Path
    real: bool
    patience: float = 3600.0
    """Seconds that one request may take."""


@dataclass(frozen=True, slots=True)
class Found:
    """What questions found, names best first, and the seconds and seconds of CPU that each took."""

    names: list[list[str]]
    seconds: list[float]
    cpu: list[float]


def apart(prepared: Path, cache: Path) -> Path:
    """The prepared model's directory in a cache of its own, for looked-up vectors: what is made of these must
    not stay in anyone's. What comes of no vectors is shared."""
    made = cache / prepared.name
    if not made.exists():
        cache.mkdir(parents=True, exist_ok=True)
        made.symlink_to(prepared, target_is_directory=True)
        lemmas = prepared.parent / "lemmas"
        lemmas.mkdir(exist_ok=True)
        (cache / lemmas.name).symlink_to(lemmas, target_is_directory=True)
    return made


class Client:
    """Starts the process; leave the context to end it. ``started`` is when, by ``time.perf_counter``."""

    def __init__(self, place: Place) -> None:
        """Raises RunnerFailed where the process does not come up."""
        self._place = place
        # Closed with the process.
        self._said = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        bench = Path(__file__).parent.parent
        # A virtual environment's own packages come first only where nothing else is on the path.
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(bench), str(ROOT)])}
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            [
                str(place.python),
                "-m",
                "peers.runner",
                place.system,
                str(place.model),
                "real" if place.real else "looked-up",
            ],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            encoding="utf-8",
        )
        try:
            self.versions: dict[str, str] = self._reply("start")["ready"]
        except RunnerFailed:
            self.close()
            raise

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):  # it is gone already
                self._process.stdin.close()
        try:
            self._process.wait(_LEAVING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._said.close()

    def build(self, texts: Path, library: Path) -> tuple[float, float]:
        """Seconds, and seconds of CPU."""
        reply = self._ask(do="build", texts=str(texts), library=str(library))
        return float(reply["seconds"]), float(reply["cpu"])

    def open(self, library: Path) -> float:
        """Seconds."""
        return float(self._ask(do="open", library=str(library))["seconds"])

    def search(self, questions: Sequence[str], limit: int) -> Found:
        reply = self._ask(do="search", questions=list(questions), limit=limit)
        return Found(reply["found"], reply["seconds"], reply["cpu"])

    def encode(self, questions: Sequence[str]) -> list[float]:
        """Seconds for each question's vector alone."""
        return list(self._ask(do="encode", questions=list(questions))["seconds"])

    def memory(self) -> int:
        """Bytes at the highest."""
        return int(self._ask(do="memory")["peak"])

    def _ask(self, **request: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._failed(request["do"], "its process is gone") from None
        return self._reply(request["do"])

    def _reply(self, what: str) -> dict[str, Any]:
        assert self._process.stdout is not None
        timer = threading.Timer(self._place.patience, self._process.kill)
        timer.start()
        line = self._process.stdout.readline()
        late = not timer.is_alive()
        timer.cancel()
        if not line:
            raise self._failed(
                what, f"took over {self._place.patience:.0f} s" if late else "its process died"
            )
        reply: dict[str, Any] = json.loads(line)
        if "error" in reply:
            raise self._failed(what, str(reply["error"]))
        return reply

    def _failed(self, what: str, why: str) -> RunnerFailed:
        self._said.seek(0)
        tail = " | ".join(self._said.read().strip().splitlines()[-_TAIL:])
        return RunnerFailed(f"{self._place.system} could not {what}: {why}" + (f" ({tail})" if tail else ""))
