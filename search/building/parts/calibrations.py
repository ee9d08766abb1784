"""How a library's vectors are centred: by statistics that stay as they are while it changes little."""

from __future__ import annotations

from pathlib import Path

from search.building.parts.background import Background
from search.building.parts.part import Made, Making, Part
from search.passages.tokens import TokenSpace
from search.ranking.calibration import Calibration, neutral_calibration

__all__ = ["NeutralCalibration", "TokenSpaces"]


class TokenSpaces(Part[TokenSpace]):
    """The space in which sentences' tokens are kept."""

    doing = "encoding the background"
    folders = sent = ("token_space",)
    needs = (Background,)

    def make(self, making: Making, made: Made) -> TokenSpace:
        space = made[Background].tokens
        space.write(making.directory / "token_space")
        return space

    @classmethod
    def opened(cls, directory: Path) -> TokenSpace:
        return TokenSpace.read(directory / "token_space")


class NeutralCalibration(Part[Calibration]):
    """The calibration on the background alone, which is the same for every library."""

    doing = "indexing vectors"
    folders = ("neutral",)
    needs = (Background,)

    def make(self, making: Making, made: Made) -> Calibration:
        neutral = neutral_calibration(made[Background])
        neutral.write(making.directory / "neutral")
        return neutral

    @classmethod
    def opened(cls, directory: Path) -> Calibration:
        return Calibration.read(directory / "neutral")
