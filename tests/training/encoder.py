"""Trains the encoder's adapter: ``python -m tests.training.encoder --help``.

A question's vector and those of the sentences that answer it, in any language, are brought nearer to each
other than to the batch's other sentences, among them near misses of the same article and sentences of others
that the encoder takes for near (InfoNCE). ``--start`` with ``--share 0.5`` goes back half the way to the
encoder as it was, which keeps more of what it was not trained on (Wortsman et al. 2022). ``--keep`` holds the
vectors of single words where they were: the dictionary is made of them.

The lower layers stay as they are (the reader uses them, too).
"""

from __future__ import annotations

import argparse
import copy
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from search.encoding.bundled import BundledModel, weights_file
from search.encoding.encoder import load
from search.language import background
from search.reader.protocol import titled
from tests.training import steps
from tests.training.groups import PUBLIC, OwnQuestion, Public, Topic, held_topics, own_pool, read_topics
from tests.training.lower import Lower
from tests.training.negatives import Found, HardNegatives
from tests.training.train import auroc
from tests.training.upper import FIRST, RANK, Layer

_CHUNK_TOKENS = 1500
# How often: a whole paragraph is the answer; a near miss is of the same paragraph or topic, not of another;
# a sentence has its title; the answer is in another language than the question where there is one.
_WHOLE, _SAME, _TITLED, _CROSSED = 0.15, 0.55, 0.5, 0.75
_WHOLE_CHARACTERS = 500
# Words in a step whose vectors are to be kept.
_WORDS = 64
# The weight of the loss the other way round, sentence to question.
_BACKWARD = 0.3

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """A sentence as it is read, and what tells it from others: versions of one sentence are one."""

    text: str
    key: Key


@dataclass(frozen=True, slots=True)
class Example:
    """A question, a sentence that answers it, a near miss, and the keys of all that answer it, which are no
    negatives."""

    question: str
    answer: Read
    near: Read
    answers: frozenset[Key]


