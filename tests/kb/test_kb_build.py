from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from reading_here import read_here

import kb.building.sources
from kb.build import BuildReport, add, remove, restore, update
from kb.building.sources import Found
from kb.errors import InputError
from kb.readers import RawFile
from kb.store.store import Store, article_id

BODY = "A tó partján reggel még köd ült, és a halászok szótlanul rakták a hálókat a csónakokba."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "kb.sqlite") as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "texts"
    made.mkdir()
    for name in ("a", "b", "c"):
        write(made, f"{name}.txt", name)
    return made


def write(folder: Path, name: str, title: str, body: str = BODY) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"Reggel a tónál {title}\n\n{body}", encoding="utf-8")
    return path


def held(store: Store, generation: int) -> list[str]:
    return sorted(summary.source for summary in store.at(generation).summaries())


def test_a_first_build_adds_everything(store: Store, folder: Path) -> None:
    report = update(store, [folder], 1)
    assert report.added == ("a.txt", "b.txt", "c.txt")
    assert report.touched
    assert held(store, 1) == ["a.txt", "b.txt", "c.txt"]
    assert {"created", "updated"} <= set(store.at(1).meta())


def test_a_second_build_touches_only_what_changed(store: Store, folder: Path) -> None:
    update(store, [folder], 1)
    keys = {summary.source: summary.key for summary in store.at(1).summaries()}
    write(folder, "a.txt", "a", BODY + " Aztán felkelt a nap.")
    (folder / "b.txt").unlink()
    write(folder, "d/e.txt", "e")
    report = update(store, [folder], 2)
    assert (report.added, report.changed, report.removed, report.unchanged) == (
        ("d/e.txt",),
        ("a.txt",),
        ("b.txt",),
        ("c.txt",),
    )
    assert held(store, 2) == ["a.txt", "c.txt", "d/e.txt"]
    after = {summary.source: summary.key for summary in store.at(2).summaries()}
    assert after["c.txt"] == keys["c.txt"]
    assert after["a.txt"] != keys["a.txt"]
    assert held(store, 1) == ["a.txt", "b.txt", "c.txt"]


def test_a_build_of_nothing_new_touches_nothing(store: Store, folder: Path) -> None:
    update(store, [folder], 1)
    report = update(store, [folder], 2)
    assert not report.touched
    assert report.unchanged == ("a.txt", "b.txt", "c.txt")


def test_articles_from_elsewhere_stay_unless_told_otherwise(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    extra = write(tmp_path, "extra.txt", "x")
    update(store, [folder], 1)
    assert add(store, [extra], 2).added == ("extra.txt",)
    assert update(store, [folder], 3).removed == ()
    assert "extra.txt" in held(store, 3)
    assert update(store, [folder], 4, keep_others=False).removed == ("extra.txt",)


def test_adding_removes_nothing(store: Store, folder: Path) -> None:
    update(store, [folder], 1)
    (folder / "a.txt").unlink()
    assert add(store, [folder], 2).removed == ()
    assert "a.txt" in held(store, 2)


def test_removing_by_source(store: Store, folder: Path) -> None:
    update(store, [folder], 1)
    assert remove(store, ["a.txt", "c.txt"], 2).removed == ("a.txt", "c.txt")
    assert held(store, 2) == ["b.txt"]


def test_removing_what_is_not_there_removes_nothing(store: Store, folder: Path) -> None:
    update(store, [folder], 1)
    with pytest.raises(InputError, match=r"nowhere\.txt"):
        remove(store, ["a.txt", "nowhere.txt"], 2)
    assert held(store, 2) == ["a.txt", "b.txt", "c.txt"]


def test_bad_files_are_reported_and_the_rest_processed(store: Store, folder: Path) -> None:
    (folder / "empty.txt").write_text("")
    (folder / "binary.txt").write_bytes(b"\x00\x01\x02")
    (folder / "furniture.txt").write_text("Skip to content\n\n[object Object]")
    (folder / "scan.pdf").write_bytes(b"%PDF")
    report = update(store, [folder], 1)
    assert report.added == ("a.txt", "b.txt", "c.txt")
    assert [one.source for one in report.skipped] == ["binary.txt", "empty.txt", "furniture.txt", "scan.pdf"]
    assert [one.source for one in store.at(1).skipped()] == [
        "binary.txt",
        "empty.txt",
        "furniture.txt",
        "scan.pdf",
    ]
    (folder / "empty.txt").write_text(f"Este\n\n{BODY}")
    (folder / "scan.pdf").unlink()
    update(store, [folder], 2)
    assert [one.source for one in store.at(2).skipped()] == ["binary.txt", "furniture.txt"]


def test_a_file_gone_bad_is_no_longer_an_article(store: Store, folder: Path) -> None:
    update(store, [folder], 1)
    (folder / "a.txt").write_bytes(b"\x00")
    report = update(store, [folder], 2)
    assert report.removed == ("a.txt",)
    assert [one.source for one in report.skipped] == ["a.txt"]


@pytest.mark.parametrize("call", [update, add])
def test_nothing_usable_is_an_error_and_the_library_stays(
    store: Store, folder: Path, tmp_path: Path, call: Callable[[Store, list[Path], int], BuildReport]
) -> None:
    update(store, [folder], 1)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match="holds no articles"):
        call(store, [empty], 2)
    (empty / "bad.txt").write_bytes(b"\x00")
    with pytest.raises(InputError, match=r"bad\.txt is binary"):
        call(store, [empty], 2)
    with pytest.raises(InputError, match="no such file"):
        call(store, [folder, tmp_path / "nowhere"], 2)
    with pytest.raises(InputError, match="nothing to read"):
        call(store, [], 2)
    assert held(store, 2) == ["a.txt", "b.txt", "c.txt"]
    assert store.latest() == 1


