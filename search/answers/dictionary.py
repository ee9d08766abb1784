"""The whole dictionary: every term of the library that another of its languages has, too, as looking it up
would show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from kb.store.snapshot import Snapshot
from search.answers.lookup import entry
from search.dictionary.vocabulary import Vocabulary
from search.models import ArticleRef, Entry
from search.ranking.index import Index

__all__ = ["dictionary"]

# Terms whose vectors are made at a time, and sentences that show each.
_AT_A_TIME, _EXAMPLES = 512, 1


def dictionary(
    index: Index, snapshot: Snapshot, reference: Callable[[int], ArticleRef], languages: Sequence[str]
) -> Iterator[tuple[Entry, ...]]:
    """What each thing is called, the most frequent first: an entry for each of the ``languages`` that has a
    term for it, two at least. No two have the same terms."""
    vocabulary = index.vocabulary
    seen: set[tuple[int, ...]] = set()
    for term in _known(vocabulary):
        found = vocabulary.translate(vocabulary.name(term), vocabulary.code(term))
        terms = tuple(sorted(one.term for one in found.values()))
        # A term that another one shadows (the same spelling, more frequent) is not what was looked up.
        if len(terms) > 1 and term in terms and terms not in seen:
            seen.add(terms)
            yield tuple(
                entry(index, snapshot, reference, code, found[code], _EXAMPLES)
                for code in languages
                if code in found
            )


def _known(vocabulary: Vocabulary) -> Iterator[int]:
    """Every term, the most frequent first; their vectors are made in batches, and remembered."""
    order = np.argsort(-vocabulary.counts, kind="stable").tolist()
    for start in range(0, len(order), _AT_A_TIME):
        part = order[start : start + _AT_A_TIME]
        names = [vocabulary.name(term) for term in part]
        words = [word for name in names for word in vocabulary.words(name)]
        vocabulary.vectors(list(dict.fromkeys([name.lower() for name in names] + words)))
        yield from part
