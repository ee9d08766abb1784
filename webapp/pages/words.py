"""Numbers and codes in words, for the page and the terminal alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from webapp.interface.i18n import gettext as _

if TYPE_CHECKING:
    from search.models import Answer, Evidence, Why
    from search.shown import Piece

__all__ = ["certainty", "is_question", "kind", "likelihood", "nearness", "shared_words", "verdict"]


def is_question(answer: Answer) -> bool:
    """Whether anything was asked: keywords and titles are only looked for."""
    from search.models import KEYWORDS

    return answer.shape != KEYWORDS


def verdict(answer: Answer) -> str:
    """How sure it is that the library answers the question: a sentence, for a probability."""
    if not is_question(answer):
        return _("These are words to search for, not a question.")
    if not answer.found:
        return _("Nothing in this library answers that.")
    if answer.confidence >= 0.9:
        return _("Almost certainly answered here.")
    if answer.confidence >= 0.7:
        return _("Very likely answered here.")
    if answer.confidence >= 0.5:
        return _("Probably answered here.")
    return _("Perhaps answered here.")


def likelihood(item: Evidence) -> str:
    """How likely a quote is an answer."""
    if item.confidence >= 0.7:
        return _("Very likely an answer")
    if item.confidence >= 0.5:
        return _("Probably an answer")
    if item.confidence >= 0.25:
        return _("Perhaps an answer")
    return _("Possibly an answer")


def certainty(confidence: float) -> int:
    """A probability as a number of four steps, for a picture of it."""
    return sum(confidence >= step for step in (0.0, 0.25, 0.5, 0.7))


def kind(highlight: str) -> str:
    """What a marked word is to the question."""
    names = {
        "exact": _("a word of the question"),
        "translation": _("its counterpart in this language"),
        "meaning": _("near it in meaning"),
    }
    return names.get(highlight, highlight)


def nearness(why: Why) -> str:
    """How near a sentence is to the question in meaning."""
    from search.answers.settings import ANSWERING

    if why.sentence >= ANSWERING.very_close:
        return _("What it says is very close to the question.")
    if why.sentence >= ANSWERING.close:
        return _("What it says is close to the question.")
    return _("It is on a related subject.")


def shared_words(shown: Iterable[Piece]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What a text has to do with the question by its words: for each kind of mark in it a heading, and the
    marked words, each once, in their order."""
    headings = {
        "exact": _("It has words of the question:"),
        "translation": _("It has what this language calls words of the question:"),
        "meaning": _("It has words that are near the question in meaning:"),
    }
    found: dict[str, dict[str, str]] = {}
    for piece in shown:
        if piece.kind:
            found.setdefault(piece.kind, {}).setdefault(piece.text.casefold(), piece.text)
    return tuple(
        (heading, tuple(found[kind].values())) for kind, heading in headings.items() if kind in found
    )
