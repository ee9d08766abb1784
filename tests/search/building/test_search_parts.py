"""A generation is a list of parts: each alone owns its files, and a new one is a class and a line."""

from __future__ import annotations

import gc
import logging
import threading
import weakref
from pathlib import Path

import faults
import numpy as np
import pytest

import search
from kb.errors import BuildFailed
from search.building import generation
from search.building.parts.keys import Foundation
from search.building.parts.part import Made, Making, Part
from search.building.parts.vectors import PassageVectors
from search.disk import layout, manifest
from search.passages.matrices import StoredVectors

PAGES = {
    "a.md": "# Kites\n\nA kite needs wind. Its tail keeps it steady.",
    "b.md": "# Oars\n\nIt is of ash.",
}


class SentenceCounts(Part[list[int]]):
    """How many sentences each passage has: a part that nobody else knows of."""

    doing = "counting sentences"
    folders = sent = ("sentence_counts",)
    needs = needs_to_carry = (PassageVectors,)

    def make(self, making: Making, made: Made) -> list[int]:
        counts = np.diff(made[PassageVectors].bounds)
        np.save(making.directory / "sentence_counts" / "counts.npy", counts)
        return counts.tolist()

    carry = make

    @classmethod
    def opened(cls, directory: Path) -> list[int]:
        counts: list[int] = np.load(directory / "sentence_counts" / "counts.npy").tolist()
        return counts


def built(folder: Path, cache: Path, more: str = "") -> Path:
    pages = folder / "pages"
    pages.mkdir(exist_ok=True)
    for name, text in PAGES.items():
        (pages / name).write_text(f"{text} {more}", "utf-8")
    search.build([pages], folder / "kb", cache=cache)
    return faults.live_folder(folder / "kb")


def with_part(monkeypatch: pytest.MonkeyPatch, part: type[Part[object]]) -> None:
    monkeypatch.setattr(generation, "PARTS", (*generation.PARTS, part))


def test_a_new_part_is_a_class_and_a_line(
    tmp_path: Path, tiny_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_part(monkeypatch, SentenceCounts)
    more = " ".join(f"Kite number {number} is blue." for number in range(120))
    first = SentenceCounts.opened(built(tmp_path, tiny_cache, more))
    assert sum(first) >= 240
    (tmp_path / "c.md").write_text("# Sails\n\nCanvas is strong. It is heavy. Linen is light.", "utf-8")
    search.add([tmp_path / "c.md"], tmp_path / "kb", cache=tiny_cache)
    counts = SentenceCounts.opened(faults.live_folder(tmp_path / "kb"))
    assert counts[:-1] == first
    assert Foundation.opened(faults.live_folder(tmp_path / "kb")).changed == counts[-1] == 3
    assert search.verify(tmp_path / "kb", cache=tiny_cache) == ()


def test_every_file_of_a_generation_has_one_owner(tmp_path: Path, tiny_cache: Path) -> None:
    folders = [name for part in generation.PARTS for name in part.folders]
    assert len(folders) == len(set(folders))
    made = built(tmp_path, tiny_cache)
    assert {path.name for path in made.iterdir()} == {*folders, manifest.MANIFEST}
    for part in generation.PARTS:
        assert set(part.sent) <= set(part.folders)
        for name in part.folders:
            assert any((made / name).rglob("*")), name


def test_what_a_generation_was_made_of_can_be_opened_again(tmp_path: Path, tiny_cache: Path) -> None:
    made = built(tmp_path, tiny_cache)
    vectors = PassageVectors.opened(made)
    assert isinstance(vectors, StoredVectors)
    for part in generation.PARTS:
        if part.opened.__func__ is not Part.opened.__func__:  # type: ignore[attr-defined]
            assert part.opened(made) is not None


class Breaks(Part[None]):
    """Fails as soon as the vectors are there."""

    doing = "trying its luck"
    folders = ("luck",)
    needs = (PassageVectors,)

    def make(self, making: Making, made: Made) -> None:
        assert len(made[PassageVectors].passages)
        raise ArithmeticError("no luck")


class Waits(Part[None]):
    """Needs what fails."""

    doing = "waiting for luck"
    folders = ("patience",)
    needs = (Breaks,)

    def make(self, making: Making, made: Made) -> None:
        made[Breaks]
        raise AssertionError("was made without what it needs")


def test_a_part_that_fails_is_named_and_leaves_the_library_as_it_was(
    tmp_path: Path, tiny_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(tmp_path, tiny_cache)
    with_part(monkeypatch, Waits)
    with_part(monkeypatch, Breaks)
    with pytest.raises(BuildFailed, match=r"trying its luck.*no luck"):
        built(tmp_path, tiny_cache, more="All of it is changed, so that all is made anew.")
    assert layout.read_live(tmp_path / "kb").generation == 1
    assert search.verify(tmp_path / "kb", cache=tiny_cache) == ()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("part")]


class Large:
    """Something that is worth letting go."""


class Source(Part[Large]):
    doing = "making something large"
    made_so_far: weakref.ref[Large] | None = None

    def make(self, making: Making, made: Made) -> Large:
        large = Large()
        Source.made_so_far = weakref.ref(large)
        return large


class First(Part[None]):
    doing = "using it"
    folders = ("first",)
    needs = (Source,)

    def make(self, making: Making, made: Made) -> None:
        assert isinstance(made[Source], Large)
        (making.directory / "first" / "done").write_text("yes")


class Later(Part[None]):
    doing = "looking whether it is gone"
    folders = ("later",)
    needs = (First,)

    def make(self, making: Making, made: Made) -> None:
        assert made[First] is None
        for _ in range(100):
            gc.collect()
            if Source.made_so_far is not None and Source.made_so_far() is None:
                break
            threading.Event().wait(0.05)
        else:
            raise AssertionError("what nobody needs any more is still there")
        (making.directory / "later" / "done").write_text("yes")


def test_what_nobody_needs_any_more_is_let_go(
    tmp_path: Path, tiny_cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with_part(monkeypatch, First)
    with_part(monkeypatch, Later)
    with caplog.at_level(logging.WARNING):
        made = built(tmp_path, tiny_cache)
    assert (made / "later" / "done").exists()
