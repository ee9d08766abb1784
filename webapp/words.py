"""Numbers and codes in words, for the page and the terminal alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.i18n import gettext as _

if TYPE_CHECKING:
    from search.models import Answer

__all__ = ["kind", "verdict"]


def verdict(answer: Answer) -> str:
    """How sure it is that the library answers the question: a sentence, for a probability."""
    if not answer.found:
        return _("Nothing in this library answers that.")
    if answer.confidence >= 0.9:
        return _("Almost certainly answered here.")
    if answer.confidence >= 0.7:
        return _("Very likely answered here.")
    if answer.confidence >= 0.5:
        return _("Probably answered here.")
    return _("Perhaps answered here.")


def kind(highlight: str) -> str:
    """What a marked word is to the question."""
    names = {
        "exact": _("a word of the question"),
        "translation": _("its counterpart in this language"),
        "meaning": _("near it in meaning"),
    }
    return names.get(highlight, highlight)
