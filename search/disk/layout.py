"""A library on disk: which files, which format, and how a new generation takes the old one's place.

``kb.sqlite`` holds the truth, ``generations/<n>/`` the indexes made from it, ``live.json`` names the live
generation. A generation is written under a temporary name, given a manifest with every file's size and
SHA-256, synced and renamed; then ``live.json`` is replaced atomically. Nothing is written in place, so a
reader sees one whole generation or another, and a build that dies leaves the old one live.

The generation before the live one stays, and so does every older one that somebody reads.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from kb.errors import LibraryDamaged, LibraryError, LibraryMissing, LibraryVersionMismatch
from kb.store.store import DATABASE
from search.disk import durable, manifest
from search.disk.leases import is_held
from search.disk.locking import locked

__all__ = [
    "FORMAT_VERSION",
    "Live",
    "check_generation",
    "database",
    "generation_directory",
    "generations",
    "inside",
    "keepers",
    "locked",
    "new_generation",
    "newest_sound",
    "read_live",
    "sweep_generations",
    "switch",
]

# Raised whenever what a generation holds changes; of a library of another version the indexes are made anew
# (:mod:`search.building.upgrading`), not guessed at.
FORMAT_VERSION = 14
_LIVE = "live.json"
_ABANDONED = 86_400.0  # seconds after which nobody is sending a copy of the database any more

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Live:
    """What ``live.json`` says: the generation that readers open. ``made`` tells two libraries apart that
    were built in one place, one after the other."""

    generation: int
    format_version: int
    made: str = ""


def database(library: Path) -> Path:
    """The SQLite file."""
    return library / DATABASE


def generation_directory(library: Path, generation: int) -> Path:
    """The folder of one generation's indexes."""
    return library / "generations" / str(generation)


def read_live(library: Path, *, older: bool = False) -> Live:
    """The live generation, which may be of an ``older`` format, or has to be of this one.

    Raises LibraryMissing, LibraryDamaged or LibraryVersionMismatch."""
    path = library / _LIVE
    try:
        value = json.loads(path.read_text("utf-8"))
        live = Live(int(value["generation"]), int(value["format_version"]), str(value.get("made", "")))
    except (FileNotFoundError, NotADirectoryError):
        if database(library).exists():
            raise LibraryMissing(
                f"{library}: holds a library whose build did not finish; run `kb build` to finish it"
            ) from None
        raise LibraryMissing(f"{library}: there is no library here; make one with `kb build`") from None
    except OSError as error:
        raise LibraryError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LibraryDamaged(f"{path}: is damaged; `kb verify --repair` mends it") from error
    if live.format_version > FORMAT_VERSION or (live.format_version < FORMAT_VERSION and not older):
        newer = live.format_version > FORMAT_VERSION
        older_remedy = "`kb upgrade` brings it there: its indexes are made anew, its articles stay"
        remedy = "use the version of Rosetta that wrote it" if newer else older_remedy
        were = f"was written in format {live.format_version}, this is format {FORMAT_VERSION}"
        raise LibraryVersionMismatch(f"{library}: {were}; {remedy}")
    return live


def live_generation(library: Path) -> int:
    """The number of the live generation, 0 where there is none yet. Raises as :func:`read_live` does."""
    try:
        return read_live(library).generation
    except LibraryMissing:
        return 0


def generations(library: Path) -> list[int]:
    """Those that there are folders for, the newest first."""
    try:
        names = [path.name for path in (library / "generations").iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise LibraryError(f"{library}: cannot be read ({error.strerror}); check its permissions") from error
    return sorted((int(name) for name in names if name.isascii() and name.isdigit()), reverse=True)


def newest_sound(library: Path) -> int:
    """The newest generation that is as it was written, for where ``live.json`` does not say; 0 for none."""
    for generation in generations(library):
        if not check_generation(library, generation, thorough=True):
            return generation
    return 0


@contextmanager
def new_generation(library: Path, generation: int) -> Iterator[Path]:
    """A folder to write a generation's files into; whole and in place when the block ends without error."""
    target = generation_directory(library, generation)
    temporary = target.with_name(f".{generation}.unfinished")
    durable.make_folder(target.parent)
    for leftover in (temporary, target):
        if leftover.exists():
            durable.remove_tree(leftover)
    temporary.mkdir()
    try:
        yield temporary
        durable.sync_tree(temporary)
        durable.sync(manifest.write(temporary, FORMAT_VERSION))
        durable.sync(temporary)
        durable.replace(temporary, target)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def switch(library: Path, generation: int, format_version: int = FORMAT_VERSION) -> None:
    """Make a generation the live one, atomically."""
    live = Live(generation, format_version, uuid.uuid4().hex)
    durable.write(library / _LIVE, json.dumps(asdict(live)).encode())


def keepers(library: Path, live: int, *, thorough: bool = False) -> tuple[int, ...]:
    """The generations to keep: the live one, the newest sound one before it, those that somebody reads."""
    there = [generation for generation in generations(library) if generation < live]
    sound = (
        generation for generation in there if not check_generation(library, generation, thorough=thorough)
    )
    read = [generation for generation in there if is_held(generation_directory(library, generation))]
    return tuple(dict.fromkeys((live, *islice(sound, 1), *read)))


def sweep_generations(library: Path, kept: tuple[int, ...]) -> None:
    """Removes all but these generations, and what writers left that died."""
    for path in (library / "generations").glob("*"):
        if path.name not in map(str, kept):
            try:
                durable.remove_tree(path) if path.is_dir() else path.unlink()
            except OSError as error:
                _log.warning("%s: cannot be deleted (%s); the next write tries again", path, error.strerror)
    for leftover in (*library.glob(".*.new*"), *(library / "cache").glob("*.new")):
        leftover.unlink(missing_ok=True)
    for leftover in library.glob(".publishing-*"):
        if time.time() - leftover.stat().st_mtime > _ABANDONED:
            shutil.rmtree(leftover, ignore_errors=True)


def check_generation(
    library: Path, generation: int, *, thorough: bool, within: Collection[str] | None = None
) -> tuple[str, ...]:
    """What is wrong with a generation's files, or with those of some folders, one line each; nothing when all
    is well. How much is read is in :mod:`search.disk.manifest`."""
    folder = generation_directory(library, generation)
    return manifest.check(folder, FORMAT_VERSION, thorough=thorough, within=within)


def inside(path: str) -> PurePosixPath:
    """A path, which whoever may write to the server could choose, if it stays in a library's folder.
    Raises LibraryDamaged."""
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or "\\" in path or ":" in path:
        raise LibraryDamaged(f"{path}: is no file of a library; publish it again with `kb build --to`")
    return parts
