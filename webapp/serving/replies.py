"""What every reply carries: security headers, an ETag per library generation, errors in the site's look."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request, url_for
from flask_compress import Compress
from werkzeug.exceptions import HTTPException, NotFound, TooManyRequests

from kb.errors import KBError
from webapp import errors, params
from webapp.interface import offered as interface
from webapp.interface.i18n import gettext as _
from webapp.interface.i18n import ngettext
from webapp.library import Shelf
from webapp.serving.strangers import without_paths

if TYPE_CHECKING:
    from search import Engine, Status

__all__ = [
    "ASIDE",
    "NoSuchPage",
    "asset",
    "degraded",
    "engine",
    "model",
    "page_tag",
    "ready",
    "register",
    "send_asset",
    "status",
]

_PACKAGE = Path(__file__).parent.parent
_STATIC = _PACKAGE / "static"
_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind} 'self'" for kind in ("style-src", "script-src", "img-src", "form-action", "connect-src")),
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    # A question is in the address: it must not follow the reader to the sources she opens.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ASIDE = frozenset({"pages.asset_file", "api.healthz", "api.readyz", "metrics"})
"""Endpoints that have to answer however much is going on, and say nothing of the library's articles."""
_RETRY_AFTER, _SOON = "10", "2"  # seconds
_COMPRESSED = (
    "application/json",
    "application/opensearchdescription+xml",
    "image/svg+xml",
    "text/css",
    "text/html",
    "text/javascript",
    "text/markdown",
)
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class NoSuchPage(NotFound):
    """A list has only ``last`` pages; ``back`` is the address of the last one."""

    def __init__(self, last: int, back: str) -> None:
        super().__init__()
        self.last, self.back = last, back


def engine() -> Engine:
    """The open engine of this application; raises the KBError that keeps it from opening."""
    return _shelf().engine()


def ready() -> None:
    """Nothing where a question could be answered now; raises the KBError that says why it could not."""
    _shelf().must_be_ready()


def status() -> Status:
    """What its library holds."""
    return _shelf().status()


def degraded() -> str:
    """Why searching goes by words alone for now, as strangers may read it; empty where it does not."""
    return _shown(_shelf().degraded)


def model() -> str:
    """The name of the library's model; one that is a folder by its last name."""
    return _shown(status().model)


def _shown(text: str) -> str:
    settings = _shelf().settings
    return without_paths(
        text, (settings.library, settings.library.absolute(), settings.cache, settings.model)
    )


def _shelf() -> Shelf:
    return cast(Shelf, current_app.extensions["shelf"])


def register(app: Flask) -> None:
    """Adds all of this to ``app``."""
    # Compression comes first here and so last of all: it leaves the tag as it is, since a weak one names what
    # is said and not its bytes.
    app.config["COMPRESS_MIMETYPES"] = list(_COMPRESSED)
    app.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    Compress(app)
    app.before_request(_unchanged)
    app.after_request(_finish)
    app.register_error_handler(KBError, _failed)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _failed)
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["degraded"] = degraded
    app.jinja_env.globals["model"] = model


def page_tag() -> str | None:
    """The ETag of all that this library and this version of the program say; None without a library."""
    if request.method not in ("GET", "HEAD") or request.endpoint in ASIDE:
        return None
    try:
        held = status()
    except KBError:
        return None
    # A library that was deleted and built anew counts its generations from one again.
    # Whether quotes can be translated may be otherwise after the server was started anew.
    translates = current_app.extensions["translating"] is not None
    library = f"{held.generation} {held.created} {degraded()}"
    made = f"{library} {_program()} {interface.current().code} {translates}"
    return hashlib.sha256(made.encode()).hexdigest()[:20]


def _unchanged() -> Response | None:
    """304 before any work is done, where the reader has this page of this generation already."""
    tag = page_tag()
    # Only pages that succeeded got a tag, so that a tag that comes back stands for one.
    if tag is None or not request.if_none_match.contains_weak(tag):
        return None
    reply = Response(status=304)
    reply.set_etag(tag, weak=True)
    return reply


