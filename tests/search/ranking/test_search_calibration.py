"""What unrelated texts score is told from two small arrays as it is from all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from search.arrays.vectors import Vectors, unit_rows
from search.ranking.calibration import (
    BackgroundVectors,
    Calibration,
    CentredRows,
    calibrate,
    neutral_calibration,
)

LANGUAGES = ("en", "pl", "sw")
EACH, DIMENSION = 40, 96


def rows(count: int, seed: int) -> Vectors:
    rng = np.random.default_rng(seed)
    # As of a model: all of them have something in common, and some directions matter more.
    scales = np.linspace(2, 0.2, DIMENSION)
    return unit_rows((rng.standard_normal((count, DIMENSION)) * scales + 1).astype(np.float32))


@pytest.fixture(scope="module")
def known() -> BackgroundVectors:
    count = EACH * len(LANGUAGES)
    return BackgroundVectors(LANGUAGES, rows(count, 1), rows(9, 2), rows(count, 3), cast(Any, None))


def test_unrelated_texts_score_as_all_of_them_say(known: BackgroundVectors, tmp_path: Path) -> None:
    spoken = [language for language in LANGUAGES for _ in range(EACH)]
    unrelated = neutral_calibration(known).texts(known.statements, spoken)
    made = calibrate(known, rows(30, 4), ["pl"] * 20 + ["sw"] * 10)
    made.write(tmp_path)
    for query in made.queries(rows(5, 5)):
        cosines = unrelated @ query
        for calibration in (made, Calibration.read(tmp_path)):
            mean, deviation = calibration.unrelated(query)
            assert mean == pytest.approx(cosines.mean(), abs=1e-5)
            assert deviation == pytest.approx(cosines.std(), rel=1e-3)


def test_rows_are_centred_when_they_are_asked_for(known: BackgroundVectors) -> None:
    passages, spoken = rows(30, 4), ["pl"] * 20 + ["sw"] * 9 + ["ga"]
    calibration = calibrate(known, passages, spoken)
    whole, lazy = calibration.texts(passages, spoken), CentredRows(calibration, passages, spoken)
    assert len(lazy) == 30
    np.testing.assert_allclose(lazy[15:25], whole[15:25], atol=1e-6)
    np.testing.assert_allclose(lazy[np.array([29, 3])], whole[[29, 3]], atol=1e-6)
