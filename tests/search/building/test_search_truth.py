"""The truth is checked: what is not as it was written is noticed, and neither shown nor built on."""

from __future__ import annotations

import logging
import random
import shutil
from pathlib import Path

import faults
import pytest

import search
from kb.errors import KBError, LibraryDamaged
from kb.store.snapshot import StoredArticle, StoredPassage
from kb.store.store import Store
from search.disk import layout, truth
from search.errors import ModelError


@pytest.fixture
def cache(tiny_cache: Path) -> Path:
    return tiny_cache


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, tiny_cache: Path) -> Path:
    folder = tmp_path_factory.mktemp("template")
    faults.two_generations(folder, tiny_cache)
    (folder / "pages" / "dose.md").write_text("# A dose\n\nTake 10 mg of bread each day.\n", "utf-8")
    search.build([folder / "pages"], folder / "kb", cache=tiny_cache)
    return folder


@pytest.fixture
def library(tmp_path: Path, template: Path) -> Path:
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return tmp_path / "kb"


@pytest.fixture
def pages(library: Path) -> Path:
    return library.parent / "pages"


def flipped(content: bytes, rng: random.Random) -> tuple[bytes, str]:
    """With one bit changed; which."""
    at, bit = rng.randrange(len(content)), 1 << rng.randrange(8)
    return content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :], f"bit {bit} of byte {at}"


def poisoned(library: Path) -> None:
    path = layout.database(library)
    content = path.read_bytes()
    assert b"Take 10 mg" in content
    path.write_bytes(content.replace(b"Take 10 mg", b"Take 90 mg"))


def all_damages_are_noticed(library: Path, cache: Path, count: int) -> None:
    path, rng = layout.database(library), random.Random(28)
    sound = path.read_bytes()
    for _ in range(count):
        content, done = flipped(sound, rng)
        path.write_bytes(content)
        assert any("kb.sqlite" in one for one in search.verify(library, cache=cache)), done
    path.write_bytes(sound)
    assert search.verify(library, cache=cache) == ()


def test_damage_to_the_database_is_noticed(library: Path, cache: Path) -> None:
    all_damages_are_noticed(library, cache, 15)


@pytest.mark.slow
def test_three_hundred_damages_to_the_database_are_all_noticed(library: Path, cache: Path) -> None:
    all_damages_are_noticed(library, cache, 300)


def held(path: Path, generation: int) -> tuple[dict[str, StoredArticle], dict[int, StoredPassage]]:
    """Every article and passage that a reader would be shown; what is refused is left out."""
    articles: dict[str, StoredArticle] = {}
    passages: dict[int, StoredPassage] = {}
    try:
        with Store.open(path) as store:
            snapshot = store.at(generation)
            for summary in snapshot.summaries():
                try:
                    found = snapshot.articles_by_key([summary.checked().key]).get(summary.key)
                    inside = snapshot.passages_of(summary.key)
                except KBError:
                    continue
                if found is not None:
                    articles[found.article.source] = found
                    passages |= {one.key: one for one in inside}
    except KBError:
        pass
    return articles, passages


def test_nothing_is_shown_that_is_not_as_it_was_written(library: Path) -> None:
    path, rng = layout.database(library), random.Random(82)
    generation = layout.read_live(library).generation
    sound = path.read_bytes()
    articles, passages = held(path, generation)
    assert set(articles) == {"a.md", "b.md", "c.md", "dose.md"}
    refused = 0
    for _ in range(300):
        content, done = flipped(sound, rng)
        path.write_bytes(content)
        now, then = held(path, generation)
        assert now.items() <= articles.items(), done
        # A passage says its article's title, which the article's own seal holds.
        assert {key: one.passage for key, one in then.items()}.items() <= {
            key: one.passage for key, one in passages.items()
        }.items(), done
        refused += now != articles
    assert refused > 20, "some damage was to what articles say"


