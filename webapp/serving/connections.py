"""Waitress, with a clock and a measure for every connection: slow clients keep nobody else waiting.

A connection has one request in hand: what was sent behind it is read when its reply has been taken. So a
worker never waits for a client. There is room for so many connections and so many bytes; where it runs out,
those make room that have kept the server waiting for longest.
"""

from __future__ import annotations

import contextlib
import logging
import select
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from kb.errors import UsageError
from webapp.serving.settings import SERVING

__all__ = ["Bounds", "listen", "within_descriptors"]

# Answered by a thread of its own, whatever the others are busy with.
_HEALTH = "/healthz"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """``connections`` at a time; ``waiting`` bytes, of all of them together, that came in and are not
    answered, or were written and are not taken; seconds until a connection is closed: ``request`` from a
    request's first byte to its last, ``reply`` until the reply is taken whole, ``idle`` between requests."""

    connections: int = 1_000
    waiting: int = 24 << 20
    request: float = 20.0
    reply: float = 60.0
    idle: float = 30.0


def listen(application: Callable[..., Any], bounds: Bounds, **settings: Any) -> Listener:
    """A server on every address that the host has, run by ``run()``; ``settings`` are waitress's.

    Raises OSError where a port cannot be had, ValueError for a host that is none."""
    # A reply that waits is in memory, within the bounds, and takes no descriptor; no worker waits until it is
    # taken. Clients that are gone are no news.
    adjustments = Adjustments(
        outbuf_overflow=SERVING.never,
        outbuf_high_watermark=SERVING.never,
        log_socket_errors=False,
        asyncore_use_poll=True,
        asyncore_loop_timeout=SERVING.round,
        **settings,
    )
    workers, health = ThreadedTaskDispatcher(), ThreadedTaskDispatcher()
    workers.set_thread_count(adjustments.threads)
    health.set_thread_count(1)
    shared: dict[int, Any] = {}  # by descriptor: the loop of any listener serves all that is in it
    made = [
        Listener(bounds, health, application, shared, dispatcher=workers, adj=adjustments, sockinfo=address)
        for address in adjustments.listen
    ]
    return made[0]


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection."""

    request: Any  # the one that is coming in
    sent_continue: bool

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._rest = b""  # what came behind the request in hand
        self._came = 0  # bytes of the request that is coming in or in hand
        self._since = time.monotonic()  # when the request's first byte came, or the reply was there
        super().__init__(*arguments, **named)

    @property
    def held(self) -> int:
        """Bytes of requests and replies that wait here."""
        return int(self._came + self.total_outbufs_len)

    @property
    def since(self) -> float:
        """When its request began or its reply was there: for so long the server waits for the client, or the
        client for the server."""
        return self._since

    def overdue(self, bounds: Bounds, now: float) -> bool:
        """Whether it has had its time."""
        if self.requests:
            return False
        if self.total_outbufs_len:
            return now - self._since > bounds.reply
        if self.request is not None:
            return now - self._since > bounds.request
        return bool(time.time() - self.last_activity > bounds.idle)

    def readable(self) -> bool:
        return not self._rest and bool(super().readable())

    def writable(self) -> bool:
        return bool(self.connected and super().writable()) or self._goes_on()

    def handle_write(self) -> None:
        super().handle_write()
        if self.connected and self._goes_on():
            rest, self._rest = self._rest, b""
            self._came -= len(rest)
            self.received(rest)

    def _goes_on(self) -> bool:
        """Whether the next request may begin."""
        return bool(self._rest) and not self.requests and not self.total_outbufs_len

    def received(self, data: bytes) -> bool:
        """As waitress does it, up to the end of one request."""
        with self.requests_lock:
            if self.will_close or self.close_when_flushed:
                return False
            self._came += len(data)
            while data and not self.requests:
                if self.request is None:
                    self.request = self.parser_class(self.adj)
                    self._since = time.monotonic()
                read = self.request.received(data)
                if self.request.expect_continue and self.request.headers_finished and not self.sent_continue:
                    self.send_continue()
                if self.request.completed:
                    self._completed(self.request)
                data = data[read:]
            self._rest = data
        return True

    def _completed(self, request: Any) -> None:
        self.request, self.sent_continue = None, False
        if request.empty:
            self._came = 0
        else:
            self.requests.append(request)
            self.server.add_task(self)

    def service(self) -> None:
        self._since = time.monotonic()
        super().service()
        self._since = time.monotonic()
        self._came = len(self._rest)


class Listener(TcpWSGIServer):  # type: ignore[misc]
    """One address that is listened on. Those of one server share their connections."""

    channel_class = Channel

    def __init__(self, bounds: Bounds, health: ThreadedTaskDispatcher, *arguments: Any, **named: Any) -> None:
        self._bounds = bounds
        self._health = health
        self._next_look = self._paused = 0.0
        self._complained = -SERVING.complaint
        super().__init__(*arguments, **named)

    def add_task(self, task: Channel) -> None:
        """Health is answered apart."""
        apart = getattr(task.requests[0], "path", "") == _HEALTH
        (self._health if apart else self.task_dispatcher).add_task(task)

    def readable(self) -> bool:
        """Called each time before the loop waits, and before it looks at connections: keeps the bounds."""
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + min(1.0, self._bounds.request / 4)
            for channel in self._channels():
                channel.will_close = channel.will_close or channel.overdue(self._bounds, now)
        self._make_room(0)
        self._close_those_told()
        return bool(self.accepting) and now >= self._paused

    def _close_those_told(self) -> None:
        """The loop would close them when they can be written to, which one whose client takes nothing never
        can: it would keep its descriptor and its reply, counted by no bound."""
        for peer in list(self._map.values()):
            if isinstance(peer, Channel) and peer.will_close:
                peer.handle_close()

    def handle_accept(self) -> None:
        """Takes those that have come. Where the descriptors have run out, one who waits makes room."""
        taken = list(self._taken(1 + self._bounds.connections // SERVING.accepted))
        if taken:
            self._make_room(len(taken))
        for connection, address in taken:
            try:
                self.set_socket_options(connection)
            except OSError:  # gone already
                connection.close()
            else:
                self.channel_class(self, connection, address, self.adj, map=self._map)

    def _taken(self, most: int) -> Iterator[tuple[socket.socket, Any]]:
        for _ in range(most):
            try:
                taken = self.accept()
            except OSError as error:
                self._cannot_accept(error)
                return
            if taken is None:
                return
            yield taken

    def set_socket_options(self, conn: socket.socket) -> None:
        super().set_socket_options(conn)
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SERVING.sent)

    def _channels(self) -> Iterator[Channel]:
        """The connections that are not about to be closed."""
        return (
            peer for peer in list(self._map.values()) if isinstance(peer, Channel) and not peer.will_close
        )

    def _make_room(self, newcomers: int) -> None:
        """Closes connections until the rest is within the bounds, with ``newcomers`` more. The loop does so
        in its next round: until then nobody else gets their descriptors."""
        every = list(self._channels())
        many = len(every) + newcomers - self._bounds.connections
        if many <= 0 and sum(channel.held for channel in every) <= self._bounds.waiting:
            return
        order = self._least_first()
        much = sum(channel.held for channel in order) - self._bounds.waiting
        for channel in order:
            held = channel.held
            if many > 0 or (much > 0 and held):
                channel.will_close = True
                many, much = many - 1, much - held

    def _least_first(self) -> list[Channel]:
        """Who makes room: those whom the server waits for, longest first; then those that wait for the
        server, the last that came first. The one that made it wait last is not among them: a reply that is
        larger than all the room can be taken where nobody else comes."""
        every = list(self._channels())
        slow = sorted((peer for peer in every if not peer.requests), key=lambda peer: peer.since)
        # A reply that is being written is its worker's: it waits from when it is there.
        asking = (peer for peer in every if peer.requests and not peer.total_outbufs_len)
        patient = sorted(asking, key=lambda peer: -peer.since)
        return [*slow[:-1], *patient]

    def _cannot_accept(self, error: OSError) -> None:
        now = time.monotonic()
        order = self._least_first()
        if order:
            order[0].will_close = True
        else:  # it is others who have them: asking again at once would only burn time
            self._paused = now + SERVING.pause
        if now - self._complained >= SERVING.complaint:
            self._complained = now
            _log.warning("no more connections can be taken, one that waits makes room for each: %s", error)


def within_descriptors(bounds: Bounds) -> Bounds:
    """The bounds, with no more connections than files may be open beside the library's; the process's limit
    is raised first where that is allowed. Raises UsageError where none are left."""
    wanted = bounds.connections if hasattr(select, "poll") else min(bounds.connections, SERVING.selected)
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return replace(bounds, connections=wanted)
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + SERVING.reserved
    if allowed != resource.RLIM_INFINITY and allowed < needed:
        more = needed if most == resource.RLIM_INFINITY else min(needed, most)
        with contextlib.suppress(OSError, ValueError):  # a system's own limit may be lower
            resource.setrlimit(resource.RLIMIT_NOFILE, (more, most))
            allowed = more
        wanted = min(wanted, allowed - SERVING.reserved)
    if wanted < 1:
        raise UsageError(
            f"only {allowed} files may be open, and {SERVING.reserved} are for the library: "
            f"`ulimit -n {bounds.connections + SERVING.reserved}` before `kb serve` allows more"
        )
    return replace(bounds, connections=wanted)
