"""Building, changing and checking a library on disk."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import search
from kb.errors import InputError, LibraryDamaged, LibraryMissing, LibraryVersionMismatch
from search.disk import layout
from search.errors import ModelMismatch

BREAD = "# Bread\n\nBread rises because yeast makes gas. The gas is caught in the dough.\n"
TIDES = "# Przypływy\n\nPrzypływy powstają, bo Księżyc przyciąga wodę. Dwa razy na dobę morze się podnosi.\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place where a library of two articles was built once, for all tests."""
    home = tmp_path_factory.mktemp("home")
    _write(home / "pages with spaces")
    search.build([home / "pages with spaces"], home / "kb")
    return home


def _write(folder: Path) -> None:
    folder.mkdir()
    (folder / "bread.md").write_text(BREAD, "utf-8")
    (folder / "tides.md").write_text(TIDES, "utf-8")


@pytest.fixture
def sources(home: Path) -> Path:
    """The two articles' folder as it was: a library knows its folders by their paths."""
    folder = home / "pages with spaces"
    shutil.rmtree(folder)
    _write(folder)
    return folder


@pytest.fixture
def made(home: Path, sources: Path, tmp_path: Path) -> Path:
    """The library as it was built, in a place of its own."""
    return Path(shutil.copytree(home / "kb", tmp_path / "kb"))


def test_a_new_article_is_found_after_building_again(sources: Path, made: Path) -> None:
    (sources / "cats.md").write_text("# Koty\n\nKoty mruczą, kiedy są zadowolone.\n", "utf-8")
    report = search.build([sources], made)
    assert report.added == ("cats.md",)
    assert report.unchanged == ("bread.md", "tides.md")
    with search.open(made) as engine:
        assert engine.search("why do cats purr").hits[0].article.source == "cats.md"


def test_nothing_is_added_with_another_model(made: Path, tiny_cache: Path, tmp_path: Path) -> None:
    (tmp_path / "cats.md").write_text("# Koty\n\nKoty mruczą, kiedy są zadowolone.\n", "utf-8")
    before = sorted(path.name for path in (made / "cache").iterdir())
    with pytest.raises(ModelMismatch, match="rebuild it with `kb build`"):
        search.add([tmp_path / "cats.md"], made, cache=tiny_cache)
    assert sorted(path.name for path in (made / "cache").iterdir()) == before
    assert layout.read_live(made).generation == 1
    report = search.add([tmp_path / "cats.md"], made)
    assert report.added == ("cats.md",)


def test_places_are_named_by_strings_as_well(sources: Path, made: Path, tmp_path: Path) -> None:
    (tmp_path / "cats.md").write_text("# Koty\n\nKoty mruczą, kiedy są zadowolone.\n", "utf-8")
    assert search.add([str(tmp_path / "cats.md")], str(made)).added == ("cats.md",)
    assert search.remove(["cats.md"], str(made)).removed == ("cats.md",)
    assert search.verify(str(made)) == search.repair(str(made)) == ()
    with search.open(str(made)) as engine:
        assert len(engine.articles()) == 2


def test_a_removed_file_is_gone_after_building_again(sources: Path, made: Path) -> None:
    (sources / "bread.md").unlink()
    assert search.build([sources], made).removed == ("bread.md",)
    with search.open(made) as engine:
        assert [article.source for article in engine.articles()] == ["tides.md"]


def test_nothing_new_makes_no_new_generation(sources: Path, made: Path) -> None:
    before = layout.read_live(made)
    search.build([sources], made)
    assert layout.read_live(made) == before


def test_add_and_remove_change_only_what_they_name(made: Path, tmp_path: Path) -> None:
    extra = tmp_path / "extra.md"
    extra.write_text("# Snow\n\nSnow is made of small crystals of ice.\n", "utf-8")
    assert search.add([extra], made).added == ("extra.md",)
    assert search.remove(["bread.md"], made).removed == ("bread.md",)
    with search.open(made) as engine:
        assert {article.source for article in engine.articles()} == {"extra.md", "tides.md"}


