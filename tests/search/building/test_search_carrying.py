"""A generation that is made from the one before it is what one made anew would be."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import search
from kb.store.snapshot import Snapshot
from search.building import basis, token_cache
from search.building.basis import Basis
from search.building.settings import BUILDING
from search.disk import layout
from search.language import background
from search.passages.keys import Keys
from search.passages.word_prints import WordPrints
from search.ranking.scores import Ranking

LANGUAGES = ("en", "pl", "nb", "ru")
ARTICLES, SENTENCES = 20, 5
QUERIES = (
    "bread in the morning",
    "pies i kot",
    "Hva koster billetten?",
    "Где находится библиотека?",
    "the train was late again",
    "zimą pada śnieg",
)


def statements(language: str) -> list[str]:
    return [row.text for row in background.rows("statement") if row.language == language]


def write(folder: Path, language: str, number: int, sentences: list[str]) -> None:
    text = f"# {sentences[0]}\n\n{' '.join(sentences[1:])}\n"
    (folder / f"{language}-{number:02d}.md").write_text(text, "utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_cache: Path) -> Path:
    """A folder with ``texts`` in four languages, some of them copies of one another, and ``kb``, built."""
    home = tmp_path_factory.mktemp("carrying")
    folder = home / "texts"
    folder.mkdir()
    for language in LANGUAGES:
        rows = statements(language)
        for number in range(ARTICLES):
            first = number * SENTENCES % (len(rows) - SENTENCES) if number % 5 else 0
            write(folder, language, number, rows[first : first + SENTENCES])
    search.build([folder], home / "kb", cache=tiny_cache)
    return home


@pytest.fixture
def shelf(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made / "texts", tmp_path / "texts")
    shutil.copytree(made / "kb", tmp_path / "kb")
    return tmp_path


def change(folder: Path) -> None:
    """One article is changed, one gone, one added, which is a copy of another; a language comes with it."""
    path = folder / "en-03.md"
    path.write_text(path.read_text("utf-8") + "\nThe zebra plays the trombone at night.\n", "utf-8")
    (folder / "pl-07.md").unlink()
    shutil.copyfile(folder / "nb-02.md", folder / "nb-99.md")
    write(folder, "de", 1, statements("de")[:3])


def changed(library: Path) -> int:
    generation = layout.read_live(library).generation
    return Basis.read(layout.generation_directory(library, generation) / "basis").changed


def scored(ranking: Ranking, scores: np.ndarray) -> dict[int, float]:
    """Rows with some scores of theirs, by place in the pool; the best first."""
    places = ranking.places
    return dict(zip(ranking.scores.pool.rows[places].tolist(), scores[places].tolist(), strict=True))


def arrays(library: Path) -> Path:
    return layout.generation_directory(library, layout.read_live(library).generation)


@pytest.fixture(scope="module")
def both(made: Path, tiny_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The changed library made from what it was, twice over, and made anew."""
    home = tmp_path_factory.mktemp("both")
    texts, carried, anew = home / "texts", home / "kb", home / "anew"
    shutil.copytree(made / "texts", texts)
    shutil.copytree(made / "kb", carried)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(basis, "BUILDING", replace(BUILDING, passed_over=10))
        change(texts)
        search.build([texts], carried, cache=tiny_cache)
        once = changed(carried)
        assert once > 0
        write(texts, "pl", 1, ["Zebra", "Zebra gra na puzonie.", *statements("pl")[30:34]])
        shutil.copytree(carried, anew)
        search.build([texts], carried, cache=tiny_cache)
        assert changed(carried) > once
        patched.setattr(basis, "BUILDING", replace(BUILDING, passed_over=1_000_000))
        search.build([texts], anew, cache=tiny_cache)
        assert changed(anew) == 0
    assert search.verify(carried, cache=tiny_cache) == ()
    return carried, anew


def test_it_answers_as_one_that_is_made_anew(both: tuple[Path, Path], tiny_cache: Path) -> None:
    carried, anew = (search.open(path, cache=tiny_cache) for path in both)
    with carried, anew:
        assert carried.status().passages == anew.status().passages
        for query in QUERIES:
            rankings = [engine._index.rank(query, frozenset()) for engine in (carried, anew)]
            # Both legs score each passage alike; nearly equal ones may change places, and with them what they
            # come to, so that is compared place by place.
            closer = [
                {int(ranking.scores.pool.rows[at]) for at in ranking.scores.late} for ranking in rankings
            ]
            only_in_one = (
                closer[0] ^ closer[1]
            )  # nearly equal ones may change places at the edge of these, too
            assert len(only_in_one) <= 0.1 * len(closer[0] | closer[1]), query
            for leg in ("dense", "lexical"):
                one, other = (scored(ranking, getattr(ranking.scores, leg)) for ranking in rankings)
                shared = one.keys() & other.keys()
                # What is at the very end of either pool may be beyond that of the other.
                assert len(shared) >= 0.95 * max(len(one), len(other)), query
                shared -= only_in_one
                apart = np.abs([one[row] - other[row] for row in shared])
                assert apart.max() < 0.5, (query, leg)
                assert np.median(apart) < 0.05, (query, leg)
                pairs = [[one[row], other[row]] for row in shared]
                assert np.corrcoef(pairs, rowvar=False)[0, 1] > 0.99, (query, leg)
                assert set(list(one)[:5]) & set(list(other)[:5]), query
            places = min(len(ranking.fused) for ranking in rankings)
            fused = [ranking.fused[:places] for ranking in rankings]
            assert np.abs(fused[0] - fused[1]).max() < 0.5, query
        for phrase in ('"zebra plays the trombone"', '"gra na puzonie"', '"the" -zebra', '"na"'):
            found = [
                # Of equal texts any one may stand for the others.
                {
                    frozenset(ref.source for ref in (hit.article, *hit.also_in))
                    for hit in engine.search(phrase, limit=99)
                }
                for engine in (carried, anew)
            ]
            assert found[0] == found[1], phrase
            assert found[0], phrase
        for article in anew.articles():
            same, others = (
                {(pair.article.source, pair.kind, round(pair.confidence, 2)) for pair in found}
                for found in (engine.translations(article.source) for engine in (carried, anew))
            )
            assert same == others, article.source
        assert carried.translations("nb-99.md")


