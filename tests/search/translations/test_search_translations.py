"""Articles that are the same text: found from their sentences, kept in the generation, collapsed in hits."""

import shutil

import numpy as np
import pytest
import yaml

import search
from search.errors import ArticleMissing
from search.translations import same_text
from search.translations.alignment import Bead
from search.translations.likeness import Likeness
from search.translations.pair_cache import PairCache, article_digest
from search.translations.translations import Translations

POLISH, TAGALOG = "pl-obsluga-klienta-a-lojalnosc.txt", "tl-serbisyo-at-katapatan.txt"


@pytest.fixture(scope="module")
def shelf(corpus, warm, tmp_path_factory):
    """The source articles, a revised copy of one, half of another, and its sentences in another order."""
    folder = tmp_path_factory.mktemp("shelf")
    for path in corpus.glob("*.txt"):
        shutil.copy(path, folder)
    paragraphs = (corpus / "nb-kundens-lojalitet.txt").read_text("utf-8").split("\n\n")
    revised = [*paragraphs[:3], "Dette avsnittet er nytt i denne utgaven.", *paragraphs[3:]]
    (folder / "nb-revised.txt").write_text("\n\n".join(revised), "utf-8")
    (folder / "nb-fifth.txt").write_text("\n\n".join(paragraphs[: len(paragraphs) // 5]), "utf-8")
    polish = (corpus / POLISH).read_text("utf-8").split("\n\n")
    (folder / "pl-turned.txt").write_text("\n\n".join([polish[0], *polish[:0:-1]]), "utf-8")
    to = warm(tmp_path_factory.mktemp("shelf-library") / "kb")
    search.build([folder], to)
    with search.open(to) as engine:
        yield engine


def same(engine, source):
    return {(one.article.source, one.kind) for one in engine.translations(source)}


def test_of_the_source_articles_only_the_polish_and_the_tagalog_one_are_the_same_text(engine):
    found = {article.source: same(engine, article.source) for article in engine.articles()}
    assert found.pop(POLISH) == {(TAGALOG, "translation")}
    assert found.pop(TAGALOG) == {(POLISH, "translation")}
    assert set(map(frozenset, found.values())) == {frozenset()}


def test_a_translation_says_how_much_of_both_is_aligned_and_how_sure_it_is(engine):
    (one,) = engine.translations(POLISH)
    assert 0.9 <= one.coverage <= 1
    assert 0.9 <= one.other_coverage <= 1
    assert one.confidence > 0.95
    assert one.to_dict()["article"]["source"] == TAGALOG


def test_an_article_may_be_named_by_its_id(engine):
    assert engine.translations(engine.article(POLISH).id) == engine.translations(POLISH)
    with pytest.raises(ArticleMissing):
        engine.translations("nothing.txt")


def test_a_revised_copy_is_nearly_the_same_and_a_fifth_of_it_is_not(shelf):
    assert same(shelf, "nb-kundens-lojalitet.txt") == {("nb-revised.txt", "copy")}
    assert same(shelf, "nb-fifth.txt") == set()


def test_the_same_paragraphs_in_another_order_are_another_text(shelf):
    assert ("pl-turned.txt", "copy") not in same(shelf, POLISH)


def test_side_by_side_every_sentence_of_both_stands_once_and_in_order(engine):
    beside = engine.side_by_side(POLISH, TAGALOG)
    for side, source in (("left", POLISH), ("right", TAGALOG)):
        text = engine.article(source).article.text
        shown = [sentence for row in beside.rows for sentence in getattr(row, side)]
        assert all(text[one.start : one.end] == one.text for one in shown)
        assert [one.start for one in shown] == sorted(one.start for one in shown)
        assert len(shown) == engine.status().sentences[source[:2]]
    assert beside.translation.article.source == TAGALOG
    turned = engine.side_by_side(TAGALOG, POLISH)
    assert [(row.left, row.right) for row in turned.rows] == [(row.right, row.left) for row in beside.rows]


def test_side_by_side_shows_no_strangers(engine):
    with pytest.raises(ArticleMissing, match="not the same text"):
        engine.side_by_side(POLISH, "nb-kundens-lojalitet.txt")


def test_articles_that_are_the_same_text_share_a_hit_and_are_counted_once(engine):
    results = engine.search("customer loyalty and customer service", limit=50)
    (hit,) = [hit for hit in results if hit.article.source in (POLISH, TAGALOG)]
    assert [ref.source for ref in hit.also_in] == [({POLISH, TAGALOG} - {hit.article.source}).pop()]
    assert results.total == len(results) == sum(results.languages.values())
    for language, count in results.languages.items():
        assert count == sum(hit.article.language == language for hit in results)


def test_without_collapsing_each_has_its_own_hit(engine):
    results = engine.search("customer loyalty and customer service", limit=50, collapse=False)
    assert {POLISH, TAGALOG} <= {hit.article.source for hit in results}
    assert results.languages["pl"] == results.languages["tl"] == 1


def test_a_filter_by_language_shows_the_version_in_that_language(engine):
    for language, source in (("pl", POLISH), ("tl", TAGALOG)):
        (hit,) = engine.search("customer loyalty", languages=[language])
        assert hit.article.source == source
        assert len(hit.also_in) == 1


def test_a_pair_has_the_same_beads_from_either_side(engine, library):
    found = Translations.read(library / "generations" / "1" / "translations")
    polish, tagalog = engine.article(POLISH), engine.article(TAGALOG)
    pair = found.between(polish.key, tagalog.key)
    assert pair is not None
    back = found.between(tagalog.key, polish.key)
    there = [(one.left_start, one.left_end, one.right_start, one.right_end) for one in pair.beads]
    assert there
    assert there == [(one.right_start, one.right_end, one.left_start, one.left_end) for one in back.beads]


def test_a_build_compares_no_two_articles_twice(corpus, warm, tmp_path, monkeypatch):
    warm(tmp_path / "kb")
    folder = tmp_path / "texts"
    shutil.copytree(corpus, folder)
    search.build([folder], tmp_path / "kb")
    compared = []
    really = same_text.translation_likeness
    monkeypatch.setattr(same_text, "translation_likeness", lambda *two: compared.append(two) or really(*two))
    (folder / "new.txt").write_text("A recipe\n\nStir the flour into the milk and wait.", "utf-8")
    search.build([folder], tmp_path / "kb")
    # What was accepted is aligned once more, for its beads.
    assert len(compared) <= 1
    with search.open(tmp_path / "kb") as engine:
        assert same(engine, POLISH) == {(TAGALOG, "translation")}


def test_scores_are_kept_by_content_and_damaged_ones_are_forgotten(encoder, tmp_path):
    cache = PairCache(tmp_path, encoder, 1)
    one, two, three = (article_digest([name]) for name in (b"one", b"two", b"three"))
    cache.put(one, two, 1.5)
    cache.put(two, three, -2.0)
    cache.write()
    again = PairCache(tmp_path, encoder, 1)
    assert (again.get(two, one), again.get(one, three)) == (1.5, None)
    again.write()
    assert len(PairCache(tmp_path, encoder, 1)) == 1
    assert len(PairCache(tmp_path, encoder, 2)) == 0
    (path,) = tmp_path.glob("*.pairs")
    path.write_bytes(path.read_bytes()[:-3])
    assert len(PairCache(tmp_path, encoder, 1)) == 0


def test_what_is_aligned_shares_its_score_by_way_of_a_third_version_too():
    pairs, copies = np.array([[3, 8], [5, 8]]), np.array([False, False])
    two = Likeness(5.0, 1.0, 1.0, (Bead(0, 1, 0, 1, 0.9), Bead(1, 2, 1, 2, 0.9)))
    found = Translations.of_likenesses(pairs, copies, [two, two])
    # The first has three sentences, the second two, the third three.
    placed = found.placed(np.array([3, 5, 8]), np.array([0, 3, 5, 8]))
    numbers, scores = np.arange(8), np.array([8, 4, 6, 0, 0, 0, 0, 2], np.float32)
    assert placed.spread(scores, numbers, np.array([3, 5, 8])).tolist() == [3, 1.5, 6, 1, 0.5, 2, 1, 2]
    assert placed.spread(scores, numbers, np.array([3, 8])).tolist() == [4, 2, 6, 0, 0, 4, 2, 2]
    # Those of other articles, and what was not looked at, have no say.
    assert placed.spread(scores, numbers, np.array([3, 5])).tolist() == scores.tolist()
    assert placed.spread(scores[:5], numbers[:5], np.array([3, 5, 8])).tolist() == scores[:5].tolist()


def test_a_sentence_of_two_that_stand_for_one_shares_with_it():
    beads = (Bead(0, 1, 0, 1, 0.9), Bead(1, 3, 2, 3, 0.8))
    pairs, copies = np.array([[3, 8]]), np.array([False])
    found = Translations.of_likenesses(pairs, copies, [Likeness(5.0, 1.0, 1.0, beads)])
    placed = found.placed(np.array([3, 8]), np.array([0, 3, 6]))
    left, right = placed._counterparts(np.array([3, 8]))
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == [(0, 3), (1, 5), (2, 5)]


def test_the_places_of_shared_sentences_follow_the_library(corpus, warm, tmp_path):
    warm(tmp_path / "kb")
    folder = tmp_path / "texts"
    shutil.copytree(corpus, folder)
    search.build([folder], tmp_path / "kb")
    # The Norwegian article moves to the end, and others move up.
    path = folder / "nb-kundens-lojalitet.txt"
    path.write_text(path.read_text("utf-8") + "\n\nDette er en ny setning på slutten.\n", "utf-8")
    search.build([folder], tmp_path / "kb")
    with search.open(tmp_path / "kb") as engine:
        keys = [engine.article(source).key for source in (POLISH, TAGALOG)]
        rows = engine.side_by_side(POLISH, TAGALOG).rows
        left, right = engine._index.translations._counterparts(np.array(keys))
        numbered = [one.sentence.text for held in engine._snapshot.passages() for one in held.sentences()]
    expected = {(a.text, b.text) for row in rows for a in row.left for b in row.right}
    found = {(numbered[a], numbered[b]) for a, b in zip(left.tolist(), right.tolist(), strict=True)}
    assert found == expected and len(found) > 10


def test_what_is_written_is_read_back(library, tmp_path):
    found = Translations.read(library / "generations" / "1" / "translations")
    (tmp_path / "copy").mkdir()
    found.write(tmp_path / "copy")
    again = Translations.read(tmp_path / "copy")
    assert len(again) == len(found) == 1
    keys = np.load(tmp_path / "copy" / "pairs.npy").ravel().tolist()
    assert [again.of(key) for key in keys] == [found.of(key) for key in keys]


def test_an_exported_library_builds_the_same_library_translations_and_all(engine, warm, tmp_path):
    warm(tmp_path / "kb")
    assert engine.export(tmp_path / "out") == 5
    for source, other in ((POLISH, TAGALOG), (TAGALOG, POLISH)):
        head = (tmp_path / "out" / source).with_suffix(".md").read_text("utf-8").split("---")[1]
        assert yaml.safe_load(head)["translations"] == [other]
    search.build([tmp_path / "out"], tmp_path / "kb")
    with search.open(tmp_path / "kb") as again:
        for one in engine.articles():
            before, after = engine.article(one.source).article, again.article(one.source).article
            assert (after.title, after.language, after.text) == (before.title, before.language, before.text)
            assert same(again, one.source) == same(engine, one.source)
        assert again.status().passages == engine.status().passages
        assert again.side_by_side(POLISH, TAGALOG).rows == engine.side_by_side(POLISH, TAGALOG).rows
        again.export(tmp_path / "again")
    first, second = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("out", "again")
    )
    assert first == second
