"""Runs the application under waitress, and stops quietly."""

from __future__ import annotations

import errno
import logging
import signal
import sys
from types import FrameType

import click
from threadpoolctl import threadpool_limits

from kb.errors import KBError, UsageError
from webapp import create_app, errors
from webapp.config import Serving, Settings
from webapp.library import Shelf
from webapp.serving import connections, guard
from webapp.serving.observe import REQUESTS, JsonLines, PlainLines
from webapp.settings import WEBAPP

__all__ = ["run", "serve"]

_FORWARDED = {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port"}


def run(settings: Settings, host: str, port: int, serving: Serving | None = None) -> None:
    """Serves a library until Ctrl-C or SIGTERM; a port that is taken or not allowed is a UsageError."""
    serve(Shelf(settings), host, port, serving or Serving())


def serve(shelf: Shelf, host: str, port: int, limits: Serving) -> None:
    """The same for a library that may be open already."""
    _log_to_stderr(limits)
    # One thread for each search, and as many searches as there are cores: more threads would only wait for
    # one another, spinning (measured: twice the processor time for a search).
    import numpy  # noqa: F401  # its library has to be there to be limited

    threadpool_limits(1, user_api="blas")
    sys.setswitchinterval(WEBAPP.turn)
    bounds = connections.within_descriptors(connections.Bounds())
    app = create_app(shelf, limits)
    proxy = {"trusted_proxy": limits.trusted_proxy, "trusted_proxy_headers": _FORWARDED}
    try:
        server = connections.listen(
            app,
            bounds,
            host=host,
            port=port,
            threads=guard.searches_at_a_time(limits) + limits.waiting + WEBAPP.spare_threads,
            ident=None,
            max_request_header_size=WEBAPP.headers,
            max_request_body_size=WEBAPP.body,
            clear_untrusted_proxy_headers=True,
            **(proxy if limits.trusted_proxy else {}),
        )
    except (OSError, ValueError) as error:  # ValueError is waitress's for a host that cannot be resolved
        raise _refusal(error, host, port) from error
    signal.signal(signal.SIGTERM, _stop)
    _announce(shelf, host, server.effective_port)
    if bounds.connections < connections.Bounds().connections:
        click.echo(f"kb: {bounds.connections} connections at most: no more files may be open", err=True)
    shelf.watch()
    # Waitress ends its loop on KeyboardInterrupt and SystemExit, and lets running requests finish.
    server.run()
    click.echo("stopped", err=True)


def _log_to_stderr(limits: Serving) -> None:
    """Warnings, and a line for each request where that is wanted; with ``--log-json`` all of it is JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if limits.log == "json" else PlainLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger(REQUESTS).setLevel(logging.INFO)
    # It warns of every request that waits for a thread, which is what its queue is for.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def _refusal(error: Exception, host: str, port: int) -> UsageError:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return UsageError(
            f"port {port} on {host} is in use: stop what uses it, or take another, "
            f"`kb serve --port {port + 1 if port < 65535 else 8001}`"
        )
    if number in (errno.EACCES, errno.EPERM):
        return UsageError(f"port {port} is not allowed for you: take one above 1023, `kb serve --port 8000`")
    return UsageError(f"cannot listen on {host}, port {port}: {errors.message(error)}")


def _announce(shelf: Shelf, host: str, port: int) -> None:
    """The address first, for people and for programs that wait for it; then what is missing, if anything."""
    shown = "localhost" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    click.echo(f"Rosetta is at http://{shown}:{port}/  (Ctrl-C stops it)")
    sys.stdout.flush()
    try:
        shelf.engine()
    except KBError as error:
        click.echo(f"kb: {errors.message(error)} (the pages say so too)", err=True)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
