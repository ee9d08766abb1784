"""Making a generation's indexes: of a whole library, or of the generation before and what has changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.mishaps import at_cost_of_all
from kb.progress import Progress
from kb.store.snapshot import Snapshot
from search.arrays.int8 import Int8Rows
from search.arrays.kept import Kept, joined_runs
from search.arrays.memory import give_back
from search.arrays.nearest import Nearest
from search.arrays.runs import offsets_of
from search.arrays.strings import mapped
from search.arrays.vectors import Ints, Vectors
from search.building.ahead import Ahead
from search.building.artifacts import background_vectors, context_map, word_space
from search.building.basis import FOLDER, Basis, Before
from search.building.passage_texts import PassageTexts
from search.building.token_cache import TokenCache, encode_sentences
from search.building.word_indexes import carry_words, write_words
from search.dictionary.spoken_words import SpokenWords
from search.dictionary.vocabulary_carrying import NewSentence, carry_vocabulary
from search.dictionary.vocabulary_writer import SentenceTable, write_vocabulary
from search.disk import durable
from search.encoding.protocol import Encoder
from search.encoding.vector_cache import VectorCache, encode_cached
from search.passages.lexical import ExactIndexBuilder
from search.passages.matrices import GISTS, Matrices, gists
from search.passages.tokens import TokenMatrix, TokenSpace
from search.ranking.calibration import BackgroundVectors, Calibration, calibrate
from search.ranking.shapes import fit_shapes
from search.translations import comparing
from search.translations.comparing import ArticleTable, write_translations
from search.translations.links import Before as LinksBefore
from search.translations.links import Links, link
from search.translations.pair_cache import PairCache, article_digest
from search.translations.same_text import METHOD

__all__ = ["carry_generation", "write_generation"]


_NEAREST = "nearest.npz"
_AT_A_TIME = 8192


# --- of a whole library


def write_generation(
    snapshot: Snapshot,
    encoder: Encoder,
    vectors: VectorCache,
    directory: Path,
    cache: Path | None,
    progress: Progress,
    ahead: Ahead,
) -> None:
    """Writes all indexes of a snapshot into a folder; passages may be being encoded ``ahead`` still."""
    texts = PassageTexts(list(snapshot.passages()))
    known = background_vectors(encoder, cache, progress)
    space = word_space(encoder, cache, progress)
    # Encoding leaves the interpreter to others: what takes words apart goes on aside, one after the other.
    # The vocabulary's words keep the cores busy where passages and sentences do not.
    with ThreadPoolExecutor(1) as aside, ThreadPoolExecutor(1) as beside:
        said = [one.sentence.text for one in texts.sentences]
        with SpokenWords(said, texts.spoken, encoder, aside) as spoken, _promised() as indexed:
            words = aside.submit(write_words, texts, directory)
            vocabulary = beside.submit(
                write_vocabulary,
                spoken,
                indexed,
                known.tokens.axes,
                space,
                context_map(encoder, cache, known.tokens, space, progress),
                encoder,
                vectors,
                directory / "vocabulary",
                progress,
            )
            raw, raw_sentences, keys, tokens = _encoded(
                texts, encoder, vectors, known.tokens, progress, ahead
            )
            progress("indexing", 0, 1)
            words.result()
            give_back()
            indexed.set_result(_indexed(texts, known, raw, raw_sentences, keys, tokens, directory))
            halved = _halved(_neutral(known), raw_sentences, texts.spoken)
            del raw, raw_sentences
            _write_relations(snapshot, texts, halved, keys, known, encoder, vectors, directory, progress)
            # What will not be touched any more gets to the disk while words are encoded.
            synced = aside.submit(_synced, [directory / one for one in ("vectors", "exact", "postings")])
            vocabulary.result()
            synced.result()
    _write_model(encoder, directory)


@contextmanager
def _promised() -> Iterator[Future[SentenceTable]]:
    """What others wait for; where it does not come, they get CancelledError."""
    future: Future[SentenceTable] = Future()
    try:
        yield future
    finally:
        future.cancel()


@at_cost_of_all("indexing vectors")
def _indexed(
    texts: PassageTexts,
    known: BackgroundVectors,
    raw: Vectors,
    raw_sentences: Vectors,
    keys: list[bytes],
    tokens: TokenCache,
    directory: Path,
) -> SentenceTable:
    """Writes the vectors of passages and sentences, and what is made of them alone; then the sentences as
    they are there."""
    for folder in ("vectors", FOLDER):
        (directory / folder).mkdir()
    calibration = calibrate(known, raw, texts.languages)
    centred = calibration.texts(raw, texts.languages), calibration.texts(raw_sentences, texts.spoken)
    Matrices(*centred, offsets_of(texts.counts), texts.kinds).write(directory / "vectors")
    calibration.write(directory)
    _neutral(known).write(directory / FOLDER)
    known.tokens.write(directory)
    np.save(directory / "shapes.npy", fit_shapes(calibration.queries(known.questions)))
    _save_keys(np.array([(p.key, p.article_key) for p in texts.passages], np.int64).reshape(-1, 2), directory)
    tokens.write_matrix(keys, directory / "vectors")
    articles = _article_numbers(directory, offsets_of(texts.counts))
    return SentenceTable(articles, _rows(directory, "sentences"), TokenMatrix(directory / "vectors"))


def _neutral(known: BackgroundVectors) -> Calibration:
    """The calibration on the background alone, which is the same for every library."""
    return calibrate(known, known.statements[:0], [])


@at_cost_of_all("comparing articles")
def _write_relations(
    snapshot: Snapshot,
    texts: PassageTexts,
    halved: NDArray[np.float16],
    keys: list[bytes],
    known: BackgroundVectors,
    encoder: Encoder,
    vectors: VectorCache,
    directory: Path,
    progress: Progress,
) -> None:
    """Writes which articles are the same text, and which passages are."""
    summaries = {summary.key: summary.language for summary in snapshot.summaries()}
    basis = Basis.of(encoder, len(texts.sentences), (*texts.languages, *summaries.values()))
    basis.write(directory)
    _write_languages([summaries[one.article_key] for one in texts.passages], directory)
    table = _article_table(texts, basis, summaries, halved, keys)
    pairs = PairCache(vectors.path.parent, encoder, METHOD)
    write_translations(table, known.tokens.axes, pairs, directory, progress)
    _write_links(basis.codes(texts.languages), offsets_of(texts.counts), directory)


def _synced(folders: Sequence[Path]) -> None:
    for folder in folders:
        durable.sync_tree(folder)


def _article_table(
    texts: PassageTexts,
    basis: Basis,
    languages: dict[int, str],
    vectors: NDArray[np.float16],
    keys: list[bytes],
) -> ArticleTable:
    articles = np.array([passage.article_key for passage in texts.passages], dtype=np.int64)
    numbers, bounds = _bounds_of_articles(articles, offsets_of(texts.counts))

    def neutral(article: int) -> Vectors:
        return vectors[int(bounds[article]) : int(bounds[article + 1])].astype(np.float32)

    digests = [article_digest(keys[a:b]) for a, b in pairwise(bounds.tolist())]
    codes = basis.codes([languages[key] for key in numbers.tolist()])
    return ArticleTable(numbers, codes, bounds, digests, neutral)


def _halved(neutral: Calibration, raw: Vectors, languages: Sequence[str]) -> NDArray[np.float16]:
    """Sentences centred on the background alone."""
    centred = np.zeros(raw.shape, np.float16)
    for start in range(0, len(centred), _AT_A_TIME):
        part = slice(start, start + _AT_A_TIME)
        centred[part] = neutral.texts(raw[part], languages[part])
    return centred


# --- of the generation before


def carry_generation(
    before: Before,
    snapshot: Snapshot,
    encoder: Encoder,
    vectors: VectorCache,
    directory: Path,
    progress: Progress,
    ahead: Ahead,
) -> None:
    """Writes the indexes of a snapshot into a folder: what stays of the one before, and what is new, of which
    passages may be being encoded ``ahead`` still."""
    old, texts, basis = before.directory, PassageTexts(before.added), before.basis
    for folder in ("vectors", FOLDER):
        (directory / folder).mkdir()
    exact = ExactIndexBuilder(directory / "exact")
    again = before.keys[exact.carry(old / "exact", before.passages), 0].tolist()
    held = snapshot.passages_by_key(again)
    with ThreadPoolExecutor(1) as pool:  # beside encoding and copying
        words = pool.submit(carry_words, before, exact, [held[key] for key in again], directory)
        space = TokenSpace.read(old)
        raw, raw_sentences, keys, tokens = _encoded(texts, encoder, vectors, space, progress, ahead)
        tokens.write_matrix(keys, directory / "vectors", old / "vectors", before.sentences)
        words.result()
    calibration = Calibration.read(old)
    bounds = joined_runs(before.passages, mapped(old / "vectors" / "bounds.npy"), texts.counts)
    np.save(directory / "vectors" / "bounds.npy", bounds)
    axes = mapped(old / "vectors" / "axes.npy")
    passages = Int8Rows.of(calibration.texts(raw, texts.languages), axes)
    sentences = Int8Rows.of(calibration.texts(raw_sentences, texts.spoken), axes)
    _carry_rows(before, "passages", before.passages, passages, directory)
    _carry_rows(before, "sentences", before.sentences, sentences, directory)
    _carry_rows(
        before, GISTS, before.passages, gists(passages, sentences, offsets_of(texts.counts)), directory
    )
    shutil.copyfile(old / "vectors" / "axes.npy", directory / "vectors" / "axes.npy")
    kinds = before.sentences.joined(mapped(old / "vectors" / "kinds.npy"), texts.kinds)
    np.save(directory / "vectors" / "kinds.npy", kinds)
    basis.write(directory)
    _save_keys(before.keys, directory)
    languages = {summary.key: summary.language for summary in snapshot.summaries()}
    _write_languages([languages[key] for key in before.keys[:, 1].tolist()], directory)
    progress("comparing articles", 0, 1)
    table = _carried_table(before, snapshot, bounds, languages, encoder, vectors)
    with at_cost_of_all("comparing articles"):
        write_translations(
            table, space.axes, None, directory, progress, comparing.before_of(old, before.articles)
        )
    _carry_links(before, bounds, directory)
    for name in ("calibration.npz", f"{FOLDER}/calibration.npz", "token_space.npz", "shapes.npy"):
        shutil.copyfile(old / name, directory / name)
    pieces = encoder.pieces([one.sentence.text for one in texts.sentences])
    added = [
        NewSentence(one.sentence.text, one.language, spans)
        for one, spans in zip(texts.sentences, pieces, strict=True)
    ]
    articles = _article_numbers(directory, bounds)
    carry_vocabulary(old / "vocabulary", directory / "vocabulary", before.sentences, added, articles)
    _write_model(encoder, directory)


@at_cost_of_all("comparing articles")
def _carried_table(
    before: Before,
    snapshot: Snapshot,
    ends: Ints,
    languages: Mapping[int, str],
    encoder: Encoder,
    cache: VectorCache,
) -> ArticleTable:
    neutral = Calibration.read(before.directory / FOLDER)
    numbers, bounds = _bounds_of_articles(before.keys[:, 1], ends)
    known: dict[int, Vectors] = {}

    def centred(article: int) -> Vectors:
        found = known.get(article)
        if found is None:
            sentences = PassageTexts(snapshot.passages_of(int(numbers[article]))).sentences
            raw = encode_cached(encoder, [one.sentence.text for one in sentences], cache)
            found = known[article] = neutral.texts(raw, [one.language for one in sentences])
        return found

    codes = before.basis.codes([languages[key] for key in numbers.tolist()])
    return ArticleTable(numbers, codes, bounds, [], centred)


def _carry_rows(before: Before, name: str, kept: Kept, new: Int8Rows, directory: Path) -> None:
    old = Int8Rows.read(before.directory / "vectors", name)
    Int8Rows(
        kept.joined(old.heads, new.heads),
        kept.joined(old.tails, new.tails),
        kept.joined(old.steps, new.steps),
    ).write(directory / "vectors", name)


def _carry_links(before: Before, bounds: Ints, directory: Path) -> None:
    old = before.directory
    with np.load(old / FOLDER / _NEAREST, allow_pickle=False) as held:
        near, codes = Nearest.unpacked(held, "passages", own=False), held["codes"]
    languages = [one.passage.language for one in before.added]
    now = before.passages.joined(codes, before.basis.codes(languages))
    known = LinksBefore(Links.read(old / "vectors"), near, before.passages)
    _write_links(now, bounds, directory, known)


# --- of either


@at_cost_of_all("encoding passages and sentences")
def _encoded(
    texts: PassageTexts,
    encoder: Encoder,
    vectors: VectorCache,
    space: TokenSpace,
    progress: Progress,
    ahead: Ahead,
) -> tuple[Vectors, Vectors, list[bytes], TokenCache]:
    """Raw vectors of passages and of sentences, and the sentences' keys in the cache of their tokens."""
    ahead(progress)
    raw = encode_cached(
        encoder,
        [passage.passage.text for passage in texts.passages],
        vectors,
        lambda done, total: progress("encoding passages", done, total),
    )
    tokens = TokenCache(vectors.path.parent, encoder, space)
    raw_sentences, keys = encode_sentences(
        encoder,
        [(sentence.sentence.text, sentence.language) for sentence in texts.sentences],
        vectors,
        tokens,
        lambda done, total: progress("encoding sentences", done, total),
    )
    return raw, raw_sentences, keys, tokens


