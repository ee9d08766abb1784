"""Slow and greedy clients: each has its time and its room, and nobody else waits for them."""

from __future__ import annotations

import contextlib
import resource
import socket
import threading
import time
import urllib.request

import attacks
import pytest
from waitress import wasyncore

from kb.errors import UsageError
from webapp.serving.connections import Bounds, Channel, listen, within_descriptors

LARGE = b"x" * 1_000_000


class Site:
    """A server in this process whose replies are large, or come when they are let go."""

    def __init__(self, bounds: Bounds, threads: int = 2) -> None:
        self.go, self.asked = threading.Event(), []
        self.server = listen(self.application, bounds, host="127.0.0.1", port=0, threads=threads)
        self.address = f"http://127.0.0.1:{self.server.effective_port}"
        self._loop = threading.Thread(target=self.server.run)
        self._loop.start()

    def application(self, environ, start):
        path = environ["PATH_INFO"]
        self.asked.append(path)
        if path == "/waits":
            assert self.go.wait(60)
        body = LARGE if path == "/large" else path.encode()
        start("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    def ask(self, path: str) -> bytes:
        with urllib.request.urlopen(f"{self.address}{path}", timeout=20) as reply:
            return reply.read()

    @property
    def open(self) -> list[Channel]:
        """All connections that have a descriptor, those that were told to close among them."""
        return [one for one in list(self.server._map.values()) if isinstance(one, Channel)]

    @property
    def held(self) -> int:
        return sum(one.held for one in self.open)

    @property
    def connected(self) -> int:
        return len(self.open)

    def close(self) -> None:
        self.go.set()
        self.server.task_dispatcher.shutdown()
        self.server._health.shutdown()
        # By the loop itself, which ends when it has nothing left.
        self.server.trigger.pull_trigger(lambda: wasyncore.close_all(self.server._map))
        self._loop.join(timeout=20)


@pytest.fixture
def site(request):
    with contextlib.closing(Site(*getattr(request, "param", (Bounds(),)))) as made:
        yield made


@pytest.fixture
def clients(site):
    """Makes connections to the site that read nothing by themselves."""
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(attacks.connect(site.address))


def until(holds, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def read(connection: socket.socket, size: int) -> bytes:
    connection.setblocking(True)
    connection.settimeout(20)
    found = b""
    while len(found) < size and (more := connection.recv(1 << 16)):
        found += more
    return found


def test_what_is_asked_at_once_is_answered_in_turn(site, clients):
    asking = clients()
    asking.sendall(b"".join(attacks.request(f"/{number}") for number in range(40)))
    expected = [f"/{number}".encode() for number in range(40)]
    found = b""
    while not found.endswith(expected[-1]):
        found += read(asking, 1)
    assert [part.split(b"\r\n\r\n")[1] for part in found.split(b"HTTP/1.1 200 OK")[1:]] == expected


def test_a_request_may_come_in_pieces(site, clients):
    asking = clients()
    for byte in attacks.request("/a") + attacks.request("/b"):
        asking.sendall(bytes([byte]))
    assert read(asking, 1).startswith(b"HTTP/1.1 200 OK")
    until(lambda: site.asked == ["/a", "/b"])


def test_a_client_that_does_not_listen_is_asked_for_no_second_reply(site, clients):
    for _ in range(6):  # three times as many as there are workers
        clients().sendall(attacks.request("/large") * 50)
    until(lambda: len(site.asked) == 6)
    assert site.ask("/other") == b"/other"
    assert site.asked.count("/large") == 6


@pytest.mark.parametrize("site", [(Bounds(waiting=3_000_000),)], indirect=True)
def test_replies_that_nobody_takes_make_room_for_others(site, clients):
    waiting = [clients() for _ in range(9)]
    for connection in waiting:
        connection.sendall(attacks.request("/large"))
    until(lambda: len(site.asked) == 9 and site.held <= 4_000_000)
    assert len(site.ask("/large")) == len(LARGE)
    assert len(read(waiting[-1], len(LARGE) + 1)) > len(LARGE), "whoever came last is served"


@pytest.mark.parametrize("site", [(Bounds(connections=5),)], indirect=True)
def test_replies_that_nobody_takes_keep_no_descriptor_of_those_who_made_room(site, clients):
    for number in range(20):
        clients().sendall(attacks.request("/large"))
        until(lambda number=number: len(site.asked) == number + 1)
    assert site.ask("/other") == b"/other"
    until(lambda: site.connected <= 5)
    assert site.held <= 5 * len(LARGE)


@pytest.mark.parametrize("site", [(Bounds(waiting=10_000),)], indirect=True)
def test_a_reply_larger_than_all_the_room_is_taken_by_who_is_alone(site):
    assert len(site.ask("/large")) == len(LARGE)


@pytest.mark.parametrize("site", [(Bounds(waiting=1_000_000),)], indirect=True)
def test_requests_that_are_never_finished_make_room_for_others(site, clients):
    for _ in range(20):
        connection = clients()
        connection.setblocking(True)
        with contextlib.suppress(OSError):  # those who are closed at once
            connection.sendall(attacks.request("/", "X: " + "x" * 200_000)[:-2])
    until(lambda: site.held <= 1_300_000)
    assert site.ask("/other") == b"/other"
    assert site.asked == ["/other"]


@pytest.mark.parametrize("site", [(Bounds(connections=10),)], indirect=True)
def test_whoever_says_nothing_makes_room_for_a_newcomer(site, clients):
    silent = [clients() for _ in range(40)]
    until(lambda: site.connected <= 10)
    assert site.ask("/healthz") == b"/healthz"
    assert attacks.is_closed(silent[0])
    assert not attacks.is_closed(silent[-1])


@pytest.mark.parametrize(
    ("site", "said", "again"),
    [
        ((Bounds(request=0.4),), b"GET / HTTP/1.1\r\nX: ", b"x"),
        ((Bounds(request=0.4),), b"POST / HTTP/1.1\r\nContent-Length: 60000\r\n\r\n", b"x"),
        ((Bounds(reply=0.4),), attacks.request("/large"), b""),
        ((Bounds(idle=0.4, request=1.0),), b"", b""),
        ((Bounds(idle=0.4, request=1.0),), attacks.request("/a"), b""),
    ],
    ids=["header", "body", "reply", "silent", "between"],
    indirect=["site"],
)
def test_each_step_has_its_time(site, clients, said, again):
    connection = clients()
    connection.sendall(said)
    began = time.monotonic()
    until(lambda: site.connected)
    while site.connected:
        attacks.send(connection, again)
        assert time.monotonic() - began < 20
        time.sleep(0.02)
    assert time.monotonic() - began > 0.3


def test_health_is_answered_while_every_worker_is_busy(site, clients):
    for _ in range(5):
        clients().sendall(attacks.request("/waits"))
    until(lambda: len(site.asked) == 2)
    assert site.ask("/healthz") == b"/healthz"


def test_where_descriptors_run_out_whoever_waits_makes_room(site, clients, monkeypatch, caplog):
    silent = [clients() for _ in range(3)]
    until(lambda: site.connected == 3)
    accept, refused = site.server.accept, iter(range(2))

    def full():
        if next(refused, None) is not None:
            raise OSError(24, "Too many open files")
        return accept()

    monkeypatch.setattr(site.server, "accept", full)
    assert site.ask("/healthz") == b"/healthz"
    assert attacks.is_closed(silent[0])
    assert len(caplog.records) == 1


def test_no_more_connections_are_taken_than_files_may_be_open(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (256, 700))
    allowed = []
    monkeypatch.setattr(resource, "setrlimit", lambda _which, limits: allowed.append(limits))
    assert within_descriptors(Bounds(connections=1_000)).connections == 500
    assert allowed == [(700, 700)], "raised as far as that is allowed"
    assert within_descriptors(Bounds(connections=10)).connections == 10
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (100, 100))
    with pytest.raises(UsageError, match="ulimit -n"):
        within_descriptors(Bounds())


def test_a_server_that_nobody_asks_does_nothing(site):
    before = time.process_time()
    time.sleep(1)
    assert time.process_time() - before < 0.3
