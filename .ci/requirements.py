"""What an install takes, as lines of a requirements file.

``light``: writes requirements-light.txt, which pins all that a light install takes, with hashes.
``whole``: all that Rosetta needs, directly or not, at the versions that are installed here.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HEAVY = frozenset({"sentence-transformers", "torch"})
"""What only a model by name needs, and what else only they bring: two thirds of a whole install."""

UNUSED = frozenset({"huggingface-hub"})
"""What tokenizers asks for to fetch files from a hub, which nothing in a light install does."""

LIGHT = Path(__file__).parent.parent / "requirements-light.txt"
_HEAD = """\
# Made by `make requirements`: all that the bundled model needs, on each system. Without sentence-transformers
# and torch, which only a model by name needs, and without huggingface-hub, which tokenizers names.
# pip install --no-deps -r requirements-light.txt && pip install --no-deps .
"""
_NEVER = "never"
_PROJECT = Path(__file__).parent.parent / "pyproject.toml"


def dependencies() -> list[str]:
    """Those of pyproject.toml, as they stand there."""
    found: list[str] = tomllib.loads(_PROJECT.read_text("utf-8"))["project"]["dependencies"]
    return found


def light() -> list[str]:
    """The dependencies of a light install."""
    return [line for line in dependencies() if canonicalize_name(Requirement(line).name) not in HEAVY]


def write_light() -> None:
    """Pins what :func:`light` needs, at the versions of constraints.txt, for all systems (by uv)."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as left_out:
        left_out.write("".join(f"{name} ; sys_platform == '{_NEVER}'\n" for name in sorted(UNUSED)))
        left_out.flush()
        command = (
            "uv pip compile - --generate-hashes --universal --python-version 3.11 --no-annotate --no-header"
        )
        done = subprocess.run(
            [*command.split(), "--quiet", "--constraints", "constraints.txt", "--overrides", left_out.name],
            input="\n".join(light()),
            cwd=_PROJECT.parent,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    pins = re.split(r"\n(?=\S)", done.stdout.strip())
    LIGHT.write_text(_HEAD + "\n".join(pin for pin in pins if f"'{_NEVER}'" not in pin) + "\n", "utf-8")


def closure(lines: list[str], without: frozenset[str] = frozenset()) -> dict[str, str]:
    """The installed version of each package that these requirements need on this machine, of theirs, and so
    on. Raises PackageNotFoundError where one is not installed."""
    found: dict[str, str] = {}
    waiting = [Requirement(line) for line in lines]
    while waiting:
        needed = waiting.pop()
        if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
            continue
        name = canonicalize_name(needed.name)
        if name not in found and name not in without:
            package = metadata.distribution(name)
            found[name] = package.version
            waiting += [Requirement(line) for line in package.requires or ()]
    return dict(sorted(found.items()))


if __name__ == "__main__":
    if sys.argv[1:] == ["light"]:
        write_light()
    elif sys.argv[1:] == ["whole"]:
        print("\n".join(f"{name}=={version}" for name, version in closure(dependencies()).items()))
    else:
        sys.exit(__doc__)
