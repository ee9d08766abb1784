"""A library of an older format is brought to this one: its articles stay, its indexes are made anew."""

from __future__ import annotations

from pathlib import Path

from kb.progress import Progress, silent
from search.building.build import write_indexes
from search.building.writing import writing
from search.disk import layout
from search.encoding.encoder import load
from search.encoding.preparation import cache_directory
from search.encoding.protocol import ModelIdentity
from search.encoding.vector_cache import VectorCache
from search.language import analysis

__all__ = ["upgrade"]


def upgrade(
    library: str | Path,
    *,
    model: str | None = None,
    cache: str | Path | None = None,
    progress: Progress = silent,
) -> int:
    """Brings a library of an older format to the one of this version; which format it was of. One of this
    format stays as it is.

    The articles stay, with what was put back in them by hand; the next build reads them again where they are
    cleaned otherwise now. The indexes are made anew, with the library's own model unless ``model`` names
    another. A server of this version takes it up; one of the version before goes on with what it has open.

    Raises LibraryMissing, LibraryDamaged, LibraryLocked, ModelMissing, and LibraryVersionMismatch where the
    library is of a later format, or its database of one that nobody can have.
    """
    library, cache = Path(library), None if cache is None else Path(cache)
    before = layout.read_live(library, older=True)
    if before.format_version == layout.FORMAT_VERSION:
        return before.format_version
    analysis.keep_dictionaries(cache_directory(cache) / "lemmas")
    # The model first: where it is missing, the library is left as it was.
    encoder = load(model or _model_name(library, before.generation), cache=cache, progress=progress)
    with writing(library, progress, older=True) as (live, store):
        if layout.read_live(library, older=True).format_version < layout.FORMAT_VERSION:
            vectors = VectorCache(library / "cache", encoder)
            write_indexes(library, store, live + 1, encoder, vectors, cache, progress)
    return before.format_version


def _model_name(library: Path, generation: int) -> str:
    """The model of a generation of whatever format. Raises LibraryDamaged where that is lost."""
    folder = layout.generation_directory(library, generation)
    own = folder / "model"
    return ModelIdentity.read(own if own.is_dir() else folder).name  # up to format 9 it lay beside the rest
