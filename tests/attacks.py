"""Clients as no browser is: they say little, slowly, or do not listen. For a server on this machine."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class Seen:
    """What others saw of the server meanwhile: seconds that /healthz took, and how often it failed."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def connect(address: str) -> socket.socket:
    """A connection that never blocks, and can take little that is not read."""
    host, port = address.removeprefix("http://").split(":")
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.settimeout(10)
    made.connect((host, int(port)))
    made.setblocking(False)
    return made


def request(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


def send(connection: socket.socket, data: bytes) -> bool:
    """Sends what can be sent at once; whether the connection is still there."""
    try:
        connection.send(data)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return True


def is_closed(connection: socket.socket) -> bool:
    """Whether the server has closed it, after whatever it said."""
    try:
        while connection.recv(1 << 16):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def resident(address: str) -> int:
    """Bytes of memory that the server has, as it says itself."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=20) as reply:
        lines = reply.read().decode().splitlines()
    found = [line for line in lines if line.startswith("process_resident_memory_bytes ")]
    return int(float(found[0].split()[1])) if found else 0


@contextlib.contextmanager
def watching(address: str) -> Iterator[Seen]:
    """Asks the server how it is, ten times a second, each time anew."""
    seen, over = Seen(), threading.Event()

    def ask() -> None:
        while not over.is_set():
            began = time.monotonic()
            try:
                with urllib.request.urlopen(f"{address}/healthz", timeout=10) as reply:
                    reply.read()
            except (OSError, urllib.error.URLError) as error:
                seen.failures.append(repr(error))
            seen.seconds.append(time.monotonic() - began)
            over.wait(0.1)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield seen
    finally:
        over.set()
        asking.join()


def attack(
    address: str,
    many: int,
    seconds: float,
    began: Callable[[int], bytes],
    again: bytes = b"",
    *,
    pause: float = 0.0,
) -> int:
    """Keeps ``many`` connections open so long, each of which says what ``began`` gives for its number, then
    ``again`` for ever; whoever is closed comes anew. How many came in all."""
    opened: dict[int, socket.socket] = {}
    came, end = 0, time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            for number in range(many):
                if number in opened and not send(opened[number], again):
                    opened.pop(number).close()
                if number not in opened:
                    with contextlib.suppress(OSError):
                        opened[number] = connect(address)
                        came += 1
                        send(opened[number], began(came))
                if time.monotonic() > end:
                    break
            time.sleep(pause)
    finally:
        for connection in opened.values():
            connection.close()
    return came
