"""Calls to a Milvus server: tried again while what is wrong may pass, then explained in one line."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.budget import checkpoint, remaining
from search.errors import BackendUnavailable, ExtraMissing
from search.remote import Remote

__all__ = ["MOST", "NOT_THERE", "Connection", "listed"]

Rows = NDArray[np.int64]

MOST = 16_384
"""What Milvus gives at most for one search."""
NOT_THERE = 100
"""Milvus's code for a collection, or an alias, that does not exist."""

# Seconds: for a question, and for what writes or builds indexes. pymilvus tries again by itself as long as
# the server cannot be reached within this time.
_READING, _WRITING, _CONNECTING = 30.0, 600.0, 10.0
# Milvus's codes for what passes: not ready, unavailable, too many requests, over the rate, not loaded whole
# yet, recovering, a channel or a node that is being moved.
_PASSING = frozenset({2, 4, 8, 103, 106, 401, 500, 501, 503, 901, 902, 903})
_PAUSES = (0.1, 0.5, 2.0)  # seconds between tries


class Connection:
    """A server, reached; thread-safe."""

    def __init__(self, remote: Remote) -> None:
        """Raises ExtraMissing and BackendUnavailable."""
        try:
            from pymilvus import MilvusClient, MilvusException

            if remote.is_local:
                import milvus_lite  # noqa: F401 - pymilvus needs it for files
        except ImportError as error:
            raise ExtraMissing("a library on Milvus", "milvus") from error
        # It logs every error that it also raises, with a stack trace.
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
        self._remote = remote
        self._error: type[Exception] = MilvusException
        try:
            self._client: Any = MilvusClient(remote.uri, token=remote.token, timeout=_CONNECTING)
        except (MilvusException, OSError) as error:
            raise self._explained(error) from error

    @property
    def is_lite(self) -> bool:
        """Whether it is milvus-lite, of a file or behind a port."""
        return "lite" in str(self.read("get_server_version"))

    def read(self, method: str, *given: Any, **options: Any) -> Any:
        """Calls a method of pymilvus's client, for as long as the question may take.

        Raises BackendUnavailable, and SearchTooSlow when the question's time is spent."""
        return self._call(min(_READING, max(remaining(), 0.05)), method, *given, **options)

    def write(self, method: str, *given: Any, **options: Any) -> Any:
        """Calls a method that may take minutes. Raises BackendUnavailable."""
        return self._call(_WRITING, method, *given, **options)

    def has(self, collection: str) -> bool:
        return bool(self.read("has_collection", collection))

    def target(self, alias: str) -> str | None:
        """The collection that an alias stands for; None where there is no such alias."""
        try:
            return str(self._client.describe_alias(alias, timeout=_READING)["collection_name"])
        except self._error as error:
            # A server says of an alias that it does not know either this code or, up to 2.5, its own.
            if getattr(error, "code", None) in (NOT_THERE, 1600) or "not found" in str(error):
                return None
            raise self._explained(error) from error

    def rows(self, collection: str, where: str, fields: Sequence[str], at_a_time: int) -> Iterator[Any]:
        """All entities that match, as dicts, in batches of so many, however many they are."""
        found = self.read(
            "query_iterator",
            collection,
            batch_size=at_a_time,
            filter=where,
            output_fields=list(fields),
            consistency_level="Strong",
        )
        try:
            while True:
                checkpoint("the server")
                try:
                    batch = found.next()
                except self._error as error:
                    raise self._explained(error) from error
                if not batch:
                    return
                yield from batch
        finally:
            found.close()

    def close(self) -> None:
        self._client.close()

    def _call(self, seconds: float, method: str, *given: Any, **options: Any) -> Any:
        for pause in (*_PAUSES, None):
            try:
                return getattr(self._client, method)(*given, timeout=seconds, **options)
            except self._error as error:
                checkpoint("the server")
                if pause is None or getattr(error, "code", None) not in _PASSING:
                    raise self._explained(error) from error
                time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _explained(self, error: Exception) -> BackendUnavailable:
        code, message = getattr(error, "code", None), str(getattr(error, "message", None) or error)
        first = " ".join(message.split())[:200]
        if code == NOT_THERE:
            return BackendUnavailable(
                f"{self._remote}: what was open is no longer there ({first}); a newer generation took its "
                "place: open it again, or publish it with `kb build --to`"
            )
        if not isinstance(code, int) or code == 2 or "connect" in first.lower():
            return BackendUnavailable(
                f"{self._remote}: does not answer ({first}); check the address, and that Milvus runs there"
            )
        return BackendUnavailable(
            f"{self._remote}: Milvus refused ({code}: {first}); its own log says more; try again later"
        )


def listed(values: Rows | Sequence[int]) -> str:
    """Numbers as a list in a filter."""
    return "[" + ",".join(map(str, np.asarray(values).tolist())) + "]"
