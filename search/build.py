"""Building a library: the knowledge base first, then a new generation of indexes made from it.

What is written is visible only when the generation is complete and ``live.json`` names it; a build that
is killed leaves the old library live, and its encoded vectors in the cache for the next try.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import regex
from numpy.typing import NDArray

import kb.build
from kb.build import BuildReport, Progress, silent
from kb.errors import LibraryDamaged, LibraryError, LibraryMissing
from kb.furniture import Closeness
from kb.models import Sentence
from kb.snapshot import Snapshot, StoredPassage
from kb.store import Store
from search import analysis, layout
from search.artifacts import background_vectors, word_space, write_calibration, write_token_space
from search.backends.base import ANSWERS, ITEM
from search.calibration import calibrate
from search.comparing import Sentences, write_translations
from search.encoder import Encoder, Vectors, load
from search.errors import ModelMismatch
from search.lexical import ExactIndexBuilder
from search.links import link
from search.memory import give_back
from search.pair_cache import PairCache
from search.postings import PostingsBuilder
from search.preparation import cache_directory
from search.shapes import fit_shapes
from search.tokens import TokenCache, TokenMatrix
from search.translations import METHOD
from search.vectors import Matrices, VectorCache, encode_cached, encode_sentences
from search.vocabulary_writer import SentenceTable, write_vocabulary

__all__ = [
    "add",
    "build",
    "is_question",
    "model_of",
    "remove",
    "restore",
    "sweep",
    "write_indexes",
    "writing",
]

_log = logging.getLogger(__name__)
_QUESTION_END = regex.compile(r"[?？؟;՞፧](?:[\"'”’»)\]」』]*)\s*\Z")


def build(
    sources: Iterable[str | Path],
    to: Path,
    *,
    model: str | None = None,
    cache: Path | None = None,
    progress: Progress = silent,
) -> BuildReport:
    """Makes the library at ``to`` hold what the files under ``sources`` hold now.

    Raises InputError, leaving the library that was there, when nothing can be read.
    """
    paths = list(sources)

    def change(store: Store, generation: int) -> BuildReport:
        encode = _by_meaning(model, cache)
        return kb.build.update(store, paths, generation, progress=progress, encode=encode)

    return _write(to, change, model, cache, progress, create=True)


def add(
    paths: Iterable[str | Path],
    to: Path,
    *,
    model: str | None = None,
    cache: Path | None = None,
    progress: Progress = silent,
) -> BuildReport:
    """Adds files, or reads them again where they changed. The model is the library's own."""
    given = list(paths)

    def change(store: Store, generation: int) -> BuildReport:
        encode = _by_meaning(model, cache)
        return kb.build.add(store, given, generation, progress=progress, encode=encode)

    return _write(to, change, model, cache, progress, create=False)


def remove(
    sources: Sequence[str],
    to: Path,
    *,
    model: str | None = None,
    cache: Path | None = None,
    progress: Progress = silent,
) -> BuildReport:
    """Removes articles by source. Raises InputError where one is not in the library."""

    def change(store: Store, generation: int) -> BuildReport:
        return kb.build.remove(store, sources, generation)

    return _write(to, change, model, cache, progress, create=False)


def restore(
    source: str,
    start: int,
    to: Path,
    *,
    model: str | None = None,
    cache: Path | None = None,
    progress: Progress = silent,
) -> BuildReport:
    """Puts back the part removed from an article that begins at ``start`` of its file's text, for as long as
    that text stays the same. Raises InputError where there is no such article or part."""

    def change(store: Store, generation: int) -> BuildReport:
        return kb.build.restore(store, source, start, generation)

    return _write(to, change, model, cache, progress, create=False)


def _by_meaning(model: str | None, cache: Path | None) -> Closeness:
    """The encoder for lists in doubt (are these links off the topic?), loaded for the first of them."""
    loaded: list[Encoder] = []

    def encode(texts: Sequence[str]) -> Vectors:
        if not loaded:
            loaded.append(load(model, cache=cache))
        return loaded[0].passages(texts)

    return encode


