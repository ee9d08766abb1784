"""The numbers of this room: how long passages are."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ARTICLE"]


@dataclass(frozen=True, slots=True)
class ArticleSettings:
    # Letters: a passage shorter than ``short`` takes in what follows up to ``aim``; a block beyond
    # ``longest`` is cut. An ideograph counts for two and a half, so that a passage holds as much in Chinese
    # as in English.
    short: int = 400
    aim: int = 1000
    longest: int = 1500
    heading: int = 300  # characters of one that stand in the path to what is below it


ARTICLE = ArticleSettings()
