"""A process of its own for reading files: what hangs or takes all memory there is stopped, and no more.

It takes tasks from its standard input, each with whether lists in doubt are judged by vectors, and answers on
its standard output, pickled, each with its length before it. It ends when its input does. See
:mod:`kb.building.processes` for the other side.
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from kb.building.prepare import Failed, prepare
from kb.mishaps import refusal
from kb.text.language_model import keep_in

__all__ = ["DONE", "READY", "Asked", "At", "Vectors", "main", "receive", "send"]

DONE, READY = "done", "ready"
Vectors = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class At:
    """What is looked at now: a member of a file, or an article."""

    source: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Texts whose vectors are needed, which the next message is to hold; none where they cannot be had."""

    texts: tuple[str, ...]


_LENGTH = struct.Struct("<Q")


def send(to: BinaryIO, message: object) -> None:
    packed = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    to.write(_LENGTH.pack(len(packed)) + packed)
    to.flush()


def receive(source: BinaryIO) -> Any:
    """The next message, or None at the end. Only ever read from our own processes: it is unpickled."""
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    packed = source.read(_LENGTH.unpack(head)[0])
    return pickle.loads(packed) if len(packed) == _LENGTH.unpack(head)[0] else None


def main() -> None:
    seconds, memory, languages = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    if languages:
        keep_in(Path(languages))
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a parser that prints must not print into our replies
    _limit_memory(memory)
    asks = sys.stdin.buffer

    def enter(source: str) -> None:
        send(replies, At(source))
        _limit_time(seconds)

    def encode(texts: Sequence[str]) -> Vectors:
        send(replies, Asked(tuple(texts)))
        vectors: Vectors | None = receive(asks)
        if vectors is None:
            raise ValueError("no vectors")
        return vectors

    send(replies, READY)
    while (asked := receive(asks)) is not None:
        task, judged = asked
        _limit_time(seconds)
        end: object = DONE
        try:
            for result in prepare(task, enter, encode if judged else None):
                send(replies, result)
                _limit_time(seconds)
        except Exception as error:  # prepare answers for what files do: this is about the answer itself
            end = Failed(refusal(error, "reading it"))
        send(replies, end)


def _limit_memory(size: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the time limit alone must do
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # who is ended leaves no copy of its memory behind
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(
        resource.RLIMIT_AS, (size if most == resource.RLIM_INFINITY else min(size, most), most)
    )


def _limit_time(seconds: int) -> None:
    """Of the processor's time, from now on: who exceeds it is ended by the system."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, most))


if __name__ == "__main__":
    main()
