"""A process of its own for reading files: what hangs or takes all memory there is stopped, and no more.

It takes tasks from its standard input and answers on its standard output, pickled, each with its length
before it. It ends when its input does. See :mod:`kb.building.processes` for the other side.
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

from kb.building.prepare import Failed, prepare
from kb.mishaps import refusal
from kb.text.language_model import keep_in

__all__ = ["DONE", "READY", "main", "receive", "send"]

DONE, READY = "done", "ready"
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
    send(replies, READY)
    while (task := receive(sys.stdin.buffer)) is not None:
        _limit_time(seconds)
        end: object = DONE
        try:
            for result in prepare(task):
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
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(
        resource.RLIMIT_AS, (size if most == resource.RLIM_INFINITY else min(size, most), most)
    )


def _limit_time(seconds: int) -> None:
    """A last resort, should the parent be gone: twice the time that it would wait."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 2 * seconds + 1, most))


if __name__ == "__main__":
    main()
