"""What was acknowledged survives: kills, power cuts, disks that refuse. The long versions: `make soak`."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import faults
import pytest

import search
from kb.errors import LibraryError, LibraryLocked
from search.building import basis
from search.building.settings import BUILDING
from search.disk import layout, locking
from search.disk.settings import DISK

HOLDER = """
import sys, time
from pathlib import Path
from search.disk.locking import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""

# Builds on a disk of a few megabytes, in a name space of its own.
FULL = """
set -e
mount -t tmpfs -o size={size}k none "$1"
cp -a "$2/." "$1/"
{then}
"$3" -c "$4" "$5" > "$6/out" 2> "$6/err" || true
rm -rf "$2"
cp -a "$1" "$2"
"""


@pytest.fixture
def cache(tiny_cache: Path) -> Path:
    return tiny_cache


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    return faults.two_articles(random.Random(1), tmp_path)


def test_what_was_acknowledged_survives_kills_at_random_moments(tmp_path: Path, cache: Path) -> None:
    killer = faults.Killer(tmp_path, cache, random.Random(9))
    for _ in range(5):
        killer.round()
    assert killer.killed + killer.finished == 5


def test_a_power_cut_at_any_moment_leaves_one_whole_library(
    tmp_path: Path, cache: Path, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        basis, "BUILDING", replace(BUILDING, passed_over=0)
    )  # the first is made anew, the others from the one before
    rng = random.Random(3)
    root = tmp_path / "disk"
    root.mkdir()
    allowed: set[tuple[str, ...]] = {()}
    tried = []

    def cut() -> None:
        if rng.random() > 0.06:
            return
        with faults.scratch() as folder:
            disk.after_a_cut(folder / "disk", rng, rng.choice([0.0, 0.5, 1.0]))
            left = folder / "disk" / "kb"
            found = faults.sources(left) if (left / "live.json").exists() else ()
            assert found in allowed
            tried.append(found)

    disk = faults.Disk(root, monkeypatch)
    disk.at_each_call = cut
    steps = [("build", ("a.md", "b.md")), ("remove", ("b.md",)), ("build", ("a.md", "b.md"))]
    before: tuple[str, ...] = ()
    for work, after in steps:
        allowed = {before, after}
        if work == "remove":
            search.remove(["a.md"], root / "kb", cache=cache)
        else:
            search.build([pages], root / "kb", cache=cache)
        allowed, before = {after}, after
        disk.at_each_call = lambda: None
        with faults.scratch() as folder:
            disk.after_a_cut(folder / "disk", rng, 0.0)
            assert faults.sources(folder / "disk" / "kb") == after, "acknowledged, and lost"
        disk.at_each_call = cut
    disk.close()
    assert len(tried) > 10
    assert {("a.md", "b.md"), ("b.md",)} <= set(tried)


@pytest.mark.parametrize("why", faults.REFUSALS)
@pytest.mark.parametrize(("call", "number"), [("fsync", 1), ("fsync", 9), ("replace", 1)])
def test_a_disk_that_refuses_leaves_the_library_as_it_was(
    tmp_path: Path,
    cache: Path,
    pages: Path,
    monkeypatch: pytest.MonkeyPatch,
    why: str,
    call: str,
    number: int,
) -> None:
    library = tmp_path / "kb"
    search.build([pages], library, cache=cache)
    (pages / "c.md").write_text(faults.article(random.Random(2), "c.md"), "utf-8")
    with (
        faults.refusing(monkeypatch, call, number, faults.REFUSALS[why]),
        pytest.raises(LibraryError, match="run it again"),
    ):
        search.build([pages], library, cache=cache)
    assert sorted(faults.texts(library, cache)) == ["a.md", "b.md"]
    assert search.build([pages], library, cache=cache).added == ("c.md",)
    assert sorted(faults.texts(library, cache)) == ["a.md", "b.md", "c.md"]
    assert search.verify(library, cache=cache) == ()


