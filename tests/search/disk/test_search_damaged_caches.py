"""Caches save time and nothing else: with a damaged file of one, the library that is built is the same, byte
for byte. Three hundred damages of every kind: `make soak`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from damaged_caches import DAMAGES, Caches

pytestmark = pytest.mark.slow


def test_a_damaged_file_of_a_cache_changes_nothing_that_is_built(tmp_path: Path, tiny_cache: Path) -> None:
    caches = Caches(random.Random(28), tmp_path, tiny_cache)
    assert {"background", "languages", "lemmas", ".vectors"} <= set(caches.kinds)
    for damage in DAMAGES:
        caches.build_with_damaged(caches.one_of_each_kind(), damage)
    assert set(caches.damages.values()) == {len(DAMAGES)}
