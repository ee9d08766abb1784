"""Whom the server listens to, and how much: names of its own, a rate for each client, a gate for searches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response, g, request

from search.batches import cores

if TYPE_CHECKING:
    from webapp.config import Serving
    from webapp.gate import Gate

__all__ = ["LOOPBACK", "limit_searches", "searches_at_a_time", "trust_hosts"]

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
"""The names of a server that listens on this machine only: a page of another site that has its own name point
here (DNS rebinding) gets nothing."""

# What takes the processor for longer than it takes to say no.
_SEARCHING = frozenset(
    {"pages.search", "pages.lookup", "api.search", "api.ask", "api.lookup", "api.suggest", "pages.home"}
)
# What has to be answered however much is going on.
_FREE = frozenset({"api.healthz", "api.readyz", "metrics", "pages.asset_file"})


def trust_hosts(app: Flask, serving: Serving) -> None:
    """Refuses requests for other names than the server's."""

    names = frozenset(name.lower() for name in serving.hosts)

    def check() -> Response | None:
        if not names or _name(request.host) in names:
            return None
        # Plain: nothing that such a request brought along may get into the reply.
        text = "This server does not go by that name: see `kb serve --name`.\n"
        return Response(text, 400, mimetype="text/plain")

    app.before_request(check)


def _name(host: str) -> str:
    """A Host header without its port."""
    inside, bracket, _ = host.lower().partition("]")
    return inside + bracket if bracket else host.lower().partition(":")[0]


def searches_at_a_time(serving: Serving) -> int:
    """How many searches run side by side."""
    return serving.searches or max(2, cores())


def limit_searches(app: Flask, serving: Serving, gate: Gate) -> None:
    """Lets searches through the gate, and, where a rate is set, clients no faster than that."""
    if serving.rate:
        _limit_rate(app, serving.rate)

    def enter() -> None:
        if request.endpoint in _SEARCHING:
            gate.enter()
            g.entered = True

    def leave(_error: BaseException | None) -> None:
        if g.pop("entered", False):
            gate.leave()

    app.before_request(enter)
    app.teardown_request(leave)


def _limit_rate(app: Flask, rate: str) -> None:
    # Imported only where it is used: most servers are one person's.
    from flask_limiter import Limiter
    from flask_limiter.util import get_remote_address

    limiter = Limiter(
        get_remote_address, app=app, application_limits=[rate], headers_enabled=True, storage_uri="memory://"
    )
    limiter.request_filter(lambda: request.endpoint in _FREE)
