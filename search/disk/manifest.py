"""What a generation was when it was written: each file's size and SHA-256, and samples of the large ones.

Opening a library checks sizes, every byte of files up to a megabyte, and of larger ones evenly spaced
blocks: some milliseconds, whatever the library's size. ``kb verify`` reads all. This is against damage, not
against someone who may write to the folder: they could write the manifest, too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from search.arrays.batches import spread
from search.disk import durable
from search.disk.settings import DISK

__all__ = ["MANIFEST", "check", "write"]

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the manifest says of a file; ``sample`` is "" where the file is read whole."""

    size: int
    sha256: str
    sample: str


def write(folder: Path, format_version: int) -> Path:
    """Describes every file of a folder in its manifest, which is returned, not synced."""

    def describe(path: Path) -> dict[str, object]:
        size = path.stat().st_size
        sample = {"sample": _sample(path, size)} if size > DISK.whole_bytes else {}
        return {"bytes": size, "sha256": durable.sha256(path), **sample}

    paths = durable.files(folder)
    # Hashing leaves the interpreter to others.
    entries = spread(describe, paths, DISK.read_together, ahead=2 * DISK.read_together)
    described = {
        path.relative_to(folder).as_posix(): entry for path, entry in zip(paths, entries, strict=True)
    }
    written = folder / MANIFEST
    written.write_bytes(_packed(format_version, described))
    return written


def check(
    folder: Path, format_version: int, *, thorough: bool, within: Collection[str] | None = None
) -> tuple[str, ...]:
    """What is wrong with a folder's files, one line each; nothing when all is well.

    Sizes, samples and foreign files always; all of every file when thorough. Only what is ``within`` some
    folders of it, where they are named.
    """
    try:
        expected = _read(folder / MANIFEST, format_version)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return (f"{folder / MANIFEST}: is missing or damaged",)
    there = {path.relative_to(folder).as_posix(): path for path in durable.files(folder)}
    asked = {name for name in {*there, *expected} if within is None or name.partition("/")[0] in within} - {
        MANIFEST
    }
    problems = [
        f"{path}: is no file of this library"
        for name, path in there.items()
        if name in asked and name not in expected
    ]
    for name, entry in expected.items():
        if name not in asked:
            continue
        problem = _problem(folder / name, entry, thorough)
        if problem:
            problems.append(f"{folder / name}: {problem}")
    return tuple(problems)


def _problem(path: Path, entry: _Entry, thorough: bool) -> str:
    try:
        size = path.stat().st_size
        if size != entry.size:
            return f"has {size:,} bytes, {entry.size:,} were written"
        whole = thorough or not entry.sample
        same = durable.sha256(path) == entry.sha256 if whole else _sample(path, size) == entry.sample
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return "" if same else "its content is not what was written"


def _read(path: Path, format_version: int) -> dict[str, _Entry]:
    raw = path.read_bytes()
    value = json.loads(raw)
    # Written in one way only, with its own digest: no byte of it can change unnoticed.
    if raw != _packed(format_version, value["files"]):
        raise ValueError("not as it was written")
    return {
        name: _Entry(one["bytes"], one["sha256"], one.get("sample", ""))
        for name, one in value["files"].items()
    }


def _packed(format_version: int, described: dict[str, dict[str, object]]) -> bytes:
    listed = json.dumps(described, sort_keys=True)
    digest = hashlib.sha256(f"{format_version} {listed}".encode()).hexdigest()
    whole = {"format_version": format_version, "files": described, "sha256": digest}
    return json.dumps(whole, indent=1, sort_keys=True).encode()


def _sample(path: Path, size: int) -> str:
    """The SHA-256 of evenly spaced blocks, the first and the last among them."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for at in range(DISK.blocks):
            file.seek((size - DISK.block_bytes) * at // (DISK.blocks - 1))
            digest.update(file.read(DISK.block_bytes))
    return digest.hexdigest()
