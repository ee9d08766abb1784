"""A library, those who write it, read it and follow its files, and the clock: simulated, so that a run can be
had again.

The code is the real one, from `kb watch` down to SQLite and the files; so are the disk and its locks. What is
not: encoding (what is indexed is the articles' texts), processes (all that act are in this one, one at a
time), and time. A schedule is what each of them does, and when another goes on in the middle of it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import random
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from scheduling import Actor, World, smaller
from stand_ins import WALL, Lock, indexed, running, standing_in

import search
from kb.building.watch import Watcher
from kb.errors import KBError
from kb.store.store import Store
from search.disk import layout, truth
from webapp.config import Settings
from webapp.library import Shelf

__all__ = ["Deed", "Switch", "installed", "run", "schedule", "shortest"]

_QUIET = 30.0  # seconds after which all that was put off is done


class Deed(NamedTuple):
    """What somebody does after some seconds."""

    who: str
    after: float
    what: str
    name: str = ""
    more: float = 0.0


class Switch(NamedTuple):
    """At a step of the run, another goes on."""

    step: int
    to: int


Schedule = list[Deed | Switch]

_NAMES = ("a.txt", "b.txt", "deep/c.txt")
_EDITS = ("write", "same size", "in pieces", "replace", "delete", "rename", "away", "emptied", "refuse")


def schedule(rng: random.Random, steps: int = 1_200) -> Schedule:
    """A run of up to twenty deeds and twelve switches."""
    made: Schedule = []
    for _ in range(rng.randint(1, 7)):
        what = rng.choice(_EDITS)
        made.append(Deed("editor", _pause(rng), what, rng.choice(_NAMES), rng.choice((0.5, 3.0, 20.0))))
    for _ in range(rng.randint(0, 3)):
        what = rng.choice(("add", "remove", "build"))
        made.append(Deed("writer", _pause(rng), what))
    for _ in range(rng.randint(0, 4)):
        made.append(Deed("reader", _pause(rng), rng.choice(("look", "open", "hold"))))
    for _ in range(rng.randint(0, 3)):
        what = rng.choice(("kill", "kill", "full", "set the clock"))
        more = float(rng.randrange(1, 160)) if what == "kill" else rng.choice((-3_600.0, -1.0, 2.0, 30.0))
        made.append(Deed("fate", _pause(rng), what, more=more))
    made += [Switch(rng.randrange(steps), rng.randrange(8)) for _ in range(rng.randint(0, 12))]
    return made


def _pause(rng: random.Random) -> float:
    return rng.choice((0.0, 0.1, 0.9, 1.7, 2.5, 4.0, 9.0))


def shortest(made: Schedule) -> Schedule:
    """The least of a schedule that fails as it does."""
    why = _failure(made)
    assert why is not None, "it does not fail"
    return smaller(made, lambda less: _failure(less) is not None)


def _failure(made: Schedule) -> str | None:
    try:
        run(made)
    except Exception as error:
        return repr(error)
    return None


# --- one run


def run(made: Schedule) -> Simulation:
    """Raises what goes wrong, as AssertionError or as the library says it."""
    folder = _template()
    world = folder / "world"
    shutil.rmtree(world)
    # Where it was made: elsewhere its articles would be another folder's.
    shutil.copytree(folder / "sound", world)
    simulated = Simulation(world, made)
    running.world = simulated.world
    running.simulation = simulated
    try:
        simulated.world.run()
        simulated.look_at_the_end()
    except BaseException as error:
        error.add_note("\n".join(simulated.world.trace[-60:]))
        raise
    finally:
        running.world = running.simulation = None
    return simulated


def _memory() -> str | None:
    """A folder that is no disk, where there is one: a thousand libraries are written and thrown away."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class Simulation:
    def __init__(self, folder: Path, made: Schedule) -> None:
        self.pages, self.library, self.extra = folder / "pages", folder / "kb", folder / "extra"
        self.world = World({one.step: one.to for one in made if isinstance(one, Switch)})
        self.times: dict[int, tuple[int, int]] = {}  # by inode: of a file's content, and of its inode
        self.refused: set[str] = set()
        self.is_full = self.was_full = False
        self.held: dict[int, list[dict[str, str]]] = {
            1: [indexed(layout.generation_directory(self.library, 1))]
        }
        self.acknowledged = 1
        self.locks: dict[Actor, list[Lock]] = {}
        self._version = 0
        self._removed: set[str] = set()
        self._over = threading.Event()
        self._acting: list[Actor] = []
        self._deeds = {who: [one for one in made if isinstance(one, Deed) and one.who == who] for who in _WHO}
        for path in (*self.pages.rglob("*.txt"), *self.extra.iterdir()):
            self._touched(path, ago=600)
        self._watching = self.world.begin("watcher", self._watch)
        for who in _WHO:
            if self._deeds[who]:
                self._acting.append(self.world.begin(who, lambda who=who: self._act(who)))  # type: ignore[misc]
        self.world.begin("end", self._end)

    def _act(self, who: str) -> None:
        shelf = Shelf(Settings(self.library)) if who == "reader" else None
        for deed in self._deeds[who]:
            self.world.sleep(deed.after)
            self.world.say(f"{deed.what} {deed.name} {deed.more or ''}")
            if shelf is not None:
                self._read(deed, shelf)
            else:
                getattr(self, f"_{who}")(deed)
        if shelf is not None:
            for engine in (shelf.engine(), *(one for _, one in shelf._retired)):
                engine.close()

    def _end(self) -> None:
        while not all(one.over for one in self._acting):
            self.world.sleep(5.0)
        self.world.sleep(_QUIET)
        self._over.set()

    # --- the watcher, and others who write

    def _watch(self) -> None:
        """`kb watch`, begun again where it ends."""
        stop = _Stop(self.world, self._over)
        while not self._over.is_set():
            try:
                watcher = Watcher([self.pages])
                watcher.begin(self._built, self._complain)
                watcher.follow(self._built, self._complain, stop)
            except (KBError, OSError) as error:
                self.world.say(f"kb watch ends: {error}")
                self.world.sleep(3.0)

    def _complain(self, error: Exception) -> None:
        self.world.say(f"complains: {error}")

    def _built(self) -> bool:
        report = self._acknowledges(lambda: search.build([self.pages], self.library, cache=self.library))
        return not any(one.passing for one in report.skipped)

    def _acknowledges(self, write: Callable[[], Any]) -> Any:
        self.world.say("writes")
        report = write()
        live = layout.read_live(self.library).generation
        self.acknowledged = max(self.acknowledged, live)
        self.world.say(f"has written; live is {live}: {report}")
        return report

    def _writer(self, deed: Deed) -> None:
        """Another process, which may fail for good reasons."""
        try:
            if deed.what == "add":
                self._acknowledges(lambda: search.add([self.extra], self.library, cache=self.library))
                self._removed.discard("x.txt")
            elif deed.what == "remove":
                self._acknowledges(lambda: search.remove(["x.txt"], self.library, cache=self.library))
                self._removed.add("x.txt")
            else:
                self._acknowledges(lambda: search.build([self.pages], self.library, cache=self.library))
        except (KBError, OSError) as error:
            self.world.say(f"cannot: {error}")

    # --- readers

    def _read(self, deed: Deed, shelf: Shelf) -> None:
        least = self.acknowledged
        if deed.what == "open":
            with search.open(self.library) as engine:
                assert engine.generation >= least, f"{engine.generation} is open, {least} was acknowledged"
                engine.ask()
            return
        shelf.look()
        engine = shelf.engine()
        engine.ask("")
        if deed.what == "hold":
            self.world.sleep(10.0)
            engine.ask("")

    # --- files

    def _editor(self, deed: Deed) -> None:
        path = self.pages / deed.name
        work = getattr(self, "_" + deed.what.replace(" ", "_"))
        with contextlib.suppress(FileNotFoundError):  # it is gone already
            work(path, deed.more)

    def _write(self, path: Path, _more: float = 0.0) -> None:
        path.parent.mkdir(exist_ok=True)
        self._version += 1
        path.write_text(_text(path.name, self._version, extra=self._version % 7), "utf-8")
        self._touched(path)

    def _same_size(self, path: Path, _more: float) -> None:
        size = path.stat().st_size
        self._version += 1
        extra = (size - len(_text(path.name, self._version))) // len(_MORE)
        path.write_text(_text(path.name, self._version, extra), "utf-8")
        self._touched(path)

    def _in_pieces(self, path: Path, more: float) -> None:
        self._version += 1
        whole = _text(path.name, self._version)
        path.parent.mkdir(exist_ok=True)
        path.write_text(whole[: len(whole) // 2], "utf-8")
        self._touched(path)
        self.world.sleep(more)
        if path.parent.exists():
            path.write_text(whole, "utf-8")
            self._touched(path)

    def _replace(self, path: Path, _more: float) -> None:
        self._version += 1
        beside = path.with_name(".saved")
        beside.write_text(_text(path.name, self._version), "utf-8")
        self._touched(beside)
        beside.replace(path)
        self._touched(path)

    def _delete(self, path: Path, _more: float) -> None:
        path.unlink()

    def _rename(self, path: Path, _more: float) -> None:
        to = path.with_name("z" + path.name) if path.exists() else path
        before = self.times.get((path if to != path else path.with_name("z" + path.name)).stat().st_ino)
        (path if to != path else path.with_name("z" + path.name)).replace(to)
        self._touched(to, content=before[0] if before else None)

    def _away(self, _path: Path, more: float) -> None:
        gone = self.pages.with_name("gone")
        self.pages.replace(gone)
        self.world.sleep(more)
        gone.replace(self.pages)

    def _emptied(self, path: Path, more: float) -> None:
        gone = self.pages.with_name("gone")
        self.pages.replace(gone)
        self.pages.mkdir()
        self.world.sleep(more)
        self.pages.rmdir()
        gone.replace(self.pages)

    def _refuse(self, path: Path, more: float) -> None:
        name = path.parent.name if path.parent != self.pages else path.name
        self.refused.add(name)
        self.world.sleep(more)
        self.refused.discard(name)

    def _touched(self, path: Path, ago: float = 0.0, content: int | None = None) -> None:
        now = int((WALL + self.world.now + self.world.jumped - ago) * 1e9)
        self.times[path.stat().st_ino] = (now if content is None else content, now)

    # --- what nobody does

    def _fate(self, deed: Deed) -> None:
        if deed.what == "kill":
            before = self._watching
            before.dies_after = int(deed.more)
            self.world.sleep(9.0)
            self.world.kill(before)  # where it did not do so much
            while not before.over:
                self.world.sleep(0.0)
            for lock in self.locks.pop(before, []):
                lock.release()
            self.world.sleep(1.0)
            self._watching = self.world.begin("watcher", self._watch)
        elif deed.what == "full":
            self.is_full = self.was_full = True
            self.world.sleep(min(abs(deed.more), 30.0))
            self.is_full = False
        else:
            self.world.jumped += deed.more

    # --- what must be true

    def look_at_the_end(self) -> None:
        """All that was to be seen is; the library is whole, and holds what the files do."""
        running.world = None
        live = layout.read_live(self.library).generation
        with search.open(self.library) as engine:
            found = engine.ask("")
        expected = {
            path.relative_to(self.pages).as_posix(): path.read_text("utf-8")
            for path in self.pages.rglob("*.txt")
        }
        here = {source: text for source, text in found.items() if source != "x.txt"}
        assert _tokens(here) == _tokens(expected), "what the files say, and the library does not"
        assert layout.check_generation(self.library, live, thorough=True) == ()
        # On a full disk it cannot be noted that a write is over; the next one does so.
        assert truth.state(self.library) in (("", "unfinished") if self.was_full else ("",))
        with Store.open(self.library / "kb.sqlite") as store:
            store.check()
            store.check_content(live)
        report = search.build([self.pages], self.library, cache=self.library)
        assert not report.touched, report
        assert truth.state(self.library) == ""
        left = [path.name for path in self.library.rglob("*") if path.name.startswith(".")]
        assert not left, left
        assert len(layout.generations(self.library)) <= 2


_WHO = ("editor", "writer", "reader", "fate")
_MORE = "The tide came back before noon. "


def _text(name: str, version: int, extra: int = 0) -> str:
    return (
        f"Harbour {name}\n\nThe ferry leaves the harbour at noon, version{version:05} of its plan. "
        f"{_MORE * extra}\n"
    )


def _tokens(texts: dict[str, str]) -> dict[str, str]:
    return {
        name: text[text.index("version") :][:12] if "version" in text else text
        for name, text in texts.items()
    }


class _Stop(threading.Event):
    """What `kb watch` waits with."""

    def __init__(self, world: World, over: threading.Event) -> None:
        super().__init__()
        self._world, self._end = world, over

    def wait(self, timeout: float | None = None) -> bool:
        self._world.sleep(timeout or 0.0)
        return self._end.is_set()


@contextlib.contextmanager
def installed() -> Iterator[None]:
    """Within it, schedules can be run."""
    with standing_in():
        try:
            yield
        finally:
            if "world" in _made:
                shutil.rmtree(_made.pop("world"))


_made: dict[str, Path] = {}


def _template() -> Path:
    """A folder with a ``sound`` world, of a library of three articles and one more, which is added by hand,
    and the ``world`` that is simulated, in the place where it was made."""
    if "folder" not in _made:
        folder = Path(tempfile.mkdtemp(prefix="kb-simulated-", dir=_memory()))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        world = folder / "world"
        for name in (*_NAMES, "stays.txt"):  # a library of nothing is none
            path = world / "pages" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_text(path.name, 0), "utf-8")
        (world / "extra").mkdir()
        (world / "extra" / "x.txt").write_text(_text("x.txt", 0), "utf-8")
        search.build([world / "pages"], world / "kb", cache=world / "kb")
        shutil.copytree(world, folder / "sound")
        _made["folder"] = folder
    return _made["folder"]
