"""A library in one file, made while others read and write it; and put in place again.

A backup has the live generation and the database as it is at that generation. What is kept by content only to
save time (``cache/``) is left out.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

from kb.errors import LibraryDamaged, LibraryError, LibraryVersionMismatch
from kb.progress import Progress, silent
from kb.store.store import DATABASE, Store
from search.building.verification import problems_of
from search.building.writing import disk_errors
from search.disk import archive, durable, layout, truth
from search.disk.leases import Lease

__all__ = ["backup", "restore_backup"]

_TRIES = 5  # a writer may sweep what was to be copied; each time there is a newer one


def backup(library: str | Path, to: str | Path, *, overwrite: bool = False) -> None:
    """Writes a library into the one file ``to``, whole or not at all. It may be read and written meanwhile:
    the generation that is live now is what is kept. Every byte is compared with what was written into the
    library, and read again from the file.

    Raises LibraryMissing, LibraryDamaged, LibraryVersionMismatch, and LibraryError where ``to`` cannot be
    written, or is there already and ``overwrite`` is false.
    """
    library, to = Path(library), Path(to)
    if to.is_dir() or (to.exists() and not overwrite):
        raise LibraryError(
            f"{to}: is there already; name another file, or write over it with --force (overwrite=True)"
        )
    for left in reversed(range(_TRIES)):
        live = layout.read_live(library)
        try:
            with disk_errors(to), contextlib.closing(_Held(library, live)) as held:
                held.write(to)
            return
        except LibraryError:  # or it was swept meanwhile
            if not left or layout.read_live(library) == live:
                raise


class _Held:
    """A generation that stays while it is copied."""

    def __init__(self, library: Path, live: layout.Live) -> None:
        self._library = library
        self._live = live
        self._folder = layout.generation_directory(library, live.generation)
        try:
            self._lease = Lease(self._folder, live.generation)
        except FileNotFoundError as error:
            raise LibraryDamaged(
                f"{self._folder}: is missing; `kb verify --repair` makes it again"
            ) from error

    def write(self, to: Path) -> None:
        generation = self._live.generation
        problems = layout.check_generation(self._library, generation, thorough=True)
        if problems:
            raise LibraryDamaged(f"{problems[0]}; `kb verify --repair` mends it")
        with tempfile.TemporaryDirectory(dir=to.absolute().parent, prefix=".kb-backup-") as scratch:
            copy = Path(scratch, DATABASE)
            with Store.open(layout.database(self._library)) as store:
                store.copy(copy)
            with Store.open(copy, writable=True) as store:
                store.discard_after(generation)  # what a writer has begun
                store.sweep([generation])
                store.check()
                store.check_content(generation)
            inside = {
                f"generations/{generation}/{path.relative_to(self._folder).as_posix()}": path
                for path in durable.files(self._folder)
            }
            archive.write(to, generation, self._live.format_version, {DATABASE: copy, **inside})

    def close(self) -> None:
        self._lease.release()


def restore_backup(
    file: str | Path, to: str | Path, *, overwrite: bool = False, progress: Progress = silent
) -> int:
    """Makes the library at ``to`` the one in a file that :func:`backup` wrote; which format it is of.

    It is unpacked beside ``to`` and checked, every byte; only then does it take the place of what is there,
    which has to be nothing, or, with ``overwrite``, a library. What has that open goes on with it.

    Raises LibraryDamaged where the file is not what was written, LibraryVersionMismatch where it is of a
    later format, LibraryLocked, and LibraryError where ``to`` holds something or cannot be written.
    """
    file, to = Path(file), Path(to)
    fresh = to.with_name(f".{to.name}.restoring")
    with disk_errors(to):
        _must_be_free(to, overwrite)
        durable.make_folder(to.absolute().parent)
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        try:
            contents = _unpacked(file, fresh)
            durable.sync_tree(fresh)
            _put_in_place(fresh, to, progress)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return contents.format_version


def _must_be_free(to: Path, overwrite: bool) -> None:
    if not to.exists() or (to.is_dir() and not any(to.iterdir())):
        return
    if not (layout.database(to).is_file() or (to / "live.json").is_file()):
        raise LibraryError(f"{to}: holds something that is no library; name another folder")
    if not overwrite:
        remedy = "name another folder, or take its place with --force (overwrite=True)"
        raise LibraryError(f"{to}: holds a library already; {remedy}")


def _unpacked(file: Path, fresh: Path) -> archive.Contents:
    """The library in a file, checked as `kb verify` does where it is of this format."""
    try:
        contents = archive.unpack(file, fresh)
    except OSError as error:
        if error.filename and Path(error.filename) == file:
            raise LibraryError(f"{file}: cannot be read ({error.strerror}); check the path") from error
        raise
    if contents.format_version > layout.FORMAT_VERSION:
        raise LibraryVersionMismatch(
            f"{file}: is of format {contents.format_version}, this is format {layout.FORMAT_VERSION}; "
            "use the version of Rosetta that wrote it"
        )
    # Another name of this state than before: who had it open there looks again.
    layout.switch(fresh, contents.generation, contents.format_version)
    truth.finish(fresh)
    if contents.format_version == layout.FORMAT_VERSION:
        problems = problems_of(fresh)
        if problems:
            raise LibraryDamaged(f"{file}: is no sound library ({problems[0]}); take another one")
    return contents


def _put_in_place(fresh: Path, to: Path, progress: Progress) -> None:
    if not to.exists() or not any(to.iterdir()):
        if to.exists():
            to.rmdir()
        durable.replace(fresh, to)
        return
    before = to.with_name(f".{to.name}.before")
    with layout.locked(to, progress):
        shutil.rmtree(before, ignore_errors=True)
        to.rename(before)
        try:
            durable.replace(fresh, to)
        except OSError:
            before.rename(to)
            raise
    shutil.rmtree(before, ignore_errors=True)
