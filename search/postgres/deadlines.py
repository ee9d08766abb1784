"""psycopg's connection, with a deadline on whatever it does, and numpy's arrays as parameters and results."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.abc import AdaptContext, PQGen
from psycopg.adapt import Dumper, Loader
from psycopg.pq import Format

from search.postgres import values

__all__ = ["Timed", "is_silence", "prepared"]

_AFTER = 0.5  # seconds that the server has, beyond its own limit, to say that it was reached
_ARRAYS = {
    np.dtype(np.int16): 1005,
    np.dtype(np.int32): 1007,
    np.dtype(np.int64): 1016,
    np.dtype(np.float32): 1021,
    np.dtype(np.float64): 1022,
}
_T = TypeVar("_T")
Row = tuple[Any, ...]


class _Silence(psycopg.errors.QueryCanceled):
    """The server did not even say that a statement took too long."""


def is_silence(error: Exception) -> bool:
    """Whether a statement ended because its server said nothing any more."""
    return isinstance(error, _Silence)


class Timed(psycopg.Connection[Row]):
    """A connection that waits for nothing beyond ``end`` (of the monotonic clock)."""

    end = float("inf")

    def wait(self, gen: PQGen[_T], interval: float = 0.1, timeout: float | None = None) -> _T:
        left = self.end - time.monotonic()
        if left < 1e6:
            timeout = max(0.001, min(left, timeout if timeout is not None else left))
        try:
            return super().wait(gen, interval, timeout)
        except psycopg.errors._WaitTimeout as error:
            self.pgconn.finish()  # what it still has to say is for nobody
            raise _Silence("the server did not answer in time") from error

    def timed(self, sql: str, parameters: Mapping[str, Any] | None, seconds: float) -> list[Row]:
        """The rows of a statement that may take so long, in one round trip."""
        self.end = time.monotonic() + seconds + _AFTER
        try:
            with self.pipeline():
                self.execute(f"SET statement_timeout = {int(seconds * 1000) + 1}")
                found = self.cursor(binary=True).execute(sql, parameters, prepare=True)
            return list(found.fetchall())
        finally:
            self.end = float("inf")


class _ArrayDumper(Dumper):
    """numpy's arrays, binary."""

    format = Format.BINARY

    def __init__(self, cls: type, context: AdaptContext | None = None) -> None:
        super().__init__(cls, context)
        self._kind: np.dtype[Any] | None = None

    def get_key(self, obj: NDArray[Any], format: Any) -> Any:
        return (self.cls, obj.dtype)

    def upgrade(self, obj: NDArray[Any], format: Any) -> _ArrayDumper:
        made = type(self)(self.cls)
        made.oid = _ARRAYS[obj.dtype]
        return made

    def dump(self, obj: NDArray[Any]) -> bytes:
        return values.array(obj)


class _ArrayLoader(Loader):
    """Arrays of numbers, as numpy's."""

    format = Format.BINARY

    def load(self, data: Any) -> NDArray[Any]:
        return values.as_array(data)


def prepared(connection: psycopg.Connection[Row]) -> None:
    """Teaches a connection arrays of numbers."""
    connection.adapters.register_dumper(np.ndarray, _ArrayDumper)
    for oid in _ARRAYS.values():
        connection.adapters.register_loader(oid, _ArrayLoader)
