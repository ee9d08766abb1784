"""What ``kb lookup`` prints: one term, or the whole dictionary; for people, as JSON, TSV or TBX."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from kb import languages
from kb.errors import UsageError
from webapp.pages import glossary
from webapp.terminal import output as terminal
from webapp.terminal.json_text import json_text, print_json

if TYPE_CHECKING:
    from search import Engine
    from search.models import Entry

__all__ = ["show"]

Concepts = Iterable[Sequence["Entry"]]


def show(engine: Engine, term: str, language: str | None, form: str | None) -> bool:
    """Prints what was asked for; whether any language has it."""
    if not term:
        if language is not None:
            raise UsageError("--from says what language TERM is in: give a term, too")
        return _dictionary(engine.dictionary(), form)
    found = engine.lookup(term, language=language)
    if form == "json":
        print_json({"entries": [entry.to_dict() for entry in found]})
    elif form is not None:
        code = None if language is None else languages.resolve(language)
        _print(glossary.FORMATS[form]([glossary.with_asked(found, term, code)]))
    else:
        terminal.entries(terminal.console(), found)
    return any(entry.term for entry in found)


def _dictionary(concepts: Concepts, form: str | None) -> bool:
    """Prints every concept as it comes; whether there was one."""
    some = False

    def noted() -> Iterator[Sequence[Entry]]:
        nonlocal some
        for concept in concepts:
            some = True
            yield concept

    _print(_WRITERS[form or "text"](noted()))
    return some


def _lines(concepts: Concepts) -> Iterator[str]:
    """A line for each concept: its terms with their languages."""
    for entries in concepts:
        yield "  ".join(f"{entry.language} {terminal.safe(entry.term or '')}" for entry in entries) + "\n"


def _as_json(concepts: Concepts) -> Iterator[str]:
    """One document, a concept at a time."""
    before = '{"concepts": ['
    for entries in concepts:
        yield before + json_text({"entries": [entry.to_dict() for entry in entries]})
        before = ",\n"
    yield ("" if before == ",\n" else before) + "]}\n"


_WRITERS: dict[str, Callable[[Concepts], Iterator[str]]] = dict(glossary.FORMATS)
_WRITERS |= {"text": _lines, "json": _as_json}


def _print(pieces: Iterable[str]) -> None:
    for piece in pieces:
        # Bytes: a file for another program is UTF-8 whatever the terminal is.
        click.echo(piece.encode("utf-8"), nl=False)
