"""Making a generation's vocabulary: its terms, where they occur, their vectors and their counterparts."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.build import Progress, silent
from search import analysis
from search.batches import cores, in_order
from search.counterparts import Pairs, Side, counterparts
from search.encoder import Encoder, Vectors
from search.lexicography import Lexicon, compile_lexicon
from search.runs import offsets_of, runs_of
from search.strings import KeyIndex, StringTable
from search.term_vectors import company_vectors, context_vectors, piece_ends, piece_keys, sentence_rows
from search.terms import LanguageTokens
from search.tokens import TokenMatrix
from search.vectors import VectorCache, encode_cached
from search.vocabulary import lookup_key
from search.word_space import WordSpace

__all__ = ["SentenceTable", "SpokenWords", "write_vocabulary"]

Ints = NDArray[np.int64]

# Words in a whole library's vocabularies, or one for so many sentences where that is more: encoding them then
# take less than a fifth of the time that ten thousand passages and their sentences take. A language has its
# share by sentences, and no less than _LEAST where all languages can have that many.
_WORDS, _SENTENCES_PER_WORD, _LEAST = 14_000, 6, 4_000
_READ_AT_A_TIME = 4096
_ROUGH = 64
# Languages whose words are put together side by side: two to keep the cores busy, and one for when one ends.
_TOGETHER = 3
# Sentences whose words may have been read before they are needed.
_AHEAD = 1 << 14


@dataclass(frozen=True, slots=True)
class SentenceTable:
    """A library's sentences in row order: the number of the article of each, their centred ``vectors``, given
    by row, and their ``kept`` tokens."""

    articles: Ints
    vectors: Callable[[Ints], Vectors]
    kept: TokenMatrix


@dataclass(frozen=True, slots=True)
class _Read:
    """One language's words; the rows of its sentences, the last characters of the encoder's pieces of each,
    and the offsets of those (see :func:`search.term_vectors.piece_ends`)."""

    tokens: LanguageTokens
    rows: Ints
    ends: Ints
    offsets: Ints


class SpokenWords:
    """The words of sentences by language, read in a thread of ``aside`` before anyone takes them, since that
    needs no vectors: it begins while the sentences are encoded."""

    def __init__(
        self, texts: Sequence[str], languages: Sequence[str], encoder: Encoder, aside: ThreadPoolExecutor
    ) -> None:
        self._texts, self._encoder, self._aside = texts, encoder, aside
        self._labels = np.array(languages)
        self._sizes = Counter(languages)
        self.languages = sorted(self._sizes)
        self._coming = iter(self.languages)
        self._begun: dict[str, Future[_Read]] = {}
        self._lock = threading.Lock()
        self._read_ahead()

    def __len__(self) -> int:
        return len(self._texts)

    def take(self, language: str) -> _Read:
        """The words of one language; each is taken once, in the order of ``languages`` or nearly so. Raises
        CancelledError where nobody wants them any more."""
        with self._lock:
            while language not in self._begun and self._begin():
                pass
            waiting = self._begun.get(language)
        if waiting is None:
            raise CancelledError(f"the words in {language!r} were taken, or are no longer wanted")
        found = waiting.result()
        with self._lock:
            del self._begun[language]
            self._read_ahead()
        return found

    def __enter__(self) -> SpokenWords:
        return self

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._coming = iter(())
            for one in self._begun.values():
                one.cancel()

    def _read_ahead(self) -> None:
        while sum(self._sizes[one] for one in self._begun) < _AHEAD and self._begin():
            pass

    def _begin(self) -> bool:
        language = next(self._coming, None)
        if language is not None:
            self._begun[language] = self._aside.submit(self._read, language)
        return language is not None

    def _read(self, language: str) -> _Read:
        rows = np.flatnonzero(self._labels == language)
        tokens, ends = LanguageTokens(), []
        for start in range(0, len(rows), _READ_AT_A_TIME):
            part = rows[start : start + _READ_AT_A_TIME].tolist()
            texts = [self._texts[row] for row in part]
            pieces = self._encoder.pieces(texts)
            for row, text, spans in zip(part, texts, pieces, strict=True):
                tokens.add(row, text, language, spans)
            ends += [piece_ends(spans) for spans in pieces]
        offsets = offsets_of([len(one) for one in ends])
        return _Read(tokens, rows, np.concatenate([np.zeros(0, np.int64), *ends]), offsets)


@dataclass(frozen=True, slots=True)
class _Part:
    """One language's terms, the ``rows`` they occur in, and their contexts and companies."""

    lexicon: Lexicon
    rows: tuple[Ints, Ints]
    vectors: tuple[Vectors, Vectors]


