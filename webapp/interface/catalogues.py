"""The catalogues of translated words: read from their .po files as they are, with no build step.

``python -m webapp.interface.catalogues`` (``make catalogues``) brings them up to the words in the code, and
says what is left to translate.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain

from kb import languages
from webapp.interface import offered as interface
from webapp.settings import WEBAPP

__all__ = ["FOLDER", "Catalogues", "extracted", "read", "translated", "translations", "update", "write"]

FOLDER = Path(__file__).parent.parent / "translations"
_METHODS = [("**.py", "python"), ("templates/**", "jinja2")]
_KEYWORDS = {"_": None, "gettext": None, "later": None, "ngettext": (1, 2)}
_HEADER = """# The words of Rosetta's pages in {language}.
msgid ""
msgstr ""
"Language: {code}\\n"
"Plural-Forms: {plural}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


class Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """Gives Flask-Babel the catalogue of the request's language."""

    def get_translations(self) -> NullTranslations:
        return translations(interface.current().code)


@lru_cache(maxsize=len(interface.INTERFACES))
def translations(code: str) -> NullTranslations:
    """The words in one language; the source language needs none. A few milliseconds, once."""
    if code not in interface.TRANSLATED:
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read(code))
    compiled.seek(0)
    return Translations(compiled)


def _path(code: str, folder: Path) -> Path:
    return folder / f"{code}.po"


def read(code: str, folder: Path = FOLDER) -> Catalog:
    """A catalogue as its file has it."""
    with _path(code, folder).open("rb") as file:
        return read_po(file, locale=interface.INTERFACES[code].locale)


def extracted() -> Catalog:
    """Every word of the interface, as the code and the templates have it now."""
    template = Catalog(project="Rosetta", charset="utf-8")
    found = extract_from_dir(FOLDER.parent, _METHODS, {}, keywords=_KEYWORDS, comment_tags=["Translators:"])
    for file, line, message, comments, context in sorted(found, key=lambda entry: (entry[0], entry[1])):
        template.add(message, None, [(file, line)], auto_comments=comments, context=context)
    return template


def update(folder: Path = FOLDER) -> Iterator[tuple[str, int]]:
    """Rewrites every catalogue: new words come in untranslated, old ones go; each with how many are left."""
    template = extracted()
    for code in interface.TRANSLATED:
        catalogue = read(code, folder)
        # A guess at what a changed word might mean would have to be checked as well.
        catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
        catalogue.obsolete.clear()
        write(code, catalogue, folder)
        yield code, sum(1 for message in catalogue if message.id and not translated(message.string))


def write(code: str, catalogue: Catalog, folder: Path = FOLDER) -> None:
    """Writes a catalogue's file, with nothing in it that changes by itself, such as a date."""
    body = io.BytesIO()
    write_po(
        body,
        catalogue,
        width=WEBAPP.catalogue_width,
        sort_by_file=True,
        include_lineno=False,
        omit_header=True,
    )
    plural = f"nplurals={catalogue.num_plurals}; plural={catalogue.plural_expr};"
    header = _HEADER.format(language=languages.get(code).english, code=code, plural=plural)
    _path(code, folder).write_bytes(header.encode() + body.getvalue().rstrip() + b"\n")


def translated(string: str | Sequence[str] | None) -> bool:
    """Whether every form is there."""
    return bool(string) and (isinstance(string, str) or all(string or ()))


if __name__ == "__main__":
    for language, left in update():
        print(f"{language}: {left or 'nothing'} left to translate")
