"""Writes the mean of some checkpoints into the package's file of adapters, and keeps the other adapter in it:
``python -m tests.training.export reader|encoder CHECKPOINT… [--share X] [--to FILE]``."""

from __future__ import annotations

import argparse
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
from tests.training.encoder import Adapted
from tests.training.steps import mean
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=(READER_ADAPTER, ENCODER_ADAPTER))
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--to", type=Path, default=ADAPTERS)
    parser.add_argument("--share", type=float, default=1.0, help="of the way from the encoder as it was")
    args = parser.parse_args()
    states = [torch.load(path, map_location="cpu") for path in args.checkpoints]
    if args.name == READER_ADAPTER:
        state = mean(states)
    else:
        model = Adapted()
        model.begin(states, args.share)
        state = {name: values.detach() for name, values in model.named_parameters()}
    other = ENCODER_ADAPTER if args.name == READER_ADAPTER else READER_ADAPTER
    adapters = {other: read_adapter(other, args.to), args.name: Adapter(FIRST, tensors_of(state, FIRST))}
    write_adapters(args.to, adapters)
    print(f"{args.to}: {args.to.stat().st_size} bytes")


if __name__ == "__main__":
    main()
