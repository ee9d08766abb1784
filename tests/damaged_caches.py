"""Damaged caches, and whether the library that is built with them is the one built with whole ones."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

import faults

import search
from kb.building import reader_process
from kb.text.language_model import identifier
from search.disk import durable, layout
from search.language import analysis

__all__ = ["DAMAGES", "Caches", "Damage", "append"]

Damage: TypeAlias = Callable[[random.Random, bytearray], None]

_BESIDE_MODELS = ("background", "languages", "lemmas")
_BLOCK = 4096  # what a disk writes, and forgets, at once


def flip_a_bit(rng: random.Random, content: bytearray) -> None:
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)


def cut_off(rng: random.Random, content: bytearray) -> None:
    del content[rng.randrange(len(content)) :]


def zero_a_page(rng: random.Random, content: bytearray) -> None:
    start = rng.randrange(0, len(content), _BLOCK)
    size = len(content[start : start + _BLOCK])
    content[start : start + size] = bytes(size)


def swap_blocks(rng: random.Random, content: bytearray) -> None:
    size = min(_BLOCK, len(content) // 2)
    first, second = rng.sample(range(0, len(content) - size + 1, size), 2)
    block = content[first : first + size]
    content[first : first + size] = content[second : second + size]
    content[second : second + size] = block


def append(rng: random.Random, content: bytearray) -> None:
    content += rng.randbytes(rng.randrange(1, 2 * _BLOCK))


DAMAGES: tuple[Damage, ...] = (flip_a_bit, cut_off, zero_a_page, swap_blocks, append)


class Caches:
    """Those of the process and of a library of two articles. ``damages``: how many each kind had."""

    def __init__(self, rng: random.Random, folder: Path, cache: Path) -> None:
        self.damages: Counter[str] = Counter()
        self._rng, self._folder = rng, folder
        self._sound = folder / "sound"
        shutil.copytree(cache, self._sound / "models")
        self._pages = faults.build_two_articles(rng, folder, self._sound / "models")
        shutil.copytree(folder / "kb" / "cache", self._sound / "library")
        self._expected = self._built(self._sound / "models", self._sound / "library")

    @property
    def files(self) -> list[Path]:
        """Those that are not models, relative to the folder of both."""
        return sorted(
            path.relative_to(self._sound)
            for path in self._sound.rglob("*")
            if path.is_file() and path.stat().st_size and _kind(path)
        )

    @property
    def kinds(self) -> list[str]:
        return sorted({_kind(path) for path in self.files})

    def one_of_each_kind(self) -> list[Path]:
        return [self._rng.choice([path for path in self.files if _kind(path) == kind]) for kind in self.kinds]

    def build_with_damaged(self, files: Iterable[Path], damage: Damage | None = None) -> None:
        """Damages each of some files, in a way that is drawn where none is given; fails where another library
        comes of it than of whole caches."""
        here = self._folder / "damaged"
        shutil.copytree(self._sound, here)
        done = []
        for path in files:
            way = damage or self._rng.choice(DAMAGES)
            whole = (here / path).read_bytes()
            content = bytearray(whole)
            while content == whole:  # a page may be zeros already, and blocks may be equal
                way(self._rng, content)
            (here / path).write_bytes(content)
            done.append(f"{way.__name__}: {path}")
            self.damages[_kind(path)] += 1
        made = self._built(here / "models", here / "library")
        assert made.keys() == self._expected.keys(), done
        assert [name for name in made if made[name] != self._expected[name]] == [], done
        shutil.rmtree(here)

    def _built(self, models: Path, cache: Path) -> dict[str, str]:
        """The digest of each file of the indexes that are made anew with these caches; nothing is left out,
        and nothing is wrong with them."""
        reader_process._waiting.clear()
        for kept in (identifier, analysis.lemma, analysis._lemmatizer):
            kept.cache_clear()
        library = self._folder / "built"
        shutil.copytree(cache, library / "cache")
        report = search.build([self._pages], library, cache=models)
        assert report.added == ("a.md", "b.md")
        assert report.skipped == ()
        assert search.verify(library, cache=models) == ()
        live = layout.generation_directory(library, layout.read_live(library).generation)
        made = {path.relative_to(live).as_posix(): durable.sha256(path) for path in durable.files(live)}
        shutil.rmtree(library)
        return made


def _kind(path: Path) -> str:
    """Of a cache; "" for a model."""
    return (
        path.suffix
        if path.parent.name in ("library", "cache")
        else (path.parent.name if path.parent.name in _BESIDE_MODELS else "")
    )
