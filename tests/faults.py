"""Breaking libraries on purpose: processes that are killed, disks that forget or refuse, files that rot.

The model is a tiny one with random weights, so that a build takes a second; all else is the real thing.
"""

from __future__ import annotations

import builtins
import contextlib
import errno
import io
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from tiny_model import write_weights

import search
from kb.store.store import Store
from search.disk import layout
from search.encoding import preparation
from search.passages.keys import Keys

ROOT = Path(__file__).parent.parent

# Does one write in a process of its own: says when it begins, and when it is acknowledged. In so small a
# library all would be made anew each time.
WRITER = """
import json, sys
from dataclasses import replace
from pathlib import Path
import search
from search.building import basis
from search.encoding.encoder import load
work, library, cache, names, *carrying = json.loads(sys.argv[1])
if carrying == [True]:
    # Whatever changes, the generation is made from the one before it.
    basis.BUILDING = replace(basis.BUILDING, passed_over=0)
load(cache=Path(cache))
print("begins", flush=True)
arguments = names if work == "remove" else [Path(name) for name in names]
getattr(search, work)(arguments, Path(library), cache=Path(cache))
print("done", flush=True)
"""

_WORDS = [
    "bread",
    "rises",
    "because",
    "yeast",
    "makes",
    "gas",
    "tides",
    "follow",
    "the",
    "moon",
    "bees",
    "make",
    "honey",
    "from",
    "nectar",
]


def tiny_cache(folder: Path) -> Path:
    """A cache that holds the tiny model, prepared and with the background encoded."""
    weights = write_weights(folder / "tiny.bin")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(preparation, "weights_file", lambda: weights)
        preparation.prepare_bundled(folder / "cache")
    return folder / "cache"


def article(rng: random.Random, name: str) -> str:
    """A text of a few sentences, different every time."""
    sentences = (" ".join(rng.choices(_WORDS, k=8)).capitalize() + "." for _ in range(3))
    return f"# About {name} {rng.random():.6f}\n\nThis one keeps every word. {' '.join(sentences)}\n"


def two_articles(rng: random.Random, folder: Path) -> Path:
    """Writes two articles into the new ``folder / "pages"``, and returns it."""
    pages = folder / "pages"
    pages.mkdir()
    for name in ("a.md", "b.md"):
        (pages / name).write_text(article(rng, name), "utf-8")
    return pages


def build_two_articles(rng: random.Random, folder: Path, cache: Path) -> Path:
    """The same, and makes the library ``folder / "kb"`` of them."""
    pages = two_articles(rng, folder)
    search.build([pages], folder / "kb", cache=cache)
    return pages


def texts(library: Path, cache: Path) -> dict[str, str]:
    """What an opened library holds: the title and text of each article by its source."""
    with search.open(library, cache=cache) as engine:
        engine.search("bread")
        held = (engine.article(one.source).article for one in engine.articles())
        return {one.source: f"# {one.title}\n\n{one.text}" for one in held}


# --- kills


@dataclass
class Killer:
    """Writes to a library, kills the writer at random moments, and knows what was acknowledged."""

    folder: Path
    cache: Path
    rng: random.Random
    held: dict[str, str] = field(default_factory=dict)
    possible: list[dict[str, str]] = field(default_factory=lambda: [{}])
    finished: int = 0
    killed: int = 0
    longest: float = 1.5

    @property
    def library(self) -> Path:
        return self.folder / "kb"

    def round(self) -> None:
        """One write, killed or not; then all that was ever acknowledged must be there."""
        # A library of nothing is none: of two articles, none is removed.
        works = ["build", "add", "add", *(["remove"] if len(self.held) > 2 else [])]
        work = self.rng.choice(works) if self.held else "build"
        names, after = self._prepared(work)
        done = self._run(work, names)
        self.possible = [after] if done else [*self.possible, after]
        if not done and not self.held and not (self.library / "live.json").exists():
            return  # the first build; what it had finished may still appear
        found = texts(self.library, self.cache)
        titles = {source: text.partition("\n")[0] for source, text in found.items()}
        seen = [one for one in self.possible if {name: _title(text) for name, text in one.items()} == titles]
        assert seen, f"{work}: {titles} is none of {self.possible}"
        assert search.verify(self.library, cache=self.cache) == ()
        self.held, self.possible = seen[-1], [seen[-1]]

    def _prepared(self, work: str) -> tuple[list[str], dict[str, str]]:
        """The files of a write, and what the library holds once it is done."""
        pages = self.folder / "pages"
        pages.mkdir(exist_ok=True)
        if work == "remove":
            gone = self.rng.sample(sorted(self.held), self.rng.randint(1, 2))
            return gone, {source: text for source, text in self.held.items() if source not in gone}
        for path in pages.iterdir() if work == "build" else ():
            if self.rng.random() < 0.3 and len(list(pages.iterdir())) > 2:
                path.unlink()
        for number in self.rng.sample(range(12), 3):
            name = f"{number}.md"
            (pages / name).write_text(article(self.rng, name), "utf-8")
        found = {path.name: path.read_text("utf-8") for path in sorted(pages.iterdir())}
        return [str(pages)], found if work == "build" else {**self.held, **found}

    def _run(self, work: str, names: list[str]) -> bool:
        """Whether the write was acknowledged before its process was killed."""
        told = json.dumps([work, str(self.library), str(self.cache), names, self.rng.random() < 0.7])
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, told], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"begins\n", process.stderr.read().decode()  # type: ignore[union-attr]
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=self.rng.uniform(0, self.longest))
            finished = process.poll() is not None
            process.send_signal(signal.SIGKILL)
            said, complaint = process.communicate()
            assert not finished or process.returncode == 0, complaint.decode()
        self.finished += finished
        self.killed += not finished
        # Half of the writes should get to their end, whatever the machine is busy with.
        self.longest *= 0.8 if finished else 1.25
        return b"done" in said


