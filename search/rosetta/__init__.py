"""``import rosetta``: the package ``search`` by another name, for who has a ``search.py`` of her own.

An installed Rosetta has this as a package beside ``search`` (see pyproject.toml). It finds the installed
``search`` by its place and not by its name; ``rosetta.errors`` is ``search.errors``, one module and not two.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module, util
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search import *  # noqa: F403
    from search import __all__ as __all__

_HERE = Path(__file__).resolve().parent
# Installed it stands beside the package, in a clone inside of it.
_HOME = _HERE.parent if _HERE.parent.name == "search" else _HERE.with_name("search")
_NAME = "rosetta"


class _SameModules(MetaPathFinder, Loader):
    """Finds ``rosetta.errors`` where ``search.errors`` is."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(name, self) if name.startswith(f"{_NAME}.") else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module("search" + spec.name.removeprefix(_NAME))
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # It has run already, under its own name, which importing gave away.
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state


def _search() -> ModuleType:
    """The installed package ``search``, whatever else goes by that name where Python looks first."""
    module = sys.modules.get("search")
    if module is None:
        file = _HOME / "__init__.py"
        spec = util.spec_from_file_location("search", file, submodule_search_locations=[str(_HOME)])
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules["search"] = util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules["search"]
            raise
    elif Path(module.__file__ or "").resolve().parent != _HOME:
        raise ImportError(
            f"another module called search is loaded, {module.__file__}: import rosetta first, or rename it"
        )
    return module


sys.modules[_NAME] = _search()
sys.meta_path.insert(0, _SameModules())
