from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from kb.text.cached_arrays import read_arrays, write_arrays


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
