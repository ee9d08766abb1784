"""A package's names that are imported when first asked for (PEP 562): who only searches does not wait
for all that building needs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

__all__ = ["on_demand"]


def on_demand(package: str, modules: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """The package's ``__getattr__`` for names that other modules define; each is looked up once."""
    defined = {name: module for module, names in modules.items() for name in names}

    def found(name: str) -> Any:
        if name not in defined:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(defined[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return found
