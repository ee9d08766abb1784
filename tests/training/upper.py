"""The reader in torch, as it is trained: the encoder's upper layers over question and sentence together."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from search.encoding.bundled import BundledModel

# The layer where question and sentence meet, the first that is trained, and the rank of what is added.
FIRST, RANK = 6, 16
PARTS = ("q", "k", "v", "ao", "fi", "fo")


class Adapted(nn.Module):
    """A frozen matrix with a low-rank one beside it: W x + b + U (D x)."""

    def __init__(self, weight: Tensor, bias: Tensor, rank: int) -> None:
        super().__init__()
        self.register_buffer("weight", weight, persistent=False)
        self.register_buffer("bias", bias, persistent=False)
        rows, columns = weight.shape
        self.down = nn.Parameter(torch.randn(rank, columns) / math.sqrt(columns))
        self.up = nn.Parameter(torch.zeros(rows, rank))

    def forward(self, values: Tensor) -> Tensor:
        plain = functional.linear(values, self.weight, self.bias)
        return plain + functional.linear(functional.linear(values, self.down), self.up)


class Layer(nn.Module):
    """One of the encoder's layers: attention, then two products, each normalised after its sum."""

    def __init__(self, model: BundledModel, number: int, rank: int) -> None:
        super().__init__()
        name = f"l{number}."
        self._heads, self._epsilon = model.sizes.heads, model.sizes.layer_norm_eps
        for part in PARTS:
            weight = torch.from_numpy(model.quantized(name + part + ".w").dequantized())
            bias = torch.from_numpy(np.array(model.floats(name + part + ".b")))
            setattr(self, part, Adapted(weight, bias, rank))
        for norm in ("aln", "oln"):
            for part in ("w", "b"):
                values = torch.from_numpy(np.array(model.floats(f"{name}{norm}.{part}")))
                setattr(self, f"{norm}_{part}", nn.Parameter(values))

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        batch, tokens, size = hidden.shape
        split = [
            getattr(self, part)(hidden).view(batch, tokens, self._heads, -1).transpose(1, 2)
            for part in ("q", "k", "v")
        ]
        attended = functional.scaled_dot_product_attention(*split, attn_mask=mask)
        attended = self.ao(attended.transpose(1, 2).reshape(batch, tokens, size))
        hidden = self._norm("aln", hidden + attended)
        return self._norm("oln", hidden + self.fo(functional.gelu(self.fi(hidden))))

    def _norm(self, name: str, values: Tensor) -> Tensor:
        weight, bias = getattr(self, name + "_w"), getattr(self, name + "_b")
        return functional.layer_norm(values, (values.shape[-1],), weight, bias, self._epsilon)


class Upper(nn.Module):
    """Token states of question and sentence → one logit: layers, then a head on the two means."""

    def __init__(self, model: BundledModel, first: int, rank: int, inner: int = 128) -> None:
        super().__init__()
        size = model.sizes.hidden
        self.layers = nn.ModuleList(Layer(model, at, rank) for at in range(first, model.sizes.layers))
        self.segments = nn.Parameter(torch.zeros(2, size))
        self.head_in = nn.Linear(2 * size, inner)
        self.head_out = nn.Linear(inner, 1)

    def forward(self, states: Tensor, question: Tensor, sentence: Tensor) -> Tensor:
        """``states`` (pairs, tokens, hidden); two masks (pairs, tokens) say whose a token is → (pairs,)."""
        asked, read = question.unsqueeze(-1).float(), sentence.unsqueeze(-1).float()
        hidden = states + asked * self.segments[0] + read * self.segments[1]
        mask = (question | sentence)[:, None, None, :]
        for layer in self.layers:
            hidden = layer(hidden, mask)
        means = [(hidden * one).sum(1) / one.sum(1) for one in (asked, read)]
        inner = functional.gelu(self.head_in(torch.cat(means, dim=-1)))
        return self.head_out(inner).squeeze(-1)
