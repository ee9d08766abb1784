"""Writes the mean of some checkpoints into the package's file of adapters, and keeps the other adapter in it:
``python -m tests.training.export reader|encoder CHECKPOINT… [--share X] [--to FILE]``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from search.encoding.adapter import (
    ADAPTERS,
    ENCODER_ADAPTER,
    READER_ADAPTER,
    Adapter,
    read_adapter,
    write_adapters,
)
from search.encoding.bundled import BundledModel, weights_file
from tests.training.upper import FIRST, PARTS


def tensors_of(state: dict[str, torch.Tensor], first: int) -> dict[str, np.ndarray]:
    """The names that the package has for what training calls otherwise."""
    found: dict[str, np.ndarray] = {}
    if "segments" in state:
        found["segments"] = state["segments"].numpy()
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


def mean(states: Sequence[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """Of states of one run of training, or of runs that went on from another."""
    return {name: torch.stack([state[name] for state in states]).mean(dim=0) for name in states[0]}


def partly(tensors: dict[str, np.ndarray], share: float) -> dict[str, np.ndarray]:
    """What lies at that share of the way from the bundled encoder's own numbers to these."""
    plain = BundledModel(weights_file())
    found = dict(tensors)
    for name, values in tensors.items():
        if name.endswith(".up"):
            found[name] = values * share
        elif ".aln." in name or ".oln." in name:
            found[name] = plain.floats(name) + (values - plain.floats(name)) * share
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=(READER_ADAPTER, ENCODER_ADAPTER))
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--to", type=Path, default=ADAPTERS)
    parser.add_argument("--share", type=float, default=1.0, help="of the way from the encoder as it was")
    args = parser.parse_args()
    state = mean([torch.load(path, map_location="cpu") for path in args.checkpoints])
    other = ENCODER_ADAPTER if args.name == READER_ADAPTER else READER_ADAPTER
    tensors = tensors_of(state, FIRST)
    if args.share < 1:
        tensors = partly(tensors, args.share)
    adapters = {other: read_adapter(other, args.to), args.name: Adapter(FIRST, tensors)}
    write_adapters(args.to, adapters)
    print(f"{args.to}: {args.to.stat().st_size} bytes")


if __name__ == "__main__":
    main()
