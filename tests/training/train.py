"""Trains the reader's adapter: ``python -m tests.training.train --help``.

Everything that is trained is saved at each evaluation, so that a run can be continued (``--start``).
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from search.encoding.bundled import BundledModel, weights_file
from search.encoding.encoder import load
from search.reader.protocol import titled
from tests.training.groups import PUBLIC, Group, Public, Topic, held_topics, own_groups, own_pool, read_topics
from tests.training.lower import Lower
from tests.training.negatives import HardNegatives
from tests.training.upper import Upper

FIRST, RANK = 6, 16
HERE = Path(__file__).parent
_CHUNK_TOKENS = 1100
# Steps of the warm-up; what the average keeps of itself at each step.
_WARM, _KEPT = 20, 0.98


class Reader:
    """The lower layers as they are and the trained upper ones."""

    def __init__(self, first: int = FIRST, rank: int = RANK) -> None:
        self.lower = Lower(first)
        self.upper = Upper(BundledModel(weights_file()), first, rank)

    def logits(self, pairs: Sequence[tuple[str, str]]) -> Tensor:
        """(pairs,) in their order; pairs of like length are read together, few tokens at a time."""
        asked = self.lower.questions([question for question, _ in pairs])
        read = self.lower.sentences([sentence for _, sentence in pairs])
        lengths = [len(a) + len(b) for a, b in zip(asked, read, strict=True)]
        order = sorted(range(len(pairs)), key=lambda at: -lengths[at])
        found: list[Tensor] = []
        start = 0
        while start < len(order):
            size = max(1, _CHUNK_TOKENS // lengths[order[start]])
            chunk = order[start : start + size]
            found.append(self._chunk([(asked[at], read[at]) for at in chunk]))
            start += size
        back = torch.empty(len(order), dtype=torch.long)
        back[torch.tensor(order)] = torch.arange(len(order))
        return torch.cat(found)[back]

    def _chunk(self, pairs: list[tuple[Any, Any]]) -> Tensor:
        longest = max(len(a) + len(b) for a, b in pairs)
        states = np.zeros((len(pairs), longest, pairs[0][0].shape[1]), np.float32)
        question = np.zeros((len(pairs), longest), np.bool_)
        sentence = np.zeros((len(pairs), longest), np.bool_)
        for at, (a, b) in enumerate(pairs):
            states[at, : len(a)], states[at, len(a) : len(a) + len(b)] = a, b
            question[at, : len(a)], sentence[at, len(a) : len(a) + len(b)] = True, True
        return self.upper(torch.from_numpy(states), torch.from_numpy(question), torch.from_numpy(sentence))


def loss_of(logits: Tensor, groups: Sequence[Group]) -> Tensor:
    """Softmax over each group that has an answer, and half the binary cross-entropy of every pair."""
    total, at, answered = logits.new_zeros(()), 0, 0
    truths = []
    for group in groups:
        truth = torch.tensor(group.answers, dtype=torch.float32)
        if truth.any():
            here = functional.log_softmax(logits[at : at + len(truth)], dim=0)
            total = total - (here * truth).sum() / truth.sum()
            answered += 1
        truths.append(truth)
        at += len(truth)
    binary = functional.binary_cross_entropy_with_logits(logits, torch.cat(truths))
    return total / max(1, answered) + 0.5 * binary


def schedule(step: int) -> float:
    """A short warm-up, then one rate: what is kept is the average of the last steps' weights, as good as a
    decayed rate's, so a run may end at any checkpoint."""
    return min(1.0, (step + 1) / _WARM)


@torch.no_grad()
def measures(reader: Reader, public: Public, topics: Sequence[Topic]) -> dict[str, float]:
    """Held-out figures: the answering sentence first within its paragraph (XQuAD), in a topic (own), and
    whether a topic's best tells answerable questions from others (AUROC)."""
    chance = random.Random(3)
    firsts: dict[str, list[bool]] = {"xquad same": [], "xquad crossed": []}
    for same, group in list(public.held_pairs(chance))[:160]:
        logits = reader.logits([(group.question, one) for one in group.sentences])
        firsts["xquad same" if same else "xquad crossed"].append(int(logits.argmax()) == 0)
    best: list[tuple[bool, float]] = []
    own: list[bool] = []
    for topic in topics:
        places = list(topic.sentences)
        texts = [titled(topic.titles[at[0]], topic.sentences[at]) for at in places]
        for asked in topic.questions:
            logits = reader.logits([(asked.text, one) for one in texts])
            best.append((bool(asked.answers), float(logits.max())))
            if asked.answers:
                own.append(places[int(logits.argmax())] in asked.answers)
    figures = {name: float(np.mean(hits)) for name, hits in firsts.items()}
    figures["own first"] = float(np.mean(own))
    figures["own auroc"] = auroc(best)
    return figures