def _write(
    library: Path,
    change: Callable[[Store, int], BuildReport],
    model: str | None,
    cache: Path | None,
    progress: Progress,
    *,
    create: bool,
) -> BuildReport:
    if not create:
        _must_exist(library)
    analysis.keep_lemma_indexes(cache_directory(cache) / "lemmas")
    with writing(library, progress) as (live, store):
        made_with = model_of(library, live)
        name = model or (made_with or {}).get("name")
        report = change(store, live + 1)
        encoder = load(name, cache=cache, progress=progress)
        if made_with is not None and made_with != asdict(encoder.identity) and not create:
            store.discard_after(live)
            raise ModelMismatch(
                f"{library}: was made with the model {made_with['name']} ({made_with['revision']}), "
                f"not {encoder.identity.name} ({encoder.identity.revision}); rebuild it with `kb build`"
            )
        same_model = made_with == asdict(encoder.identity)
        if live and same_model and not report.touched and _skipped(store, live) == _skipped(store, live + 1):
            if not layout.check_generation(library, live, thorough=False):
                store.discard_after(live)
                return report
            _log.warning("%s: generation %d is damaged; its indexes are made anew", library, live)
        write_indexes(library, store, live + 1, encoder, cache, progress)
    return report


def write_indexes(
    library: Path, store: Store, generation: int, encoder: Encoder, cache: Path | None, progress: Progress
) -> None:
    """Makes the indexes of a generation that the store has, and the generation the live one. When this
    returns, it stays so, whatever happens."""
    vectors = VectorCache(library / "cache", encoder)
    with layout.new_generation(library, generation) as directory:
        _write_generation(store.at(generation), encoder, vectors, directory, cache, progress)
        vectors.compact()
    layout.switch(library, generation)
    sweep(library, store, generation)


@contextmanager
def writing(library: Path, progress: Progress = silent) -> Iterator[tuple[int, Store]]:
    """The right to write, the live generation (0: none yet) and the store as it is there; what a writer left
    that died is gone. Raises LibraryLocked, and LibraryError for all that the disk refuses."""
    with ExitStack() as stack:
        stack.enter_context(_disk_errors(library))
        stack.enter_context(layout.locked(library, progress))
        live, store = _open_for_writing(library)
        stack.enter_context(store)
        store.discard_after(live)
        sweep(library, store, live)
        yield live, store


def sweep(library: Path, store: Store, live: int, *, thorough: bool = False) -> None:
    """Removes what nobody can read any more; what cannot be removed now is left for the next write.
    ``thorough`` reads the older generations whole to find them sound."""
    kept = layout.keepers(library, live, thorough=thorough)
    try:
        # The folders first: where there is a folder, there are its rows.
        layout.sweep_generations(library, kept)
        store.sweep(kept)
    except (OSError, LibraryError) as error:
        _log.warning("%s: what is old cannot be deleted (%s); the next write tries again", library, error)


