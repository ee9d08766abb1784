"""One language's terms, gathered from its sentences: words under their lemmas, and terms of several words.

A lemmatiser knows only the words in its dictionary: of *lojalitāte, lojalitāti, lojalitātes* it may know
none. Such words are brought together when they differ only in their endings and are neighbours in the word
space; which of their spellings is the dictionary form is guessed from the endings of the dictionary forms
that the lemmatiser did know.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.arrays.runs import offsets_of
from search.arrays.vectors import Ints, Vectors
from search.dictionary.settings import DICTIONARY
from search.dictionary.word_space import Encode, WordSpace, said
from search.language import analysis, background
from search.language.collocations import collocations
from search.language.terms import LanguageTokens

__all__ = ["Lexicon", "compile_lexicon"]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A language's terms, the most frequent first. ``forms`` are each term's spellings with their counts, the
    one to show first; ``lemmas`` join a term's lemmas with spaces; ``word`` (n, d) are placed unit vectors.
    Term t occurs at the tokens ``begins[k]:ends[k]`` for k in ``offsets[t]:offsets[t+1]``."""

    language: str
    forms: tuple[tuple[tuple[str, int], ...], ...]
    lemmas: tuple[str, ...]
    word: Vectors
    offsets: Ints
    begins: Ints
    ends: Ints


@dataclass(slots=True)
class _Draft:
    """A term in the making: ``raw`` is its vector before it is placed, ``begins`` the tokens where it occurs,
    each ``length`` tokens long. ``known`` says whether the language's dictionary has it, None where it has
    none."""

    lemma: str
    spellings: Counter[str]
    begins: Ints
    length: int
    raw: Vectors
    known: bool | None


def compile_lexicon(
    language: str, tokens: LanguageTokens, space: WordSpace, encode: Encode, most: int = DICTIONARY.words_most
) -> Lexicon:
    """The terms of one language, of at most ``most`` words."""
    words = tokens.own_lemmas()
    drafts = _single_words(language, tokens, words, encode, min(most, DICTIONARY.words_most))
    numbers = list(drafts)
    placed = space.place(_stacked(drafts.values(), encode), language)
    likeness = space.function_words(placed)
    content = np.zeros(len(tokens.lemmas), np.bool_)
    content[[word for word, score in zip(numbers, likeness, strict=True) if score < 0]] = True
    stray = _strays(language, list(drafts.values()), space, encode)
    terms = [at for at, score in enumerate(likeness) if score < DICTIONARY.function_word and not stray[at]]
    heads = _brought_together([drafts[numbers[at]] for at in terms], placed[terms])
    merged = np.arange(len(tokens.lemmas))
    kept: dict[int, _Draft] = {}
    for at, head in zip(terms, heads, strict=True):
        word, under = numbers[at], numbers[terms[head]]
        merged[word] = under
        if word == under:
            kept[word] = drafts[word]
        else:
            kept[under].spellings.update(drafts[word].spellings)
            kept[under].begins = np.union1d(kept[under].begins, drafts[word].begins)
    longer = int(len(kept) * DICTIONARY.compounds)
    found = [*kept.values(), *_longer_terms(tokens, merged[words], content, encode, longer)]
    return _finished(language, found, drafts.values(), space.place(_stacked(found, encode), language))


