"""The steps of a training: AdamW, a short warm-up, and the average of the last steps' weights."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

# Steps of the warm-up; what the average keeps of itself at each step.
_WARM, _KEPT = 20, 0.98


def schedule(step: int) -> float:
    """A short warm-up, then one rate: what is kept is the average of the last steps' weights, as good as a
    decayed rate's, so a run may end at any checkpoint."""
    return min(1.0, (step + 1) / _WARM)


def mean(states: Sequence[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """Of states of one run of training, or of runs that went on from another."""
    return {name: torch.stack([state[name] for state in states]).mean(dim=0) for name in states[0]}


def run(
    module: nn.Module,
    rows: Sequence[Any],
    loss_of: Callable[[Sequence[Any]], Tensor],
    measure: Callable[[], dict[str, float]],
    args: argparse.Namespace,
) -> None:
    """Trains ``module`` on ``rows``, ``args.batch`` at a time. All that is trained is saved every
    ``args.every`` steps, and the average beside it."""
    norms = [one for name, one in module.named_parameters() if "ln_" in name or name == "segments"]
    known = {id(one) for one in norms}
    others = [one for one in module.parameters() if id(one) not in known]
    optimizer = torch.optim.AdamW(
        [{"params": others, "weight_decay": 0.01}, {"params": norms, "weight_decay": 0.0}], lr=args.rate
    )
    args.out.mkdir(parents=True, exist_ok=True)
    steps = -(-len(rows) // args.batch)
    began, mean = time.monotonic(), 0.0
    averaged = {name: one.detach().clone() for name, one in module.named_parameters()}
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = args.rate * schedule(step)
        loss = loss_of(rows[step * args.batch : (step + 1) * args.batch])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(module.parameters(), 1.0)
        optimizer.step()
        kept = min(_KEPT, (step + 1) / (step + 10))
        for name, one in module.named_parameters():
            averaged[name].lerp_(one.detach(), 1 - kept)
        mean = 0.97 * mean + 0.03 * loss.item() if step else loss.item()
        if step % 20 == 0:
            print(f"step {step}/{steps} loss {mean:.3f} {time.monotonic() - began:.0f} s", flush=True)
        if (step and step % args.every == 0) or step + 1 == steps:
            torch.save(module.state_dict(), args.out / "latest.pt")
            torch.save(averaged, args.out / f"averaged-{step}.pt")
            figures = _measured(module, averaged, measure) if args.measure or step + 1 == steps else {}
            print(json.dumps({"step": step, "loss": round(mean, 3), **figures}), flush=True)


def _measured(
    module: nn.Module, averaged: dict[str, Tensor], measure: Callable[[], dict[str, float]]
) -> dict[str, float]:
    """The figures of the averaged weights; those in training are put back."""
    trained = {name: one.detach().clone() for name, one in module.named_parameters()}
    module.load_state_dict(averaged)
    figures = measure()
    module.load_state_dict(trained)
    return figures


def arguments(described: str | None) -> argparse.ArgumentParser:
    """What both trainings are told."""
    here = Path(__file__).parent
    parser = argparse.ArgumentParser(description=described)
    parser.add_argument("--qa", type=Path, default=here.parents[2] / "shared" / "qa")
    parser.add_argument("--library", type=Path, default=here / "library")
    parser.add_argument("--out", type=Path, required=True, help="where checkpoints are written")
    parser.add_argument("--start", type=Path, nargs="+", help="checkpoints to continue from their mean")
    parser.add_argument("--public", type=float, default=1.0, help="share of the public groups")
    parser.add_argument("--own", type=int, default=2, help="epochs of the project's own data")
    parser.add_argument("--pool", type=int, default=20_000, help="public sentences to draw negatives from")
    parser.add_argument("--every", type=int, default=200, help="steps between checkpoints")
    parser.add_argument("--measure", action="store_true", help="measure at every checkpoint")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    return parser
