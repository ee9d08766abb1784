"""Caches save time and nothing else: a changed bit in any file of one ends no build."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import faults
import pytest

import search
from kb.building import reader_process
from kb.text.language_model import identifier
from search.language import analysis

pytestmark = pytest.mark.slow

_FLIPS = 3  # of each file


def _files(*folders: Path) -> list[Path]:
    return sorted(
        path for folder in folders for path in folder.rglob("*") if path.is_file() and path.stat().st_size
    )


def _forgotten() -> None:
    """As in a process that has read no cache yet."""
    reader_process._waiting.clear()
    for kept in (identifier, analysis.lemma, analysis._lemmatizer):
        kept.cache_clear()


def test_a_changed_bit_in_any_file_of_a_cache_ends_no_build(tmp_path: Path, tiny_cache: Path) -> None:
    rng = random.Random(28)
    cache = tmp_path / "cache"
    shutil.copytree(tiny_cache, cache)
    pages = faults.build_two_articles(rng, tmp_path, cache)
    library = tmp_path / "kb"
    written = [path for path in _files(cache) if path.parent.name in ("background", "languages", "lemmas")]
    kinds = {path.parent.name for path in written} | {path.suffix for path in _files(library / "cache")}
    assert {"background", "languages", "lemmas", ".vectors"} <= kinds
    for path in [*written, *_files(library / "cache")]:
        for _ in range(_FLIPS):
            sound = path.read_bytes()
            content = bytearray(sound)
            at, bit = rng.randrange(len(content)), 1 << rng.randrange(8)
            content[at] ^= bit
            path.write_bytes(content)
            _forgotten()
            (pages / "c.md").write_text(faults.article(rng, "c.md"), "utf-8")
            report = search.build([pages], library, cache=cache)
            assert report.skipped == (), f"bit {bit} of byte {at} of {path.name}"
            assert "c.md" in (*report.added, *report.changed)
    assert search.verify(library, cache=cache) == ()
