"""Where a library's passages lie that is larger than one server: hosts, and which passage is on which.

The server of a library's address is its *head*: which generation is live, articles and files are there. Each
*shard* holds some of every language's passages, by a hash of their keys, in a schema of its own that the head
knows. A library without shards has one: its head.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import numpy as np
import regex

from kb.errors import UsageError
from search.passages.backend import Rows
from search.postgres.settings import POSTGRES
from search.remote import Remote

__all__ = ["NO_SHARDS", "at_host", "hosts", "spread"]

NO_SHARDS = "none"
"""What is named in the place of hosts by whoever wants a library on one server again."""

_HOST = regex.compile(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
_FORM = f"name them as HOST,HOST:PORT,…, or «{NO_SHARDS}»"
_ELSEWHERE = frozenset({"host", "hostaddr", "port"})  # parameters that say where a server is
_MIXED = np.uint64(0x9E3779B97F4A7C15)


def hosts(given: str) -> tuple[str, ...]:
    """Shards as they are named on the command line: hosts, each with its port if that is not 5432. Raises
    UsageError."""
    if given.strip() == NO_SHARDS:
        return ()
    named = tuple(one.strip() for one in given.split(","))
    for one in named:
        if "@" in one or "/" in one:
            raise UsageError(
                "a shard is a host only, for user, password and database are those of the library's address; "
                f"{_FORM}"
            )
        if not _HOST.fullmatch(one):
            raise UsageError(f"«{one}»: is no host of a shard; {_FORM}")
    if len(set(named)) < len(named):
        raise UsageError(f"a shard is named twice in «{given}»; {_FORM}")
    if len(named) > POSTGRES.shards:
        raise UsageError(f"there may be {POSTGRES.shards} shards, not {len(named)}")
    return named


def at_host(head: Remote, host: str) -> Remote:
    """A shard of a library: the same database, user and password as its head's, on another host."""
    parts = urlsplit(head.uri)
    user, at, _ = parts.netloc.rpartition("@")
    query = [(name, value) for name, value in parse_qsl(parts.query) if name not in _ELSEWHERE]
    uri = f"postgresql://{user}{at}{host}{parts.path}?{urlencode(query, quote_via=quote)}".rstrip("?")
    return replace(head, uri=uri, shown=f"shard {host} of {head.shown}")


def spread(keys: Rows, shards: int) -> list[Rows]:
    """The places of passages with these ``keys`` (n,), by the shard that each lies on."""
    with np.errstate(over="ignore"):
        mixed = (keys.astype(np.uint64) * _MIXED) >> np.uint64(32)
    lies = mixed % np.uint64(max(1, shards))
    return [np.flatnonzero(lies == shard) for shard in range(max(1, shards))]