def test_a_source_without_articles_leaves_the_library_as_it_was(made: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError):
        search.build([empty], made)
    with search.open(made) as engine:
        assert len(engine.articles()) == 2


def test_a_bad_file_is_named_and_the_others_are_built(sources: Path, made: Path) -> None:
    (sources / "picture.txt").write_bytes(b"\x00\x01\x02" * 50)
    (sources / "nothing.txt").write_bytes(b"")
    report = search.build([sources], made)
    assert {skipped.source for skipped in report.skipped} == {"picture.txt", "nothing.txt"}
    with search.open(made) as engine:
        assert len(engine.articles()) == 2
        assert {source for source, _ in engine.status().skipped} == {"picture.txt", "nothing.txt"}


def test_readers_keep_their_generation_while_a_build_goes_on(sources: Path, made: Path) -> None:
    with search.open(made) as reader:
        (sources / "bread.md").write_text(BREAD.replace("yeast", "leaven"), "utf-8")
        search.build([sources], made)
        hit = reader.search("why does bread rise").hits[0]
        assert "yeast" in hit.passage.text
    with search.open(made) as reader:
        assert "leaven" in reader.search("why does bread rise").hits[0].passage.text


def test_a_build_that_dies_leaves_the_old_library_live(
    sources: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sources / "cats.md").write_text("# Koty\n\nKoty mruczą, kiedy są zadowolone.\n", "utf-8")

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(layout, "switch", dies)
        with pytest.raises(KeyboardInterrupt):
            search.build([sources], made)
    with search.open(made) as engine:
        assert {article.source for article in engine.articles()} == {"bread.md", "tides.md"}
    assert search.build([sources], made).added == ("cats.md",)
    assert search.verify(made) == ()


@pytest.mark.parametrize("how", ["truncated", "missing"])
def test_a_damaged_index_is_noticed_on_opening(made: Path, how: str) -> None:
    directory = layout.generation_directory(made, layout.read_live(made).generation)
    path = directory / "vectors" / "passages_prefix.npy"
    path.unlink() if how == "missing" else path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(LibraryDamaged, match=r"passages_prefix\.npy"):
        search.open(made)


def test_verify_notices_a_flipped_byte(made: Path) -> None:
    assert search.verify(made) == ()
    directory = layout.generation_directory(made, layout.read_live(made).generation)
    path = directory / "vectors" / "sentences_prefix.npy"
    content = bytearray(path.read_bytes())
    content[-5] ^= 0xFF
    path.write_bytes(content)
    assert any("sentences_prefix.npy" in problem for problem in search.verify(made))


@pytest.mark.parametrize(
    ("written", "remedy"), [(12, "kb upgrade"), (999, "the version of Rosetta that wrote it")]
)
def test_another_format_is_refused_with_the_remedy(made: Path, written: int, remedy: str) -> None:
    (made / "live.json").write_text(json.dumps({"generation": 1, "format_version": written}), "utf-8")
    with pytest.raises(LibraryVersionMismatch, match=remedy):
        search.open(made)


def test_a_half_written_library_says_how_to_finish_it(made: Path) -> None:
    (made / "live.json").unlink()
    with pytest.raises(LibraryMissing, match="kb build"):
        search.open(made)


def test_a_library_of_one_language_and_one_article_works(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("Bees make honey from nectar.", "utf-8")
    search.build([tmp_path / "one.txt"], tmp_path / "kb")
    with search.open(tmp_path / "kb") as engine:
        assert engine.search("Skąd pszczoły mają miód?").hits[0].article.source == "one.txt"


def test_an_exported_library_builds_to_the_same_articles(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "cache", tmp_path / "again" / "cache")
    with search.open(made) as engine:
        assert engine.export(tmp_path / "out") == 2
        texts = {a.source: engine.article(a.source).article.text for a in engine.articles()}
    search.build([tmp_path / "out"], tmp_path / "again")
    with search.open(tmp_path / "again") as engine:
        assert {a.source: engine.article(a.source).article.text for a in engine.articles()} == texts
