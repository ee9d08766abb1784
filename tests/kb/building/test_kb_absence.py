"""What cannot be read at the moment is not gone."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path

import pytest
from denied import allow, denied, deny, prepare
from test_kb_watch import Steps, nothing

from kb.build import add, restore, update
from kb.building import sources
from kb.building.prepare import Reading
from kb.building.prepare import prepare as prepared
from kb.building.watch import Change, Watcher
from kb.errors import InputError
from kb.models import SkippedSource
from kb.run import Run
from kb.store.store import Store, Writer

BODY = "Jeziorem płynęła barka z sianem, a na brzegu ktoś naprawiał sieci i nucił pod nosem."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "kb.sqlite") as made:
        yield made


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    prepare(tmp_path, monkeypatch)
    for name in ("a.txt", "klucz/b.txt", "klucz/dno/c.txt"):
        write(tmp_path / "texts" / name)
    return tmp_path / "texts"


def write(path: Path, more: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"O jeziorze {path.name}\n\n{BODY}{more}\n\n{{{{ menu }}}}", encoding="utf-8")
    return path


def held(store: Store, generation: int) -> set[str]:
    return {summary.source for summary in store.at(generation).summaries()}


def test_a_folder_that_cannot_be_listed_keeps_what_the_library_had_of_it(store: Store, texts: Path) -> None:
    update(store, [texts], 1)
    stored = store.at(1).article_by_source("klucz/b.txt")
    assert stored
    restore(store, "klucz/b.txt", stored.article.removed[0].start, 2)
    (texts / "a.txt").unlink()
    write(texts / "z.txt")
    with denied(texts / "klucz"):
        report = update(store, [texts], 3)
    assert (report.added, report.removed) == (("z.txt",), ("a.txt",))
    assert report.unchanged == ("klucz/b.txt", "klucz/dno/c.txt")
    ((source, reason),) = [(one.source, one.reason) for one in report.skipped]
    assert source == "klucz"
    assert "permission denied" in reason
    assert "stays" in reason
    assert "klucz/b.txt" in store.at(3).restored(), "what was put back stays so"
    assert update(store, [texts], 4).skipped == ()
    (texts / "klucz/dno/c.txt").unlink()
    assert update(store, [texts], 5).removed == ("klucz/dno/c.txt",), "a listing that succeeds removes"


def test_a_file_that_cannot_be_opened_stays_as_it_was_until_it_can(store: Store, texts: Path) -> None:
    update(store, [texts], 1)
    before = store.at(1).article_by_source("klucz/b.txt")
    write(texts / "klucz/b.txt", " A wieczorem ucichło.")
    with denied(texts / "klucz/b.txt"):
        report = update(store, [texts], 2)
        assert store.at(2).article_by_source("klucz/b.txt") == before
        assert add(store, [texts], 3).unchanged == ("a.txt", "klucz/b.txt", "klucz/dno/c.txt")
    assert (report.removed, report.changed) == ((), ())
    assert [(one.source, one.passing) for one in report.skipped] == [("klucz/b.txt", True)]
    assert update(store, [texts], 4).changed == ("klucz/b.txt",)


def test_a_reading_that_fails_in_the_middle_says_nothing_of_the_file(
    texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing:
        def read(self, _size: int) -> bytes:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

        def fileno(self) -> int:
            return 0

    monkeypatch.setattr(sources, "opened", lambda *_: nullcontext(Failing()))
    changed = [
        one for one in sources.find([texts]) if isinstance(one, sources.Found) and one.source == "a.txt"
    ]
    (told,) = prepared(Reading(changed[0]))
    assert isinstance(told, SkippedSource)
    assert told.passing


def test_a_listing_that_breaks_off_is_none(
    store: Store, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    update(store, [texts], 1)
    real = os.scandir

    class Broken:
        def __init__(self, path: object) -> None:
            self._listed = real(path)  # type: ignore[call-overload]

        def __enter__(self) -> Broken:
            return self

        def __exit__(self, *_: object) -> None:
            self._listed.close()

        def __iter__(self) -> Iterator[object]:
            yield next(self._listed)
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "scandir", lambda path: (Broken if str(path).endswith("klucz") else real)(path))
    assert update(store, [texts], 2).removed == ()
    assert held(store, 2) == held(store, 1)


def test_a_share_that_goes_while_its_files_are_read_takes_no_article_along(
    store: Store, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    update(store, [texts], 1)
    for name in ("a.txt", "klucz/b.txt"):
        write(texts / name, " Nazajutrz wiało.")
    real = Run.read_all

    def gone(run: Run, writer: Writer) -> None:
        texts.rename(texts.with_name("away"))
        real(run, writer)

    with monkeypatch.context() as patched:
        patched.setattr(Run, "read_all", gone)
        report = update(store, [texts], 2)
    assert report.removed == ()
    assert {one.source for one in report.skipped if one.passing} == held(store, 1)
    assert held(store, 2) == held(store, 1)


def test_an_empty_folder_among_others_is_taken_for_one_that_is_away(
    store: Store, texts: Path, tmp_path: Path
) -> None:
    share = tmp_path / "share"
    write(share / "s.txt")
    update(store, [texts, share], 1)
    (share / "s.txt").unlink()
    with pytest.raises(InputError, match=r"share: is empty.*1 articles"):
        update(store, [texts, share], 2)
    assert held(store, 2) == held(store, 1)
    assert update(store, [texts], 2).removed == ()


def test_files_that_hold_many_articles_keep_them_all(store: Store, texts: Path) -> None:
    (texts / "many.jsonl").write_text(
        "".join(f'{{"title": "Fala {i}", "text": "{BODY} {i}"}}\n' for i in range(3)), "utf-8"
    )
    update(store, [texts], 1)
    (texts / "many.jsonl").write_text("{}", "utf-8")
    with denied(texts / "many.jsonl"):
        assert update(store, [texts], 2).removed == ()
    assert len(update(store, [texts], 3).removed) == 3


# --- following


def test_what_cannot_be_listed_is_no_change(texts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher = Watcher([texts], interval=1, settled=2)
    steps = Steps(monkeypatch, lambda: deny(texts / "klucz"), *[nothing] * 5, allow, *[nothing] * 5)
    assert list(watcher.changes(steps)) == []


def test_what_failed_is_told_again_after_a_while_and_then_later(
    texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = Watcher([texts], interval=1, settled=2)
    steps = Steps(monkeypatch, (texts / "n.txt").touch, *[nothing] * 60)
    told: list[float] = []
    for change in watcher.changes(steps):
        assert change == (Change(added=(texts / "n.txt",)) if not told else Change())
        told.append(steps.now)
        (watcher.failed if len(told) < 4 else watcher.done)()
    assert len(told) == 4
    gaps = [later - earlier for earlier, later in pairwise(told)]
    assert gaps == [5, 10, 20]


def test_an_edit_that_keeps_size_and_time_is_a_change(texts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher = Watcher([texts], interval=1, settled=2)
    path = texts / "a.txt"
    about = path.stat()

    def edited() -> None:
        path.write_bytes(path.read_bytes().replace(b"barka", b"tafla"))
        os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))

    assert list(watcher.changes(Steps(monkeypatch, edited, *[nothing] * 4))) == [Change(changed=(path,))]
