"""Whom the server listens to, and how much: names of its own, a rate for each client, a gate for searches."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request

from search.arrays.batches import cores
from webapp.serving.cache import Kept, Replies
from webapp.serving.replies import ASIDE, page_tag
from webapp.serving.settings import SERVING

if TYPE_CHECKING:
    from webapp.config import Serving
    from webapp.gate import Gate

__all__ = ["LOOPBACK", "UNGATED", "limit_searches", "searches_at_a_time", "trust_hosts"]

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
"""The names of a server that listens on this machine only: a page of another site that has its own name point
here (DNS rebinding) gets nothing."""

UNGATED = {
    "pages.asset_file": "a file, given as it is",
    "api.healthz": "has to answer however much is going on",
    "api.readyz": "has to answer however much is going on; reads one article",
    "metrics": "has to answer however much is going on; writes down some numbers",
}
"""The only endpoints that take no turn at the gate, and why: every other one does, whoever adds it."""


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

    kept = Replies(SERVING.kept_bytes)

    def enter() -> Response | None:
        # Saying that there is no such page costs no more than saying that there is no room.
        if request.endpoint is None or request.endpoint in UNGATED:
            return None
        key = g.kept_as = _key()
        found = kept.get(key) if key else None
        if found is not None:
            g.kept_as = None
            return Response(found.body, content_type=found.content_type)
        gate.enter()
        g.entered = True
        return None

    def keep(reply: Response) -> Response:
        key = g.get("kept_as")
        # Only its type is kept with it: what has more to say, such as a file's name, is made anew.
        plain = set(reply.headers.keys()) <= {"Content-Type", "Content-Length"}
        if key and reply.status_code == 200 and request.method == "GET" and plain:
            kept.keep(key, Kept(reply.get_data(), reply.content_type or ""))
        return reply

    def leave(_error: BaseException | None) -> None:
        if g.pop("entered", False):
            gate.leave()

    app.before_request(enter)
    app.after_request(keep)
    app.teardown_request(leave)


def _key() -> bytes | None:
    """All that a reply depends on, in 32 bytes; None where it should not be kept."""
    tag = page_tag()  # with the language of the words; no reply depends on a cookie
    if tag is None:
        return None
    # The server's own address is in descriptions and links, all of the query in the menu of languages.
    said = "\n".join((tag, request.url_root, request.full_path))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).digest()


def _limit_rate(app: Flask, rate: str) -> None:
    # Imported only where it is used: most servers are one person's.
    from flask_limiter import Limiter
    from flask_limiter.util import get_remote_address

    limiter = Limiter(
        get_remote_address, app=app, application_limits=[rate], headers_enabled=True, storage_uri="memory://"
    )
    limiter.request_filter(lambda: request.endpoint in ASIDE)
