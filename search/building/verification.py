"""Is a library as it was written? Where not, its indexes are made again from the articles in its database."""

from __future__ import annotations

from pathlib import Path

from kb.errors import LibraryDamaged, LibraryError
from kb.progress import Progress, silent
from kb.store.store import Store
from search.building.build import model_of, write_indexes
from search.building.parts.keys import PassageKeys
from search.building.writing import sweep, writing
from search.disk import layout, truth
from search.encoding.encoder import load
from search.encoding.preparation import bundled_directory, cache_directory, is_sound, prepare_bundled
from search.encoding.vector_cache import VectorCache
from search.language import analysis

__all__ = ["problems_of", "repair", "verify"]


def verify(library: str | Path, *, cache: str | Path | None = None) -> tuple[str, ...]:
    """Everything wrong with a library, one line each; nothing when all is well.

    Reads every byte of the live generation, of the one before it and of the prepared model, and has SQLite
    check its file. Raises LibraryMissing or LibraryVersionMismatch.
    """
    library, cache = Path(library), None if cache is None else Path(cache)
    problems = problems_of(library)
    prepared = bundled_directory(cache)
    if prepared.exists() and not is_sound(prepared, thorough=True):
        problems.append(f"{prepared}: is not as it was prepared; delete it to have it made again")
    return tuple(problems)


def problems_of(library: Path) -> list[str]:
    """What is wrong with the files of a library itself, whatever model it was made with."""
    problems: list[str] = []
    try:
        live = layout.read_live(library).generation
    except LibraryDamaged as error:
        problems.append(str(error))
        live = layout.newest_sound(library)
    there = layout.generations(library)
    if live and live not in there:
        problems.append(f"{layout.generation_directory(library, live)}: is missing")
    for generation in there[: there.index(live) + 2] if live in there else there:
        problems += layout.check_generation(library, generation, thorough=True)
    return [*problems, *_database_problems(library, live, compare=not problems)]


def _database_problems(library: Path, live: int, *, compare: bool) -> list[str]:
    """Whether the database is as it was written, in every byte or at least in what it holds; what SQLite
    finds; and, where the indexes are sound, whether they are of these articles."""
    path = layout.database(library)
    problems: list[str] = []
    try:
        # What a write that goes on, or died, left is told by the articles' seals alone.
        state = truth.state(library)
        if state == "changed":
            problems.append(f"{path}: its bytes are not what was written")
        elif state == "missing":
            problems.append(f"{path.with_name(truth.NOTE)}: is missing")
        with Store.open(path) as store:
            store.check()
            if live:
                store.check_content(live)
            passages = {passage.key for passage in store.at(live).passages()}
    except LibraryError as error:
        return [*problems, str(error)]
    if not compare or not live:
        return problems
    indexed = PassageKeys.opened(layout.generation_directory(library, live)).passages
    if set(indexed.tolist()) == passages:
        return problems
    return [*problems, f"{library}: the indexes and kb.sqlite disagree on the passages"]


def repair(
    library: str | Path,
    *,
    model: str | None = None,
    cache: str | Path | None = None,
    progress: Progress = silent,
) -> tuple[str, ...]:
    """Mends what :func:`verify` finds, which is returned; a library that is well stays as it is.

    The indexes are made again from the database, the prepared model from its package. Raises LibraryDamaged
    where the database itself is damaged: only the files that the library was built from can help then.
    """
    library, cache = Path(library), None if cache is None else Path(cache)
    problems = verify(library, cache=cache)
    if not problems:
        return ()
    prepared = bundled_directory(cache)
    if prepared.exists() and not is_sound(prepared, thorough=True):
        prepare_bundled(cache, progress, thorough=True)
    analysis.keep_dictionaries(cache_directory(cache) / "lemmas")
    with Store.open(layout.database(library)) as readable:
        readable.check()
    name = model or _model_name(library)
    with writing(library, progress) as (live, store):
        # Another writer may have mended it while this one waited.
        if problems_of(library):
            encoder = load(name, cache=cache, progress=progress)
            vectors = VectorCache(library / "cache", encoder)
            write_indexes(library, store, live + 1, encoder, vectors, cache, progress)
            sweep(library, store, live + 1, thorough=True)
    return problems


def _model_name(library: Path) -> str | None:
    """The model of the newest generation that names it; None, the bundled one, where none does."""
    for generation in layout.generations(library):
        if not layout.check_generation(library, generation, thorough=False):
            found = model_of(library, generation)
            return found.name if found else None
    return None