def _single_words(
    language: str, tokens: LanguageTokens, words: Ints, encode: Encode, most: int
) -> dict[int, _Draft]:
    """Drafts of the words that may be terms, by word number, the most frequent first."""
    lemmas = list(tokens.lemmas)
    spellings = _spellings(tokens, words)
    counts = np.bincount(words, minlength=len(lemmas))
    chosen = [
        word
        for word in np.argsort(-counts, kind="stable").tolist()
        if counts[word]
        and tokens.eligible(lemmas[word])
        and not _is_function_word(language, lemmas[word], spellings[word])
    ]
    if len(chosen) > DICTIONARY.many_words:
        chosen = [word for word in chosen if counts[word] > 1]
    chosen = chosen[:most]
    order = np.argsort(words, kind="stable")
    bounds = np.searchsorted(words[order], np.arange(len(lemmas) + 1))
    whole = len(chosen) if len(chosen) <= DICTIONARY.few_words else most // DICTIONARY.with_forms
    variants = [
        list(dict.fromkeys([lemmas[word], *_most_common(spellings[word], DICTIONARY.forms)]))
        if place < whole
        else _most_common(spellings[word], 1)
        for place, word in enumerate(chosen)
    ]
    vectors = _mean_vectors(variants, encode)
    return {
        word: _Draft(
            lemmas[word],
            spellings[word],
            order[bounds[word] : bounds[word + 1]],
            1,
            vector,
            analysis.in_dictionary(lemmas[word], language),
        )
        for word, vector in zip(chosen, vectors, strict=True)
    }


def _strays(language: str, drafts: Sequence[_Draft], space: WordSpace, encode: Encode) -> NDArray[np.bool_]:
    """Which words are another language's, met in passing: rare, not in the dictionary, and strange."""
    strays = np.zeros(len(drafts), np.bool_)
    rare = [
        at for at, draft in enumerate(drafts) if draft.known is False and len(draft.begins) <= DICTIONARY.rare
    ]
    raw = _mean_vectors([[drafts[at].lemma] for at in rare], encode)
    strays[rare] = space.strangeness(raw, language) > DICTIONARY.strange
    return strays


def _is_function_word(language: str, lemma: str, spellings: Counter[str]) -> bool:
    common = _most_common(spellings, 1)[0].casefold()
    return background.is_function_word(lemma, language) or background.is_function_word(common, language)


def _most_common(spellings: Counter[str], count: int) -> list[str]:
    return [form for form, _ in sorted(spellings.items(), key=lambda item: (-item[1], item[0]))[:count]]


def _spellings(tokens: LanguageTokens, words: Ints) -> list[Counter[str]]:
    """By word number, its forms as they are usually spelled, with their counts."""
    names = tokens.usual_spellings()
    found: list[Counter[str]] = [Counter() for _ in tokens.lemmas]
    forms = np.frombuffer(tokens.forms, np.int32).astype(np.int64)
    joint, counts = np.unique(words * max(1, len(names)) + forms, return_counts=True)
    for key, count in zip(joint.tolist(), counts.tolist(), strict=True):
        word, form = divmod(key, len(names))
        found[word][names[form]] += count
    return found


def _mean_vectors(variants: Sequence[Sequence[str]], encode: Encode) -> Vectors:
    """The mean raw vector of each term's spellings, (n, d)."""
    flat = encode([said(text) for texts in variants for text in texts])
    if not variants:
        return flat
    lengths = np.array([len(texts) for texts in variants])
    sums = np.add.reduceat(flat, np.cumsum(lengths) - lengths, axis=0)
    mean: Vectors = (sums / lengths[:, None]).astype(np.float32)
    return mean


def _stacked(drafts: Iterable[_Draft], encode: Encode) -> Vectors:
    raw = [draft.raw for draft in drafts]
    return np.stack(raw) if raw else encode([])


def _brought_together(drafts: Sequence[_Draft], placed: Vectors) -> list[int]:
    """For each draft, which come by frequency, the one that it is a form of; itself where none."""
    heads = list(range(len(drafts)))
    by_stem: dict[str, list[int]] = defaultdict(list)
    for at, draft in enumerate(drafts):
        alike = by_stem[draft.lemma[: DICTIONARY.stem]]
        for head in alike:
            other = drafts[head]
            unknown = not (draft.known and other.known)
            if (
                unknown
                and _ending(draft.lemma, other.lemma) <= DICTIONARY.ending
                and placed[at] @ placed[head] >= DICTIONARY.same_cosine
            ):
                heads[at] = head
                break
        if heads[at] == at and len(draft.lemma) >= DICTIONARY.stem:
            alike.append(at)
    return heads


def _ending(word: str, other: str) -> int:
    """The length of the longer of what two words have after their common beginning."""
    same = next(
        (at for at, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other))
    )
    return max(len(word), len(other)) - same


