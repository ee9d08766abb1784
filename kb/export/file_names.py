"""What exported files are called: after their sources, as far as every file system can bear it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

from kb.export.settings import EXPORT

__all__ = ["file_names"]

_UNBEARABLE = re.compile(r'[\\:*?"<>|\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\Z)", re.IGNORECASE)  # on Windows


def file_names(sources: Iterable[str]) -> dict[str, str]:
    """A path with forward slashes for each source: its own with ``.md`` for its suffix, or after it where two
    would share a file. A name that is too long is cut, and has a digest of the whole after it; one that is
    taken, by a file or a folder, has a number."""
    safe = {source: _safe(source) for source in sorted(set(sources))}
    taken = {_key(folder) for path in safe.values() for folder in path.parents}
    names: dict[str, str] = {}
    for source, path in safe.items():
        name = _free(path, taken)
        taken.add(_key(name))
        names[source] = str(name)
    return names


def _free(path: PurePosixPath, taken: set[str]) -> PurePosixPath:
    for name in (path.with_suffix(".md"), path.with_name(f"{path.name}.md")):
        if _key(name) not in taken:
            return name
    count = 2
    while _key(name := path.with_name(f"{path.name}-{count}.md")) in taken:
        count += 1
    return name


def _key(path: PurePosixPath) -> str:
    """The same for all names that some file system takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", str(path)).casefold())


def _safe(source: str) -> PurePosixPath:
    path = PurePosixPath(*map(_safe_name, source.split("/")))
    if len(str(path).encode()) > EXPORT.path:
        return PurePosixPath(_cut(path.name, source))
    return path


def _safe_name(part: str) -> str:
    if part in ("", ".", ".."):
        return "_"
    name = _UNBEARABLE.sub("_", part.encode("utf-8", "backslashreplace").decode())
    if name.startswith(".") or _RESERVED.match(name):  # a hidden file is not read again
        name = f"_{name}"
    if name.endswith((".", " ")):
        name = f"{name}_"
    return name if len(name.encode()) <= EXPORT.name else _cut(name, part)


def _cut(name: str, whole: str) -> str:
    digest = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{name.encode()[: EXPORT.name - 20].decode('utf-8', 'ignore')}-{digest}"
