"""A library of an older format is brought to this one, with what was put back in it by hand.

``format_11.sql`` is the database that a Rosetta of that format wrote of two pages, in one of which a part was
then put back. Databases of the formats 1 to 11 are all alike.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import search
from kb.errors import LibraryVersionMismatch
from kb.store import upgrading
from search.disk import layout
from search.errors import ModelMissing

SQL = Path(__file__).with_name("format_11.sql")
PUT_BACK = "Imprint, privacy and all rights reserved by the harbour office."
PAGE = (
    "<html lang=en><head><title>The ferry</title></head><body><nav><a href=/a>Home</a> <a href=/b>Boats</a>"
    " <a href=/c>Contact</a></nav><article><h1>The ferry</h1><p>The ferry leaves the harbour at six, even"
    " when the fog has not yet lifted from the water.</p><p>Those who come late wait for the next one, which"
    f" leaves at nine in the morning.</p></article><footer><p>{PUT_BACK}</p></footer></body></html>"
)
ID_OF_FERRY = "e1e2343eff8a"


def older(folder: Path, format_version: int = 11) -> Path:
    """A library as it was written then; its indexes are left out, which nobody reads any more."""
    library = folder / "kb"
    live = layout.generation_directory(library, 2)
    model = live / "model" if format_version >= 10 else live
    model.mkdir(parents=True)
    identity = {"name": "multilingual-e5-small", "revision": "66c415d6bbd7-2", "dimension": 64}
    (model / "model.json").write_text(json.dumps(identity), "utf-8")
    (library / "live.json").write_text(
        json.dumps({"generation": 2, "format_version": format_version}), "utf-8"
    )
    with closing(sqlite3.connect(layout.database(library))) as connection:
        connection.executescript(SQL.read_text("utf-8"))
        connection.execute("PRAGMA application_id = 1383035749")
        connection.execute("PRAGMA user_version = 3")
    return library


def rows(library: Path) -> list[str]:
    with closing(sqlite3.connect(layout.database(library))) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()
        return [str(version), *connection.iterdump()]


def test_an_older_library_is_brought_to_this_format_with_what_was_put_back(
    tmp_path: Path, tiny_cache: Path
) -> None:
    library = older(tmp_path)
    with pytest.raises(LibraryVersionMismatch, match="`kb upgrade` brings it there"):
        search.open(library, cache=tiny_cache)
    # Of a build that was killed then.
    with closing(sqlite3.connect(layout.database(library))) as connection:
        connection.execute("UPDATE articles SET until = 3 WHERE source = 'baker.md'")
        connection.commit()
    assert search.upgrade(library, cache=tiny_cache) == 11
    assert search.verify(library, cache=tiny_cache) == ()
    assert layout.generations(library) == [3]
    with search.open(library, cache=tiny_cache) as engine:
        ferry = engine.article("ferry.html")
        assert PUT_BACK in ferry.article.text
        assert ferry.id.startswith(ID_OF_FERRY) and len(ferry.id) == 32
        assert engine.article(ID_OF_FERRY).id == ferry.id  # links to it still lead there
        assert engine.search("rolls milk").hits[0].article.source == "baker.md"
    assert search.upgrade(library, cache=tiny_cache) == layout.FORMAT_VERSION  # nothing more to do
    assert layout.generations(library) == [3]
    # Its files are as they were: what was put back in them stays.
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "ferry.html").write_text(PAGE, "utf-8")
    assert search.add(pages, library, cache=tiny_cache, rehash=True).changed == ()
    with search.open(library, cache=tiny_cache) as engine:
        assert PUT_BACK in engine.article("ferry.html").article.text


def test_what_is_of_a_first_format_or_was_upgraded_by_half_is_upgraded(
    tmp_path: Path, tiny_cache: Path
) -> None:
    library = older(tmp_path, 9)
    upgrading.upgrade(layout.database(library), 2)  # and then its process was ended
    assert search.upgrade(library, cache=tiny_cache) == 9
    assert search.verify(library, cache=tiny_cache) == ()


def test_an_upgrade_that_cannot_go_on_leaves_the_library_as_it_was(
    tmp_path: Path, tiny_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = older(tmp_path)
    before = rows(library)

    def missing(*_arguments: object, **_options: object) -> None:
        raise ModelMissing("no model here")

    with monkeypatch.context() as patched:
        patched.setattr("search.building.upgrading.load", missing)
        with pytest.raises(ModelMissing):
            search.upgrade(library, cache=tiny_cache)
    monkeypatch.setattr(upgrading, "seal_of_generation", missing)
    with pytest.raises(ModelMissing):
        search.upgrade(library, cache=tiny_cache)
    assert rows(library) == before


def test_a_library_of_a_later_or_a_lost_format_is_refused(tmp_path: Path, tiny_cache: Path) -> None:
    library = older(tmp_path)
    (library / "live.json").write_text(json.dumps({"generation": 2, "format_version": 1_000}), "utf-8")
    with pytest.raises(LibraryVersionMismatch, match="use the version of Rosetta that wrote it"):
        search.upgrade(library, cache=tiny_cache)
    shutil.rmtree(library)
    library = older(tmp_path)
    with closing(sqlite3.connect(layout.database(library))) as connection:
        connection.execute("PRAGMA user_version = 2")
    with pytest.raises(LibraryVersionMismatch, match="run `kb build` again"):
        search.upgrade(library, cache=tiny_cache)
