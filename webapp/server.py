"""Runs the application under waitress, and stops quietly."""

from __future__ import annotations

import errno
import logging
import signal
import sys
from types import FrameType

import click
from waitress.server import create_server

from kb.errors import KBError, UsageError
from webapp import create_app, errors
from webapp.config import Settings
from webapp.library import Shelf

__all__ = ["BODY_LIMIT", "run"]

BODY_LIMIT = 64 * 1024
"""Bytes of a request's body; Rosetta only reads, so that none is needed."""
_THREADS = 8


def run(settings: Settings, host: str, port: int) -> None:
    """Serves until Ctrl-C or SIGTERM; a port that is taken or not allowed is a UsageError."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    # It warns of every request that waits for a thread, which is what its queue is for.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    shelf = Shelf(settings)
    app = create_app(shelf)
    try:
        server = create_server(
            app,
            host=host,
            port=port,
            threads=_THREADS,
            ident=None,
            max_request_body_size=BODY_LIMIT,
            clear_untrusted_proxy_headers=True,
        )
    except (OSError, ValueError) as error:  # ValueError is waitress's for a host that cannot be resolved
        raise _refusal(error, host, port) from error
    signal.signal(signal.SIGTERM, _stop)
    _announce(shelf, host, server.effective_port)
    # Waitress ends its loop on KeyboardInterrupt and SystemExit, and lets running requests finish.
    server.run()
    click.echo("stopped", err=True)


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