def test_two_files_of_one_name(store: Store, folder: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", "a.txt", "A").parent
    report = update(store, [folder, other], 1)
    assert report.added == ("a.txt", "b.txt", "c.txt")
    assert "same name" in report.skipped[0].reason


def test_a_folder_that_moved_is_the_same_library(store: Store, folder: Path, tmp_path: Path) -> None:
    update(store, [folder], 1)
    moved = folder.rename(tmp_path / "moved")
    assert update(store, [moved], 2).unchanged == ("a.txt", "b.txt", "c.txt")
    (moved / "a.txt").unlink()
    assert update(store, [moved], 3).removed == ("a.txt",)


def test_progress_is_told(store: Store, folder: Path) -> None:
    told: list[tuple[str, int, int]] = []
    update(store, [folder], 1, progress=lambda stage, done, total: told.append((stage, done, total)))
    assert told == [("reading", i, 3) for i in range(4)]


def test_a_new_pipeline_reads_unchanged_files_again(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    update(store, [folder], 1)
    monkeypatch.setattr("kb.build.PIPELINE", "next")
    assert update(store, [folder], 2).changed == ("a.txt", "b.txt", "c.txt")


def test_a_restored_span_stays_until_its_file_changes(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.txt").write_text(f"Reggel a tónál\n\n{BODY}\n\n{{{{ x }}}}", encoding="utf-8")
    update(store, [folder], 1)
    found = store.at(1).article_by_source("a.txt")
    assert found
    (span,) = found.article.removed
    assert restore(store, "a.txt", span.start, 2).changed == ("a.txt",)
    back = store.at(2).article_by_source("a.txt")
    assert back
    assert back.article.removed == ()
    assert update(store, [folder], 3).changed == ()
    monkeypatch.setattr("kb.build.PIPELINE", "next")  # as when everything is read anew
    update(store, [folder], 4)
    again = store.at(4).article_by_source("a.txt")
    assert again
    assert again.article.removed == ()
    (folder / "a.txt").write_text(f"Reggel a tónál\n\n{BODY} Este.\n\n{{{{ x }}}}", encoding="utf-8")
    update(store, [folder], 5)
    last = store.at(5).article_by_source("a.txt")
    assert last
    assert len(last.article.removed) == 1
    assert store.at(5).restored() == {}


def test_restoring_what_was_not_removed_is_an_error(store: Store, folder: Path) -> None:
    update(store, [folder], 1)
    with pytest.raises(InputError, match="nothing removed at 3"):
        restore(store, "a.txt", 3, 2)
    with pytest.raises(InputError, match="no article"):
        restore(store, "nowhere.txt", 3, 2)
    assert store.latest() == 1


# --- files that need not be opened


def age(folder: Path) -> None:
    """Make files look as if they had been written a minute ago."""
    for path in folder.rglob("*"):
        about = path.stat()
        os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns - 60_000_000_000))


def test_a_file_of_the_same_size_time_and_inode_is_not_opened(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "bad.txt").write_bytes(b"\x00")
    age(folder)
    first = update(store, [folder], 1)
    write(folder, "a.txt", "Z")
    opened: list[str] = []
    real = kb.building.sources.load

    def load(found: Found, *rest: Any) -> RawFile:
        opened.append(found.source)
        return real(found, *rest)

    read_here(monkeypatch)
    monkeypatch.setattr("kb.building.prepare.load", load)
    second = update(store, [folder], 2)
    assert opened == ["a.txt"]
    assert (second.changed, second.unchanged) == (("a.txt",), ("b.txt", "c.txt"))
    assert second.skipped == first.skipped


def test_a_file_written_this_moment_is_read_again(store: Store, folder: Path) -> None:
    update(store, [folder], 1)
    path = folder / "a.txt"
    about = path.stat()
    write(folder, "a.txt", "Z")  # as long as before, and made to look as old
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert update(store, [folder], 2).changed == ("a.txt",)


def test_an_article_removed_by_name_comes_back_with_the_next_build(store: Store, folder: Path) -> None:
    age(folder)
    update(store, [folder], 1)
    remove(store, ["a.txt"], 2)
    assert update(store, [folder], 3).added == ("a.txt",)


def test_what_a_discarded_build_remembered_of_files_is_not_believed(store: Store, folder: Path) -> None:
    age(folder)
    update(store, [folder], 1)
    write(folder, "a.txt", "changed")
    age(folder)
    update(store, [folder], 2)
    store.discard_after(1)
    assert update(store, [folder], 2).changed == ("a.txt",)


def test_an_edit_that_keeps_size_and_time_is_noticed(store: Store, folder: Path) -> None:
    age(folder)
    update(store, [folder], 1)
    path = folder / "a.txt"
    about = path.stat()
    path.write_bytes(path.read_bytes().replace("köd".encode(), "pár".encode()))
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert path.stat().st_size == about.st_size
    assert update(store, [folder], 2).changed == ("a.txt",)


def test_all_files_are_hashed_when_that_is_asked_for(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.run.signature", lambda *_: "a disk whose times say nothing")
    update(store, [folder], 1)
    write(folder, "a.txt", "Z")
    assert update(store, [folder], 2).changed == ()
    assert update(store, [folder], 3, rehash=True).changed == ("a.txt",)


# --- names


def test_two_sources_that_would_share_a_public_id_are_not_both_taken(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def weak(source: str) -> str:
        return "0" * 32 if source in ("a.txt", "c.txt") else article_id(source)

    monkeypatch.setattr("kb.run.article_id", weak)
    monkeypatch.setattr("kb.store.store.article_id", weak)
    report = update(store, [folder], 1)
    assert report.added == ("a.txt", "b.txt")
    assert [one.source for one in report.skipped] == ["c.txt"]
    assert "public id of a.txt" in report.skipped[0].reason
    write(folder, "a.txt", "changed")
    assert update(store, [folder], 2).changed == ("a.txt",)


def test_a_forged_front_matter_does_not_displace_the_true_file(store: Store, folder: Path) -> None:
    (folder / "!forged.md").write_text(f"---\nsource: a.txt\ncleaned: true\n---\n{BODY} Hazugság.", "utf-8")
    report = update(store, [folder], 1)
    assert report.added == ("!forged.md", "a.txt", "b.txt", "c.txt")
    true = store.at(1).article_by_source("a.txt")
    assert true
    assert "Hazugság" not in true.article.text


# --- killed at any moment

KILLED = """
import sys
from kb.build import update
from kb.store.store import Store, article_id
with Store.open(sys.argv[1], writable=True) as store:
    print("ready", flush=True)
    update(store, [sys.argv[2]], 2)
"""


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.0, 0.05, 0.15, 0.3, 0.6, 1.2])
def test_a_build_killed_at_any_moment_leaves_the_old_or_the_new(tmp_path: Path, delay: float) -> None:
    folder, database = tmp_path / "texts", tmp_path / "kb.sqlite"
    for n in range(60):
        write(folder, f"{n}.txt", f"{n}", f"{BODY} {n}")
    with Store.create(database) as store:
        update(store, [folder], 1)
        before = {one.source: one.content_hash for one in store.at(1).summaries()}
    for n in range(60):
        write(folder, f"{n}.txt", f"{n} new", f"{BODY} {n} new")
    command = [sys.executable, "-c", KILLED, str(database), str(folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout
        process.stdout.readline()
        time.sleep(delay)
        process.kill()
    with Store.open(database, writable=True) as store:
        store.check()
        assert {one.source: one.content_hash for one in store.at(1).summaries()} == before
        now = {one.source: one.content_hash for one in store.at(2).summaries()}
        assert now == before or not set(now.values()) & set(before.values())
        store.discard_after(1)
        assert len(update(store, [folder], 2).changed) == 60
