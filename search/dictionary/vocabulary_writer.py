"""Making a generation's vocabulary: its terms, where they occur, their vectors and their counterparts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.mishaps import at_cost_of_all
from kb.progress import Progress, silent
from search.arrays.batches import cores, in_order
from search.arrays.int8 import Int8Rows
from search.arrays.runs import offsets_of, runs_of
from search.arrays.strings import KeyIndex, StringTable
from search.arrays.vectors import Ints, Vectors, unit_rows
from search.dictionary.counterparts import Pairs, Side, counterparts
from search.dictionary.in_context import ContextMap, TermContexts
from search.dictionary.lexicography import Lexicon, compile_lexicon
from search.dictionary.own_vectors import OwnVectors, as_they_are
from search.dictionary.settings import DICTIONARY
from search.dictionary.spoken_words import SpokenWords
from search.dictionary.term_vectors import company_vectors, context_vectors, piece_keys, sentence_rows
from search.dictionary.vocabulary import lookup_key
from search.dictionary.word_space import WordSpace
from search.encoding.protocol import Encoder
from search.encoding.vector_cache import VectorCache, encode_cached
from search.language import analysis
from search.passages.tokens import TokenMatrix

__all__ = ["SentenceTable", "write_vocabulary"]


@dataclass(frozen=True, slots=True)
class SentenceTable:
    """A library's sentences in row order: their centred ``vectors``, by row, and their ``kept`` tokens."""

    vectors: Callable[[Ints], Vectors]
    kept: TokenMatrix


@dataclass(frozen=True, slots=True)
class _Spellings:
    """What the terms of one language are found by, parallel arrays: hashes of spellings, the same without
    diacritics, and the term, from 0."""

    keys: NDArray[np.uint64]
    folded: NDArray[np.uint64]
    terms: Ints

    @classmethod
    def of(cls, lexicon: Lexicon) -> _Spellings:
        keys: list[str] = []
        terms: list[int] = []
        for number, (forms, lemma) in enumerate(zip(lexicon.forms, lexicon.lemmas, strict=True)):
            spellings = {lemma, *(lookup_key(form) for form, _ in forms)}
            keys += spellings
            terms += [number] * len(spellings)
        folded = [analysis.fold(key) for key in keys]
        return cls(KeyIndex.hashes(keys), KeyIndex.hashes(folded), np.array(terms, np.int64))


@dataclass(frozen=True, slots=True)
class _Part:
    """One language's terms, what they are found by, the ``rows`` they occur in, their whole ``contexts``, and
    what they are matched by: their contexts along a few axes, and their companies."""

    lexicon: Lexicon
    spellings: _Spellings
    rows: tuple[Ints, Ints]
    contexts: Int8Rows
    vectors: tuple[Vectors, Vectors]


@dataclass(frozen=True, slots=True)
class _Compiler:
    """Puts one language's terms together; see :func:`write_vocabulary`."""

    words: SpokenWords
    indexed: Callable[[], SentenceTable]
    axes: Vectors
    space: WordSpace
    encoder: Encoder
    cache: VectorCache
    wanted: Callable[[], None]

    def __call__(self, numbered: tuple[int, str]) -> _Part:
        """The terms of a language; of those that are put together side by side the lowest number is first to
        encode."""
        number, language = numbered
        with at_cost_of_all(f"making the vocabulary of {language!r}"):
            return self._part(number, language)

    def _part(self, number: int, language: str) -> _Part:
        # Words give way to passages and sentences, and to those of languages that began before: else all
        # languages would end their encoding at once, and leave the cores idle while they do the rest.
        patient = self.encoder.later(number)

        def encode(texts: Sequence[str]) -> Vectors:
            return encode_cached(patient, texts, self.cache, lambda done, total: self.wanted())

        read, of = self.words.take(language), self.words
        most = _share(len(read.rows), len(of), len(of.languages))
        lexicon = compile_lexicon(language, read.tokens, self.space, encode, most)
        sentences = self.indexed()
        kept = sentences.kept
        found = sentence_rows(lexicon, read.tokens)
        places = runs_of(kept.offsets, read.rows)
        counts = np.asarray(kept.offsets)[read.rows + 1] - np.asarray(kept.offsets)[read.rows]
        keys = piece_keys(read.ends, read.offsets, counts, read.rows)
        contexts = context_vectors(
            lexicon, read.tokens, keys, lambda at: kept.tokens[places[at]], len(self.axes)
        )
        mean = _mean(sentences.vectors, read.rows)
        vectors = unit_rows(contexts @ self.axes), company_vectors(*found, sentences.vectors, mean)
        return _Part(lexicon, _Spellings.of(lexicon), found, as_they_are(contexts), vectors)


def write_vocabulary(
    words: SpokenWords,
    indexed: Callable[[], SentenceTable],
    axes: Vectors,
    space: WordSpace,
    in_context: ContextMap,
    encoder: Encoder,
    cache: VectorCache,
    directory: Path,
    wanted: Callable[[], None],
    progress: Progress = silent,
) -> None:
    """Saves the vocabulary of sentences into a folder, given as their ``words``, and ``indexed``, which waits
    for their table: words are encoded until then. ``axes`` are those of the kept tokens' space along which
    contexts are compared; ``in_context`` is kept for queries. ``wanted`` raises CancelledError once the table
    will not come."""
    compiled = _Compiler(words, indexed, axes, space, encoder, cache, wanted)
    parts: list[_Part] = []
    matches = _Matches()
    # While one language's words are gathered, another's are encoded, and those that are there are matched.
    with ThreadPoolExecutor(DICTIONARY.languages_together) as threads, matches:
        coming = in_order(
            threads, compiled, enumerate(words.languages, 1), ahead=DICTIONARY.languages_together
        )
        for done, part in enumerate(coming, 1):
            matches.add(Side.of(part.lexicon.word, *part.vectors, np.diff(part.lexicon.offsets)))
            parts.append(part)
            progress("reading the vocabulary", done, len(words.languages))
        lexicons = [part.lexicon for part in parts]
        space.write(directory / "space.npz")
        placed = threads.submit(
            OwnVectors.write, directory, [lexicon.word for lexicon in lexicons if len(lexicon.word)]
        )
        _write_terms(lexicons, directory)
        _write_keys(
            [part.spellings for part in parts], [len(lexicon.lemmas) for lexicon in lexicons], directory
        )
        _write_rows([part.rows for part in parts], directory)
        matches.write(directory, progress)
        TermContexts.write(directory, [part.contexts for part in parts], in_context)
        placed.result()


