"""Looking through a library, and narrowing what was found in it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import search
from kb.store.snapshot import ArticleSummary
from search.browsing.catalogue import Catalogue, Narrowed, folders, years
from search.errors import ArticleMissing, QueryError


def summary(key, source, title, language="en", date=None):
    return ArticleSummary(key, f"{key:012}", source, title, language, date, None, 10, 1, 1, "", "", "")


HELD = [
    summary(1, "a/x.txt", "Zebra", date="2024-05-31T10:00:00"),
    summary(2, "a/b/y.txt", "Änderung", "de", "2023"),
    summary(3, "books.zip#a/z.txt", "apple"),
    summary(4, "ab/x.txt", "Żółw", "pl", "2024-06"),
]
NAMED = SimpleNamespace(of=lambda key: HELD[key - 1].source, same_as=lambda key: ())
CATALOGUE = Catalogue({one.key: one for one in HELD}, NAMED)


def listed(title="", languages=(), sort="title", **bounds):
    kept = Narrowed.of(bounds.get("folder", ""), bounds.get("since"), bounds.get("until"))
    return [one.article for one in CATALOGUE.browse(title, languages, kept, sort, 10, 0).articles]


def test_titles_are_sorted_by_their_letters_and_dates_with_the_newest_first():
    assert listed() == ["a/b/y.txt", "books.zip#a/z.txt", "a/x.txt", "ab/x.txt"]
    assert listed(sort="date") == ["ab/x.txt", "a/x.txt", "a/b/y.txt", "books.zip#a/z.txt"]
    assert listed(sort="source") == ["a/b/y.txt", "a/x.txt", "ab/x.txt", "books.zip#a/z.txt"]


@pytest.mark.parametrize(
    ("bounds", "kept"),
    [
        ({"folder": "a"}, [2, 1]),
        ({"folder": "/a/b/"}, [2]),
        ({"folder": "books.zip"}, [3]),
        ({"since": "2024"}, [1, 4]),
        ({"since": "2024-06-15"}, [4]),  # which day of June it was is not known
        ({"since": "2023-02-01", "until": "2023-03-01"}, [2]),
        ({"until": "2024-05-31"}, [2, 1]),
        ({"until": "2024-05-30"}, [2]),
    ],
)
def test_a_folder_and_dates_keep_what_is_within_them(bounds, kept):
    assert listed(**bounds) == [HELD[key - 1].source for key in kept]


def test_folders_and_years_are_counted():
    assert dict(folders(HELD)) == {"a": 2, "ab": 1}
    assert dict(folders(HELD, "a")) == {"a/b": 1}
    assert dict(years(HELD)) == {"2024": 2, "2023": 1}


@pytest.mark.parametrize("date", ["24", "2024-5", "2024-05-31T10", "May", "٢٠٢٤"])
def test_what_is_no_date_is_refused(date):
    with pytest.raises(QueryError, match="such as 2024-05-31"):
        Narrowed.of("", date, None)


def test_names_like_one_that_is_not_there_are_offered_but_not_for_an_id():
    assert CATALOGUE.near("a/x.text")[0] == "a/x.txt"
    assert CATALOGUE.near("0123456789ab") == ()
    assert CATALOGUE.near("x" * 301) == ()
    assert CATALOGUE.near("nothing-of-the-kind.txt") == ()


def test_a_library_is_looked_through_by_title_and_language(engine: search.Engine) -> None:
    listing = engine.browse(languages=["pl", "tl"])
    assert [one.article.language for one in listing.articles] == ["tl", "pl"]
    assert [[other.language for other in one.also_in] for one in listing.articles] == [["pl"], ["tl"]]
    assert dict(listing.languages) == dict(engine.status().articles)
    assert [one.article.language for one in engine.browse(title="LOJALITET").articles] == ["nb"]
    assert engine.browse(limit=2, offset=4).articles == engine.browse().articles[4:]
    for wrong in ({"sort": "size"}, {"languages": "pl"}, {"since": "May"}, {"limit": -1}):
        with pytest.raises(QueryError):
            engine.browse(**wrong)


def test_a_misspelled_source_is_answered_with_those_like_it(engine: search.Engine) -> None:
    with pytest.raises(ArticleMissing, match=r"nb-kundens-lojalitet\.txt"):
        engine.article("nb-kunders-lojalitet.txt")


def test_what_was_found_can_be_narrowed(tmp_path, tiny_cache) -> None:
    texts = {
        "old/rye.md": "---\ndate: 2019-03-01\n---\n# Rye\n\nRye dough rises slowly in a cold kitchen.",
        "new/oat.md": "---\ndate: 2024-03-01\n---\n# Oat\n\nOat dough rises slowly in a warm kitchen.",
        "new/spelt.md": "---\ndate: 2023-01-01\n---\n# Spelt\n\nSpelt dough rises slowly in any kitchen.",
    }
    for name, text in texts.items():
        (tmp_path / "texts" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "texts" / name).write_text(text, encoding="utf-8")
    search.build([tmp_path / "texts"], tmp_path / "kb", cache=tiny_cache)
    with search.open(tmp_path / "kb", cache=tiny_cache) as engine:
        everything = engine.search("dough rises", collapse=False)
        assert {hit.article.source for hit in everything} == set(texts)
        assert dict(everything.folders) == {"new": 2, "old": 1}
        assert list(everything.years) == ["2024", "2023", "2019"]
        newest = engine.search("dough rises", collapse=False, sort="date")
        assert [hit.article.source for hit in newest] == ["new/oat.md", "new/spelt.md", "old/rye.md"]
        for bounds, kept in (({"folder": "old"}, {"old/rye.md"}), ({"since": "2024"}, {"new/oat.md"})):
            for collapse in (True, False):
                found = engine.search("dough rises", collapse=collapse, **bounds)
                assert {hit.article.source for hit in found} == kept
                assert found.total == 1


def test_what_a_library_is_about_is_told_by_language_in_alphabetical_order(engine: search.Engine) -> None:
    terms = engine.telling_terms
    assert set(terms) == set(engine.languages)
    assert {"lojalitet", "kundeservice"} <= {term.text for term in terms["nb"]}
    assert {"lojalność", "obsługa klienta"} <= {term.text for term in terms["pl"]}
    assert all(3 <= len(found) <= 16 for found in terms.values())
    words = [term.text for term in terms["nb"]]
    assert words == sorted(words)
