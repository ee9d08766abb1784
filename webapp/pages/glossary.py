"""Terms for translators' tools: as TSV, or as TBX (ISO 30042:2019, the TBX-Basic dialect in DCA style).

A concept is the entries of one lookup, or of one line of the dictionary. Both formats are made piece by
piece: a dictionary may be long.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from search.models import Entry
from webapp.interface.i18n import gettext as _
from webapp.settings import WEBAPP

if TYPE_CHECKING:
    from search.models import Example

__all__ = ["COLUMNS", "FORMATS", "MEDIA_TYPES", "sorted_entries", "tbx", "tsv", "with_asked"]

COLUMNS = (
    "concept",
    "language",
    "term",
    "forms",
    "score",
    "count",
    "example 1",
    "source 1",
    "example 2",
    "source 2",
)
"""What a row of the TSV has; ``forms`` are separated by semicolons, and an empty term was not found."""

MEDIA_TYPES = {"tsv": "text/tab-separated-values", "tbx": "application/x-tbx"}

_NAMESPACE = "urn:iso:std:iso:30042:ed-2"
_UNKNOWN = "und"
# What XML 1.0 cannot say, and no tool wants in a term.
_UNSAYABLE = re.compile("[^\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What a formula begins with, wide or not, perhaps after what is not seen.
_FORMULA = frozenset("=+-@＝＋－＠")
_UNSEEN = ("Cf", "Zs")


def _folded(text: str | None) -> str:
    return unicodedata.normalize("NFKC", text or "").casefold()


# How a column orders the entries; what was not found comes last in each.
_ORDERS: Mapping[str, Callable[[Entry], tuple[float, str]]] = {
    "term": lambda entry: (0.0, _folded(entry.term)),
    "score": lambda entry: (-entry.score, entry.language),
    "count": lambda entry: (-float(entry.count), entry.language),
}


def sorted_entries(entries: Sequence[Entry], by: str) -> list[Entry]:
    """Entries in the order of a column: ``term``, ``score`` or ``count``; else as they come."""
    order = _ORDERS.get(by)
    if order is None:
        return list(entries)
    return sorted(entries, key=lambda entry: (entry.term is None, *order(entry)))


def with_asked(entries: Sequence[Entry], term: str, language: str | None) -> tuple[Entry, ...]:
    """A lookup's entries, and before them the term that was asked for, where they do not have it: the
    translator's own side of the concept."""
    asked = " ".join(term.split())
    known = {_folded(form) for entry in entries if entry.term for form in (entry.term, *entry.forms)}
    if _folded(asked) in known or any(entry.term and entry.language == language for entry in entries):
        return tuple(entries)
    return (Entry(language or _UNKNOWN, asked, (), 1.0, 0), *entries)


def tsv(concepts: Iterable[Sequence[Entry]]) -> Iterator[str]:
    """A heading and a line for each entry."""
    yield "\t".join(COLUMNS) + "\n"
    for number, entries in enumerate(concepts, 1):
        for entry in entries:
            yield "\t".join(_cell(value) for value in _row(number, entry)) + "\n"


def _row(number: int, entry: Entry) -> tuple[str, ...]:
    examples = [
        value
        for example in entry.examples[: WEBAPP.glossary_examples]
        for value in (example.text, example.article.source)
    ]
    examples += [""] * (2 * WEBAPP.glossary_examples - len(examples))
    score = f"{entry.score:.2f}" if entry.term else ""
    counted = str(entry.count) if entry.term else ""
    return (str(number), entry.language, entry.term or "", "; ".join(entry.forms), score, counted, *examples)


def _cell(value: str) -> str:
    """A value without what would end its cell; after an apostrophe where a spreadsheet would take it for a
    formula, and what an article says for an order."""
    line = _line(value)
    first = next((char for char in line if unicodedata.category(char) not in _UNSEEN), "")
    return f"'{line}" if first in _FORMULA else line


def _line(value: str) -> str:
    return " ".join(_UNSAYABLE.sub("", value).split())


def tbx(concepts: Iterable[Sequence[Entry]], title: str) -> Iterator[str]:
    """A document with a ``conceptEntry`` for each concept that has a term."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<tbx style="dca" type="TBX-Basic" xml:lang="en" xmlns="{_NAMESPACE}">\n'
        f"<tbxHeader><fileDesc><titleStmt><title>{_text(title)}</title></titleStmt>"
        f"<sourceDesc><p>{_text(_('Found by Rosetta in the articles that the contexts name'))}</p>"
        "</sourceDesc></fileDesc></tbxHeader>\n<text><body>\n"
    )
    for number, entries in enumerate(concepts, 1):
        sections = "".join(_section(entry) for entry in entries if entry.term)
        if sections:
            yield f'<conceptEntry id="c{number}">\n{sections}</conceptEntry>\n'
    yield "</body></text>\n</tbx>\n"


def _section(entry: Entry) -> str:
    contexts = "".join(_context(example) for example in entry.examples[: WEBAPP.glossary_examples])
    note = f"<note>{_text(_about(entry))}</note>" if entry.count else ""
    return (
        f"<langSec xml:lang={quoteattr(entry.language)}><termSec><term>{_text(entry.term or '')}</term>"
        f"{contexts}{note}</termSec></langSec>\n"
    )


def _context(example: Example) -> str:
    source = f"{example.article.title} ({example.article.source})"
    return (
        f'<descripGrp><descrip type="context">{_text(example.text)}</descrip>'
        f'<admin type="source">{_text(source)}</admin></descripGrp>'
    )


def _about(entry: Entry) -> str:
    return _(
        "%(count)s times; %(score)s likely; forms: %(forms)s",
        count=entry.count,
        score=f"{entry.score:.0%}",
        forms=", ".join(entry.forms),
    )


def _text(value: str) -> str:
    return escape(_line(value))


def _tbx_titled(concepts: Iterable[Sequence[Entry]]) -> Iterator[str]:
    return tbx(concepts, _("Terms from Rosetta"))


FORMATS: Mapping[str, Callable[[Iterable[Sequence[Entry]]], Iterator[str]]] = {"tsv": tsv, "tbx": _tbx_titled}
"""Writers by the name of their format."""