@contextmanager
def _disk_errors(library: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # numpy says what it could not write without an errno.
        why = error.strerror or " ".join(str(error).split())
        raise LibraryError(
            f"{library}: could not be written ({why}); readers have it as it was: "
            "make room or mend the disk, and run it again"
        ) from error


def _must_exist(library: Path) -> None:
    try:
        layout.read_live(library)
    except LibraryDamaged:
        if not layout.generations(library):
            raise


def _open_for_writing(library: Path) -> tuple[int, Store]:
    """The live generation (0: none yet) and the store."""
    path = layout.database(library)
    if not path.exists():
        return 0, Store.create(path)
    try:
        return layout.read_live(library).generation, Store.open(path, writable=True)
    except (LibraryMissing, LibraryDamaged) as error:
        store = Store.open(path, writable=True)
        return _last_live(library, store, named=isinstance(error, LibraryDamaged)), store


def _last_live(library: Path, store: Store, *, named: bool) -> int:
    """Which generation was live, where ``live.json`` cannot say; 0 where none ever was. ``named``: there is
    such a file, only damaged. Rather one too late than too early: what comes after is discarded."""
    sound = layout.newest_sound(library)
    if sound:
        layout.switch(library, sound)
        return sound
    there = layout.generations(library)
    return there[0] if there else store.latest() if named else 0


def _skipped(store: Store, generation: int) -> list[object]:
    return list(store.at(generation).skipped())


def model_of(library: Path, live: int) -> dict[str, Any] | None:
    """Which model made a generation; None for none. Raises LibraryDamaged where that is lost."""
    if not live:
        return None
    path = layout.generation_directory(library, live) / "model.json"
    try:
        found = json.loads(path.read_text("utf-8"))
        return {"name": str(found["name"]), "revision": str(found["revision"]), **found}
    except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
        raise LibraryDamaged(f"{path}: is missing or damaged; `kb verify --repair` mends it") from error


def _write_generation(
    snapshot: Snapshot,
    encoder: Encoder,
    vectors: VectorCache,
    directory: Path,
    cache: Path | None,
    progress: Progress,
) -> None:
    passages = list(snapshot.passages())
    _write_lexical(passages, directory, progress)
    give_back()
    sentences = [sentence for passage in passages for sentence in passage.sentences()]
    languages = [passage.passage.language for passage in passages]
    sentence_languages = [sentence.language for sentence in sentences]
    known = background_vectors(encoder, cache, progress)
    raw = encode_cached(
        encoder,
        [passage.passage.text for passage in passages],
        vectors,
        lambda done, total: progress("encoding passages", done, total),
    )
    (directory / "vectors").mkdir()
    tokens = TokenCache(vectors.path.parent, encoder, known.tokens)
    raw_sentences, token_keys = encode_sentences(
        encoder,
        [(sentence.sentence.text, sentence.language) for sentence in sentences],
        vectors,
        tokens,
        lambda done, total: progress("encoding sentences", done, total),
    )
    tokens.write_matrix(token_keys, directory / "vectors")
    calibration = calibrate(known, raw, languages)
    centred = calibration.texts(raw, languages)
    centred_sentences = calibration.texts(raw_sentences, sentence_languages)
    bounds = np.zeros(len(passages) + 1, np.int64)
    bounds[1:] = np.cumsum([len(passage.sentence_keys) for passage in passages])
    kinds = np.array([_kind(one.sentence) for one in sentences], dtype=np.uint8)
    np.save(directory / "shapes.npy", fit_shapes(calibration.queries(known.questions)))
    matrices = Matrices(centred, centred_sentences, bounds, kinds)
    matrices.write(directory / "vectors")
    article_languages = {summary.key: summary.language for summary in snapshot.summaries()}
    _write_languages([article_languages[one.article_key] for one in passages], directory)
    write_translations(
        Sentences(passages, raw_sentences, sentence_languages, token_keys),
        article_languages,
        known,
        PairCache(vectors.path.parent, encoder, METHOD),
        directory,
        progress,
    )
    del raw, raw_sentences  # as large as all the rest together
    give_back()
    links = link(matrices.passages, matrices.sentences, bounds, _codes(languages))
    links.write(directory / "vectors")
    write_calibration(calibration, directory)
    write_token_space(known.tokens, directory)
    _, articles = np.unique([sentence.article_key for sentence in sentences], return_inverse=True)
    write_vocabulary(
        SentenceTable([s.sentence.text for s in sentences], sentence_languages, articles, centred_sentences),
        TokenMatrix(directory / "vectors"),
        known.tokens.axes,
        word_space(encoder, cache, progress),
        encoder,
        vectors,
        directory / "vocabulary",
        progress,
    )
    np.save(directory / "passage_keys.npy", np.array([p.key for p in passages], dtype=np.int64))
    np.save(directory / "article_keys.npy", np.array([p.article_key for p in passages], dtype=np.int64))
    (directory / "model.json").write_text(json.dumps(asdict(encoder.identity)), "utf-8")


def _write_lexical(passages: Sequence[StoredPassage], directory: Path, progress: Progress) -> None:
    postings, exact = PostingsBuilder(), ExactIndexBuilder(directory / "exact")
    for done, passage in enumerate(passages, 1):
        postings.add(passage.passage.text, passage.passage.language)
        exact.add(passage.passage.text)
        progress("indexing", done, len(passages))
    exact.finish()
    postings.write(directory / "postings")


def _write_languages(of_articles: Sequence[str], directory: Path) -> None:
    """The language of each passage's article, as a place among the passages' languages and others."""
    of_passages = (directory / "postings" / "languages.txt").read_text("utf-8").split()
    names = list(dict.fromkeys([*of_passages, *of_articles]))
    codes = {name: code for code, name in enumerate(names)}
    np.save(directory / "article_language.npy", np.array([codes[one] for one in of_articles], dtype=np.int16))
    (directory / "languages.txt").write_text("\n".join(names), "utf-8")


def _kind(sentence: Sentence) -> int:
    """What a sentence is to those who look for evidence."""
    evidence = sentence.kind != "heading" and not is_question(sentence.text)
    return (ANSWERS if evidence else 0) | (ITEM if sentence.kind == "item" else 0)


def _codes(labels: Sequence[str]) -> NDArray[np.int16]:
    """Labels as small numbers."""
    names = list(dict.fromkeys(labels))
    return np.array([names.index(label) for label in labels], dtype=np.int16)


def is_question(text: str) -> bool:
    """Whether a sentence asks rather than says: such sentences attract every question and answer none."""
    return bool(_QUESTION_END.search(text))
