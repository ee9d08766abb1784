"""Which words of a text carry the match: whole words, valid offsets into the article's text."""

from __future__ import annotations

from collections.abc import Sequence

from search import analysis
from search.background import is_function_word
from search.models import Highlight

__all__ = ["highlight"]

# Two inflections of a word share most of their grams; unrelated words, even of one length, few.
_SAME_WORD = 0.6
_LONG_ENOUGH = 4


def highlight(query: str, text: str, offset: int) -> tuple[Highlight, ...]:
    """The words of ``text`` (which begins at ``offset`` of its article) that are words of the query, in this
    or another inflection or script. Function words are not marked."""
    wanted = [
        form for form in dict.fromkeys(w.form for w in analysis.words(query)) if not is_function_word(form)
    ]
    if not wanted:
        return ()
    forms = frozenset(wanted) | {analysis.fold(form) for form in wanted}
    gram_sets = [frozenset(analysis.grams(form)) for form in wanted if len(form) >= _LONG_ENOUGH]
    found = []
    for word in analysis.words(text):
        if word.form in forms or analysis.fold(word.form) in forms:
            weight = 1.0
        else:
            weight = _likeness(word.form, gram_sets)
        if weight >= _SAME_WORD:
            found.append(Highlight(offset + word.start, offset + word.end, "exact", round(weight, 3)))
    return _joined(found)


def _likeness(form: str, gram_sets: Sequence[frozenset[str]]) -> float:
    """The largest share of grams in common with a query word (Dice's coefficient)."""
    if len(form) < _LONG_ENOUGH:
        return 0.0
    own = frozenset(analysis.grams(form))
    return max((2 * len(own & other) / (len(own) + len(other)) for other in gram_sets if other), default=0.0)


def _joined(found: Sequence[Highlight]) -> tuple[Highlight, ...]:
    """Overlapping marks (pairs of characters in unspaced scripts) become one."""
    joined: list[Highlight] = []
    for one in found:
        if joined and one.start < joined[-1].end:
            last = joined[-1]
            weight = max(last.weight, one.weight)
            joined[-1] = Highlight(last.start, max(last.end, one.end), last.kind, weight)
        else:
            joined.append(one)
    return tuple(joined)
