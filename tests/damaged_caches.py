"""Caches with changed bits, and whether a library can be built with them."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import faults

import search
from kb.building import reader_process
from kb.text.language_model import identifier
from search.language import analysis

__all__ = ["Caches"]

_BESIDE_MODELS = ("background", "languages", "lemmas")


class Caches:
    """Those of the process and of a library of two articles. ``damages``: how many each kind had."""

    def __init__(self, rng: random.Random, folder: Path, cache: Path) -> None:
        self.damages: Counter[str] = Counter()
        self._rng, self._folder = rng, folder
        self._sound = folder / "sound"
        shutil.copytree(cache, self._sound / "models")
        self._pages = faults.build_two_articles(rng, folder, self._sound / "models")
        shutil.copytree(folder / "kb" / "cache", self._sound / "library")

    @property
    def files(self) -> list[Path]:
        """Those that are not models, relative to the folder of both."""
        return sorted(
            path.relative_to(self._sound)
            for path in self._sound.rglob("*")
            if path.is_file() and path.stat().st_size and _kind(path)
        )

    @property
    def kinds(self) -> set[str]:
        return {_kind(path) for path in self.files}

    def build_with_damaged(self, files: Iterable[Path]) -> None:
        """Changes a bit of each of some files; fails where no sound library comes of it."""
        here = self._folder / "damaged"
        shutil.copytree(self._sound, here)
        done = []
        for path in files:
            content = bytearray((here / path).read_bytes())
            at, bit = self._rng.randrange(len(content)), 1 << self._rng.randrange(8)
            content[at] ^= bit
            (here / path).write_bytes(content)
            done.append(f"bit {bit} of byte {at} of {path}")
            self.damages[_kind(path)] += 1
        assert self._built(here / "models", here / "library") == ((), ()), done
        shutil.rmtree(here)

    def _built(self, models: Path, cache: Path) -> object:
        """What was left out of a library that is made anew with these caches, and what is wrong with it."""
        reader_process._waiting.clear()
        for kept in (identifier, analysis.lemma, analysis._lemmatizer):
            kept.cache_clear()
        library = self._folder / "built"
        shutil.copytree(cache, library / "cache")
        report = search.build([self._pages], library, cache=models)
        assert report.added == ("a.md", "b.md")
        wrong = search.verify(library, cache=models)
        shutil.rmtree(library)
        return report.skipped, wrong


def _kind(path: Path) -> str:
    """Of a cache; "" for a model."""
    return (
        path.suffix
        if path.parent.name in ("library", "cache")
        else (path.parent.name if path.parent.name in _BESIDE_MODELS else "")
    )
