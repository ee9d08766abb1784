"""A cache's file is what was written, or it is made anew: whatever the parser of a damaged one raises."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kb.text.cached_arrays import read_arrays, read_kept, write_arrays

ARRAYS: dict[str, Any] = {
    "numbers": np.arange(40, dtype=np.float32),
    "words": np.array(["weir", "młyn", "水车"]),
    "one": np.array(7),
}


def read(path: Path) -> dict[str, Any]:
    with read_arrays(path) as held:
        return {name: held[name] for name in ARRAYS}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    assert read_kept(path, read) is None
    write_arrays(path, **ARRAYS)
    held = read_kept(path, read)
    assert held is not None
    assert all(np.array_equal(held[name], array) for name, array in ARRAYS.items())


@pytest.mark.parametrize("seed", range(4))
def test_of_a_file_with_a_changed_bit_nothing_is_taken_that_was_not_written(
    tmp_path: Path, seed: int
) -> None:
    path = tmp_path / "a.npz"
    write_arrays(path, **ARRAYS)
    sound = path.read_bytes()
    rng = random.Random(seed)
    noticed = 0
    for _ in range(500):
        content = bytearray(sound)
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        path.write_bytes(content)
        held = read_kept(path, read)
        noticed += held is None
        assert held is None or all(np.array_equal(held[name], array) for name, array in ARRAYS.items())
    assert noticed > 250


@pytest.mark.parametrize("size", [0, 1, 30, 200, -1, -22])
def test_a_file_that_is_cut_off_is_made_anew(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.npz"
    write_arrays(path, **ARRAYS)
    path.write_bytes(path.read_bytes()[:size])
    assert read_kept(path, read) is None


@pytest.mark.parametrize("error", [RuntimeError(), NotImplementedError(), MemoryError(), OverflowError()])
def test_any_error_of_a_parser_means_that_it_is_made_anew(
    tmp_path: Path, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_path: Path) -> None:
        raise error

    assert read_kept(tmp_path / "a.npz", broken) is None
    assert "made anew" in caplog.text


def test_an_interrupt_is_no_damage(tmp_path: Path) -> None:
    def interrupted(_path: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_kept(tmp_path / "a.npz", interrupted)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_arrays(tmp_path / "a.npz", one=np.zeros(3))
    assert names(tmp_path) == []


def test_what_a_killed_process_left_is_swept_and_what_another_writes_is_not(tmp_path: Path) -> None:
    for name, age in (("dead.unfinished", 7_200), ("busy.unfinished", 10)):
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    write_arrays(tmp_path / "a.npz", one=np.arange(3))
    assert names(tmp_path) == ["a.npz", "busy.unfinished"]
    with read_arrays(tmp_path / "a.npz") as held:
        assert held["one"].tolist() == [0, 1, 2]
