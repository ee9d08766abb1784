"""Nothing an author wrote is lost: pages of every kind in every format, compared word for word.

Each page is written in half of the ways here (see ``clean_ways``), and in all of them in ``tests/soak``.
"""

from __future__ import annotations

from dataclasses import replace

import clean_files as files
import pytest
from clean_pages import PAGES, Page, differences
from clean_ways import WAYS, Made, built, faults, pages_in

from kb.article.normalize import normalize
from kb.models import Article, SourceFile

CASES = [(name, page) for name in WAYS for page in pages_in(name)]


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return built(tmp_path_factory.mktemp("clean"), whole=False)


@pytest.mark.parametrize(
    ("name", "page"), CASES, ids=[f"{name}-{page.site}-{page.name}" for name, page in CASES]
)
def test_every_word_stays_and_none_is_glued(articles: Made, name: str, page: Page) -> None:
    wrong = faults(name, page, articles[name, page])
    assert not wrong, f"{name} {page.site}/{page.name}:\n" + "\n".join(wrong)


def test_the_set_is_as_large_as_it_should_be() -> None:
    assert len(PAGES) >= 48
    assert len({page.language for page in PAGES}) >= 26
    assert len(CASES) >= 350
    assert {page for _, page in CASES} >= set(PAGES)


def test_a_word_lost_glued_or_added_is_noticed() -> None:
    page = next(page for page in PAGES if (page.site, page.name) == ("drizzle", "en"))
    article = _read_at_once(page)
    assert not differences(page, article, code=False, verse=True)
    for before, after, what in (
        ("no account, ", "", "p: "),
        ("Overview\n\n", "Overview", "h2: "),
        ("line for", "linefor", "p: "),
        ("Usage", "Usage menu", "added: "),
        ("seconds.[1]", "seconds.1", "p: "),
        ("macOS and Windows.\n", "macOS and Windows.", "li: "),
    ):
        assert before in article.text
        changed = replace(article, text=article.text.replace(before, after, 1))
        found = differences(page, changed, code=False, verse=True)
        assert found, f"{before!r} for {after!r} is not noticed"
        assert found[0].startswith(what), found
    assert differences(page, replace(article, title="Drizzle"), code=False, verse=True)


def _read_at_once(page: Page) -> Article:
    source = SourceFile("en.txt", files.as_text(page), "utf-8", "0")
    return normalize(source)
