"""A damaged library is noticed before anything of it is read, and mended from its database."""

from __future__ import annotations

import json
import logging
import random
import shutil
import sqlite3
from pathlib import Path

import faults
import numpy as np
import pytest

import search
from kb.errors import LibraryDamaged, LibraryError
from search.disk import durable, layout, manifest


@pytest.fixture
def cache(tiny_cache: Path) -> Path:
    return tiny_cache


@pytest.fixture
def library(tmp_path: Path, two_generations: Path) -> Path:
    """Two generations: the live one has c.md, the one before it has not."""
    shutil.copytree(two_generations, tmp_path, dirs_exist_ok=True)
    return tmp_path / "kb"


def test_damage_to_any_file_is_noticed_and_the_previous_generation_served(
    library: Path, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rng = random.Random(5)
    every = [path for path in sorted(faults.live_folder(library).rglob("*")) if path.is_file()]
    assert len(every) > 30
    for path in every:
        caplog.clear()
        faults.damage_and_look(library, cache, path, rng)
        assert "generation 2 is damaged" in caplog.text
    assert search.verify(library, cache=cache) == ()


def test_a_file_that_is_missing_or_foreign_is_noticed(library: Path, cache: Path) -> None:
    foreign = faults.live_folder(library) / "phrases" / "_MAIN_99.toc"
    foreign.write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    assert any("is no file of this library" in one for one in search.verify(library, cache=cache))
    with search.open(library, cache=cache) as engine:
        assert engine.generation == 1
    foreign.unlink()
    (faults.live_folder(library) / manifest.MANIFEST).unlink()
    with search.open(library, cache=cache) as engine:
        assert engine.generation == 1


@pytest.mark.parametrize(
    "what", ["vectors/passages_prefix.npy", "model/model.json", "manifest.json", "phrases", "whole"]
)
def test_repair_makes_the_indexes_again_from_the_database(library: Path, cache: Path, what: str) -> None:
    before = faults.texts(library, cache)
    folder = faults.live_folder(library)
    if what == "whole":
        for generation in layout.generations(library):
            for path in layout.generation_directory(library, generation).rglob("*.npy"):
                path.write_bytes(b"")
    else:
        for path in durable.files(folder / what) if what == "phrases" else [folder / what]:
            path.write_bytes(b"rot")
    assert search.repair(library, cache=cache)
    assert search.verify(library, cache=cache) == ()
    assert layout.read_live(library).generation == 3
    assert faults.texts(library, cache) == before
    assert search.repair(library, cache=cache) == (), "nothing more to mend"
    assert layout.read_live(library).generation == 3


@pytest.mark.parametrize("content", [b"", b"{", b'{"generation": "x"}', b"\xff\xfe", b"[]"])
def test_a_damaged_live_json_hides_nothing(library: Path, cache: Path, content: bytes) -> None:
    (library / "live.json").write_bytes(content)
    assert search.verify(library, cache=cache)
    assert sorted(faults.texts(library, cache)) == ["a.md", "b.md", "c.md"]
    assert search.repair(library, cache=cache)
    assert search.verify(library, cache=cache) == ()
    assert sorted(faults.texts(library, cache)) == ["a.md", "b.md", "c.md"]


def test_a_write_to_a_library_with_a_damaged_live_json_loses_nothing(
    library: Path, cache: Path, tmp_path: Path
) -> None:
    (library / "live.json").write_bytes(b"")
    (tmp_path / "d.md").write_text(faults.article(random.Random(2), "d.md"), "utf-8")
    search.add([tmp_path / "d.md"], library, cache=cache)
    assert sorted(faults.texts(library, cache)) == ["a.md", "b.md", "c.md", "d.md"]


def test_building_again_mends_a_damaged_generation_though_no_article_changed(
    library: Path, cache: Path, tmp_path: Path
) -> None:
    (faults.live_folder(library) / "vectors" / "passages_prefix.npy").write_bytes(b"rot")
    assert not search.build([tmp_path / "pages"], library, cache=cache).touched
    assert search.verify(library, cache=cache) == ()


def test_a_damaged_database_is_found_and_not_mended_by_guessing(library: Path, cache: Path) -> None:
    path = library / "kb.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray(path.read_bytes())
    for at in range(4096 * 4, len(content) - 64, 512):
        content[at : at + 64] = b"\xa5" * 64
    path.write_bytes(content)
    assert any("kb.sqlite" in problem for problem in search.verify(library, cache=cache))
    with pytest.raises(LibraryDamaged, match=r"kb\.sqlite"):
        search.repair(library, cache=cache)


def test_a_database_of_other_articles_is_found(library: Path, cache: Path) -> None:
    with sqlite3.connect(library / "kb.sqlite") as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM articles WHERE source = 'c.md'")
    connection.close()
    assert any("not those that were written" in problem for problem in search.verify(library, cache=cache))
    with search.open(library, cache=cache) as engine:
        assert engine.generation == 1
    with pytest.raises(LibraryDamaged, match="not those that were written"):
        search.repair(library, cache=cache)


def test_of_large_files_samples_are_read_on_opening_and_all_by_verify(tmp_path: Path) -> None:
    path = tmp_path / "large.npy"
    np.save(path, np.zeros(1 << 20))
    manifest.write(tmp_path, 1)
    content = bytearray(path.read_bytes())
    for at, noticed in ((0, True), (len(content) - 1, True), (6000, False)):
        content[at] ^= 1
        path.write_bytes(content)
        assert bool(manifest.check(tmp_path, 1, thorough=False)) is noticed
        assert manifest.check(tmp_path, 1, thorough=True)
        content[at] ^= 1
    path.write_bytes(content)
    assert manifest.check(tmp_path, 1, thorough=True) == ()


def test_what_the_samples_miss_is_damage_too_and_no_crash(
    library: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = faults.live_folder(library)
    (folder / "postings" / "terms.npy").write_bytes(b"not an array")
    real = layout.check_generation
    monkeypatch.setattr(
        layout, "check_generation", lambda *where, thorough: real(*where, thorough=True) if thorough else ()
    )
    with caplog.at_level(logging.ERROR), search.open(library, cache=cache) as engine:
        assert engine.generation == 1
    assert "generation 2 is damaged" in caplog.text


def test_a_library_without_any_sound_generation_says_what_helps(library: Path, cache: Path) -> None:
    for generation in layout.generations(library):
        (layout.generation_directory(library, generation) / "manifest.json").write_text(json.dumps({}))
    with pytest.raises(LibraryError, match="kb verify --repair"):
        search.open(library, cache=cache)
