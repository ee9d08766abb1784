"""The long versions of the fault tests: `make soak`. Not part of `make test`."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Nothing here runs unless it is asked for."""
    return None if "soak" in (config.option.markexpr or "") else True
