"""The path that a proxy serves the site under: what its header ``X-Forwarded-Prefix`` says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["prefixed"]

_HEADER = "HTTP_X_FORWARDED_PREFIX"
# The server drops these unless the trusted proxy sent them, but does not know the prefix: where none of them
# is left, somebody else asks.
_FROM_THE_PROXY = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO")
# It begins every link. "//somewhere.example" would lead to another site, "/.." out of the path.
_PATH = regex.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]{1,100}){1,8}")


def prefixed(application: WSGIApplication) -> WSGIApplication:
    """``application``, below the path that the trusted proxy says, whether the proxy takes it from the
    address or leaves it there. What is no path is refused (400)."""

    def served(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        prefix = environ.pop(_HEADER, "").rstrip("/")
        if not prefix or not any(name in environ for name in _FROM_THE_PROXY):
            return application(environ, start_response)
        if not _PATH.fullmatch(prefix):
            start_response("400 Bad Request", [("Content-Type", "text/plain")])
            return [b"X-Forwarded-Prefix is no path: have the proxy set it, as /kb for instance.\n"]
        path = environ.get("PATH_INFO", "")
        if path == prefix or path.startswith(f"{prefix}/"):
            environ["PATH_INFO"] = path.removeprefix(prefix) or "/"
        environ["SCRIPT_NAME"] = prefix
        return application(environ, start_response)

    return served
