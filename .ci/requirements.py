"""What an install takes, as lines of a requirements file.

``light``: the dependencies of pyproject.toml but those that only a model by name needs, as ranges.
``whole``: all that Rosetta needs, directly or not, at the versions that are installed here.
"""

from __future__ import annotations

import sys
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HEAVY = frozenset({"sentence-transformers", "torch"})
"""What only a model by name needs, and what else only they bring: two thirds of a whole install."""

_PROJECT = Path(__file__).parent.parent / "pyproject.toml"


def dependencies() -> list[str]:
    """Those of pyproject.toml, as they stand there."""
    found: list[str] = tomllib.loads(_PROJECT.read_text("utf-8"))["project"]["dependencies"]
    return found


def light() -> list[str]:
    """The dependencies of a light install."""
    return [line for line in dependencies() if canonicalize_name(Requirement(line).name) not in HEAVY]


def closure(lines: list[str]) -> dict[str, str]:
    """The installed version of each package that these requirements need on this machine, of theirs, and so
    on. Raises PackageNotFoundError where one is not installed."""
    found: dict[str, str] = {}
    waiting = [Requirement(line) for line in lines]
    while waiting:
        needed = waiting.pop()
        if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
            continue
        name = canonicalize_name(needed.name)
        if name not in found:
            package = metadata.distribution(name)
            found[name] = package.version
            waiting += [Requirement(line) for line in package.requires or ()]
    return dict(sorted(found.items()))


if __name__ == "__main__":
    if sys.argv[1:] == ["light"]:
        print("\n".join(light()))
    elif sys.argv[1:] == ["whole"]:
        print("\n".join(f"{name}=={version}" for name, version in closure(dependencies()).items()))
    else:
        sys.exit(__doc__)
