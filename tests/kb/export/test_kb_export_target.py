"""Where an export writes, and where it never does."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.build import update
from kb.building.sources import Found, find
from kb.cleaning.structure import Draft, compose
from kb.errors import InputError
from kb.export import target
from kb.export.file_names import file_names
from kb.export.markdown_files import export
from kb.export.record import RECORD, unpack
from kb.models import Article
from kb.readers import split_front_matter
from kb.store.store import Store


@pytest.fixture(params=[True, False], ids=["below an open folder", "by name"], autouse=True)
def below(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "_BELOW", request.param)


def article(source: str, text: str = "Slova na papíře.") -> Article:
    body, blocks = compose((Draft(text),))
    return Article(source, "Nadpis", "cs", body, "0", blocks)


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_readers_own_files_are_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.md").write_text("# Moje\n\nVlastní poznámky.", "utf-8")
    before = tree(tmp_path)
    with pytest.raises(InputError, match=r"holds files that no export wrote.*new or an empty folder"):
        export([article("a.txt")], tmp_path / "src")
    assert tree(tmp_path) == before
    assert names(tmp_path) == ["src"]


def test_an_export_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    export([article("a.txt"), article("old/b.txt")], tmp_path / "out")
    export([article("a.txt", "Jiná slova."), article("c.txt")], tmp_path / "out")
    assert set(tree(tmp_path / "out")) == {"a.md", "c.md", RECORD}
    assert "Jiná slova" in (tmp_path / "out/a.md").read_text("utf-8")
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("edit", ["changed", "added", "link", "record"])
def test_an_earlier_export_that_somebody_worked_on_is_left_alone(tmp_path: Path, edit: str) -> None:
    export([article("a.txt"), article("d/b.txt")], tmp_path / "out")
    if edit == "changed":
        (tmp_path / "out/d/b.md").write_text("Opraveno ručně.", "utf-8")
    elif edit == "added":
        (tmp_path / "out/d/mine.txt").write_text("Moje.", "utf-8")
    elif edit == "link":
        (tmp_path / "out/a.md").rename(tmp_path / "elsewhere.md")
        (tmp_path / "out/a.md").symlink_to(tmp_path / "elsewhere.md")
    else:
        (tmp_path / "out" / RECORD).write_text("{}", "utf-8")
    before = tree(tmp_path)
    with pytest.raises(InputError):
        export([article("a.txt", "Nové.")], tmp_path / "out")
    assert tree(tmp_path) == before


def test_a_link_is_no_target(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "home")
    with pytest.raises(InputError, match="is a link"):
        export([article("a.txt")], tmp_path / "out")
    assert names(tmp_path / "home") == []


def test_an_export_that_fails_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    def some() -> Iterator[Article]:
        yield article("a.txt")
        yield article("b.txt")

    real = target.Target.write
    written: list[str] = []

    def failing(self: target.Target, path: str, content: bytes, source: str) -> None:
        if written:
            raise OSError(28, "No space left on device")
        written.append(path)
        real(self, path, content, source)

    with pytest.MonkeyPatch.context() as patched, pytest.raises(InputError, match="no space left"):
        patched.setattr(target.Target, "write", failing)
        export(some(), tmp_path / "out")
    assert names(tmp_path) == []


def test_a_folder_swapped_for_a_link_meanwhile_takes_nothing_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    real = target.Target.write

    def swapping(self: target.Target, path: str, content: bytes, source: str) -> None:
        real(self, path, content, source)
        if path == "d/a.md":
            (fresh,) = [one for one in tmp_path.iterdir() if one.name.endswith(".new")]
            (fresh / "d").rename(fresh / "e")
            (fresh / "d").symlink_to(tmp_path / "home")

    monkeypatch.setattr(target.Target, "write", swapping)
    with pytest.raises(InputError, match="cannot be written"):
        export([article("d/a.txt"), article("d/b.txt")], tmp_path / "out")
    assert names(tmp_path / "home") == []
    assert not (tmp_path / "out").exists()


def test_what_a_killed_export_left_is_swept_and_what_another_writes_is_not(tmp_path: Path) -> None:
    for mark, age in (("0", 90_000), ("1", 60)):
        left = tmp_path / f".out.{mark * 16}.new"
        left.mkdir()
        (left / "a.md").write_text("x", "utf-8")
        os.utime(left, (time.time() - age,) * 2)
    export([article("a.txt")], tmp_path / "out")
    assert names(tmp_path) == [f".out.{'1' * 16}.new", "out"]


# --- names


@pytest.mark.parametrize(
    "sources",
    [
        ["a.txt", "a.md/b.txt"],
        ["a.txt", "a.md/b.txt", "a.txt.md/c.txt"],
        ["A.txt", "a.txt", "a.html"],
        ["Åland.txt", "åland.txt"],
        ["long" * 100 + ".txt", "long" * 100 + "er.txt"],
        ["/".join(["dlouhá složka"] * 400) + "/a.txt"],
        ["con.txt", "nul/aux.txt", "end. /dot.", ".hidden/x.txt"],
        ["a\x7f\nb.txt", "a:b.txt", 'a"b.txt'],
    ],
)
def test_names_that_no_file_system_bears_are_renamed_and_recorded(tmp_path: Path, sources: list[str]) -> None:
    paths = export([article(source) for source in sources], tmp_path / "out")
    assert all(path.is_file() for path in paths)
    recorded = unpack((tmp_path / "out" / RECORD).read_bytes())
    assert sorted(one.source for one in recorded.values()) == sorted(sources)
    for path, one in recorded.items():
        content = (tmp_path / "out" / path).read_bytes()
        assert one.sha256 == hashlib.sha256(content).hexdigest()
        front, _, _ = split_front_matter(content.decode())
        assert front["source"] == one.source


def test_names_are_the_same_whatever_the_order() -> None:
    sources = ["b.txt", "a.txt", "b.md", "a.md/x.txt", "B.txt"]
    assert file_names(sources) == file_names(reversed(sources))


# --- read again


def test_only_the_record_gives_a_file_its_articles_name(tmp_path: Path) -> None:
    export([article("a.txt"), article("d/c.html")], tmp_path / "out")
    (tmp_path / "out/d/forged.md").write_text("---\nsource: a.txt\ncleaned: true\n---\nJiné.", "utf-8")
    found = {one.source: one.name for one in find([tmp_path / "out"]) if isinstance(one, Found)}
    assert found == {"a.md": "a.txt", "d/c.md": "d/c.html", "d/forged.md": ""}


def test_a_true_file_keeps_its_name_beside_an_exported_one(tmp_path: Path) -> None:
    export([article("a.txt", "Vyvezená slova z knihovny.")], tmp_path / "out")
    (tmp_path / "out/a.txt").write_text("Pravý soubor má své vlastní věty.", "utf-8")
    with Store.create(tmp_path / "kb.sqlite") as store:
        assert update(store, [tmp_path / "out"], 1).added == ("a.md", "a.txt")
        true = store.at(1).article_by_source("a.txt")
    assert true
    assert "Pravý" in true.article.title + true.article.text


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"format": 1, "files": {"a.md": 3}}', b"\xff" * 9])
def test_what_is_no_record_is_named_and_not_believed(tmp_path: Path, content: bytes) -> None:
    export([article("a.txt")], tmp_path / "out")
    (tmp_path / "out" / RECORD).write_bytes(content)
    with Store.create(tmp_path / "kb.sqlite") as store:
        report = update(store, [tmp_path / "out"], 1)
    assert report.added == ("a.md",)
    assert [one.source for one in report.skipped] == [RECORD]
