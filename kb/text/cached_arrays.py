"""Arrays that a later process finds in the user's cache, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["write_arrays"]


def write_arrays(path: Path, **arrays: Any) -> None:
    """Saves named arrays for :func:`numpy.load`. Of several processes that make the same, each writes its
    own, and the last one stays. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".unfinished", delete=False) as file:
        np.savez(file, allow_pickle=False, **arrays)
        file.flush()
        os.fsync(file.fileno())
    written = Path(file.name)
    written.chmod(0o644)
    written.replace(path)
