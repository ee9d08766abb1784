"""Measures whether what is typed is found: queries made of a library's own texts, each with the one article
that has it.

The words, numbers, phrases and sentences are drawn from the articles, always the same ones. Whatever its
language, the article is to be the first hit; among articles that are the same text, the one that the query is
taken from.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import regex

from kb.progress import Progress
from kb.store.snapshot import StoredArticle
from search.engine import Engine
from search.evaluation import measures
from search.evaluation.settings import EVALUATION
from search.language import analysis
from search.models import Matrix

__all__ = ["KINDS", "Known", "Outcome", "apart", "figures", "find_all", "known_items", "matrices"]

KINDS = ("word", "name", "number", "folded", "phrase", "title", "sentence")
"""A word that one article alone has; one of them with a capital letter; a number; a word without its marks; a
phrase in quotes; a title; a pasted sentence."""

# Kinds that ask nothing whatever they say; a title or a sentence may be a question.
_KEYWORDS = ("word", "name", "number", "folded", "phrase")
_QUOTES = regex.compile('["“”„«»]')
_SENTENCE_ENDS = regex.compile(r"(?<=[.!?。！？।؟])\s*")


@dataclass(frozen=True, slots=True)
class Known:
    """A query, of one of the KINDS, and the article that it was taken from."""

    kind: str
    query: str
    source: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one: is the first hit its article; of a title or sentence that has ``versions``, is its
    article the one shown of them (None: it has none); was it answered as a question?"""

    known: Known
    first: bool
    own_version: bool | None
    answered: bool


def known_items(engine: Engine) -> tuple[Known, ...]:
    """One of each kind, if there is one, of every article."""
    held = [engine.article(source) for source in sorted(listed.source for listed in engine.articles())]
    forms, folded = Counter[str](), Counter[str]()
    for stored in held:
        own = set(analysis.forms(f"{stored.article.title}\n{stored.article.text}"))
        forms.update(own)
        folded.update({analysis.fold(form) for form in own})
    return tuple(
        Known(kind, random.Random(f"{kind} {stored.article.source}").choice(found), stored.article.source)
        for stored in held
        for kind, found in _of_article(stored, forms, folded).items()
        if found
    )


def _of_article(
    stored: StoredArticle, forms: Mapping[str, int], folded: Mapping[str, int]
) -> dict[str, list[str]]:
    """What may be asked for, by kind; always in the same order."""
    text, title = stored.article.text, stored.article.title
    words = sorted({(text[word.start : word.end], word.form) for word in analysis.words(text)})
    alone = [(raw, form) for raw, form in words if forms[form] == 1 and _is_long(form)]
    # All German nouns have a capital letter.
    named = () if stored.article.language == "de" else alone
    sentences = [
        sentence
        for sentence in _SENTENCE_ENDS.split(text)
        if len(sentence) >= EVALUATION.shortest_sentence and "\n" not in sentence
    ]
    return {
        "word": [raw for raw, form in alone if not form.isdigit()],
        "name": [raw for raw, _ in named if raw[:1].isupper()],
        "number": [raw for raw, form in words if forms[form] == 1 and form.isdigit() and len(form) > 1],
        "folded": [bare for _, form in alone if (bare := analysis.fold(form)) != form and folded[bare] == 1],
        "phrase": [phrase for sentence in sentences for phrase in _phrases(sentence)],
        "title": [title],
        "sentence": [_QUOTES.sub(" ", sentence) for sentence in sentences],
    }


def _is_long(form: str) -> bool:
    return len(form) >= (2 if analysis.is_unspaced(form) else EVALUATION.shortest_word)


def _phrases(sentence: str) -> Iterator[str]:
    """The first phrase of a sentence that does not begin it, in quotes."""
    words = list(analysis.words(sentence))
    length = EVALUATION.phrase_unspaced if analysis.is_unspaced(sentence) else EVALUATION.phrase
    if len(words) > length + 1:
        phrase = sentence[words[1].start : words[length].end]
        if not _QUOTES.search(phrase):
            yield f'"{phrase}"'


def apart(engine: Engine, sources: Path, to: Path) -> None:
    """Copies the files of a library's articles, of those that are the same text one, drawn for good."""
    seen: set[str] = set()
    for source in sorted(article.source for article in engine.articles()):
        if source in seen:
            continue
        versions = sorted(
            {source, *(translation.article.source for translation in engine.translations(source))}
        )
        seen.update(versions)
        chosen = random.Random(source).choice(versions)
        (to / chosen).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(sources / chosen, to / chosen)


def find_all(engine: Engine, asked: Sequence[Known], progress: Progress) -> tuple[Outcome, ...]:
    """Searches for every one, as anybody does."""
    outcomes = []
    for done, known in enumerate(asked, 1):
        found = [hit.article.source for hit in engine.search(known.query, limit=EVALUATION.known_hits)]
        versions = {translation.article.source for translation in engine.translations(known.source)}
        shown = [source for source in found if source == known.source or source in versions]
        has_versions = bool(versions) and known.kind in ("title", "sentence")
        outcomes.append(
            Outcome(
                known,
                found[:1] == [known.source],
                shown[:1] == [known.source] if has_versions else None,
                engine.ask(known.query).found,
            )
        )
        progress("looking for what is known", done, len(asked))
    return tuple(outcomes)


def figures(together: Sequence[Outcome], apart: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """The shares found first, in both libraries, and of keywords answered; by the one leg "both"."""
    both = [*together, *apart]
    values = {
        "known_first": measures.mean(outcome.first for outcome in together),
        "known_first_apart": measures.mean(outcome.first for outcome in apart),
        "known_own_version": measures.mean(
            outcome.own_version for outcome in both if outcome.own_version is not None
        ),
        "keywords_answered": measures.mean(
            outcome.answered for outcome in both if outcome.known.kind in _KEYWORDS
        ),
    }
    return {name: {"both": value} for name, value in values.items() if value is not None}


def matrices(together: Sequence[Outcome], apart: Sequence[Outcome]) -> tuple[Matrix, ...]:
    """The shares found first by kind; nothing of a library that nothing was made of."""
    if not together:
        return ()
    values = tuple(
        tuple(
            measures.mean(outcome.first for outcome in some if outcome.known.kind == kind)
            for some in (together, apart)
        )
        for kind in KINDS
    )
    columns = ("all languages", "one language each")
    return (Matrix("known items, found first", "kind", "library", KINDS, columns, values),)
