"""Where a library lives that is not a folder: the addresses of servers, read in one place.

postgresql://host/database?library=name     PostgreSQL; as libpq takes it, hosts, name and password
milvus+http://host:19530/name          a server
milvus+https://user:password@host/name one that asks who you are
milvus+file:///path/to/library.db/name milvus-lite, in this process, for tests and for trying out
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import regex

from kb.errors import UsageError

__all__ = ["Remote", "is_remote", "parse"]

_PREFIX, _POSTGRES = "milvus+", ("postgresql://", "postgres://")
# Milvus takes letters, digits and _ in names; two of these in a row are ours, between name and generation.
_NAME = regex.compile(r"(?!.*__)[A-Za-z][A-Za-z0-9_]{0,99}(?<!_)")
_FORM = "write it as milvus+http://HOST:19530/NAME or milvus+file:///PATH/TO/FILE.db/NAME"
_POSTGRES_FORM = "write it as postgresql://HOST/DATABASE?library=NAME"
_SECRET = frozenset({"password", "passfile", "sslpassword", "sslkey"})


@dataclass(frozen=True, slots=True)
class Remote:
    """A library on a server: ``uri`` and ``token`` as pymilvus or libpq takes them (the token is a password),
    ``name`` of the library there, ``shown`` the address as it may be shown (without the password)."""

    uri: str
    token: str = field(repr=False)
    name: str
    shown: str

    @property
    def is_postgres(self) -> bool:
        """Whether it is in PostgreSQL."""
        return self.uri.startswith(_POSTGRES)

    @property
    def is_local(self) -> bool:
        """Whether it is a file of this machine, which milvus-lite serves in this process."""
        return "://" not in self.uri

    def __str__(self) -> str:
        return self.shown


def is_remote(address: object) -> bool:
    """Whether this is an address, and not a folder."""
    return isinstance(address, str) and address.startswith((_PREFIX, *_POSTGRES))


def parse(address: str) -> Remote:
    """Raises UsageError for what is not an address of this kind."""
    if address.startswith(_POSTGRES):
        return _postgres(address)
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


def _postgres(address: str) -> Remote:
    """``library`` is ours, all else is libpq's; what is secret is taken out of it."""
    parts = urlsplit(address)
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    user, _, hosts = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    public = {one: value for one, value in given.items() if one not in _SECRET}
    shown = f"postgresql://{hosts}{parts.path}?{urlencode(public, safe='/')}".rstrip("?")
    if not hosts and "host" not in given:
        raise UsageError(f"{shown}: names no host; {_POSTGRES_FORM}")
    if not parts.path.strip("/") or parts.fragment:
        raise UsageError(f"{shown}: names no database, or more than one; {_POSTGRES_FORM}")
    library = given.pop("library", "")
    if not _NAME.fullmatch(library):
        raise UsageError(
            f"{shown}: a library's name is a letter, then letters, digits and single underscores, not "
            f"«{library}»; {_POSTGRES_FORM}"
        )
    token = unquote(password) or given.pop("password", "")
    query = urlencode({one: value for one, value in given.items() if one != "password"}, quote_via=quote)
    uri = f"postgresql://{name}@{hosts}" if name else f"postgresql://{hosts}"
    return Remote(f"{uri}{parts.path}?{query}".rstrip("?"), token, library, shown)


def _without_password(address: str) -> str:
    return regex.sub(r"//[^/@]*@", "//", address)
