"""Files and folders that cannot be read for a while, as the system says it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NOBODY = 65_534


@contextmanager
def folder() -> Iterator[Path]:
    """An empty folder in which the tests are nobody of consequence, even where they run as root: for root
    there is no file that it may not read."""
    with tempfile.TemporaryDirectory(prefix="kb-denied-") as name:
        made = Path(name).resolve()
        made.chmod(0o777)
        was = os.geteuid()
        if was == 0:
            os.seteuid(_NOBODY)
        try:
            yield made
        finally:
            for path in made.rglob("*"):
                if path.is_dir() and not path.is_symlink():
                    path.chmod(0o700)
            os.seteuid(was)


@contextmanager
def denied(path: Path) -> Iterator[None]:
    """A file or a folder that nobody may open meanwhile."""
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        yield
    finally:
        path.chmod(mode)
