"""Quotes translated by machine, where whoever runs the server wants that: by a program on the same machine.

Nothing is translated before a reader asks for it, nothing leaves the machine, and nobody waits for long: so
many translations run at a time, each has its time, and those made last are kept.
"""

from __future__ import annotations

import importlib
import ipaddress
import json
import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any, Protocol
from urllib.parse import urlsplit

from kb.errors import KBError, UsageError
from search.errors import ExtraMissing
from webapp.gate import Busy
from webapp.settings import WEBAPP

__all__ = ["Argos", "Desk", "LibreTranslate", "NotTranslated", "Translator", "desk"]


class NotTranslated(KBError):
    """The program that translates did not."""


class Translator(Protocol):
    """Translates a text of one language, by its code here, into another."""

    def translate(self, text: str, source: str, target: str) -> str: ...


@dataclass(frozen=True, slots=True)
class LibreTranslate:
    """A program on this machine that speaks the API of LibreTranslate (``POST /translate``)."""

    host: str
    port: int
    path: str

    @classmethod
    def at(cls, address: str) -> LibreTranslate:
        """The program at an http address of this machine. Raises UsageError for any other."""
        try:
            parts = urlsplit(address)
            port = parts.port or 80
        except ValueError as error:
            raise UsageError(f"{address}: is no address: {error}") from error
        if parts.scheme != "http" or not _is_here(parts.hostname or ""):
            raise UsageError(
                f"{address}: what translates has to be on this machine, so that no quote leaves it: "
                "give an address such as http://127.0.0.1:5000, or argos"
            )
        return cls(parts.hostname or "", port, f"{parts.path.rstrip('/')}/translate")

    def translate(self, text: str, source: str, target: str) -> str:
        asked = json.dumps({"q": text, "source": source, "target": target, "format": "text"})
        connection = HTTPConnection(self.host, self.port, timeout=WEBAPP.translating_patience)
        try:
            connection.request("POST", self.path, asked, {"Content-Type": "application/json"})
            reply = connection.getresponse()
            body = reply.read(WEBAPP.translation_reply + 1)
        except (OSError, HTTPException) as error:
            raise NotTranslated(f"the program that translates does not answer: {error}") from error
        finally:
            connection.close()
        said = _read(body)
        translated = said.get("translatedText")
        if reply.status != 200 or not isinstance(translated, str):
            why = str(said.get("error", "it says nothing that is understood"))[:200]
            raise NotTranslated(f"the program that translates refused ({reply.status}): {why}")
        return translated


def _is_here(host: str) -> bool:
    """Whether a host is this machine, without asking anybody."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read(body: bytes) -> dict[str, Any]:
    if len(body) > WEBAPP.translation_reply:
        raise NotTranslated("the program that translates says too much")
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


class Argos:
    """Argos Translate in this process, with the language packages that are installed for it."""

    def __init__(self) -> None:
        """Raises ExtraMissing where it is not installed."""
        try:
            self._argos = importlib.import_module("argostranslate.translate")
        except ImportError as error:
            raise ExtraMissing(
                "translating in process needs Argos Translate: pip install argostranslate"
            ) from error

    def translate(self, text: str, source: str, target: str) -> str:
        try:
            return str(self._argos.translate(text, source, target))
        except Exception as error:  # of its libraries, and AttributeError for unknown languages
            raise NotTranslated(f"Argos Translate cannot translate {source} into {target}") from error


class Desk:
    """Where translations are asked for. Thread-safe."""

    def __init__(self, translator: Translator, patience: float = WEBAPP.translating_patience) -> None:
        self._translator, self._patience = translator, patience
        self._pool = ThreadPoolExecutor(WEBAPP.translating_at_a_time, "kb-translate")
        self._places = threading.BoundedSemaphore(WEBAPP.translating_at_a_time + WEBAPP.translating_waiting)
        self._kept: OrderedDict[tuple[str, str, str], str] = OrderedDict()
        self._lock = threading.Lock()

    def translate(self, text: str, source: str, target: str) -> str:
        """``text`` in another language. Raises NotTranslated, and Busy where too many wait already."""
        key = (text, source, target)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        if not self._places.acquire(blocking=False):
            raise Busy("too many quotes are being translated; try again in a few seconds")
        work: Future[str] = self._pool.submit(self._translator.translate, *key)
        # One that nobody waits for any more keeps its place until it is done.
        work.add_done_callback(lambda _done: self._places.release())
        try:
            made = work.result(self._patience)
        except TooLate as error:
            work.cancel()
            raise NotTranslated(f"the translation took more than {self._patience:g} s") from error
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > WEBAPP.translations_kept:
                self._kept.popitem(last=False)
        return made


def desk(name: str) -> Desk | None:
    """What ``--translate`` names: "argos", an address on this machine, or nothing."""
    if not name:
        return None
    return Desk(Argos() if name == "argos" else LibreTranslate.at(name))