def in_a_small_disk(tmp_path: Path, library: Path, told: str, *, spare: int, then: str = "") -> str:
    """Runs a write on a copy of the library in a tmpfs with so many kilobytes to spare; its complaint."""
    size = spare + sum(one.stat().st_size // 1024 + 4 for one in library.rglob("*"))
    (tmp_path / "mount").mkdir()
    script = FULL.format(size=size, then=then)
    arguments = [tmp_path / "mount", library, sys.executable, faults.WRITER, told, tmp_path]
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, "sh", *map(str, arguments)],
        cwd=faults.ROOT,
        capture_output=True,
    )
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.decode()[:100]}")
    return (tmp_path / "err").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="needs unshare")
@pytest.mark.parametrize(("spare", "then"), [(64, ""), (512, ""), (900, 'mount -o remount,ro "$1"')])
def test_a_real_disk_that_is_full_or_read_only(
    tmp_path: Path, cache: Path, pages: Path, spare: int, then: str
) -> None:
    library = tmp_path / "kb"
    search.build([pages], library, cache=cache)
    (pages / "c.md").write_text(faults.article(random.Random(2), "c.md"), "utf-8")
    told = json.dumps(["add", str(tmp_path / "mount"), str(cache), [str(pages)]])
    complaint = in_a_small_disk(tmp_path, library, told, spare=spare, then=then)
    assert "LibraryError" in complaint
    assert sorted(faults.texts(library, cache)) == ["a.md", "b.md"]
    assert search.build([pages], library, cache=cache).added == ("c.md",)
    assert search.verify(library, cache=cache) == ()


def test_the_previous_generation_stays_and_what_died_is_swept(
    tmp_path: Path, cache: Path, pages: Path
) -> None:
    library = tmp_path / "kb"
    for number in range(4):
        (pages / "c.md").write_text(faults.article(random.Random(number), "c.md"), "utf-8")
        search.build([pages], library, cache=cache)
    assert layout.generations(library) == [4, 3]
    orphans = [library / "generations" / ".5.unfinished", library / "generations" / "5"]
    for orphan in orphans:
        orphan.mkdir()
        (orphan / "passages.npy").write_bytes(b"half")
    (library / ".live.json.new").write_bytes(b"{")
    search.build([pages], library, cache=cache)  # nothing new, and yet it sweeps
    assert not any(orphan.exists() for orphan in orphans)
    assert not (library / ".live.json.new").exists()


def test_what_is_open_stays_whole_however_much_is_built(tmp_path: Path, cache: Path, pages: Path) -> None:
    library = tmp_path / "kb"
    search.build([pages], library, cache=cache)
    with search.open(library, cache=cache) as engine:
        for number in range(4):
            (pages / "b.md").write_text(faults.article(random.Random(number), "b.md"), "utf-8")
            (pages / "a.md").unlink(missing_ok=True)
            search.build([pages], library, cache=cache)
        assert {hit.article.source for hit in engine.search('"keeps every word"')} == {"a.md", "b.md"}
        assert engine.article("a.md").article.text
        assert layout.generations(library) == [5, 4, 1]
    (pages / "b.md").write_text(faults.article(random.Random(7), "b.md"), "utf-8")
    search.build([pages], library, cache=cache)
    assert layout.generations(library) == [6, 5]


def hold(library: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(library)], cwd=faults.ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_a_second_writer_waits_then_says_who_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locking, "DISK", replace(DISK, wait_seconds=0.6))
    holder = hold(tmp_path)
    told: list[str] = []
    try:
        with (
            pytest.raises(LibraryLocked, match=f"process {holder.pid} "),
            layout.locked(tmp_path, lambda stage, done, total: told.append(stage)),
        ):
            pass
    finally:
        holder.kill()
        holder.wait()
    assert f"process {holder.pid} " in told[0]


def test_the_lock_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    holder = hold(tmp_path)
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert str(holder.pid) in (tmp_path / locking.OWNER).read_text()
    with layout.locked(tmp_path):
        assert json.loads((tmp_path / locking.OWNER).read_text())["pid"] == os.getpid()


def test_the_second_writer_goes_on_when_the_first_is_done(tmp_path: Path) -> None:
    order: list[str] = []

    def second() -> None:
        with layout.locked(tmp_path):
            order.append("second")

    with layout.locked(tmp_path):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(timeout=0.3)
        order.append("first")
    thread.join(timeout=30)
    assert order == ["first", "second"]
