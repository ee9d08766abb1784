"""A library on disk: which files, which format, and how a new generation takes the old one's place.

``kb.sqlite`` holds the truth, ``generations/<n>/`` the indexes made from it, ``live.json`` names the live
generation. A generation is written under a temporary name, synced, given a manifest with every file's
size and SHA-256, and renamed; then ``live.json`` is replaced atomically. Nothing is written in place, so a
reader sees one whole generation or another, and a build that dies leaves the old one live.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from kb.errors import (
    LibraryDamaged,
    LibraryError,
    LibraryLocked,
    LibraryMissing,
    LibraryVersionMismatch,
)

__all__ = [
    "FORMAT_VERSION",
    "Live",
    "check_generation",
    "database",
    "generation_directory",
    "locked",
    "new_generation",
    "read_live",
    "sweep_generations",
    "switch",
]

# Raised whenever what a generation holds changes; a library of another version is rebuilt, not guessed at.
FORMAT_VERSION = 5
_LIVE = "live.json"
_MANIFEST = "manifest.json"
_LOCK = "write.lock"
_LOCK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Live:
    """What ``live.json`` says: the generation that readers open."""

    generation: int
    format_version: int


def database(library: Path) -> Path:
    """The SQLite file."""
    return library / "kb.sqlite"


def generation_directory(library: Path, generation: int) -> Path:
    """The folder of one generation's indexes."""
    return library / "generations" / str(generation)


def read_live(library: Path) -> Live:
    """The live generation. Raises LibraryMissing, LibraryDamaged or LibraryVersionMismatch."""
    path = library / _LIVE
    try:
        value = json.loads(path.read_text("utf-8"))
        live = Live(int(value["generation"]), int(value["format_version"]))
    except FileNotFoundError:
        if database(library).exists():
            raise LibraryMissing(
                f"{library}: holds a library whose build did not finish; run `kb build` to finish it"
            ) from None
        raise LibraryMissing(f"{library}: there is no library here; make one with `kb build`") from None
    except OSError as error:
        raise LibraryError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    except (ValueError, KeyError, TypeError) as error:
        raise LibraryDamaged(f"{path}: is damaged; rebuild the library with `kb build`") from error
    if live.format_version != FORMAT_VERSION:
        raise LibraryVersionMismatch(
            f"{library}: was written in format {live.format_version}, this is format {FORMAT_VERSION}; "
            "delete it and run `kb build`, or use the version of Rosetta that wrote it"
        )
    return live


@contextmanager
def locked(library: Path) -> Iterator[None]:
    """The right to write: one process at a time. Raises LibraryLocked after half a minute of waiting."""
    try:
        library.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise LibraryError(f"{library}: cannot be made ({error.strerror}); choose another folder") from error
    lock = FileLock(library / _LOCK, timeout=_LOCK_SECONDS)
    owner = library / f"{_LOCK}.owner"
    try:
        lock.acquire()
    except Timeout:
        holder = owner.read_text("utf-8").strip() if owner.exists() else "unknown"
        raise LibraryLocked(
            f"{library}: another process (pid {holder}) is writing to it; wait for it to finish and try again"
        ) from None
    except OSError as error:
        raise LibraryError(
            f"{library}: cannot be written to ({error.strerror}); check its permissions"
        ) from error
    try:
        owner.write_text(f"{os.getpid()}\n", "utf-8")
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


@contextmanager
def new_generation(library: Path, generation: int) -> Iterator[Path]:
    """A folder to write a generation's files into; whole and in place when the block ends without error."""
    target = generation_directory(library, generation)
    temporary = target.with_name(f".{generation}.unfinished")
    for leftover in (temporary, target):
        shutil.rmtree(leftover, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        files = {path.relative_to(temporary).as_posix(): path for path in _files(temporary)}
        manifest = {
            "format_version": FORMAT_VERSION,
            "files": {name: {"bytes": p.stat().st_size, "sha256": _sha256(p)} for name, p in files.items()},
        }
        (temporary / _MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
        for path in _files(temporary):
            _sync(path)
        for folder in {path.parent for path in _files(temporary)}:
            _sync(folder)
        temporary.rename(target)
        _sync(target.parent)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def switch(library: Path, generation: int) -> None:
    """Make a generation the live one, atomically."""
    path = library / _LIVE
    temporary = path.with_suffix(".new")
    live = {"generation": generation, "format_version": FORMAT_VERSION}
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(live, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _sync(library)


def sweep_generations(library: Path, live: int) -> None:
    """Remove what no reader can open any more: all but the live generation and the one before it."""
    for path in (library / "generations").iterdir():
        keep = path.name.isdigit() and live - 1 <= int(path.name) <= live
        if not keep:
            shutil.rmtree(path, ignore_errors=True)


def check_generation(library: Path, generation: int, *, thorough: bool) -> tuple[str, ...]:
    """What is wrong with a generation's files, one line each; nothing when all is well.

    Sizes always; SHA-256 of everything when thorough.
    """
    directory = generation_directory(library, generation)
    try:
        manifest = json.loads((directory / _MANIFEST).read_text("utf-8"))
        expected = {str(name): (int(f["bytes"]), str(f["sha256"])) for name, f in manifest["files"].items()}
    except (OSError, ValueError, KeyError, TypeError):
        return (f"{directory / _MANIFEST}: is missing or damaged",)
    problems = []
    for name, (size, digest) in expected.items():
        path = directory / name
        if not path.is_file():
            problems.append(f"{path}: is missing")
        elif path.stat().st_size != size:
            problems.append(f"{path}: has {path.stat().st_size} bytes, {size} were written")
        elif thorough and _sha256(path) != digest:
            problems.append(f"{path}: its content is not what was written")
    return tuple(problems)


def _files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    if path.is_dir() and os.name != "posix":  # elsewhere a directory cannot be opened to be synced
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
