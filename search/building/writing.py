"""The right to write to a library, and what goes before and after: what died is cleared away, the truth is
looked at before it is built on, and noted when it is written.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kb.errors import LibraryDamaged, LibraryError, LibraryMissing
from kb.progress import Progress, silent
from kb.store.store import Store
from kb.store.upgrading import upgrade
from search.arrays.memory import collected_rarely
from search.disk import layout, truth

__all__ = ["disk_errors", "sweep", "writing"]

_log = logging.getLogger(__name__)


@contextmanager
def writing(
    library: Path, progress: Progress = silent, *, older: bool = False
) -> Iterator[tuple[int, Store]]:
    """The right to write, the live generation (0: none yet) and the store as it is there; what a writer left
    that died is gone. A library may be of an ``older`` format: then its database is brought to this one.
    Raises LibraryLocked, LibraryDamaged where the articles are not as they were written, and LibraryError for
    all that the disk refuses."""
    with ExitStack() as stack:
        stack.enter_context(collected_rarely())
        stack.enter_context(disk_errors(library))
        stack.enter_context(layout.locked(library, progress))
        state = truth.state(library) if layout.database(library).exists() else ""
        noting = stack.enter_context(ExitStack())  # it ends when the store is closed
        live, store = _open_for_writing(library, older)
        stack.enter_context(store)
        if state:
            _check(store, live)
        truth.begin(library)
        noting.callback(_note, library)
        stack.callback(_settle, store)
        if state == "changed":
            _log.warning(
                "%s: has changed in bytes that hold no article; every file is read again", store.path
            )
            store.forget_all_files()
        store.discard_after(live)
        sweep(library, store, live)
        yield live, store


def _check(store: Store, live: int) -> None:
    """Nothing is made of articles that are not as they were written. Raises LibraryDamaged."""
    store.check()
    if live:
        store.check_content(live)


def _settle(store: Store) -> None:
    """What is in SQLite's log only is written into its file, too."""
    try:
        store.settle()
    except LibraryError as error:
        _log.warning("%s", error)


def _note(library: Path) -> None:
    """What was written stays so where it cannot be noted: then its articles are looked at next time."""
    try:
        truth.finish(library)
    except (OSError, LibraryError) as error:
        _log.warning("%s: that it is written cannot be noted (%s)", layout.database(library), error)


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
def disk_errors(library: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # numpy says what it could not write without an errno.
        why = error.strerror or " ".join(str(error).split())
        raise LibraryError(
            f"{library}: could not be written ({why}); readers have it as it was: "
            "make room or mend the disk, and run it again"
        ) from error


def _open_for_writing(library: Path, older: bool) -> tuple[int, Store]:
    """The live generation (0: none yet) and the store."""
    path = layout.database(library)
    if older:
        live = layout.read_live(library, older=True).generation
        upgrade(path, live)
        return live, Store.open(path, writable=True)
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