def _title(text: str) -> str:
    return text.partition("\n")[0]


# --- readers


class Readers:
    """Ask in a loop: two over HTTP, one through an engine that stays open, one that opens one each time."""

    def __init__(self, address: str, library: Path, cache: Path) -> None:
        self.asked = 0
        self.failures: list[str] = []
        self._address = address
        self._library, self._cache = library, cache
        self._stop = threading.Event()
        works = [self._over_http, self._over_http, self._with_one_engine, self._with_many_engines]
        self._threads = [threading.Thread(target=self._loop, args=(work,)) for work in works]

    def __enter__(self) -> Readers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def generation(self) -> int:
        """What the server has open."""
        return int(self._fetch("/readyz")["generation"])

    def _loop(self, work: Callable[[], Iterator[object]]) -> None:
        try:
            for found in work():
                self.asked += 1
                self._stop.wait(0.05)
                if not found:
                    self.failures.append("nothing found")
                if self._stop.is_set():
                    return
        except Exception as error:
            self.failures.append(repr(error))

    def _over_http(self) -> Iterator[object]:
        for number in itertools.count():
            yield self._fetch(f"/api/search?q=%22keeps+every+word%22+{number}")["hits"]
            yield self._fetch("/api/search?q=%22keeps+every+word%22")["hits"]

    def _with_one_engine(self) -> Iterator[object]:
        with search.open(self._library, cache=self._cache) as engine:
            for number in itertools.count():
                yield engine.search(f'"keeps every word" {number}').hits

    def _with_many_engines(self) -> Iterator[object]:
        while True:
            with search.open(self._library, cache=self._cache) as engine:
                yield engine.search('"keeps every word"').hits

    def _fetch(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(self._address + path, timeout=60) as reply:
            found: dict[str, Any] = json.loads(reply.read())
            return found


def read_while_building(folder: Path, cache: Path, address: str, rebuilds: int) -> Readers:
    """Builds so many times while readers ask; each generation must come to the server by itself."""
    rng, library = random.Random(4), folder / "kb"
    with Readers(address, library, cache) as readers:
        for generation in range(2, rebuilds + 2):
            for name in rng.sample(["a.md", "b.md", "c.md", "d.md"], 2):
                (folder / "pages" / name).write_text(article(rng, name), "utf-8")
            told = json.dumps(["build", str(library), str(cache), [str(folder / "pages")]])
            subprocess.run([sys.executable, "-c", WRITER, told], cwd=ROOT, check=True, capture_output=True)
            end = time.monotonic() + 60
            while readers.generation() != generation and not readers.failures:
                assert time.monotonic() < end, "the server does not see the new generation"
                time.sleep(0.1)
    return readers


# --- power cuts


class Disk:
    """Remembers of a folder what was synced, and makes what a power cut at some moment may have left.

    A file has its content as of its last fsync; a folder its names as of its own last fsync; anything newer
    is there or is not, name by name. SQLite's own files are taken as they are: it syncs them itself.
    """

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.at_each_call: Callable[[], None] = lambda: None
        self._busy = False
        # While what is left is looked at, no other thread moves or removes a file.
        self._lock = threading.RLock()
        self._content: dict[int, bytes] = {}
        self._names: dict[int, dict[str, int]] = {}
        self._kept: list[int] = []  # descriptors, so that no number of an inode is used twice
        self._remember(root)
        real_sync = os.fsync

        def fsync(descriptor: int) -> None:
            with self._lock:
                self._cut()
                real_sync(descriptor)
                self._synced(descriptor)
                self._cut()

        monkeypatch.setattr(os, "fsync", fsync)
        for name in ("rename", "replace", "unlink", "remove", "rmdir"):
            monkeypatch.setattr(os, name, self._cutting(getattr(os, name)))

    def _cutting(self, real: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: object, **options: object) -> None:
            with self._lock:
                self._cut()
                real(*arguments, **options)
                self._cut()

        return call

    def _cut(self) -> None:
        if not self._busy:
            self._busy = True
            try:
                self.at_each_call()
            finally:
                self._busy = False

    def _synced(self, descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if self.root in (path, *path.parents):
            self._remember(path)

    def _remember(self, path: Path) -> None:
        number = path.stat().st_ino
        self._kept.append(os.open(path, os.O_RDONLY))
        if path.is_dir():
            self._names[number] = {one.name: self._number(one) for one in path.iterdir()}
        else:
            self._content[number] = path.read_bytes()

    def _number(self, path: Path) -> int:
        self._kept.append(os.open(path, os.O_RDONLY))
        return path.stat().st_ino

    def after_a_cut(self, target: Path, rng: random.Random, luck: float) -> None:
        """Writes what is left; what was not synced survives with a probability of ``luck``."""
        paths = {one.stat().st_ino: one for one in (self.root, *self.root.rglob("*"))}
        self._leave(self.root.stat().st_ino, target, paths, rng, luck)

    def _leave(
        self, number: int, target: Path, paths: dict[int, Path], rng: random.Random, luck: float
    ) -> None:
        now = paths.get(number)
        if number not in self._names and not (now and now.is_dir()):
            content = self._content.get(number, b"")
            target.write_bytes(now.read_bytes() if now and rng.random() < luck else content)
            return
        target.mkdir()
        synced = self._names.get(number, {})
        current = {one.name: one.stat().st_ino for one in now.iterdir()} if now else {}
        for name in synced | current:
            if name.startswith("kb.sqlite"):
                if now and (now / name).exists():
                    shutil.copyfile(now / name, target / name)
                continue
            chosen = (current if rng.random() < luck else synced).get(name)
            if chosen is not None:
                self._leave(chosen, target / name, paths, rng, luck)

    def close(self) -> None:
        for descriptor in self._kept:
            os.close(descriptor)


def sources(library: Path) -> tuple[str, ...]:
    """The sources of a library that is sound in every byte; fails where it is not."""
    live = layout.read_live(library).generation
    assert layout.check_generation(library, live, thorough=True) == ()
    keys = Keys.read(layout.generation_directory(library, live) / "keys").passages
    with Store.open(layout.database(library)) as store:
        store.check()
        assert {one.key for one in store.at(live).passages()} == set(keys.tolist())
        return tuple(sorted(one.source for one in store.at(live).summaries()))


# --- refusals


@contextlib.contextmanager
def refusing(monkeypatch: pytest.MonkeyPatch, call: str, number: int, code: int) -> Iterator[list[int]]:
    """The ``number``-th call of an ``os`` function fails with ``code``, and so do all after it."""
    real, calls = getattr(os, call), [0]

    def refuse(*arguments: object, **options: object) -> object:
        calls[0] += 1
        if calls[0] >= number:
            raise OSError(code, os.strerror(code))
        return real(*arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(os, call, refuse)
        yield calls


REFUSALS = {"disk full": errno.ENOSPC, "read-only": errno.EROFS, "input/output error": errno.EIO}


# --- rot


def damage(path: Path, rng: random.Random) -> str:
    """Cuts a file short or changes one bit of it; says what was done."""
    content = bytearray(path.read_bytes())
    if content and rng.random() < 0.7:
        at = rng.randrange(len(content))
        bit = 1 << rng.randrange(8)
        content[at] ^= bit
        done = f"bit {bit} of byte {at} of {path.name}"
    else:
        size = rng.randrange(len(content)) if content else 0
        content = content[:size] if content else bytearray(b"x")
        done = f"{path.name} cut to {size}"
    path.write_bytes(content)
    return done


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder for one try."""
    with tempfile.TemporaryDirectory(prefix="kb-fault-") as name:
        yield Path(name)


def two_generations(folder: Path, cache: Path) -> Path:
    rng = random.Random(1)
    pages = build_two_articles(rng, folder, cache)
    (pages / "c.md").write_text(article(rng, "c.md"), "utf-8")
    search.build([pages], folder / "kb", cache=cache)
    return folder / "kb"


def live_folder(library: Path) -> Path:
    return layout.generation_directory(library, layout.read_live(library).generation)


def damage_and_look(library: Path, cache: Path, path: Path, rng: random.Random) -> None:
    """Damages a file, and puts it right again after having looked."""
    sound = path.read_bytes()
    done = damage(path, rng)
    try:
        assert search.verify(library, cache=cache), done
        with search.open(library, cache=cache) as engine:
            assert engine.generation == 1, done
            engine.search("bread")
    finally:
        path.write_bytes(sound)


# --- what cannot be read


@contextlib.contextmanager
def unreadable(monkeypatch: pytest.MonkeyPatch, pattern: str, code: int) -> Iterator[list[Path]]:
    """Files whose whole path is like this cannot be opened to be read by this process; which it tried."""
    tried: list[Path] = []

    def refusing(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *arguments: Any, **options: Any) -> Any:
            reads = not any(letter in str((*arguments, options.get("mode"))) for letter in ("w", "a", "+"))
            if reads and isinstance(path, (str, os.PathLike)) and fnmatch(os.fspath(path), pattern):
                tried.append(Path(path))
                raise OSError(code, os.strerror(code), os.fspath(path))
            return real(path, *arguments, **options)

        return call

    with monkeypatch.context() as patched:
        for module, call in ((builtins, "open"), (io, "open")):
            patched.setattr(module, call, refusing(getattr(module, call)))
        yield tried
