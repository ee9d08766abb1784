"""The settings, and the only place that reads the environment.

An option given on the command line wins over the environment, which wins over the default.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

__all__ = [
    "DEFAULT_SOURCE",
    "Serving",
    "Settings",
    "load",
    "user_folder",
    "version",
]

_DEFAULT_LIBRARY = Path(".kb")
DEFAULT_SOURCE = Path("corpus")


# How addresses of libraries on servers begin; what follows is search.remote's matter, which is not imported
# only to see whether there is a need for it.
_ADDRESSES = ("milvus+", "postgresql://", "postgres://")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the library is, which model it wants (None: the one the library was made with, and the
    bundled one for a new library), which reader of sentences (None: the bundled one, where it goes with the
    model), and where prepared models are kept (None: the user's cache).

    A library on a server has an ``address``; then ``library`` is its home, the folder that it is built in
    before it is published there: its articles, and every vector that was ever computed for it."""

    library: Path = _DEFAULT_LIBRARY
    model: str | None = None
    cache: Path | None = None
    address: str = ""
    reader: str | None = None

    @property
    def opened(self) -> str | Path:
        """What is opened for questions."""
        return self.address or self.library


@dataclass(frozen=True, slots=True)
class Serving:
    """How the site is served. Nothing here is read from the environment.

    ``hosts``: names by which it may be asked for (empty: any). ``searches`` run at a time (0: as many as
    there are cores), ``waiting`` more wait for their turn, ``patience`` seconds at most; the rest are told
    to come again. ``budget``: seconds that the searches of one request may take. ``rate``: requests of one
    client, as Flask-Limiter writes it ("60/minute"; empty: any number). ``log``: a line for each request on
    stderr, "json" for programs or "lines" for people (empty: none); ``log_queries``: with what was asked, in
    JSON. ``trusted_proxy``: address whose X-Forwarded headers are believed
    ("*": anybody's, where nobody but the proxy can reach the server), and with ``forwarded_prefix`` its
    X-Forwarded-Prefix, too. ``translate``: what translates quotes for who presses the button, see
    :func:`webapp.translating.desk` (empty: nothing).
    """

    hosts: tuple[str, ...] = ()
    searches: int = 0
    waiting: int = 16
    patience: float = 2.0
    budget: float = 5.0
    rate: str = ""
    log: str = ""
    log_queries: bool = False
    trusted_proxy: str = ""
    forwarded_prefix: bool = False
    translate: str = ""


def load(
    library: str | os.PathLike[str] | None = None,
    model: str | None = None,
    environment: Mapping[str, str] | None = None,
    *,
    reader: str | None = None,
) -> Settings:
    """Settings from options (None: not given), then ``KB_DIR``, ``KB_MODEL``, ``KB_READER``,
    ``KB_CACHE``, then defaults.

    Where the library is on a server, its home is ``KB_HOME``, else ``.kb-NAME`` here."""
    read = os.environ if environment is None else environment
    cache = read.get("KB_CACHE")
    where = library or read.get("KB_DIR") or _DEFAULT_LIBRARY
    address = where if isinstance(where, str) and where.startswith(_ADDRESSES) else ""
    if address:
        named = re.search(r"[?&]library=(\w+)", address)
        name = named[1] if named else address.rpartition("/")[2].partition("?")[0]
        where = read.get("KB_HOME") or _DEFAULT_LIBRARY.with_name(f"{_DEFAULT_LIBRARY.name}-{name}")
    return Settings(
        library=Path(where),
        model=model or read.get("KB_MODEL") or None,
        cache=Path(cache) if cache else None,
        address=address,
        reader=reader or read.get("KB_READER") or None,
    )


def version() -> str:
    """The installed distribution's version; "unknown" where the sources run without having been installed."""
    try:
        return metadata.version("rosetta-kb")
    except metadata.PackageNotFoundError:
        return "unknown"


def user_folder(variable: str, otherwise: str) -> Path:
    """A folder of the user's: what an environment ``variable`` (of the XDG base directories) says, else the
    one of that name in her home."""
    return Path(os.environ.get(variable) or Path.home() / otherwise)
