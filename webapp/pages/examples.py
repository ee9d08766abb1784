"""Something to begin with: questions for the home page, articles for those who found nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from webapp.settings import WEBAPP

if TYPE_CHECKING:
    from kb.store.snapshot import ArticleSummary
    from search import Engine

__all__ = ["Example", "articles", "questions"]


@dataclass(frozen=True, slots=True)
class Example:
    """A question, and the language it is in."""

    language: str
    question: str


# These fit the articles that come with Rosetta, and are shown only over a library that has all of them.
_SOURCES = (
    "lv-klientu-apkalposanas-kvalitate.txt",
    "nb-kundens-lojalitet.txt",
    "pl-obsluga-klienta-a-lojalnosc.txt",
    "ru-teoriya-obsluzhivaniya.txt",
    "tl-serbisyo-at-katapatan.txt",
)
_QUESTIONS = (
    Example("en", "how does service relate to loyalty"),
    Example("pl", "jak obsługa klienta wpływa na lojalność?"),
    Example("tl", "paano nauugnay ang serbisyo sa katapatan ng customer?"),
    Example("nb", "hvordan henger service sammen med lojalitet?"),
    Example("ru", "как обслуживание связано с лояльностью?"),
    Example("lv", "kā apkalpošana ietekmē klientu lojalitāti?"),
    Example("ar", "كيف ترتبط الخدمة بولاء العملاء؟"),
)


def questions(engine: Engine, language: str = "en") -> tuple[Example, ...]:
    """Questions that this library answers, the one in ``language`` first; none where nobody has written any
    for it."""
    if not set(_SOURCES) <= {article.source for article in engine.articles()}:
        return ()
    return tuple(sorted(_QUESTIONS, key=lambda example: example.language != language))


def articles(engine: Engine) -> tuple[ArticleSummary, ...]:
    """A few of its articles, one of each language first."""
    held = engine.articles()
    first = {article.language: article for article in reversed(held)}
    others = [article for article in held if article is not first[article.language]]
    return (*reversed(first.values()), *others)[: WEBAPP.examples]
