"""Opening a library: its live generation, or, where that is damaged, the one before it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import KBError, LibraryDamaged
from search.disk import layout
from search.disk.leases import Lease
from search.encoding.preparation import cache_directory
from search.engine import Engine
from search.language import analysis
from search.remote import Remote, is_remote, parse

if TYPE_CHECKING:
    from search.cluster.publishing import LiveName

__all__ = ["LiveGeneration", "open_engine"]

_log = logging.getLogger(__name__)
_TRIES = 5  # a writer may sweep what was to be opened; each time there is a newer one


def open_engine(
    where: str | Path,
    *,
    model: str | None = None,
    reader: str | None = None,
    cache: Path | None = None,
    words_only: str = "",
) -> Engine:
    """An engine over the newest generation that is sound, checked before anything of it is mapped or
    unpickled. ``where`` is a folder, or an address (:mod:`search.remote`).

    Raises LibraryMissing, LibraryDamaged, LibraryVersionMismatch, ModelMismatch or ModelMissing; for an
    address ExtraMissing and BackendUnavailable, too.
    """
    analysis.keep_dictionaries(cache_directory(cache) / "lemmas")
    if is_remote(where):
        return _open_remote(parse(str(where)), model, reader, cache, words_only)
    path = Path(where)

    def opened(lease: Lease) -> Engine:
        return Engine(path, lease, model=model, reader=reader, cache=cache, words_only=words_only)

    for _ in range(_TRIES - 1):
        try:
            return _newest(path, opened)
        except FileNotFoundError:
            continue
    return _newest(path, opened)


class LiveGeneration:
    """Tells when a library has a new live generation. For one thread at a time."""

    def __init__(self, where: str | Path) -> None:
        self.number = 0
        """Which generation was live at the last look; 0 where that is not known, or it has no number."""
        self._where = where
        self._on_server: LiveName | None = None

    def look(self) -> object:
        """What is equal for as long as the same generation is live. Raises as :func:`open_engine` does."""
        if not is_remote(self._where):
            live = layout.read_live(Path(self._where))
            self.number = live.generation
            return live
        if self._on_server is None:
            from search.cluster.publishing import LiveName

            self._on_server = LiveName(parse(str(self._where)))
        return self._on_server.look()

    def is_sound(self) -> bool:
        """Whether the files of the generation that was live at the last look can be read, and are as they
        were written, as far as opening it would tell."""
        return not layout.check_generation(Path(self._where), self.number, thorough=False)


def _open_remote(
    remote: Remote, model: str | None, reader: str | None, cache: Path | None, words_only: str
) -> Engine:
    """The live generation of a library on a server, with what is fetched of it."""
    from search.cluster.publishing import fetch  # brings the server's client along, which few need

    fetched = fetch(remote, cache)
    try:
        lease = Lease(layout.generation_directory(fetched.path, fetched.generation), fetched.generation)
        try:
            return Engine(
                fetched.path,
                lease,
                model=model,
                reader=reader,
                cache=cache,
                words_only=words_only,
                backend=fetched.backend,
                store=fetched.store,
                shown=str(remote),
            )
        except BaseException:
            lease.release()
            raise
    except BaseException:
        fetched.backend.close()
        raise


def _newest(library: Path, opened: Callable[[Lease], Engine]) -> Engine:
    live, problem = _live(library)
    there = layout.generations(library)
    for generation in [live, *(earlier for earlier in there if earlier < live)] if live else there:
        try:
            return _checked(library, generation, opened)
        except LibraryDamaged as error:
            _log.error("generation %d is damaged: %s; an older one is looked for", generation, error)
            problem = problem or error
    raise problem or LibraryDamaged(f"{library}: has no indexes; `kb verify --repair` makes them")


def _live(library: Path) -> tuple[int, LibraryDamaged | None]:
    try:
        return layout.read_live(library).generation, None
    except LibraryDamaged as error:
        _log.error("%s; the newest generation that is sound is looked for", error)
        return 0, error


def _checked(library: Path, generation: int, opened: Callable[[Lease], Engine]) -> Engine:
    """Raises FileNotFoundError where a writer has just swept the generation, LibraryDamaged otherwise."""
    folder = layout.generation_directory(library, generation)
    if not folder.is_dir() and layout.read_live(library).generation == generation:
        raise LibraryDamaged(f"{folder}: is missing; `kb verify --repair` makes it again")
    try:
        lease = Lease(folder, generation)
    except FileNotFoundError:
        if folder.is_dir():
            raise LibraryDamaged(f"{folder}: has no manifest; `kb verify --repair` mends it") from None
        raise
    except OSError as error:
        raise LibraryDamaged(f"{folder}: cannot be read ({error.strerror}); check its permissions") from error
    try:
        problems = layout.check_generation(library, generation, thorough=False)
        if problems:
            raise LibraryDamaged(f"{problems[0]}; `kb verify --repair` mends it")
        return opened(lease)
    except (KBError, MemoryError):
        lease.release()
        raise
    except Exception as error:
        # What a sample missed shows itself here, as whatever the libraries that read it raise.
        lease.release()
        what = f"{type(error).__name__}: {error}"
        raise LibraryDamaged(f"{folder}: cannot be read ({what}); `kb verify --repair` mends it") from error
