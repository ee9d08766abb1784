"""The numbers of this room: how much is listed, and which terms tell what articles are about."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BROWSING"]


@dataclass(frozen=True, slots=True)
class BrowsingSettings:
    listed: int = 50  # folders, and years
    # Names that are offered for one that is not there, so alike (0–100), of at most so many characters.
    offered: int = 3
    alike: float = 75.0
    longest_name: int = 300

    # Telling terms of a language: those that are looked at, the most frequent; how often one is met at least;
    # and those that are shown.
    looked_at: int = 1_000
    least: int = 2
    shown: int = 16
    shortest: int = 3  # letters of a term in Latin letters and the like; of others nothing is said by length


BROWSING = BrowsingSettings()
