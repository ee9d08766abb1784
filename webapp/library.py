"""The server's one open library: opened when needed, tried again after a failure, followed as it grows."""

from __future__ import annotations

import gc
import logging
import threading
import time
from typing import TYPE_CHECKING

from kb.errors import KBError, LibraryMissing
from search.errors import ModelError
from webapp.config import Settings
from webapp.settings import WEBAPP

if TYPE_CHECKING:
    from search import Engine, Status
    from search.opening import LiveGeneration

__all__ = ["Shelf"]


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
        self._watched = False
        self._lock = threading.Lock()
        self._failure: KBError | None = None
        self._looked = -WEBAPP.library_pause
        self._model_tried = 0.0
        self._behind_looked: float | None = None
        self._generations: LiveGeneration | None = None
        self._live: object = None
        self._complaint: KBError | None = None
        self._retired: list[tuple[float, Engine]] = []
        self._status: tuple[Engine, Status] | None = None

    def engine(self) -> Engine:
        """The open engine; raises the KBError that keeps it from opening."""
        engine = self._engine
        if engine is None:
            with self._lock:
                return self._open() if self._engine is None else self._engine
        if not self._watched:
            self.look()
        return self._engine or engine

    def look(self) -> None:
        """Opens the live generation where it is a newer one; the others go on with the old one meanwhile."""
        if self._engine and self._follows and self._due() and self._lock.acquire(blocking=False):
            try:
                self._follow(self._engine)
            finally:
                self._lock.release()

    def watch(self) -> None:
        """From now on a thread looks after the library, so that no request has to wait for that."""

        def watching() -> None:
            while True:
                time.sleep(WEBAPP.library_pause / 2)
                self.look()

        self._watched = True
        threading.Thread(target=watching, name="kb-shelf", daemon=True).start()

    def status(self) -> Status:
        """What the open library holds, read once: it is as fixed as the generation."""
        engine = self.engine()
        held = self._status
        if held is None or held[0] is not engine:
            held = self._status = (engine, engine.status())
        return held[1]

    def must_be_ready(self) -> None:
        """Raises what keeps questions from being answered by what is on the disk now: no library, not even
        where one that was deleted is still open; an article that cannot be read; no model."""
        engine = self.engine()
        if isinstance(self._complaint, LibraryMissing):
            raise self._complaint
        for some in engine.browse(limit=1).articles:
            engine.article(some.article.id)
        if engine.degraded:
            raise ModelError(engine.degraded)

    @property
    def generation(self) -> int:
        """The open generation; 0 for none."""
        engine = self._engine
        return 0 if engine is None else engine.generation

    @property
    def degraded(self) -> str:
        """Why searching goes by words alone; empty where it does not."""
        engine = self._engine
        return "" if engine is None else engine.degraded

    @property
    def behind(self) -> int:
        """By how many generations the open one is older than the live one, which then is damaged or cannot be
        read; mostly 0."""
        live = self._generations.number if self._generations is not None else 0
        return max(0, live - self.generation) if self._engine is not None else 0

    def _due(self) -> bool:
        return time.monotonic() - self._looked >= WEBAPP.library_pause

    def _open(self) -> Engine:
        if self._failure is not None and not self._due():
            # Without its old traceback, which would grow by every request.
            raise self._failure.with_traceback(None)
        try:
            live = self._read_live_or_none()
            engine = self._opened()
        except KBError as error:
            self._failure = error
            raise
        else:
            if self._engine is not None:
                self._retired.append((time.monotonic(), self._engine))
                _log.info("generation %d is open", engine.generation)
            self._engine, self._live, self._failure, self._complaint = engine, live, None, None
            self._tell_if_behind()
            return engine
        finally:
            self._looked = time.monotonic()

    def _opened(self) -> Engine:
        """A new engine, ready to be asked; without a model, one that searches by words."""
        import search
        from search.opening import open_engine

        settings = self.settings
        try:
            engine = search.open(
                settings.opened, model=settings.model, reader=settings.reader, cache=settings.cache
            )
        except ModelError as error:
            self._model_tried = time.monotonic()
            _log.error("searching by words only: %s", error)
            engine = open_engine(settings.opened, cache=settings.cache, words_only=str(error))
        # Loads what is loaded on first use: being ready means that nobody waits for it.
        engine.ask(_WARM_UP, per_language=1)
        engine.suggest(_WARM_UP[:3])
        return engine

    def _follow(self, engine: Engine) -> None:
        """Opens the live generation; goes on with this one where nothing is new, or the new one is bad."""
        self._say_farewell()
        again = engine.degraded and time.monotonic() - self._model_tried >= WEBAPP.model_pause
        try:
            if again or self._read_live() != self._live or self._may_catch_up():
                self._open()
        except KBError as error:
            if str(error) != str(self._complaint):
                _log.warning(
                    "the library cannot be opened anew, generation %d goes on: %s", engine.generation, error
                )
            self._failure, self._complaint = None, error.with_traceback(None)
        self._looked = time.monotonic()

    def _tell_if_behind(self) -> None:
        self._behind_looked = None
        if self.behind and self._generations is not None:
            # Where it looks well, and yet could not be opened, it is not tried again until there is another.
            self._behind_looked = None if self._generations.is_sound() else time.monotonic()
            _log.warning(
                "generation %d is served, though %d is the live one: that is damaged or cannot be read; "
                "`kb verify` says what is wrong",
                self.generation,
                self._generations.number,
            )

    def _may_catch_up(self) -> bool:
        """Whether an older generation is served, and the live one seems to be well again."""
        looked, now = self._behind_looked, time.monotonic()
        if looked is None or now - looked < WEBAPP.behind_pause:
            return False
        self._behind_looked = now
        return self._generations is not None and self._generations.is_sound()

    def _read_live(self) -> object:
        """What tells the live generation from others. Raises the KBError that keeps it from being told."""
        if self._generations is None:
            from search.opening import LiveGeneration

            self._generations = LiveGeneration(self.settings.opened)
        return self._generations.look()

    def _read_live_or_none(self) -> object:
        """The same; None where it cannot be told."""
        try:
            return self._read_live()
        except KBError:
            return None

    def _say_farewell(self) -> None:
        """Closes engines that nobody can be using any more."""
        now = time.monotonic()
        gone = [engine for since, engine in self._retired if now - since >= WEBAPP.farewell]
        if gone:
            self._retired = [(since, engine) for since, engine in self._retired if engine not in gone]
            for engine in gone:
                engine.close()
            del gone, engine
            gc.collect()  # their indexes are part of cycles, and each has a large library's maps open