@at_cost_of_all("linking passages")
def _write_links(codes: Ints, bounds: Ints, directory: Path, before: LinksBefore | None = None) -> None:
    """Links the passages, whose vectors are there already and whose languages are ``codes``."""
    passages = _rows(directory, "passages")(slice(None))
    links, near = link(passages, _rows(directory, "sentences"), bounds, codes, before)
    links.write(directory / "vectors")
    arrays: dict[str, Any] = {"codes": codes, **near.packed("passages")}
    np.savez(directory / FOLDER / _NEAREST, **arrays)


def _rows(directory: Path, name: str) -> Callable[[Ints | slice], Vectors]:
    """Centred vectors of passages or sentences by row, as they are kept."""
    kept, axes = Int8Rows.read(directory / "vectors", name), mapped(directory / "vectors" / "axes.npy")
    return lambda rows: kept.floats(rows, axes)


def _write_model(encoder: Encoder, directory: Path) -> None:
    (directory / "model.json").write_text(json.dumps(asdict(encoder.identity)), "utf-8")


def _save_keys(keys: Ints, directory: Path) -> None:
    np.save(directory / "passage_keys.npy", np.ascontiguousarray(keys[:, 0]))
    np.save(directory / "article_keys.npy", np.ascontiguousarray(keys[:, 1]))


def _write_languages(of_articles: Sequence[str], directory: Path) -> None:
    """The language of each passage's article, as a place among the passages' languages and others."""
    of_passages = (directory / "postings" / "languages.txt").read_text("utf-8").split()
    names = list(dict.fromkeys([*of_passages, *of_articles]))
    codes = {name: code for code, name in enumerate(names)}
    np.save(directory / "article_language.npy", np.array([codes[one] for one in of_articles], dtype=np.int16))
    (directory / "languages.txt").write_text("\n".join(names), "utf-8")


def _bounds_of_articles(articles: Ints, bounds: Ints) -> tuple[Ints, Ints]:
    """The keys of articles, given by passage, and the bounds of their sentences, given those of passages'.
    Passages are in the order of their keys, and so are their articles."""
    keys, first = np.unique(articles, return_index=True)
    return keys, np.append(bounds[first], bounds[-1])


def _article_numbers(directory: Path, bounds: Ints) -> Ints:
    """The number of the article of each sentence."""
    articles = np.load(directory / "article_keys.npy", allow_pickle=False)
    numbers: Ints = np.unique(np.repeat(articles, np.diff(bounds)), return_inverse=True)[1]
    return numbers
