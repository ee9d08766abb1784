"""The three doors of Rosetta: the command line, the pages, the HTTP API. Only this package knows HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from webapp.settings import WEBAPP

if TYPE_CHECKING:
    from flask import Flask

    from search import Engine
    from webapp.config import Serving, Settings
    from webapp.library import Shelf

__all__ = ["create_app"]


def create_app(library: Engine | Settings | Shelf | None = None, serving: Serving | None = None) -> Flask:
    """The WSGI application over an open engine, or over settings that say where the library is (None: the
    environment's), within the limits of ``serving``. It starts without a library or a model, too: its pages
    then say what is missing."""
    # Imported here: `kb --help` imports this package and must not wait for Flask.
    from flask import Flask

    from webapp import api, config, translating
    from webapp import library as shelves
    from webapp.gate import Gate
    from webapp.interface import i18n
    from webapp.pages import views as pages
    from webapp.serving import forwarded, guard, observe, replies

    if library is None:
        library = config.load()
    if isinstance(library, config.Settings):
        shelf = shelves.Shelf(library)
    elif isinstance(library, shelves.Shelf):
        shelf = library
    else:
        shelf = shelves.Shelf(config.Settings(), library)
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = WEBAPP.body
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["shelf"] = shelf
    limits = config.Serving() if serving is None else serving
    app.extensions["translating"] = translating.desk(limits.translate)
    gate = Gate(guard.searches_at_a_time(limits), limits.waiting, limits.patience)
    # In this order: what is refused, and what the reader has already, takes no turn from others.
    observe.Observer(app, shelf, limits, gate)
    guard.trust_hosts(app, limits)
    i18n.register(app)
    replies.register(app)
    guard.limit_searches(app, limits, gate)
    pages.register(app)
    app.register_blueprint(api.blueprint)
    if limits.forwarded_prefix:
        app.wsgi_app = cast("Any", forwarded.prefixed(app.wsgi_app))  # type: ignore[method-assign]
    return app
