"""The words of the interface, its numbers, dates and names of languages, in the reader's language.

All words go through :func:`gettext` and :func:`ngettext`. Outside of a request (in the terminal) they stay as
they are in the code, and Flask is not even loaded.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from babel import Locale
    from flask import Flask

__all__ = [
    "day",
    "decimal",
    "gettext",
    "language_name",
    "later",
    "moment",
    "ngettext",
    "number",
    "percent",
    "register",
]


def gettext(message: str, **values: Any) -> str:
    """``message`` in the reader's language, its ``%(name)s`` filled in."""
    translated: str = _catalogue().gettext(message) if _in_request() else message
    return translated % values if values else translated


def ngettext(singular: str, many: str, num: int, **values: Any) -> str:
    """The form that goes with ``num``, which is also ``%(num)s``, written as the reader writes numbers."""
    if _in_request():
        translated: str = _catalogue().ngettext(singular, many, num)
        return translated % {"num": number(num), **values}
    return (singular if num == 1 else many) % {"num": num, **values}


def later(message: str) -> str:
    """``message`` as it is: marks words that are defined here and translated where they are shown."""
    return message


def _in_request() -> bool:
    if "flask" not in sys.modules:
        return False
    from flask import has_request_context

    return has_request_context()


def _catalogue() -> Any:
    import flask_babel

    return flask_babel.get_translations()


def _locale() -> Locale:
    import flask_babel

    found: Locale = flask_babel.get_locale()
    return found


def number(value: float) -> str:
    """12,345 or 12 345, as the reader's language has it."""
    if not _in_request():
        return f"{value:,}"
    from babel.numbers import format_decimal

    return format_decimal(value, locale=_locale())


def decimal(value: float) -> str:
    """With two digits behind the point, or the comma."""
    from babel.numbers import format_decimal

    return format_decimal(value, format="0.00", locale=_locale())


def percent(share: float, digits: int = 0) -> str:
    """A share of 1 in hundredths, with so many digits at most behind the point; the sign where the language
    has it."""
    from babel.numbers import format_percent

    return format_percent(round(share, digits + 2), decimal_quantization=False, locale=_locale())


def day(written: str) -> str:
    """``2026-01-02`` as a date in words; anything else as it was written."""
    from babel.dates import format_date

    try:
        return format_date(date.fromisoformat(written[:10]), "long", locale=_locale())
    except ValueError:
        return written


def moment(written: str) -> str:
    """An ISO time as day and time of day, UTC; anything else as it was written."""
    from babel.dates import format_datetime

    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        return written
    return format_datetime(read, "long", tzinfo=UTC, locale=_locale())


def language_name(code: str) -> str:
    """What the reader's language calls a language; its own name where it has no other."""
    from kb import languages

    return str(_locale().languages.get(code) or languages.get(code).autonym)


def register(app: Flask) -> None:
    """``_``, ``gettext``, ``ngettext`` and the rest for the templates; what is filled in there is escaped."""
    from flask_babel import Babel

    from webapp.interface import offered as interface
    from webapp.interface.catalogues import Catalogues

    babel = Babel(app, locale_selector=lambda: interface.current().locale)
    babel.domain_instance = Catalogues()
    app.jinja_env.globals.update(
        ngettext=_template_ngettext,
        number=number,
        decimal=decimal,
        percent=percent,
        day=day,
        moment=moment,
        language_name=language_name,
    )
    interface.register(app)


def _template_ngettext(singular: str, many: str, num: int, **values: Any) -> Markup:
    """As :func:`ngettext`; Markup escapes what it is filled with."""
    return Markup(_catalogue().ngettext(singular, many, num)) % {"num": number(num), **values}
