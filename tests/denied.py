"""Files and folders that the system refuses for a while: to this process, and to those that it starts.

Rights alone will not do: where tests run as root, there is no file that it may not read.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_NAMES = "KB_TEST_DENIED"
_SITE = "import sys\nsys.path.insert(0, {tests!r})\nimport denied\ndenied.install()\n"


def install() -> None:
    """From now on, names that the environment lists can be neither opened nor listed."""
    os.open = _refusing(os.open)
    os.scandir = _refusing(os.scandir)


def _refusing(real: Any) -> Any:
    def call(path: Any, *arguments: Any, **options: Any) -> Any:
        names = os.environ.get(_NAMES, "")
        if names and not isinstance(path, int) and Path(os.fsdecode(path)).name in names.split("/"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return real(path, *arguments, **options)

    if real in os.supports_dir_fd:
        os.supports_dir_fd.add(call)
    return call


def prepare(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installs it here, and in every Python that is started."""
    site = folder / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(_SITE.format(tests=str(Path(__file__).parent)), "utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv(_NAMES, "")
    monkeypatch.setattr(os, "open", _refusing(os.open))
    monkeypatch.setattr(os, "scandir", _refusing(os.scandir))


@contextmanager
def denied(path: Path) -> Iterator[None]:
    """A file or a folder of this name is refused meanwhile."""
    deny(path)
    try:
        yield
    finally:
        allow()


def deny(path: Path) -> None:
    _tell(path.name)


def allow() -> None:
    _tell("")


def _tell(names: str) -> None:
    from kb.building.reader_process import _waiting  # not in the processes that this is installed in

    os.environ[_NAMES] = names
    # One that waits for the next build would not hear of it.
    _waiting.clear()