def _mean(vectors: Callable[[Ints], Vectors], rows: Ints) -> Vectors:
    """The mean of some rows, in parts: all of them as floats take four times the memory."""
    parts = (
        rows[start : start + DICTIONARY.gathered_at_a_time]
        for start in range(0, len(rows), DICTIONARY.gathered_at_a_time)
    )
    sums = [vectors(part).sum(axis=0, dtype=np.float64) for part in parts]
    mean: Vectors = (np.sum(sums, axis=0) / len(rows)).astype(np.float32)
    return mean


def _share(sentences: int, of: int, languages: int) -> int:
    """How many words the vocabulary of a language may have that has so many sentences of all."""
    whole = max(DICTIONARY.words_in_all, of // DICTIONARY.sentences_per_word)
    return max(min(DICTIONARY.words_each, whole // languages), whole * sentences // max(1, of))


def _write_terms(lexicons: Sequence[Lexicon], directory: Path) -> None:
    """All languages' terms, one after the other: their spellings and counts."""
    sizes = [len(lexicon.lemmas) for lexicon in lexicons]
    np.save(directory / "language.npy", np.repeat(np.arange(len(lexicons), dtype=np.int16), sizes))
    (directory / "languages.txt").write_text("\n".join(lexicon.language for lexicon in lexicons), "utf-8")
    counts = [np.diff(lexicon.offsets) for lexicon in lexicons]
    np.save(directory / "counts.npy", np.concatenate([np.zeros(0, np.int64), *counts]).astype(np.int32))
    terms = [forms for lexicon in lexicons for forms in lexicon.forms]
    lemmas = [lemma for lexicon in lexicons for lemma in lexicon.lemmas]
    StringTable.write(directory, "forms", [form for forms in terms for form, _ in forms])
    np.save(directory / "form_counts.npy", np.array([n for forms in terms for _, n in forms], dtype=np.int32))
    np.save(directory / "term_forms.npy", offsets_of([len(forms) for forms in terms]))
    StringTable.write(directory, "lemmas", lemmas)


def _write_keys(spellings: Sequence[_Spellings], sizes: Sequence[int], directory: Path) -> None:
    """What all languages' terms are found by; they have so many terms each."""
    firsts = offsets_of(sizes).tolist()
    of_terms = [of_lexicon.terms + first for of_lexicon, first in zip(spellings, firsts, strict=False)]
    numbers = np.concatenate([np.zeros(0, np.int64), *of_terms])
    for name in ("keys", "folded"):
        hashes = [np.zeros(0, np.uint64), *(getattr(of_lexicon, name) for of_lexicon in spellings)]
        KeyIndex.write(directory, name, np.concatenate(hashes), numbers)


def _write_rows(rows: Sequence[tuple[Ints, Ints]], directory: Path) -> None:
    """Which sentences each term occurs in."""
    lengths = [np.diff(offsets) for offsets, _ in rows]
    flat = np.concatenate([np.zeros(0, np.int64), *(of_term for _, of_term in rows)])
    sizes = np.concatenate([np.zeros(0, np.int64), *lengths])
    np.save(directory / "rows.npy", flat.astype(np.uint32))
    np.save(directory / "term_rows.npy", offsets_of(sizes))


class _Matches:
    """Each term's likely counterparts in the other languages: languages are matched as they come, with those
    that are there already. A context: what has not begun when it ends is left."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(cores())
        self._sides: list[Side] = []
        self._found: list[tuple[int, int, Future[Pairs]]] = []

    def add(self, side: Side) -> None:
        """The next language's terms."""
        for at, other in enumerate(self._sides):
            found = self._pool.submit(counterparts, other, side)
            self._found.append((at, len(self._sides), found))
        self._sides.append(side)

    def write(self, directory: Path, progress: Progress) -> None:
        """Saves the counterparts of all languages' terms, one after the other, with their probabilities."""
        first = np.cumsum([0, *(len(side.counts) for side in self._sides)])
        none = np.zeros(0, np.int64)
        source, target, probability = [none], [none], [none.astype(np.float32)]
        for done, (left, right, future) in enumerate(self._found, 1):
            found = future.result()
            source += [found.left + first[left], found.right + first[right]]
            target += [found.right + first[right], found.left + first[left]]
            probability += [found.probability, found.probability]
            progress("matching the vocabularies", done, len(self._found))
        owners, others, values = np.concatenate(source), np.concatenate(target), np.concatenate(probability)
        order = np.lexsort((-values, owners))
        np.save(directory / "counterparts.npy", others[order].astype(np.int32))
        np.save(directory / "probabilities.npy", values[order].astype(np.float16))
        sizes = np.bincount(owners, minlength=int(first[-1]))
        np.save(directory / "term_counterparts.npy", offsets_of(sizes))

    def __enter__(self) -> _Matches:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown(cancel_futures=True)
