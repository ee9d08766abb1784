"""Zip archives of other formats: what is inside is looked at before anything is unpacked."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import PurePosixPath

from kb.errors import SourceRefused
from kb.models import SkippedSource, SourceFile
from kb.readers.common import Format, RawFile
from kb.readers.limits import LIMITS
from kb.readers.member_names import member_names
from kb.readers.members import member
from kb.readers.settings import READERS
from kb.readers.sniffing import actual, is_silent

__all__ = ["opened", "read_zip", "unpacked"]


def read_zip(
    raw: RawFile, formats: Mapping[str, Format], unread: Callable[[str], str | None]
) -> Iterator[SourceFile | SkippedSource]:
    """The articles in the members, named ``file#member``. Raises SourceRefused for no sound archive."""
    with opened(raw) as archive:
        seen: set[str] = set()
        members = archive.infolist()
        named = sorted(
            zip(member_names(members), members, strict=True), key=lambda named: (named[0], named[1].filename)
        )
        for inside, info in named:
            name = f"{raw.source}#{_shown(inside)}"
            if not info.filename:  # which ZipInfo.is_dir cannot bear
                yield SkippedSource(name, "has no name in the archive; make the archive again")
                continue
            suffix = PurePosixPath(inside).suffix.lower()
            if info.is_dir() or _hidden(info.filename):
                continue
            refused = _unsafe(info) or ("is there twice; rename one of the two" if name in seen else None)
            seen.add(name)
            if refused:
                yield SkippedSource(name, refused)
            elif suffix == ".zip":
                yield SkippedSource(name, "is an archive inside an archive; unpack it")
            elif not is_silent(suffix):
                yield from member(raw, name, partial(_member, raw, archive, info, name, formats, unread))


def opened(raw: RawFile) -> zipfile.ZipFile:
    """The archive, its sizes checked. Raises SourceRefused."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw.data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
        raise SourceRefused(raw.source, f"is no sound archive ({error}); make it again") from error
    members = archive.infolist()
    size = sum(member.file_size for member in members)
    if len(members) > LIMITS.members:
        raise SourceRefused(raw.source, f"has {len(members)} members, more than {LIMITS.members}; split it")
    if size > LIMITS.unpacked:
        raise SourceRefused(
            raw.source,
            f"unpacks to {size / 1e6:.0f} MB, more than the limit of {LIMITS.unpacked / 1e6:.0f} MB; "
            "split it",
        )
    if size > LIMITS.ratio_from and size > LIMITS.ratio * len(raw.data):
        raise SourceRefused(
            raw.source, f"unpacks to {size // max(1, len(raw.data))} times its size; it is a trap or damaged"
        )
    return archive


def unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, limit: int) -> bytes:
    """A member's bytes. Raises SourceRefused. What its header says of its size is not believed."""
    over = f"unpacks to more than the limit of {limit / 1e6:.0f} MB; split it"
    if member.file_size > limit:
        raise SourceRefused(name, over)
    if member.file_size > max(LIMITS.ratio_from, LIMITS.ratio * member.compress_size):
        raise SourceRefused(name, "unpacks to far more than its size; it is a trap or damaged")
    data = _head(archive, member, name, limit + 1)
    if len(data) > limit:
        raise SourceRefused(name, over)
    return data


def _head(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, size: int = READERS.head) -> bytes:
    """So many first bytes of a member. Raises SourceRefused."""
    try:
        with archive.open(member) as file:
            return file.read(size)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise SourceRefused(name, f"cannot be unpacked ({error}); make the archive again") from error
    except (RuntimeError, NotImplementedError) as error:  # a password, or a method that is not built in
        raise SourceRefused(name, f"cannot be unpacked ({error}); unpack it yourself") from error


def _member(
    raw: RawFile,
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    name: str,
    formats: Mapping[str, Format],
    unread: Callable[[str], str | None],
) -> Iterator[SourceFile | SkippedSource]:
    path = PurePosixPath(name)
    form = path.suffix.lower()
    if form not in formats:
        form = actual(path.stem, form, _head(archive, info, name))
    if form not in formats or form == ".zip":
        why = unread(path.suffix.lower())
        if why:
            yield SkippedSource(name, why)
        return
    data = unpacked(archive, info, name, formats[form].limit)
    real = formats.get(actual(path.stem, form, data[: READERS.head], data[-READERS.head :]), formats[form])
    yield from real.read(raw.inside(name, data))


def _unsafe(member: zipfile.ZipInfo) -> str | None:
    """Why a member's name or kind is refused."""
    name = member.filename
    if name.startswith(("/", "\\")) or name[1:2] == ":":
        return "has an absolute name; pack it with a relative one"
    if ".." in name.replace("\\", "/").split("/"):
        return "has a name that leads out of the archive; pack it with a plain one"
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "is a link or a device, not a file; pack the file itself"
    if member.flag_bits & 1:
        return "is encrypted; pack it without a password"
    return None


def _hidden(name: str) -> bool:
    return any(part.startswith(".") and part != ".." for part in name.split("/")) or "__MACOSX" in name


def _shown(name: str) -> str:
    """A member's name as part of a source: printable and encodable."""
    tidy = "".join(char if char.isprintable() else "\ufffd" for char in name.replace("\\", "/"))
    return tidy.encode("utf-8", "backslashreplace").decode("utf-8")[:300]
