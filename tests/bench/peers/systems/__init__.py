"""The systems that are compared; each module here runs in the environment that has what it imports."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path

from peers.protocol import System

__all__ = ["SYSTEMS", "Row", "load"]


@dataclass(frozen=True, slots=True)
class Row:
    """``module`` is in this package, ``own`` whether it runs in the project's environment."""

    title: str
    module: str
    own: bool = False


SYSTEMS: dict[str, Row] = {
    "rosetta": Row("Rosetta", "rosetta", own=True),
    "txtai": Row("txtai, hybrid", "txtai_hybrid"),
    "lancedb": Row("LanceDB, hybrid", "lance_hybrid"),
    "milvus": Row("milvus-lite, hybrid", "milvus_hybrid"),
    "bare": Row("bare ONNX + numpy", "bare"),
}


def load(name: str, model: Path, *, real: bool) -> System:
    """The system of that name with the model in a directory, or with looked-up vectors."""
    module = importlib.import_module(f"peers.systems.{SYSTEMS[name].module}")
    made: System = module.load(model, real=real)
    return made