def auroc(scored: Sequence[tuple[bool, float]]) -> float:
    """How often one that is true scores above one that is not."""
    high = np.array([value for truth, value in scored if truth])[:, None]
    low = np.array([value for truth, value in scored if not truth])[None]
    return float((high > low).mean() + 0.5 * (high == low).mean())


def planned(args: argparse.Namespace, public: Public, topics: Sequence[Topic]) -> list[Group]:
    """The run's groups in a random order: the public sets once, the project's own ``--own`` times with other
    negatives each time."""
    chance = random.Random(args.seed)
    drawn = list(public.drawn({name: round(size * args.public) for name, size in PUBLIC.items()}, chance))
    asked = [(one["question"], one["language"]) for one, _ in drawn]
    asked += [(one.text, one.language) for topic in topics for one in topic.questions]
    pool = [*own_pool(topics), *public.pool(args.pool, chance)]
    hard = HardNegatives(pool, asked, load())
    groups = list(public.groups(drawn, hard, chance))
    for _ in range(args.own):
        groups += own_groups(topics, hard, chance)
    chance.shuffle(groups)
    return groups


def main() -> None:
    args = arguments()
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    public = Public(args.qa)
    topics = read_topics(args.library)
    held = held_topics(topics)
    dev, learnt = [t for t in topics if t.name in held], [t for t in topics if t.name not in held]
    reader = Reader(rank=args.rank)
    if args.start:
        reader.upper.load_state_dict(torch.load(args.start))
    groups = planned(args, public, learnt)
    print(
        f"{len(groups)} groups, {sum(len(one.sentences) for one in groups)} pairs; held out: {sorted(held)}"
    )
    args.out.mkdir(parents=True, exist_ok=True)
    train(args, reader, groups, lambda: measures(reader, public, dev))


def train(args: argparse.Namespace, reader: Reader, groups: list[Group], measure: Any) -> None:
    norms = [one for name, one in reader.upper.named_parameters() if "ln_" in name or name == "segments"]
    known = {id(one) for one in norms}
    others = [one for one in reader.upper.parameters() if id(one) not in known]
    optimizer = torch.optim.AdamW(
        [{"params": others, "weight_decay": 0.01}, {"params": norms, "weight_decay": 0.0}], lr=args.rate
    )
    steps = -(-len(groups) // args.batch)
    began, mean = time.monotonic(), 0.0
    averaged = {name: one.detach().clone() for name, one in reader.upper.named_parameters()}
    for step in range(steps):
        batch = groups[step * args.batch : (step + 1) * args.batch]
        for one in optimizer.param_groups:
            one["lr"] = args.rate * schedule(step)
        loss = loss_of(reader.logits([(g.question, one) for g in batch for one in g.sentences]), batch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(reader.upper.parameters(), 1.0)
        optimizer.step()
        kept = min(_KEPT, (step + 1) / (step + 10))
        for name, one in reader.upper.named_parameters():
            averaged[name].lerp_(one.detach(), 1 - kept)
        mean = 0.97 * mean + 0.03 * loss.item() if step else loss.item()
        if step % 20 == 0:
            print(f"step {step}/{steps} loss {mean:.3f} {time.monotonic() - began:.0f} s", flush=True)
        if (step and step % args.every == 0) or step + 1 == steps:
            torch.save(reader.upper.state_dict(), args.out / "latest.pt")
            torch.save(averaged, args.out / "averaged.pt")
            figures = _measured(reader, averaged, measure) if args.measure or step + 1 == steps else {}
            print(json.dumps({"step": step, "loss": round(mean, 3), **figures}), flush=True)


def _measured(reader: Reader, averaged: dict[str, Tensor], measure: Any) -> dict[str, float]:
    """The figures of the averaged weights; those in training are put back."""
    trained = {name: one.detach().clone() for name, one in reader.upper.named_parameters()}
    reader.upper.load_state_dict(averaged)
    figures: dict[str, float] = measure()
    reader.upper.load_state_dict(trained)
    return figures


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--qa", type=Path, default=HERE.parents[2] / "shared" / "qa")
    parser.add_argument("--library", type=Path, default=HERE / "library")
    parser.add_argument("--out", type=Path, required=True, help="where checkpoints are written")
    parser.add_argument("--start", type=Path, help="a checkpoint to continue from")
    parser.add_argument("--public", type=float, default=1.0, help="share of the public groups")
    parser.add_argument("--own", type=int, default=2, help="epochs of the project's own data")
    parser.add_argument("--pool", type=int, default=20_000, help="public sentences to draw negatives from")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--rank", type=int, default=RANK)
    parser.add_argument("--batch", type=int, default=8, help="groups in a step")
    parser.add_argument("--every", type=int, default=200, help="steps between checkpoints")
    parser.add_argument("--measure", action="store_true", help="measure at every checkpoint")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
