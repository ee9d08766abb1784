"""The same files and the same model make the same library, byte for byte, in whatever process."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import faults
import pytest

from search.disk import layout

pytestmark = pytest.mark.slow


def test_the_same_files_make_the_same_indexes_in_every_process(tmp_path: Path, tiny_cache: Path) -> None:
    pages = faults.two_articles(random.Random(28), tmp_path)
    made = []
    # Sets of strings have another order in each.
    for seed in ("1", "2"):
        folder = tmp_path / seed
        shutil.copytree(tiny_cache, folder / "cache", ignore=shutil.ignore_patterns("background"))
        told = json.dumps(["build", str(folder / "kb"), str(folder / "cache"), [str(pages)]])
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        subprocess.run([sys.executable, "-c", faults.WRITER, told], check=True, env=environment)
        live = layout.generation_directory(folder / "kb", layout.read_live(folder / "kb").generation)
        made.append({path.relative_to(live).as_posix(): path.read_bytes() for path in files_of(live)})
    first, second = made
    assert first.keys() == second.keys()
    assert [name for name, content in first.items() if content != second[name]] == []


def files_of(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]