def write_vocabulary(
    words: SpokenWords,
    indexed: Future[SentenceTable],
    axes: Vectors,
    space: WordSpace,
    encoder: Encoder,
    cache: VectorCache,
    directory: Path,
    progress: Progress = silent,
) -> None:
    """Saves the vocabulary of sentences into a new folder, given as their ``words``, and ``indexed``, which
    may yet come: words are encoded until then. ``axes`` are those of the kept tokens' space along which
    contexts are compared. Raises CancelledError once ``indexed`` is cancelled."""
    directory.mkdir()

    def wanted(done: int, total: int) -> None:
        if indexed.cancelled():
            raise CancelledError("the sentences will not come")

    languages = words.languages

    def compiled(numbered: tuple[int, str]) -> _Part:
        number, language = numbered
        # Words give way to passages and sentences, and to those of languages that began before: else all
        # languages would end their encoding at once, and leave the cores idle while they do the rest.
        patient = encoder.later(number)

        def encode(texts: Sequence[str]) -> Vectors:
            return encode_cached(patient, texts, cache, wanted)

        read = words.take(language)
        most = _share(len(read.rows), len(words), len(languages))
        lexicon = compile_lexicon(language, read.tokens, space, encode, most)
        sentences = indexed.result()
        kept = sentences.kept
        found = sentence_rows(lexicon, read.tokens)
        places = runs_of(kept.offsets, read.rows)
        counts = np.asarray(kept.offsets)[read.rows + 1] - np.asarray(kept.offsets)[read.rows]
        keys = piece_keys(read.ends, read.offsets, counts, read.rows)
        context = context_vectors(lexicon, read.tokens, keys, lambda at: kept.tokens[places[at]], axes)
        mean = _mean(sentences.vectors, read.rows)
        return _Part(lexicon, found, (context, company_vectors(*found, sentences.vectors, mean)))

    parts: list[_Part] = []
    matches = _Matches()
    # While one language's words are gathered, another's are encoded, and those that are there are matched.
    with ThreadPoolExecutor(_TOGETHER) as pool, matches:
        coming = in_order(pool, compiled, enumerate(languages, 1), ahead=_TOGETHER)
        for done, part in enumerate(coming, 1):
            matches.add(Side.of(part.lexicon.word, *part.vectors, np.diff(part.lexicon.offsets)))
            parts.append(part)
            progress("reading the vocabulary", done, len(languages))
        lexicons = [part.lexicon for part in parts]
        space.write(directory / "space.npz")
        placed = pool.submit(_write_words, [one.word for one in lexicons if len(one.word)], directory)
        _write_terms(lexicons, directory)
        _write_rows([part.rows for part in parts], indexed.result().articles, directory)
        matches.write(directory, progress)
        placed.result()


def _mean(vectors: Callable[[Ints], Vectors], rows: Ints) -> Vectors:
    """The mean of some rows, in parts: all of them as floats take four times the memory."""
    parts = (rows[start : start + _READ_AT_A_TIME] for start in range(0, len(rows), _READ_AT_A_TIME))
    sums = [vectors(part).sum(axis=0, dtype=np.float64) for part in parts]
    mean: Vectors = (np.sum(sums, axis=0) / len(rows)).astype(np.float32)
    return mean


def _share(sentences: int, of: int, languages: int) -> int:
    """How many words the vocabulary of a language may have that has so many sentences of all."""
    whole = max(_WORDS, of // _SENTENCES_PER_WORD)
    return max(min(_LEAST, whole // languages), whole * sentences // max(1, of))


def _write_terms(lexicons: Sequence[Lexicon], directory: Path) -> None:
    """All languages' terms, one after the other: spellings, counts, and the keys to find them by."""
    sizes = [len(one.lemmas) for one in lexicons]
    np.save(directory / "language.npy", np.repeat(np.arange(len(lexicons), dtype=np.int16), sizes))
    (directory / "languages.txt").write_text("\n".join(one.language for one in lexicons), "utf-8")
    counts = [np.diff(one.offsets) for one in lexicons]
    np.save(directory / "counts.npy", np.concatenate([np.zeros(0, np.int64), *counts]).astype(np.int32))
    terms = [forms for one in lexicons for forms in one.forms]
    lemmas = [lemma for one in lexicons for lemma in one.lemmas]
    StringTable.write(directory, "forms", [form for forms in terms for form, _ in forms])
    np.save(directory / "form_counts.npy", np.array([n for forms in terms for _, n in forms], dtype=np.int32))
    np.save(directory / "term_forms.npy", offsets_of([len(forms) for forms in terms]))
    StringTable.write(directory, "lemmas", lemmas)
    keys: list[str] = []
    numbers: list[int] = []
    for number, (forms, lemma) in enumerate(zip(terms, lemmas, strict=True)):
        spellings = {lemma, *(lookup_key(form) for form, _ in forms)}
        keys += spellings
        numbers += [number] * len(spellings)
    KeyIndex.write(directory, "keys", keys, numbers)
    KeyIndex.write(directory, "folded", [analysis.fold(one) for one in keys], numbers)


def _write_words(words: Sequence[Vectors], directory: Path) -> None:
    """The placed vectors, and a rough copy on their principal axes, small enough to scan for a query."""
    flat = np.concatenate(words) if words else np.zeros((0, 1), np.float32)
    axes = np.linalg.eigh(flat.T @ flat)[1][:, ::-1][:, :_ROUGH].astype(np.float32)
    np.save(directory / "words.npy", flat.astype(np.float16))
    np.save(directory / "rough_words.npy", flat @ axes)
    np.save(directory / "rough_axes.npy", axes)


def _write_rows(rows: Sequence[tuple[Ints, Ints]], articles: Ints, directory: Path) -> None:
    """Which sentences each term occurs in, and in how many articles."""
    lengths = [np.diff(offsets) for offsets, _ in rows]
    flat = np.concatenate([np.zeros(0, np.int64), *(one for _, one in rows)])
    sizes = np.concatenate([np.zeros(0, np.int64), *lengths])
    np.save(directory / "rows.npy", flat.astype(np.uint32))
    np.save(directory / "term_rows.npy", offsets_of(sizes))
    owners = np.repeat(np.arange(len(sizes)), sizes)
    size = int(articles.max(initial=0)) + 1
    documents = np.unique(owners * size + articles[flat]) // size
    np.save(directory / "documents.npy", np.bincount(documents, minlength=len(sizes)).astype(np.int32))


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
        first = np.cumsum([0, *(len(one.counts) for one in self._sides)])
        source, target, probability = (
            [np.zeros(0, np.int64)],
            [np.zeros(0, np.int64)],
            [np.zeros(0, np.float32)],
        )
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
