"""Calls to a Milvus server: tried again while what is wrong may pass, then explained in one line."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from search.budget import checkpoint, remaining
from search.errors import BackendUnavailable, ExtraMissing
from search.passages.backend import Rows
from search.remote import Remote

__all__ = ["MOST", "Connection", "consistency", "listed"]

MOST = 16_384
"""What Milvus gives at most for one search."""
_NOT_THERE = 100
"""Milvus's code for a collection, or an alias, that does not exist."""

# Seconds that a call may take with all its tries: of a question, of what writes, of reaching the server.
_READING, _WRITING, _CONNECTING = 15.0, 600.0, 10.0
# Milvus's codes for what passes: not ready, unavailable, too many requests, over the rate, not loaded whole
# yet, recovering, a channel or a node that is being moved.
_PASSING = frozenset({2, 4, 8, 12, 103, 106, 202, 401, 500, 501, 503, 901, 902, 903})
_RELEASED = 101
_OLDEST = (2, 5)  # older servers lack indexes that are asked for, or misfile what is partitioned
_REFUSED = ("auth check failure", "unauthenticated", "permission den", "permission_den")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0  # seconds between tries


class Connection:
    """A server, reached; thread-safe."""

    def __init__(self, remote: Remote) -> None:
        """Raises ExtraMissing and BackendUnavailable."""
        try:
            from grpc import RpcError
            from pymilvus import MilvusClient, MilvusException

            if remote.is_local:
                import milvus_lite  # noqa: F401 - pymilvus needs it for files
        except ImportError as error:
            raise ExtraMissing.of("a library on Milvus", "milvus") from error
        # It logs every error that it also raises, with a stack trace.
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
        self._remote = remote
        # What pymilvus makes of most of gRPC's errors, and those that it lets through.
        self._error: tuple[type[Exception], ...] = (MilvusException, RpcError)
        try:
            self._client: Any = MilvusClient(remote.uri, token=remote.token, timeout=_CONNECTING)
        except (*self._error, OSError) as error:
            raise self._explained(error) from error

    @property
    def is_lite(self) -> bool:
        """Whether it is milvus-lite, of a file or behind a port."""
        return "lite" in str(self.read("get_server_version"))

    def require_supported(self) -> None:
        """Raises BackendUnavailable where the server is too old."""
        said = str(self.read("get_server_version"))
        found = re.match(r"v?(\d+)\.(\d+)", said)
        if found and not self.is_lite and tuple(map(int, found.groups())) < _OLDEST:
            raise BackendUnavailable(
                f"{self._remote}: runs Milvus {said.removeprefix('v')}; {_OLDEST[0]}.{_OLDEST[1]} or newer "
                "is needed: run a newer one there"
            )

    def read(self, method: str, *given: Any, **options: Any) -> Any:
        """Calls a method of pymilvus's client, for as long as the question may take.

        Raises BackendUnavailable, and SearchTooSlow when the question's time is spent."""
        return self._call(min(_READING, remaining()), method, *given, **options)

    def write(self, method: str, *given: Any, **options: Any) -> Any:
        """Calls a method that may take minutes. Raises BackendUnavailable."""
        return self._call(_WRITING, method, *given, **options)

    def has(self, collection: str) -> bool:
        return bool(self.read("has_collection", collection))

    def target(self, alias: str) -> str | None:
        """The collection that an alias stands for; None where there is no such alias."""
        try:
            described = self._client.describe_alias(alias, timeout=min(_READING, remaining()))
            return str(described["collection_name"])
        except self._error as error:
            # A server says of an alias that it does not know either this code or, up to 2.5, its own.
            if getattr(error, "code", None) in (_NOT_THERE, 1600) or "not found" in str(error):
                return None
            raise self._explained(error) from error

    def wait_for_indexes(self, collection: str) -> None:
        """Until everything in a collection is in its indexes. Raises BackendUnavailable where that fails."""
        for index in self.read("list_indexes", collection):
            for pause in _longer_and_longer():
                state = self.read("describe_index", collection, index)
                if state.get("state") == "Failed":
                    raise BackendUnavailable(
                        f"{self._remote}: the index {index} of {collection} could not be built "
                        f"({state.get('index_state_fail_reason', 'no reason given')}); Milvus's log says more"
                    )
                if state.get("state") == "Finished" and not state.get("pending_index_rows"):
                    break
                time.sleep(pause)

    def load(self, collection: str) -> None:
        """Has the server keep a collection ready for questions, and waits until it does."""
        self.write("load_collection", collection, _async=True)
        for pause in _longer_and_longer():
            if str(self.read("get_load_state", collection)["state"]) == "Loaded":
                return
            time.sleep(pause)

    def rows(
        self, collection: str, where: str, fields: Sequence[str], at_a_time: int, *, settled: bool = False
    ) -> Iterator[Any]:
        """All entities that match, as dicts, fetched so many at a time, however many they are. Where nothing
        is written any more (``settled``), the server need not make sure that it has seen the last of it."""
        found = self.read(
            "query_iterator",
            collection,
            batch_size=at_a_time,
            filter=where,
            output_fields=list(fields),
            consistency_level=consistency(settled),
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
        end, pause, loaded = time.monotonic() + seconds, _FIRST_PAUSE, False
        while True:
            try:
                left = max(_FIRST_PAUSE, end - time.monotonic())
                return getattr(self._client, method)(*given, timeout=left, **options)
            except self._error as error:
                code = getattr(error, "code", None)
                if not _is_away(error):
                    checkpoint("the server")
                if code == _RELEASED and given and not loaded:
                    self.load(given[0])  # milvus-lite forgets what was loaded when it ends
                    loaded = True
                    continue
                if code not in _PASSING or time.monotonic() + pause > end:
                    raise self._explained(error) from error
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _explained(self, error: Exception) -> BackendUnavailable:
        code, message = getattr(error, "code", None), str(getattr(error, "message", None) or error)
        first = " ".join(message.split())[:200]
        if code == _NOT_THERE:
            return BackendUnavailable(
                f"{self._remote}: what was open is no longer there ({first}); a newer generation took its "
                "place: open it again, or publish it with `kb build --to`"
            )
        said = " ".join(map(str, _with_causes(error))).lower()
        if any(sign in said for sign in _REFUSED):
            return BackendUnavailable(
                f"{self._remote}: refuses these credentials ({first}); check user and password in the address"
            )
        if _is_away(error):
            return BackendUnavailable(
                f"{self._remote}: does not answer ({first}); check the address, and that Milvus runs there"
            )
        return BackendUnavailable(
            f"{self._remote}: Milvus refused ({code}: {first}); its own log says more; try again later"
        )


def consistency(settled: bool) -> str:
    """How sure the server must be that it has seen all that was written."""
    return "Bounded" if settled else "Strong"


def _is_away(error: Exception) -> bool:
    """Whether nobody answered: pymilvus has gRPC's status then, or, where it never got to it, a code of 2."""
    code = getattr(error, "code", None)
    return not isinstance(code, int) or code == 2 or "UNAVAILABLE" in str(error)


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    """An error, and those that it was made of: of whoever is refused while it connects, pymilvus says that
    the server may not be there."""
    seen: list[BaseException] = []
    told: BaseException | None = error
    while told is not None and all(told is not other for other in seen):
        yield told
        seen.append(told)
        told = told.__cause__ or told.__context__


def _longer_and_longer() -> Iterator[float]:
    """Seconds between two looks at what takes from milliseconds to hours."""
    pause = 0.01
    while True:
        yield pause
        pause = min(2 * pause, _LONGEST_PAUSE)


def listed(values: Rows | Sequence[int]) -> str:
    """Numbers as a list in a filter."""
    return "[" + ",".join(map(str, np.asarray(values).tolist())) + "]"
