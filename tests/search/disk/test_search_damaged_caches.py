"""Caches save time and nothing else: a changed bit in any file of one ends no build. Three hundred of every
kind: `make soak`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from damaged_caches import Caches

pytestmark = pytest.mark.slow

_ROUNDS = 2


def test_a_changed_bit_in_any_file_of_a_cache_ends_no_build(tmp_path: Path, tiny_cache: Path) -> None:
    rng = random.Random(28)
    caches = Caches(rng, tmp_path, tiny_cache)
    for _ in range(_ROUNDS // 2):
        files = rng.sample(caches.files, len(caches.files))
        # Half of them at a time: where one is made anew, another may not be read at all.
        for some in (files[::2], files[1::2]):
            caches.build_with_damaged(some)
    assert caches.kinds >= {"background", "languages", "lemmas", ".vectors"}
    assert min(caches.damages.values()) >= _ROUNDS // 2
