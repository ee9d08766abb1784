"""The server's one open library: opened when needed, tried again after a failure, followed as it grows."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from kb.errors import KBError
from webapp.config import Settings

if TYPE_CHECKING:
    from search import Engine, Status

__all__ = ["Shelf"]

_PAUSE = (
    2.0  # seconds between two looks at the folder: a new library appears with the next request after that
)

_WARM_UP = "what is this about"

_log = logging.getLogger(__name__)


class Shelf:
    """Holds the engine that every request uses. Thread-safe.

    An ``engine`` that is handed in is kept as it is; one opened from the settings is replaced when the
    folder has a newer generation.
    """

    def __init__(self, settings: Settings, engine: Engine | None = None) -> None:
        self.settings = settings
        self._engine = engine
        self._follows = engine is None
        self._lock = threading.Lock()
        self._failure: KBError | None = None
        self._looked = -_PAUSE
        self._status: tuple[Engine, Status] | None = None

    def engine(self) -> Engine:
        """The open engine; raises the KBError that keeps it from opening."""
        engine = self._engine
        if engine is None:
            with self._lock:
                return self._open() if self._engine is None else self._engine
        if self._follows and self._due() and self._lock.acquire(blocking=False):
            # The others go on with the old one meanwhile.
            try:
                return self._follow(engine)
            finally:
                self._lock.release()
        return engine

    def status(self) -> Status:
        """What the open library holds, read once: it is as fixed as the generation."""
        engine = self.engine()
        if self._status is None or self._status[0] is not engine:
            self._status = (engine, engine.status())
        return self._status[1]

    def _due(self) -> bool:
        return time.monotonic() - self._looked >= _PAUSE

    def _open(self) -> Engine:
        import search

        if self._failure is not None and not self._due():
            # Without its old traceback, which would grow by every request.
            raise self._failure.with_traceback(None)
        try:
            engine = search.open(self.settings.library, model=self.settings.model, cache=self.settings.cache)
            # Loads what is loaded on first use: being ready means that nobody waits for the model.
            engine.ask(_WARM_UP, per_language=1)
        except KBError as error:
            self._failure = error
            raise
        else:
            self._engine, self._failure = engine, None
            return engine
        finally:
            self._looked = time.monotonic()

    def _follow(self, engine: Engine) -> Engine:
        """The engine of the live generation; the one there was where nothing is new or the new one is bad."""
        from search.layout import read_live

        try:
            if read_live(self.settings.library).generation == engine.generation:
                self._looked = time.monotonic()
                return engine
            # The old engine is not closed: other requests may be using it, and the last of them frees it.
            return self._open()
        except KBError as error:
            _log.warning(
                "the library cannot be opened anew, generation %d goes on: %s", engine.generation, error
            )
            self._failure, self._looked = None, time.monotonic()
            return engine