class Adapted(nn.Module):
    """The bundled encoder, of which the upper layers are trained."""

    def __init__(self, rank: int = RANK) -> None:
        super().__init__()
        model = BundledModel(weights_file())
        self._lower = Lower(FIRST)
        self.layers = nn.ModuleList(Layer(model, at, rank) for at in range(FIRST, model.sizes.layers))
        # The encoder as it was; a list, so that it is not trained.
        self._plain = [copy.deepcopy(self.layers)]

    def begin(self, states: Sequence[dict[str, Tensor]], share: float) -> None:
        """At that share of the way from the encoder as it was to the mean of the states."""
        known = {name: parameter.detach().clone() for name, parameter in self.named_parameters()}
        for name, plain in known.items():
            trained = torch.stack([state[name] for state in states]).mean(dim=0)
            if name.endswith(".up"):
                known[name] = share * trained
            else:
                known[name] = trained if name.endswith(".down") else plain.lerp(trained, share)
        self.load_state_dict(known)

    def moved(self, texts: Sequence[str], *, question: bool) -> Tensor:
        """How far the texts' vectors are from those of the encoder as it was: one less the mean cosine."""
        states = (self._lower.questions if question else self._lower.sentences)(list(texts))
        with torch.no_grad():
            plain = self._vectors(states, self._plain[0])
        return 1 - (self._vectors(states) * plain).sum(dim=1).mean()

    def questions(self, texts: Sequence[str]) -> Tensor:
        return self._vectors(self._lower.questions(list(texts)))

    def sentences(self, texts: Sequence[str]) -> Tensor:
        return self._vectors(self._lower.sentences(list(texts)))

    def _vectors(self, states: Sequence[np.ndarray], layers: nn.ModuleList | None = None) -> Tensor:
        """(texts, hidden) of unit length; texts of like length are read together, few tokens at a time."""
        order = sorted(range(len(states)), key=lambda at: -len(states[at]))
        found: list[Tensor] = []
        start = 0
        while start < len(order):
            longest = len(states[order[start]])
            chunk = order[start : start + max(1, _CHUNK_TOKENS // longest)]
            found.append(_read_by(layers or self.layers, [states[at] for at in chunk]))
            start += len(chunk)
        back = torch.empty(len(order), dtype=torch.long)
        back[torch.tensor(order)] = torch.arange(len(order))
        return torch.cat(found)[back]


def _read_by(layers: nn.ModuleList, states: Sequence[np.ndarray]) -> Tensor:
    """The longest comes first."""
    padded = np.zeros((len(states), len(states[0]), states[0].shape[1]), np.float32)
    inside = np.zeros(padded.shape[:2], np.bool_)
    for row, state in enumerate(states):
        padded[row, : len(state)], inside[row, : len(state)] = state, True
    hidden, mask = torch.from_numpy(padded), torch.from_numpy(inside)
    for layer in layers:
        hidden = layer(hidden, mask[:, None, None, :])
    return functional.normalize((hidden * mask.unsqueeze(-1)).sum(1), dim=-1)


def loss_of(model: Adapted, batch: Sequence[Example], temperature: float) -> Tensor:
    """Each question's answer against all sentences of the batch, and each answer's question against all
    questions."""
    sentences = [example.answer for example in batch] + [example.near for example in batch]
    asked = model.questions([example.question for example in batch])
    scores = asked @ model.sentences([read.text for read in sentences]).T / temperature
    others = torch.tensor(
        [
            [at != row and read.key in example.answers for at, read in enumerate(sentences)]
            for row, example in enumerate(batch)
        ]
    )
    scores = scores.masked_fill(others, -1e4)
    target = torch.arange(len(batch))
    forward = functional.cross_entropy(scores, target)
    return forward + _BACKWARD * functional.cross_entropy(scores[:, : len(batch)].T, target)


def public_examples(
    public: Public, drawn: Sequence[tuple[dict[str, Any], dict[str, Any]]], hard: Found, chance: random.Random
) -> Iterator[Example]:
    """One for each question that was drawn, with one near miss."""
    versions = public.paragraph_versions()
    for asked, row in drawn:
        paragraph = public.paragraphs[row["paragraph"]]
        sentences, at = paragraph["sentences"], row["answer"]
        if not 0 <= at < len(sentences) or len(sentences) < 2:
            continue
        name = versions.get(row["paragraph"], row["paragraph"])
        answer = Read(sentences[at], (name, at))
        if chance.random() < _WHOLE:
            answer = Read(" ".join(sentences)[:_WHOLE_CHARACTERS], (name, "all"))
        other = chance.choice([number for number in range(len(sentences)) if number != at])
        near = Read(sentences[other], (name, other))
        if answer.key == (name, "all") or chance.random() >= _SAME:
            found = hard(asked["question"], f"{paragraph['set']} {paragraph['article']}", 1, chance)
            near = Read(found[0].text, ("other", found[0].text)) if found else near
        yield Example(asked["question"], answer, near, frozenset({(name, at), (name, "all")}))


def own_examples(topics: Sequence[Topic], hard: Found, chance: random.Random) -> Iterator[Example]:
    """One for each question that has an answer."""
    for topic in topics:
        for question in topic.questions:
            if not question.answers:
                continue
            places = sorted(question.answers)
            crossed = [place for place in places if place[0] != question.language]
            place = chance.choice(crossed if crossed and chance.random() < _CROSSED else places)
            near = _near(topic, question, chance)
            if chance.random() >= _SAME:
                other = hard(question.text, topic.name, 1, chance)[0]
                title = other.title if chance.random() < _TITLED else ""
                near = Read(titled(title, other.text), ("other", other.text))
            keys = frozenset((topic.name, *place) for place in places)
            yield Example(question.text, _read(topic, place, chance), near, keys)


def _near(topic: Topic, question: OwnQuestion, chance: random.Random) -> Read:
    free = sorted(place for place in topic.sentences if place not in question.answers)
    return _read(topic, chance.choice(sorted(question.near) or free), chance)


def _read(topic: Topic, place: tuple[str, int], chance: random.Random) -> Read:
    title = topic.titles[place[0]] if chance.random() < _TITLED else ""
    return Read(titled(title, topic.sentences[place]), (topic.name, *place))


def examples(args: argparse.Namespace, public: Public, topics: Sequence[Topic]) -> list[Example]:
    """The run's examples in a random order: the public sets once, the project's own ``--own`` times."""
    chance = random.Random(args.seed)
    drawn = list(public.drawn({name: round(size * args.public) for name, size in PUBLIC.items()}, chance))
    asked = [(row["question"], row["language"]) for row, _ in drawn]
    asked += [(question.text, question.language) for topic in topics for question in topic.questions]
    hard = HardNegatives([*own_pool(topics), *public.pool(args.pool, chance)], asked, load())
    found = list(public_examples(public, drawn, hard, chance))
    for _ in range(args.own):
        found += own_examples(topics, hard, chance)
    chance.shuffle(found)
    return found


@torch.no_grad()
def measures(model: Adapted, topics: Sequence[Topic]) -> dict[str, float]:
    """Of the topics held out, all their sentences in one pool, vectors less their language's mean: whether an
    answer is first, one of the first twenty, and whether the best tells answerable questions (AUROC)."""
    places = [(topic, place) for topic in topics for place in topic.sentences]
    vectors = model.sentences([titled(topic.titles[at[0]], topic.sentences[at]) for topic, at in places])
    rows: dict[str, list[int]] = defaultdict(list)
    for row, (_, at) in enumerate(places):
        rows[at[0]].append(row)
    for here in rows.values():
        vectors[here] = functional.normalize(vectors[here] - vectors[here].mean(0), dim=-1)
    asked = [(topic, question) for topic in topics for question in topic.questions]
    questions = model.questions([question.text for _, question in asked])
    scores = functional.normalize(questions - questions.mean(0), dim=-1) @ vectors.T
    first, early, best = [], [], []
    for (topic, question), told in zip(asked, scores, strict=True):
        best.append((bool(question.answers), float(told.max())))
        order = told.argsort(descending=True)[:20].tolist()
        right = [places[at][0] is topic and places[at][1] in question.answers for at in order]
        if question.answers:
            first.append(right[0])
            early.append(any(right))
    return {"first": float(np.mean(first)), "in twenty": float(np.mean(early)), "auroc": auroc(best)}


def main() -> None:
    parser = steps.arguments(__doc__)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--temperature", type=float, default=0.02)
    parser.add_argument("--batch", type=int, default=40, help="questions in a step")
    parser.add_argument("--share", type=float, default=1.0, help="of the way to what --start names")
    parser.add_argument("--keep", type=float, default=0.0, help="the weight of keeping words' vectors")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    public, topics = Public(args.qa), read_topics(args.library)
    held = held_topics(topics)
    model = Adapted()
    if args.start:
        model.begin([torch.load(path) for path in args.start], args.share)
    rows = examples(args, public, [topic for topic in topics if topic.name not in held])
    print(f"{len(rows)} questions; held out: {sorted(held)}")
    words, chance = background.rows("word"), random.Random(args.seed)
    dev = [topic for topic in topics if topic.name in held]

    def loss(batch: Sequence[Example]) -> Tensor:
        found = loss_of(model, batch, args.temperature)
        if args.keep:
            texts = [row.text for row in chance.sample(words, _WORDS)]
            found = found + args.keep * model.moved(texts, question=chance.random() < 0.5)
        return found

    steps.run(model, rows, loss, lambda: measures(model, dev), args)


if __name__ == "__main__":
    main()
