"""Building on a Ray cluster of this machine: the same library as without, whenever it is killed."""

from __future__ import annotations

import random
from pathlib import Path

import faults
import numpy as np
import pytest

import search
from search.arrays.int8 import Int8Rows
from search.arrays.vectors import Vectors
from search.cluster import ray_encoding as cluster
from search.cluster.ray_encoding import encode_on_cluster

pytest.importorskip("ray")

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1200)]

FILES = 40


class Killed(BaseException):
    """As a kill is: nothing catches it."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some articles, one of which no reader can make anything of."""
    folder, rng = tmp_path_factory.mktemp("cluster") / "pages", random.Random(3)
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number}.md").write_text(faults.article(rng, f"number {number}"), "utf-8")
    (folder / "torn.pdf").write_bytes(b"%PDF-1.7 torn")
    return folder


@pytest.fixture(scope="module")
def plain(pages: Path, tiny_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library, built without a cluster."""
    to = tmp_path_factory.mktemp("plain") / "kb"
    search.build([pages], to, cache=tiny_cache)
    return to


def same(one: Path, other: Path) -> None:
    """Asserts that two libraries have the same vectors and tokens: what a text becomes depends a little on
    what is encoded with it, for a batch shares its scale."""
    vectors, kept = (Path("generations", "1", name) for name in ("vectors", "tokens"))
    for name in ("passages", "sentences"):
        ours, theirs = (rows(at / vectors, name) for at in (one, other))
        assert (ours * theirs).sum(axis=1).min() > 0.98, name
    offsets = [np.load(at / kept / "offsets.npy") for at in (one, other)]
    assert np.array_equal(*offsets)
    tokens = [np.load(at / kept / "tokens.npy") for at in (one, other)]
    assert tokens[0].shape == tokens[1].shape
    assert (tokens[0] == tokens[1]).mean() > 0.5  # bytes of four coordinates each


def rows(vectors: Path, name: str) -> Vectors:
    return Int8Rows.read(vectors, name).floats(slice(None), np.load(vectors / "axes.npy"))


def records(library: Path) -> tuple[int, int]:
    """How many vectors and how many sentences' tokens the caches hold."""
    vectors, index = (next((library / "cache").glob(f"*.{kind}")) for kind in ("vectors", "index"))
    return vectors.stat().st_size, index.stat().st_size


def test_what_a_cluster_encoded_the_build_does_not_encode_again(
    pages: Path, plain: Path, tiny_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = tmp_path / "kb"
    monkeypatch.setattr(cluster, "_TEXTS", 16)
    told: list[int] = []

    def killed(stage: str, done: int, total: int) -> None:
        told.append(done)
        if len(told) == 3:
            raise Killed

    with pytest.raises(Killed):
        encode_on_cluster([pages], to, cache=tiny_cache, progress=killed)
    before = records(to)
    assert before[0] > 0
    left = encode_on_cluster([pages], to, cache=tiny_cache)
    assert left.texts > 0
    assert encode_on_cluster([pages], to, cache=tiny_cache).texts == 0
    encoded = records(to)
    told_by_build: list[str] = []
    report = search.build(
        [pages], to, cache=tiny_cache, progress=lambda stage, done, total: told_by_build.append(stage)
    )
    assert len(report.added) == FILES
    assert [one.source for one in report.skipped] == ["torn.pdf"]
    assert "encoding sentences" not in told_by_build
    assert "encoding passages" not in told_by_build
    # Once each, for all that was killed; the build adds what its dictionary needs.
    assert encoded[1] == records(to)[1] == records(plain)[1]
    assert records(to)[0] == records(plain)[0]
    same(to, plain)
    assert faults.texts(to, tiny_cache) == faults.texts(plain, tiny_cache)
