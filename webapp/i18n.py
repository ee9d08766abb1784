"""The words of the interface go through these two functions, and no others.

They have the names and the shape of Flask-Babel's, so that catalogues need only another import here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask  # the terminal uses these words too, and does without Flask

__all__ = ["gettext", "later", "ngettext", "register"]


def gettext(message: str, **values: Any) -> str:
    """``message`` in the reader's language, its ``%(name)s`` filled in."""
    return message % values if values else message


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    """The form that goes with ``num``, which is also ``%(num)s``."""
    return (one if num == 1 else many) % {"num": num, **values}


def later(message: str) -> str:
    """``message`` as it is: marks words that are defined here and translated where they are shown."""
    return message


def register(app: Flask) -> None:
    """``_``, ``gettext`` and ``ngettext`` for the templates; what is filled in there is escaped by Jinja."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    install = app.jinja_env.install_gettext_callables  # type: ignore[attr-defined]
    install(lambda message: message, lambda one, many, num: one if num == 1 else many, newstyle=True)
