"""Building a library: the knowledge base first, then a new generation of indexes made from it.

What is written is visible only when the generation is complete and ``live.json`` names it; a build that
is killed leaves the old library live, and its encoded vectors in the cache for the next try.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from threadpoolctl import threadpool_limits

import kb.build
from kb.build import BuildReport
from kb.building.given import Sources
from kb.cleaning.page import Encode
from kb.errors import BuildFailed, KBError, LibraryDamaged
from kb.mishaps import at_cost_of_all
from kb.progress import Progress, silent
from kb.run import Entered
from kb.store.store import Store
from kb.text import language_model
from search.arrays.vectors import Vectors
from search.building.ahead import Ahead, PassagesAhead, none_ahead
from search.building.basis import before_of
from search.building.culprits import culprits
from search.building.generation import write_generation
from search.building.held import held_tokens
from search.building.parts.keys import Model
from search.building.settings import BUILDING
from search.building.token_cache import drop_tokens
from search.building.writing import disk_errors, sweep, writing
from search.disk import layout
from search.disk.record_cache import content_key
from search.encoding.encoder import load
from search.encoding.preparation import cache_directory
from search.encoding.protocol import Encoder, ModelIdentity
from search.encoding.vector_cache import VectorCache, encode_missing
from search.errors import ModelMismatch
from search.language import analysis
from search.reader.loading import prepare_beside

__all__ = [
    "add",
    "build",
    "model_of",
    "remove",
    "restore",
    "write_indexes",
]

_log = logging.getLogger(__name__)


def build(
    sources: Sources,
    to: str | Path,
    *,
    model: str | None = None,
    cache: str | Path | None = None,
    progress: Progress = silent,
    text_field: str | None = None,
    title_field: str | None = None,
    rehash: bool = False,
) -> BuildReport:
    """Makes the library at ``to`` hold what the files under ``sources`` hold now: a folder, a file, several.

    Or documents that are in memory: a :class:`kb.Document` or a mapping with its fields, several of them,
    however they come (a list, a generator, which is read as it goes), or a data frame of pandas or polars
    with columns of these names. Of them, what was given before and is not given now goes, and what is as it
    was is not read again; so it is with files.

    ``text_field`` and ``title_field`` name the columns of tables, or the keys of JSON records and mappings,
    that hold text and title, where their own names do not say so. Files that look as they did are not read
    again, unless ``rehash`` is true.

    Of a file or a folder that cannot be read at the moment the library keeps what it has; a file that is bad,
    or an article that cannot be indexed, is left out. All are named. Raises InputError, leaving the library
    that was there, when nothing can be read, or something is given as a document that is none, UsageError
    for what is neither, and BuildFailed when something goes wrong that is no file's fault.
    """

    def change(store: Store, generation: int, encode: Encode, entered: Entered) -> BuildReport:
        return kb.build.update(
            store,
            sources,
            generation,
            progress=progress,
            encode=encode,
            entered=entered,
            text_field=text_field,
            title_field=title_field,
            rehash=rehash,
        )

    return _write(to, change, model, cache, progress, create=True)


def add(
    sources: Sources,
    to: str | Path,
    *,
    model: str | None = None,
    cache: str | Path | None = None,
    progress: Progress = silent,
    text_field: str | None = None,
    title_field: str | None = None,
    rehash: bool = False,
) -> BuildReport:
    """Adds files or documents, or reads them again where they changed. The model is the library's own.

    ``sources``, ``text_field``, ``title_field`` and ``rehash`` are as for :func:`build`.
    """

    def change(store: Store, generation: int, encode: Encode, entered: Entered) -> BuildReport:
        return kb.build.add(
            store,
            sources,
            generation,
            progress=progress,
            encode=encode,
            entered=entered,
            text_field=text_field,
            title_field=title_field,
            rehash=rehash,
        )

    return _write(to, change, model, cache, progress, create=False)


def remove(
    sources: Sequence[str],
    to: str | Path,
    *,
    model: str | None = None,
    cache: str | Path | None = None,
    progress: Progress = silent,
) -> BuildReport:
    """Removes articles by source. Raises InputError where one is not in the library."""

    def change(store: Store, generation: int, encode: Encode, entered: Entered) -> BuildReport:
        return kb.build.remove(store, sources, generation, encode=encode)

    return _write(to, change, model, cache, progress, create=False)


def restore(
    source: str,
    start: int,
    to: str | Path,
    *,
    model: str | None = None,
    cache: str | Path | None = None,
    progress: Progress = silent,
) -> BuildReport:
    """Puts back the part removed from an article that begins at ``start`` of its file's text, for as long as
    that text stays the same. Raises InputError where there is no such article or part."""

    def change(store: Store, generation: int, encode: Encode, entered: Entered) -> BuildReport:
        return kb.build.restore(store, source, start, generation, encode=encode)

    return _write(to, change, model, cache, progress, create=False)


def _write(
    to: str | Path,
    change: Callable[[Store, int, Encode, Entered], BuildReport],
    model: str | None,
    prepared: str | Path | None,
    progress: Progress,
    *,
    create: bool,
) -> BuildReport:
    library, cache = Path(to), None if prepared is None else Path(prepared)
    if not create:
        _must_exist(library)
    analysis.keep_dictionaries(cache_directory(cache) / "lemmas")
    language_model.keep_in(cache_directory(cache) / "languages")
    with writing(library, progress) as (live, store), ThreadPoolExecutor(2) as threads:
        made_with = model_of(library, live)

        def loaded() -> tuple[Encoder, VectorCache]:
            with at_cost_of_all("loading the model"):
                encoder = load(
                    model or (made_with.name if made_with else None), cache=cache, progress=progress
                )
            if made_with is not None and made_with != encoder.identity and not create:
                raise ModelMismatch(
                    f"{library}: was made with the model {made_with.name} ({made_with.revision}), "
                    f"not {encoder.identity.name} ({encoder.identity.revision}); rebuild it with `kb build`"
                )
            return encoder, VectorCache(library / "cache", encoder)

        # While files are read, the model is, too, and what the new generation may be made from is checked.
        loading = threads.submit(loaded)
        checking = threads.submit(_problems, library, live)
        threads.submit(lambda: prepare_beside(loading.result()[0].identity, cache))

        def by_meaning(texts: Sequence[str]) -> Vectors:
            """For lists in doubt (are these links off the topic?), which wait until the model is there."""
            with disk_errors(library):  # which is no fault of the text's
                return loading.result()[0].passages(texts)

        def keep(texts: Sequence[str]) -> int:
            return _kept_ahead(texts, *loading.result())

        with PassagesAhead(keep) as ahead, _undone(library, store, live):
            with at_cost_of_all("reading files"):
                report = change(store, live + 1, by_meaning, ahead.take)
            encoder, vectors = loading.result()
            problems = checking.result()
            same_model = made_with == encoder.identity
            same = not report.touched and _skipped(store, live) == _skipped(store, live + 1)
            if live and same_model and same:
                if not problems:
                    ahead.finish(progress)
                    store.discard_after(live)
                    return report
                _log.warning("%s: generation %d is damaged; its indexes are made anew", library, live)
            before = live if same_model and not problems else 0
            written = (library, store, live + 1, encoder, vectors)
            write = partial(write_indexes, *written, cache, progress, before, ahead.finish)
            return _without_culprits(write, store, live + 1, encoder, vectors, report, revive=not create)


def _kept_ahead(texts: Sequence[str], encoder: Encoder, vectors: VectorCache) -> int:
    """Keeps the vectors of passages that are encoded while files are read; of how many texts."""
    missing = vectors.missing(map(content_key, texts))
    try:
        if missing:
            encode_missing(encoder, texts, vectors)
    except (KBError, OSError):
        raise
    except Exception as error:
        # When all is read it is tried again, and then it can be told whose text it is.
        _log.warning("%s: passages cannot be encoded yet (%s)", vectors.path, type(error).__name__)
        return 0
    return len(missing)


def _without_culprits(
    write: Callable[[], None],
    store: Store,
    generation: int,
    encoder: Encoder,
    vectors: VectorCache,
    report: BuildReport,
    *,
    revive: bool,
) -> BuildReport:
    """``write`` the indexes of what ``report`` tells of; again without articles that they cannot be made of,
    for which what was there before may be there still (``revive``). The report of what came of it."""
    for _ in range(BUILDING.rounds):
        try:
            write()
            return report
        except BuildFailed as failed:
            reasons = culprits(store.at(generation), encoder, vectors, failed)
            if not reasons:
                raise
            report = kb.build.leave_out(store, generation, reasons, report, revive=revive)
    write()
    return report


@contextmanager
def _undone(library: Path, store: Store, live: int) -> Iterator[None]:
    """Where something fails inside, nothing of what was written for the next generation is left, unless
    that is the live one already."""
    try:
        yield
    except Exception:
        with suppress(KBError, OSError):  # the next write tries again
            if layout.live_generation(library) == live:
                store.discard_after(live)
        raise


def _problems(library: Path, live: int) -> tuple[str, ...]:
    return layout.check_generation(library, live, thorough=True) if live else ()


def write_indexes(
    library: Path,
    store: Store,
    generation: int,
    encoder: Encoder,
    vectors: VectorCache,
    cache: Path | None,
    progress: Progress,
    before: int = 0,
    ahead: Ahead = none_ahead,
) -> None:
    """Makes the indexes of a generation that the store has, and the generation the live one. When this
    returns, it stays so, whatever happens. ``before`` is a generation of the same model, every byte of which
    is sound: what has not changed since may be taken over from it. ``vectors`` are the library's, of this
    encoder; ``ahead`` returns when those of the passages are there that somebody else encodes."""
    snapshot = store.at(generation)
    with at_cost_of_all("comparing with the generation before"):
        old = before_of(layout.generation_directory(library, before), snapshot, encoder) if before else None
        tokens = held_tokens(library, encoder, before)
    # Threads that encode have the cores already: those of the products would only get in their way.
    with (
        layout.new_generation(library, generation) as directory,
        threadpool_limits(1, user_api="blas"),
        at_cost_of_all("writing the indexes"),
    ):
        write_generation(snapshot, old, encoder, vectors, directory, cache, progress, ahead, tokens)
        if old is None:
            vectors.compact()
    layout.switch(library, generation)
    drop_tokens(vectors.path.parent)
    if old is None:
        vectors.remove_others()
    sweep(library, store, generation)


def _must_exist(library: Path) -> None:
    try:
        layout.read_live(library)
    except LibraryDamaged:
        if not layout.generations(library):
            raise


def _skipped(store: Store, generation: int) -> list[object]:
    return list(store.at(generation).skipped())


def model_of(library: Path, live: int) -> ModelIdentity | None:
    """Which model made a generation; None for none. Raises LibraryDamaged where that is lost."""
    return Model.opened(layout.generation_directory(library, live)) if live else None
