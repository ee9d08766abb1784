"""Making a generation's vocabulary: its terms, where they occur, their vectors and their counterparts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.build import Progress, silent
from search import analysis
from search.batches import cores, in_order
from search.counterparts import Side, compressed, counterparts, joint
from search.encoder import Encoder, Vectors
from search.lexicography import Lexicon, compile_lexicon
from search.runs import offsets_of, runs_of
from search.strings import KeyIndex, StringTable
from search.term_vectors import company_vectors, context_vectors, piece_keys, sentence_rows
from search.terms import LanguageTokens
from search.tokens import TokenMatrix
from search.vectors import VectorCache, encode_cached
from search.vocabulary import lookup_key
from search.word_space import WordSpace

__all__ = ["SentenceTable", "write_vocabulary"]

Ints = NDArray[np.int64]

# Words in a whole library's vocabularies, or one for so many sentences where that is more: encoding them then
# take less than a fifth of the time that ten thousand passages and their sentences take. A language has its
# share by sentences, and no less than _LEAST where all languages can have that many.
_WORDS, _SENTENCES_PER_WORD, _LEAST = 14_000, 6, 4_000
_READ_AT_A_TIME = 4096
_ROUGH = 64
# Languages whose words are read side by side: two to keep the cores busy, and one for when one ends.
_TOGETHER = 3


@dataclass(frozen=True, slots=True)
class SentenceTable:
    """A library's sentences in row order: ``texts`` with their ``languages``, the number of the article of
    each, and their centred ``vectors``, given by row."""

    texts: Sequence[str]
    languages: Sequence[str]
    articles: Ints
    vectors: Callable[[Ints], Vectors]


@dataclass(frozen=True, slots=True)
class _Part:
    """One language's terms, the ``rows`` they occur in, and their contexts and companies."""

    lexicon: Lexicon
    rows: tuple[Ints, Ints]
    vectors: tuple[Vectors, Vectors]


def write_vocabulary(
    sentences: SentenceTable,
    kept: TokenMatrix,
    axes: Vectors,
    space: WordSpace,
    encoder: Encoder,
    cache: VectorCache,
    directory: Path,
    progress: Progress = silent,
) -> None:
    """Saves the vocabulary into a new folder. ``kept`` are the sentences' kept tokens, ``axes`` those of
    their space along which contexts are compared."""
    directory.mkdir()

    def encode(texts: Sequence[str]) -> Vectors:
        return encode_cached(encoder, texts, cache)

    labels = np.array(sentences.languages)
    languages = sorted(set(sentences.languages))

    def read(language: str) -> _Part:
        here = np.flatnonzero(labels == language)
        tokens, keys = _read(sentences, language, here, kept, encoder)
        most = _share(len(here), len(labels), len(languages))
        lexicon = compile_lexicon(language, tokens, space, encode, most)
        found = sentence_rows(lexicon, tokens)
        places = runs_of(kept.offsets, here)
        context = context_vectors(lexicon, tokens, keys, lambda at: kept.tokens[places[at]], axes)
        mean = _mean(sentences.vectors, here)
        return _Part(lexicon, found, (context, company_vectors(*found, sentences.vectors, mean)))

    parts: list[_Part] = []
    # While one language's words are read and gathered, another's are encoded.
    with ThreadPoolExecutor(_TOGETHER) as pool:
        for done, part in enumerate(in_order(pool, read, languages, ahead=_TOGETHER), 1):
            parts.append(part)
            progress("reading the vocabulary", done, len(languages))
    lexicons = [part.lexicon for part in parts]
    space.write(directory / "space.npz")
    with ThreadPoolExecutor(1) as pool:  # spellings keep the interpreter busy, matching does not
        terms = pool.submit(_write_terms, lexicons, directory)
        _write_rows([part.rows for part in parts], sentences.articles, directory)
        _write_counterparts(lexicons, [part.vectors for part in parts], directory, progress)
        terms.result()


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


def _read(
    sentences: SentenceTable, language: str, rows: Ints, kept: TokenMatrix, encoder: Encoder
) -> tuple[LanguageTokens, Ints]:
    """The words of a language's sentences, and where each of their kept tokens is."""
    tokens, keys = LanguageTokens(), [np.zeros(0, np.int64)]
    for start in range(0, len(rows), _READ_AT_A_TIME):
        part = rows[start : start + _READ_AT_A_TIME]
        texts = [sentences.texts[row] for row in part.tolist()]
        pieces = encoder.pieces(texts)
        for row, text, spans in zip(part.tolist(), texts, pieces, strict=True):
            tokens.add(row, text, language, spans)
        counts = np.asarray(kept.offsets)[part + 1] - np.asarray(kept.offsets)[part]
        keys.append(piece_keys(pieces, counts, part))
    return tokens, np.concatenate(keys)


def _write_terms(lexicons: Sequence[Lexicon], directory: Path) -> None:
    """All languages' terms, one after the other: spellings, counts, vectors, and the keys to find them by."""
    sizes = [len(one.lemmas) for one in lexicons]
    np.save(directory / "language.npy", np.repeat(np.arange(len(lexicons), dtype=np.int16), sizes))
    (directory / "languages.txt").write_text("\n".join(one.language for one in lexicons), "utf-8")
    counts = [np.diff(one.offsets) for one in lexicons]
    np.save(directory / "counts.npy", np.concatenate([np.zeros(0, np.int64), *counts]).astype(np.int32))
    _write_words([one.word for one in lexicons if len(one.word)], directory)
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


def _write_counterparts(
    lexicons: Sequence[Lexicon],
    vectors: Sequence[tuple[Vectors, Vectors]],
    directory: Path,
    progress: Progress,
) -> None:
    """Each term's likely counterparts in the other languages, with their probabilities. ``vectors`` are each
    language's contexts and companies."""
    first = np.cumsum([0, *(len(one.lemmas) for one in lexicons)])
    joints = compressed([joint(one.word, *more) for one, more in zip(lexicons, vectors, strict=True)])
    sides = [
        Side(one.word, *more, together, np.diff(one.offsets))
        for one, more, together in zip(lexicons, vectors, joints, strict=True)
    ]
    pairs = list(combinations(range(len(lexicons)), 2))
    source, target, probability = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
    with ThreadPoolExecutor(cores()) as pool:
        matched = pool.map(lambda pair: counterparts(sides[pair[0]], sides[pair[1]]), pairs)
        for done, ((left, right), found) in enumerate(zip(pairs, matched, strict=True), 1):
            source += [found.left + first[left], found.right + first[right]]
            target += [found.right + first[right], found.left + first[left]]
            probability += [found.probability, found.probability]
            progress("matching the vocabularies", done, len(pairs))
    owners, others, values = np.concatenate(source), np.concatenate(target), np.concatenate(probability)
    order = np.lexsort((-values, owners))
    np.save(directory / "counterparts.npy", others[order].astype(np.int32))
    np.save(directory / "probabilities.npy", values[order].astype(np.float16))
    np.save(directory / "term_counterparts.npy", offsets_of(np.bincount(owners, minlength=int(first[-1]))))
