"""Writes a checkpoint as the package's adapter: ``python -m tests.training.export CHECKPOINT [FILE]``."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch

from search.reader.adapter import ADAPTER, write_adapter
from tests.training.upper import PARTS


def tensors_of(state: dict[str, torch.Tensor], first: int) -> dict[str, np.ndarray]:
    """The names that the package has for what training calls otherwise."""
    found: dict[str, np.ndarray] = {"segments": state["segments"].numpy()}
    for name in ("in", "out"):
        found[f"{name}.w"] = state[f"head_{name}.weight"].numpy()
        found[f"{name}.b"] = state[f"head_{name}.bias"].numpy()
    layers = 1 + max(int(name.split(".")[1]) for name in state if name.startswith("layers."))
    for at in range(layers):
        ours, theirs = f"l{first + at}.", f"layers.{at}."
        for part in PARTS:
            for side in ("up", "down"):
                found[f"{ours}{part}.{side}"] = state[f"{theirs}{part}.{side}"].numpy()
        for norm in ("aln", "oln"):
            for side in "wb":
                found[f"{ours}{norm}.{side}"] = state[f"{theirs}{norm}_{side}"].numpy()
    return found


def main() -> None:
    from tests.training.train import FIRST

    to = Path(sys.argv[2]) if len(sys.argv) > 2 else ADAPTER
    write_adapter(to, FIRST, tensors_of(torch.load(sys.argv[1], map_location="cpu"), FIRST))
    print(f"{to}: {to.stat().st_size} bytes")


if __name__ == "__main__":
    main()
