"""What each language's articles call a term, with sentences that show it; and so every term of the library,
its whole dictionary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from kb.store.snapshot import Snapshot, StoredPassage
from search.answers.settings import ANSWERING
from search.dictionary.vocabulary import LikelyTerm, Vocabulary
from search.errors import QueryError
from search.language.occurrences import Spellings
from search.models import ArticleRef, Entry, Example
from search.ranking.index import Index

__all__ = ["dictionary", "look_up"]


def look_up(
    index: Index,
    snapshot: Snapshot,
    reference: Callable[[int], ArticleRef],
    languages: Sequence[str],
    term: str,
    language: str | None,
) -> tuple[Entry, ...]:
    """An entry for each of the library's ``languages``, its term None where none is likely enough.

    Raises QueryError where ``term`` is none.
    """
    if not any(character.isalnum() for character in term):
        raise QueryError("the term is empty; give a word or a few")
    if len(term) > ANSWERING.longest_term:
        raise QueryError(f"the term has {len(term):,} characters; give at most {ANSWERING.longest_term}")
    found = index.vocabulary.translate(term, language)
    return tuple(_entry(index, snapshot, reference, code, found.get(code)) for code in languages)


def dictionary(
    index: Index, snapshot: Snapshot, reference: Callable[[int], ArticleRef], languages: Sequence[str]
) -> Iterator[tuple[Entry, ...]]:
    """What each thing is called, the most frequent first: an entry for each of the ``languages`` that has a
    term for it, two at least. No two have the same terms."""
    vocabulary = index.vocabulary
    seen: set[tuple[int, ...]] = set()
    for term in _known(vocabulary):
        found = vocabulary.translate(vocabulary.name(term), vocabulary.code(term))
        terms = tuple(sorted(counterpart.term for counterpart in found.values()))
        # A term that another one shadows (the same spelling, more frequent) is not what was looked up.
        if len(terms) > 1 and term in terms and terms not in seen:
            seen.add(terms)
            yield tuple(
                _entry(index, snapshot, reference, code, found[code], ANSWERING.examples_of_all)
                for code in languages
                if code in found
            )


def _known(vocabulary: Vocabulary) -> Iterator[int]:
    """Every term, the most frequent first; their vectors are made in batches, and remembered."""
    order = np.argsort(-vocabulary.counts, kind="stable").tolist()
    for start in range(0, len(order), ANSWERING.terms_at_a_time):
        part = order[start : start + ANSWERING.terms_at_a_time]
        names = [vocabulary.name(term) for term in part]
        words = [word for name in names for word in vocabulary.words(name)]
        vocabulary.vectors(list(dict.fromkeys([name.lower() for name in names] + words)))
        yield from part


def _entry(
    index: Index,
    snapshot: Snapshot,
    reference: Callable[[int], ArticleRef],
    code: str,
    candidate: LikelyTerm | None,
    examples: int = ANSWERING.examples,
) -> Entry:
    """What one language calls a term, with so many ``examples`` at most; not found where there is no
    candidate."""
    if candidate is None:
        return Entry(code, None, (), 0.0, 0)
    forms = index.vocabulary.forms(candidate.term)
    written = tuple(form for form, count in sorted(forms, key=lambda item: -item[1]) if count)
    return Entry(
        language=code,
        term=index.vocabulary.name(candidate.term),
        forms=written,
        score=round(candidate.probability, ANSWERING.digits),
        count=int(index.vocabulary.counts[candidate.term]),
        examples=_examples(index, snapshot, reference, candidate.term, written, examples),
    )


def _examples(
    index: Index,
    snapshot: Snapshot,
    reference: Callable[[int], ArticleRef],
    term: int,
    forms: Sequence[str],
    wanted: int,
) -> tuple[Example, ...]:
    """Sentences of a good length that have the term, of different articles where there are some."""
    places = index.passages_of(index.vocabulary.rows(term)[: ANSWERING.sentences_looked_at].astype(np.int64))
    passages = snapshot.passages_by_key({key for key, _ in places})
    spelled = Spellings(dict.fromkeys(forms, True))
    found: list[tuple[tuple[bool, int], Example]] = []
    for key, at in places:
        passage = passages[key]
        shown = _example(passage, at, reference, spelled)
        if shown is not None:
            heading = passage.passage.sentences[at].kind == "heading"
            found.append(((heading, abs(len(shown.text) - ANSWERING.good_length)), shown))
    found.sort(key=lambda ranked: ranked[0])
    chosen: list[Example] = []
    for different in (True, False):
        for _, example in found:
            new = example.article not in [earlier.article for earlier in chosen]
            if len(chosen) < wanted and example not in chosen and (new or not different):
                chosen.append(example)
    return tuple(chosen)


def _example(
    stored: StoredPassage, at: int, reference: Callable[[int], ArticleRef], forms: Spellings[bool]
) -> Example | None:
    sentence = stored.passage.sentences[at]
    marks = forms.occurrences(sentence.text)
    if not marks:
        return None
    start, end, _ = marks[0]
    return Example(reference(stored.article_key), sentence.text, sentence.start, sentence.end, start, end)
