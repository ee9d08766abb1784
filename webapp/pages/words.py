"""Numbers and codes in words, for the page and the terminal alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.interface.i18n import gettext as _

if TYPE_CHECKING:
    from search.models import Answer, Evidence, Why

__all__ = ["certainty", "is_question", "kind", "likelihood", "nearness", "verdict"]


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
    """Why a passage was found, in the words of ``why.summary`` but in the reader's language."""
    from search.answers.explanation import CLOSE, MANY_WORDS, VERY_CLOSE

    if why.sentence >= VERY_CLOSE:
        meaning = _("Very close in meaning.")
    elif why.sentence >= CLOSE:
        meaning = _("Close in meaning.")
    else:
        meaning = _("On a related subject.")
    if not why.terms:
        shared = _("It has no word in common with the question.")
    elif why.lexical >= MANY_WORDS:
        shared = _("It has most of the question’s words.")
    else:
        shared = _("It shares some of the question’s words.")
    return f"{meaning} {shared}"
