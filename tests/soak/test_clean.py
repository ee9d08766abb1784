"""Every page of ``tests/clean`` in every way to write it that can hold it."""

from __future__ import annotations

from pathlib import Path

import pytest
from clean_ways import built, faults

pytestmark = pytest.mark.soak


def test_every_word_of_every_page_stays_in_every_format(tmp_path: Path) -> None:
    articles = built(tmp_path, whole=True)
    assert len(articles) >= 700
    wrong = [
        f"{name} {page.site}/{page.name}: {what}"
        for (name, page), article in articles.items()
        for what in faults(name, page, article)
    ]
    assert not wrong, "\n".join(wrong)