def _longer_terms(
    tokens: LanguageTokens, words: Ints, content: NDArray[np.bool_], encode: Encode, most: int
) -> list[_Draft]:
    """Drafts of the terms of several words; ``words`` are numbers after words were brought together."""
    lemmas = list(tokens.lemmas)
    found = collocations(tokens.token_row(words, content))[:most]
    surfaces = [tokens.surfaces(term.starts, len(term.words)) for term in found]
    vectors = _mean_vectors([_most_common(each, DICTIONARY.compound_forms) for each in surfaces], encode)
    return [
        _Draft(
            " ".join(lemmas[word] for word in term.words), each, term.starts, len(term.words), vector, False
        )
        for term, each, vector in zip(found, surfaces, vectors, strict=True)
    ]


def _finished(language: str, drafts: Sequence[_Draft], known: Iterable[_Draft], placed: Vectors) -> Lexicon:
    order = sorted(range(len(drafts)), key=lambda at: (-len(drafts[at].begins), drafts[at].lemma))
    likeness = _dictionary_endings(known)
    lengths = [len(drafts[at].begins) for at in order]
    begins = np.concatenate([np.zeros(0, np.int64), *(drafts[at].begins for at in order)])
    sizes = np.repeat(np.array([drafts[at].length for at in order], np.int64), lengths)
    return Lexicon(
        language,
        tuple(_shown_first(drafts[at], likeness) for at in order),
        tuple(drafts[at].lemma for at in order),
        placed[order],
        offsets_of(lengths),
        begins,
        begins + sizes,
    )


def _dictionary_endings(drafts: Iterable[_Draft]) -> Callable[[str], float]:
    """How likely a form is a dictionary form by its ending, learnt from the words in the lemmatiser's
    dictionary: the share among those that end alike, of longer endings leaning on that of shorter ones."""
    seen: Counter[str] = Counter()
    base: Counter[str] = Counter()
    for draft in drafts:
        for form in draft.spellings if draft.known else ():
            for length in range(DICTIONARY.telling + 1):
                ending = form[len(form) - length :]
                seen[ending] += 1
                base[ending] += form.casefold() == draft.lemma

    def likeness(form: str) -> float:
        share = 0.5
        for length in range(DICTIONARY.telling + 1):
            ending = form[len(form) - length :]
            share = (base[ending] + DICTIONARY.leaning * share) / (seen[ending] + DICTIONARY.leaning)
        return share

    return likeness


def _shown_first(draft: _Draft, likeness: Callable[[str], float]) -> tuple[tuple[str, int], ...]:
    """A term's spellings with counts by frequency, but first the one to show; see :func:`_name`."""
    forms = dict(sorted(draft.spellings.items(), key=lambda item: (-item[1], item[0])))
    name = _name(draft, list(forms), likeness)
    return ((name, forms.pop(name, 0)), *forms.items())


def _name(draft: _Draft, forms: Sequence[str], likeness: Callable[[str], float]) -> str:
    """Of a word, its lemma where the dictionary has it and it looks like one of the forms, else the form that
    ends like a dictionary form; of a longer term, the form with the most lemmas in it that is not rare."""
    count = draft.spellings
    if draft.length > 1:
        lemmas = draft.lemma.split(" ")
        frequent = [form for form in forms if count[form] >= DICTIONARY.not_rare * count[forms[0]]]
        return max(frequent, key=lambda form: (_in_common(form, lemmas), count[form]))
    written = [form for form in forms if form.casefold() == draft.lemma]
    if draft.known and written:
        return written[0]
    common = len(forms[0]) - _ending(draft.lemma, forms[0].casefold())
    if draft.known and common >= DICTIONARY.like_a_form * len(draft.lemma):
        return draft.lemma
    return max(forms, key=lambda form: (likeness(form), count[form]))


def _in_common(form: str, lemmas: Sequence[str]) -> int:
    return sum(word == lemma for word, lemma in zip(form.casefold().split(" "), lemmas, strict=False))
