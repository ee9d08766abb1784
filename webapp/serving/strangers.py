"""What strangers may read of what goes wrong: all of it but where things are on this machine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

__all__ = ["without_paths"]

# An address of the web, which stays; else an absolute path of any system, not within a word.
_PATH = re.compile(r"""(https?://\S+)|(?<![\w/\\.:~…-])(?:~?/|\\\\|[A-Za-z]:[\\/])[^\s"'`:;,()<>]+""")
_CUT = "…/"


def without_paths(text: str, known: Iterable[Path | str | None] = ()) -> str:
    """The text with ``…/kb`` for ``/srv/library/kb``. A path that has spaces is told by being ``known``, or
    by beginning with one that is."""
    paths = {str(path) for path in known if path and Path(path).is_absolute() and Path(path).name}
    for path in sorted(paths, key=len, reverse=True):
        text = text.replace(path, f"{_CUT}{Path(path).name}")
    return _PATH.sub(_last, text)


def _last(found: re.Match[str]) -> str:
    return found[1] or _CUT + re.split(r"[\\/]", found[0].rstrip("\\/."))[-1]