def test_a_changed_article_is_refused_and_the_others_are_shown(library: Path, cache: Path) -> None:
    poisoned(library)
    with search.open(library, cache=cache) as engine:
        assert engine.article("a.md").article.text
        with pytest.raises(LibraryDamaged, match=r"dose\.md is not as it was written; put back a copy"):
            engine.article("dose.md")
        with pytest.raises(LibraryDamaged, match="not as it was written"):
            engine.search('"of bread each day"')
    assert any("dose.md" in one for one in search.verify(library, cache=cache))


def test_nothing_is_built_on_a_changed_article(library: Path, cache: Path, pages: Path) -> None:
    poisoned(library)
    before = layout.database(library).read_bytes(), layout.read_live(library)
    (pages / "d.md").write_text(faults.article(random.Random(1), "d.md"), "utf-8")
    for _ in range(2):
        with pytest.raises(LibraryDamaged, match=r"dose\.md"):
            search.build([pages], library, cache=cache)
    with pytest.raises(LibraryDamaged, match=r"dose\.md"):
        search.repair(library, cache=cache)
    assert (layout.database(library).read_bytes(), layout.read_live(library)) == before
    assert search.verify(library, cache=cache)


def test_a_change_that_hides_an_article_is_noticed_too(library: Path, cache: Path, pages: Path) -> None:
    with Store.open(layout.database(library), writable=True) as store:
        store._connection().execute("UPDATE articles SET until = 1 WHERE source = 'dose.md'")
    assert any("not those that were written" in one for one in search.verify(library, cache=cache))
    with pytest.raises(LibraryDamaged, match="not those that were written"):
        search.build([pages], library, cache=cache)


def test_damage_to_bytes_that_hold_nothing_is_named_and_ends_with_the_next_write(
    library: Path, cache: Path, pages: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = layout.database(library)
    content = bytearray(path.read_bytes())
    content[80] ^= 4  # of the header, kept for later versions of SQLite
    path.write_bytes(content)
    assert search.verify(library, cache=cache) == (f"{path}: its bytes are not what was written",)
    with caplog.at_level(logging.WARNING):
        report = search.build([pages], library, cache=cache)
    assert "bytes that hold no article" in caplog.text
    assert len(report.unchanged) == 4
    assert search.verify(library, cache=cache) == ()


def test_repair_notes_anew_what_is_as_it_was_written(library: Path, cache: Path) -> None:
    (library / truth.NOTE).unlink()
    assert search.verify(library, cache=cache) == (f"{library / truth.NOTE}: is missing",)
    assert search.repair(library, cache=cache)
    assert search.verify(library, cache=cache) == ()


def test_what_a_write_that_died_left_is_told_by_its_articles(library: Path, cache: Path, pages: Path) -> None:
    truth.begin(library)
    assert search.verify(library, cache=cache) == ()
    poisoned(library)
    assert any("dose.md" in one for one in search.verify(library, cache=cache))
    with pytest.raises(LibraryDamaged, match=r"dose\.md"):
        search.build([pages], library, cache=cache)


def test_readers_that_stay_open_change_nothing(library: Path, cache: Path, pages: Path) -> None:
    with search.open(library, cache=cache) as engine:
        waiting = engine._snapshot.articles()
        next(waiting)
        (pages / "d.md").write_text(faults.article(random.Random(3), "d.md"), "utf-8")
        search.build([pages], library, cache=cache)
        assert search.verify(library, cache=cache) == ()
        waiting.close()  # type: ignore[attr-defined]
        (pages / "d.md").unlink()
        search.build([pages], library, cache=cache)
        assert search.verify(library, cache=cache) == ()
    assert search.verify(library, cache=cache) == ()


def test_a_cache_that_cannot_be_written_is_named_and_not_the_library(
    library: Path, cache: Path, pages: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(cache, other)
    shutil.rmtree(other / "background")
    (other / "background").write_text("no folder")
    with pytest.raises(ModelError, match=r"other.*KB_CACHE"):
        search.build([pages], tmp_path / "new", cache=other)


def test_a_copy_of_the_folder_is_checked_as_the_folder_is(library: Path, cache: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    shutil.copytree(library, backup)
    assert search.verify(backup, cache=cache) == ()
    poisoned(backup)
    assert search.verify(backup, cache=cache)