def _finish(reply: Response) -> Response:
    for name, value in _HEADERS.items():
        reply.headers.setdefault(name, value)
    if not interface.for_programs():
        reply.vary.add("Accept-Language")
    if reply.status_code == 200 and (tag := page_tag()):
        reply.set_etag(tag, weak=True)
    if "Cache-Control" not in reply.headers:
        # Kept, but asked about each time: the library may have changed.
        reply.headers["Cache-Control"] = "no-cache" if reply.status_code in (200, 304) else "no-store"
    return reply


def _failed(error: Exception) -> Response:
    """A reply for one of our errors, or for a fault of ours, which is logged and not shown."""
    means = errors.meaning(error)
    own = interface.current().code
    if means.status == 500:
        current_app.logger.error("failed: %s %s", request.method, request.path, exc_info=error)
        return _error_reply(means, _("The server could not answer this."), own)
    if means.status == 404 and not _is_for_programs():
        return _error_reply(means, _("This library does not have what this address names."), own)
    if isinstance(error, params.Refused):  # that has the reader's own words
        return _error_reply(means, errors.message(error), own)
    return _error_reply(means, _shown(errors.message(error)), "en")


def _refused(error: HTTPException) -> Response:
    """A reply for an error of HTTP itself: no such page, a wrong method, a body that is too large."""
    means, back = errors.status_meaning(error.code or 500, error.name), ""
    text = f"{error.name}: {request.path}"
    if not _is_for_programs():
        # Its title says it in the reader's language; HTTP's own name is English.
        text = request.path
        if isinstance(error, NoSuchPage):
            text = ngettext("This list has %(num)s page.", "This list has %(num)s pages.", error.last)
            back = error.back
    reply = _error_reply(means, text, interface.current().code, back)
    if isinstance(error, TooManyRequests):
        reply.headers.setdefault("Retry-After", _RETRY_AFTER)
    if error.code == 405:
        reply.headers["Allow"] = "GET, HEAD, OPTIONS"
    return reply


def _is_for_programs() -> bool:
    """Whether an error is to be told as JSON."""
    return request.path.startswith("/api/") or request.path.endswith(".json") or request.endpoint in ASIDE


def _error_reply(means: errors.Meaning, text: str, language: str, back: str = "") -> Response:
    """``language`` is that of ``text``; all else is in the reader's, or in English for programs. ``back`` is
    an address to go on from."""
    if _is_for_programs():
        reply = jsonify(error={"code": means.code, "message": text, "hint": means.hint})
    else:
        library = _shown(str(_shelf().settings.library))
        values = {"means": means, "message": text, "said_in": language, "library": library, "back": back}
        reply = make_response(render_template("error.html", **values))
    reply.status_code = means.status
    if means.status == 503:
        reply.headers["Retry-After"] = _SOON if means.code in ("busy", "too_slow") else _RETRY_AFTER
    return reply


@lru_cache(maxsize=32)
def _hash(name: str) -> str:
    return hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:12]


@lru_cache(maxsize=1)
def _program() -> str:
    """A hash of everything that shapes a page beside the library: templates, styles, code."""
    files = (path for path in sorted(_PACKAGE.rglob("*")) if path.suffix in (".py", ".html", ".po", *_TYPES))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def asset(name: str) -> str:
    """The address of a static file, with its content's hash: it may be kept for ever."""
    return url_for("pages.asset_file", fingerprint=_hash(name), name=name)


def send_asset(fingerprint: str, name: str) -> Response | None:
    """A static file; None where there is none of that name."""
    path = _STATIC / name
    if "/" in name or path.suffix not in _TYPES or not path.is_file():
        return None
    reply = Response(path.read_bytes(), mimetype=_TYPES[path.suffix])
    current = fingerprint == _hash(name)
    reply.headers["Cache-Control"] = "public, max-age=31536000, immutable" if current else "no-cache"
    return reply
