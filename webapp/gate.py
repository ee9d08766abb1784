"""So many searches at a time, so many more in line: the rest are told at once to come again.

A server that takes on more than it can do answers nobody in time. Who is turned away politely can come back;
who waits in a line without end cannot.
"""

from __future__ import annotations

import threading
import time

from kb.errors import KBError
from webapp.interface.i18n import gettext as _

__all__ = ["Busy", "Gate"]


class Busy(KBError):
    """More is asked of this server than it can do now."""


class Gate:
    """Lets ``running`` in at a time; ``waiting`` more wait, ``patience`` seconds at most. Thread-safe."""

    def __init__(self, running: int, waiting: int, patience: float) -> None:
        self._free = running
        self._places = waiting
        self._patience = patience
        self._changed = threading.Condition()

    @property
    def free(self) -> int:
        """How many could come in now."""
        return self._free

    @property
    def places(self) -> int:
        """How many could still wait."""
        return self._places

    def enter(self) -> None:
        """Comes in, perhaps after some waiting; whoever did leaves again. Raises Busy."""
        with self._changed:
            if self._free:
                self._free -= 1
                return
            if not self._places:
                raise Busy(_("Too many people search here at the moment; try again in a few seconds."))
            self._places -= 1
            try:
                self._wait()
            finally:
                self._places += 1

    def leave(self) -> None:
        """Makes room for the next one."""
        with self._changed:
            self._free += 1
            self._changed.notify()

    def _wait(self) -> None:
        end = time.monotonic() + self._patience
        while not self._free:
            if not self._changed.wait(end - time.monotonic()) and not self._free:
                raise Busy(_("The search did not get its turn in time; try again in a few seconds."))
        self._free -= 1
