"""Trains the reader's adapter: ``python -m tests.training.train --help``.

Everything that is trained is saved at each checkpoint, so that a run can be continued (``--start``).
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from search.encoding.bundled import BundledModel, weights_file
from search.encoding.encoder import load
from search.reader.protocol import titled
from tests.training import steps
from tests.training.groups import PUBLIC, Group, Public, Topic, held_topics, own_groups, own_pool, read_topics
from tests.training.lower import Lower
from tests.training.negatives import HardNegatives
from tests.training.steps import mean
from tests.training.upper import FIRST, RANK, Upper

_CHUNK_TOKENS = 1100


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
        reader.upper.load_state_dict(mean([torch.load(path) for path in args.start]))
    groups = planned(args, public, learnt)
    print(
        f"{len(groups)} groups, {sum(len(one.sentences) for one in groups)} pairs; held out: {sorted(held)}"
    )

    def loss(batch: Sequence[Group]) -> Tensor:
        return loss_of(
            reader.logits([(group.question, text) for group in batch for text in group.sentences]), batch
        )

    steps.run(reader.upper, groups, loss, lambda: measures(reader, public, dev), args)


def arguments() -> argparse.Namespace:
    parser = steps.arguments(__doc__)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--rank", type=int, default=RANK)
    parser.add_argument("--batch", type=int, default=8, help="groups in a step")
    return parser.parse_args()


if __name__ == "__main__":
    main()
