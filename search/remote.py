"""Where a library lives that is not a folder: the addresses of Milvus servers, read in one place.

milvus+http://host:19530/name          a server
milvus+https://user:password@host/name one that asks who you are
milvus+file:///path/to/library.db/name milvus-lite, in this process, for tests and for trying out
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import regex

from kb.errors import UsageError

__all__ = ["Remote", "is_remote", "parse"]

_PREFIX = "milvus+"
# Milvus takes letters, digits and _ in names; two of these in a row are ours, between name and generation.
_NAME = regex.compile(r"(?!.*__)[A-Za-z][A-Za-z0-9_]{0,99}(?<!_)")
_FORM = "write it as milvus+http://HOST:19530/NAME or milvus+file:///PATH/TO/FILE.db/NAME"


@dataclass(frozen=True, slots=True)
class Remote:
    """A library on a server: ``uri`` and ``token`` as pymilvus takes them, ``name`` of the library there,
    ``shown`` the address as it may be shown (without the password)."""

    uri: str
    token: str = field(repr=False)
    name: str
    shown: str

    @property
    def is_local(self) -> bool:
        """Whether it is a file of this machine, which milvus-lite serves in this process."""
        return "://" not in self.uri

    def __str__(self) -> str:
        return self.shown


def is_remote(address: object) -> bool:
    """Whether this is an address, and not a folder."""
    return isinstance(address, str) and address.startswith(_PREFIX)


def parse(address: str) -> Remote:
    """Raises UsageError for what is not an address of this kind."""
    parts = urlsplit(address.removeprefix(_PREFIX))
    path, _, name = parts.path.rpartition("/")
    if not address.startswith(_PREFIX) or parts.scheme not in ("http", "https", "file"):
        raise UsageError(f"{_without_password(address)}: is no address of a Milvus server; {_FORM}")
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{_without_password(address)}: a library's name there is a letter, then letters, digits and "
            f"single underscores, not «{name}»; {_FORM}"
        )
    if parts.scheme == "file":
        if parts.netloc or not path.endswith(".db"):
            raise UsageError(f"{_without_password(address)}: names no file that ends in .db; {_FORM}")
        return Remote(str(Path(unquote(path))), "", name, address)
    if path or not parts.hostname or parts.query or parts.fragment:
        raise UsageError(f"{_without_password(address)}: has no host, or more than a name after it; {_FORM}")
    host = parts.netloc.rpartition("@")[2]
    token = unquote(parts.netloc.rpartition("@")[0])
    return Remote(f"{parts.scheme}://{host}", token, name, f"{_PREFIX}{parts.scheme}://{host}/{name}")


def _without_password(address: str) -> str:
    return regex.sub(r"//[^/@]*@", "//", address)