def test_rows_are_those_of_one_that_is_made_anew(both: tuple[Path, Path]) -> None:
    carried, anew = map(arrays, both)
    for name in (
        "keys/passages",
        "keys/articles",
        "keys/article_language",
        "vectors/bounds",
        "vectors/kinds",
        "tokens/offsets",
        "tokens/tokens",
        "postings/terms",
        "postings/offsets",
        "postings/passages",
        "prints/offsets",
        "prints/leads",
        "prints/gaps",
        "prints/lengths",
    ):
        one, other = (np.load(folder / f"{name}.npy") for folder in (carried, anew))
        assert np.array_equal(one, other), name
    one, other = (np.load(folder / "postings" / "impacts.npy") for folder in (carried, anew))
    assert np.abs(one.astype(float) - other).max() < 0.05
    one, other = (WordPrints.read(folder / "prints") for folder in (carried, anew))
    for of_forms in ("kinds", "forms", "folded", "grams"):
        assert np.array_equal(getattr(one, of_forms)[one.numbers], getattr(other, of_forms)[other.numbers]), (
            of_forms
        )
    assert Keys.read(carried / "keys").languages == Keys.read(anew / "keys").languages


def test_a_term_knows_where_it_occurs_now(both: tuple[Path, Path], tiny_cache: Path) -> None:
    engines = [search.open(path, cache=tiny_cache) for path in both]
    with engines[0], engines[1]:
        vocabularies = [engine._index.vocabulary for engine in engines]
        (there,), (whole,) = (one.find("dog") for one in vocabularies)
        assert vocabularies[0].rows(there).tolist() == vocabularies[1].rows(whole).tolist()
        assert all(len(vocabularies[0].rows(term)) for term in range(len(vocabularies[0])))
        assert vocabularies[1].find("zebra")
        assert vocabularies[0].find("zebra") == [], "a new word waits until the vocabulary is made anew"


def test_after_many_changes_everything_is_made_anew(shelf: Path, tiny_cache: Path) -> None:
    texts, library = shelf / "texts", shelf / "kb"
    seen = []
    for number in range(6):
        write(texts, "ru", number, statements("ru")[20 + number : 23 + number])
        search.build([texts], library, cache=tiny_cache)
        seen.append(changed(library))
    assert seen[0] > 0
    assert 0 in seen
    assert search.verify(library, cache=tiny_cache) == ()


def test_nothing_is_taken_over_from_what_is_damaged(
    shelf: Path, tiny_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = spied(monkeypatch)
    path = arrays(shelf / "kb") / "tokens" / "tokens.npy"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    write(shelf / "texts", "en", 0, statements("en")[10:14])
    search.build([shelf / "texts"], shelf / "kb", cache=tiny_cache)
    assert calls == []
    assert search.verify(shelf / "kb", cache=tiny_cache) == ()


def test_only_what_is_new_is_read_and_encoded(
    shelf: Path, tiny_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = spied(monkeypatch)
    write(shelf / "texts", "en", 0, ["A zebra", "The zebra plays the trombone."])
    search.build([shelf / "texts"], shelf / "kb", cache=tiny_cache)
    (before,) = calls
    assert [passage.passage.text for passage in before.added] == ["The zebra plays the trombone."]


def test_tokens_are_on_the_disk_once_and_outlive_what_is_damaged_beside_them(
    shelf: Path, tiny_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, library = shelf / "texts", shelf / "kb"
    assert {path.suffix for path in (library / "cache").iterdir()} == {".vectors", ".pairs"}
    (arrays(library) / "postings" / "terms.npy").write_bytes(b"")
    encoded: list[str] = []
    really = token_cache.encode_waiting

    def waiting(fresh: Mapping[bytes, str], *rest: Any) -> None:
        encoded.extend(fresh.values())
        really(fresh, *rest)

    monkeypatch.setattr(token_cache, "encode_waiting", waiting)
    write(texts, "en", 0, ["A zebra", "The zebra plays the trombone."])
    search.build([texts], library, cache=tiny_cache)
    assert encoded == ["The zebra plays the trombone."]
    assert {path.suffix for path in (library / "cache").iterdir()} == {".vectors", ".pairs"}
    assert search.verify(library, cache=tiny_cache) == ()


def spied(monkeypatch: pytest.MonkeyPatch) -> list[basis.PreviousGeneration]:
    calls: list[basis.PreviousGeneration] = []
    really: Callable[..., None] = sys.modules["search.building.build"].write_generation

    def write(snapshot: Snapshot, before: basis.PreviousGeneration | None, *rest: object) -> None:
        if before is not None:
            calls.append(before)
        really(snapshot, before, *rest)

    monkeypatch.setattr(sys.modules["search.building.build"], "write_generation", write)
    return calls
