"""What cleaning took out of a whole library, summed: by reason, and from which sources the most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Removals", "RemovedFrom", "RemovedWhy", "removals"]


@dataclass(frozen=True, slots=True)
class RemovedWhy:
    """All that was taken out for one reason. ``share`` is of the library's characters, ``score`` the mean of
    how sure the rule was of each span; both 0–1."""

    reason: str
    spans: int
    characters: int
    share: float
    score: float


@dataclass(frozen=True, slots=True)
class RemovedFrom:
    """What was taken out of one source; ``share`` is of the source's own characters, 0–1."""

    source: str
    spans: int
    characters: int
    share: float


@dataclass(frozen=True, slots=True)
class Removals:
    """``removed`` of ``characters`` were taken out of ``articles``. ``reasons`` and ``sources`` have the most
    characters and the highest share first."""

    articles: int
    characters: int
    removed: int
    reasons: tuple[RemovedWhy, ...]
    sources: tuple[RemovedFrom, ...]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def removals(
    lengths: dict[str, int],
    why: Iterable[tuple[str, int, int, float]],
    where: Iterable[tuple[str, int, int]],
    most: int,
) -> Removals:
    """``lengths`` in characters by source; reasons as (reason, spans, characters, sum of scores), sources as
    (source, spans, characters), of which at most so many are named."""
    total = sum(lengths.values())
    reasons = [
        RemovedWhy(reason, spans, gone, gone / max(1, total), scores / max(1, spans))
        for reason, spans, gone, scores in why
    ]
    sources = [
        RemovedFrom(source, spans, gone, gone / max(1, lengths[source])) for source, spans, gone in where
    ]
    return Removals(
        len(lengths),
        total,
        sum(reason.characters for reason in reasons),
        tuple(sorted(reasons, key=lambda reason: (-reason.characters, reason.reason))),
        tuple(sorted(sources, key=lambda source: (-source.share, source.source))[:most]),
    )
