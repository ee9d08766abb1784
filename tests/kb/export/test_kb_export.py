from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import yaml
from kb_samples import GOOD, PL, write

from kb.article.normalize import normalize
from kb.build import update
from kb.building.sources import sources
from kb.cleaning.structure import Draft, compose
from kb.errors import InputError
from kb.export.markdown_files import export, to_markdown
from kb.models import Article, SourceFile
from kb.readers import split_front_matter
from kb.store.store import Store

CORPUS = Path(__file__).parents[3] / "corpus"


def article(source: str, *drafts: Draft, title: str = "T") -> Article:
    text, blocks = compose(drafts or (Draft("Words."),))
    return Article(source, title, "en", text, "0", blocks)


def test_front_matter_says_what_the_article_is() -> None:
    made = dataclasses.replace(
        article("a/b.txt", title="Ł: 'x' # y"), date="2024-05-03", url="https://example.com"
    )
    meta, body, _ = split_front_matter(to_markdown(made, ["c.txt"]))
    assert meta == {
        "title": "Ł: 'x' # y",
        "language": "en",
        "source": "a/b.txt",
        "date": "2024-05-03",
        "url": "https://example.com",
        "translations": ["c.txt"],
        "cleaned": True,
    }
    assert body.strip() == "Words."


@pytest.mark.parametrize(
    "line",
    [
        "5. maijā bija auksts",
        "12) twelve",
        "# hash",
        "- dash",
        "+ plus",
        "* star",
        "> quote",
        "| pipe | row |",
        "===",
        "---",
        "- - -",
        ":--- | ---",
        "[x](y) ![z](w) [ref][1] [1]: http://x",
        "<b>bold</b> <!-- no --> <http://x>",
        "*a* **b** __c__ `d` ~~e~~ \\ \\* `",
        "&amp; & &copy; &#39;",
        "C# and F#",
        "ends with backslash \\",
        "```",
        "~~~",
        "first\nsecond\n- third\n4. fourth",
        "[ ] task",
        "--- title: x",
        "a  b",
    ],
)
@pytest.mark.parametrize("kind", ["paragraph", "heading", "item"])
def test_every_character_survives_the_round_trip(tmp_path: Path, line: str, kind: str) -> None:
    if kind != "paragraph":
        line = " ".join(line.split())
    drafts = [Draft(line, kind, 3 if kind == "heading" else 0, 7 if kind == "item" else None), Draft("End.")]
    made = article("x.txt", *drafts)
    export([made], tmp_path)
    (file,) = sources([tmp_path / "x.md"])
    assert isinstance(file, SourceFile)
    again = normalize(file)
    assert (again.text, again.blocks) == (made.text, made.blocks)


def test_files_are_named_after_sources(tmp_path: Path) -> None:
    names = ["a.txt", "a.md", "A.html", "pl/b.txt", "pl/c", "data.jsonl#3", "x?y.txt", "x*y.txt"]
    paths = export([article(name) for name in names], tmp_path)
    assert len({str(path).casefold() for path in paths}) == len(names)
    assert tmp_path / "pl" / "b.md" in paths
    assert all(path.suffix == ".md" for path in paths)


@pytest.mark.parametrize(
    "source", ["../../evil.txt", "/etc/evil.txt", "a/../../../evil.txt", "..", "a\x00b.txt"]
)
def test_no_source_leads_out_of_the_folder(tmp_path: Path, source: str) -> None:
    (path,) = export([article(source)], tmp_path / "out")
    assert path.resolve().is_relative_to((tmp_path / "out").resolve())


def test_a_folder_that_cannot_be_written_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot be written"):
        export([article("a.txt")], tmp_path / "file")


def test_an_exported_library_builds_the_same_library(tmp_path: Path) -> None:
    with Store.create(tmp_path / "one.sqlite") as one, Store.create(tmp_path / "two.sqlite") as two:
        update(one, [CORPUS], 1)
        export((stored.article for stored in one.at(1).articles()), tmp_path / "out")
        update(two, [tmp_path / "out"], 1)
        before, after = one.at(1), two.at(1)
        assert before.counts() == after.counts()
        by_source = {passage.article_id: [] for passage in after.passages()}  # type: ignore[var-annotated]
        for passage in after.passages():
            by_source[passage.article_id].append(passage.passage)
        for summary in before.summaries():
            assert [p.passage for p in before.passages_of(summary.key)] == by_source[summary.id]


def whole(store: Store, generation: int) -> dict[str, tuple[object, ...]]:
    """All that a reader sees of each article, by source."""
    snapshot = store.at(generation)
    found: dict[str, tuple[object, ...]] = {}
    for stored in snapshot.articles():
        one = stored.article
        inside = [held.passage for held in snapshot.passages_of(stored.key)]
        about = (one.title, one.language, one.date, one.url, one.author)
        found[one.source] = (stored.id, about, one.text, one.blocks, inside)
    return found


def without_pages(library: dict[str, tuple[object, ...]]) -> dict[str, tuple[object, ...]]:
    """Markdown has no pages."""
    return {
        source: (
            article_id,
            about,
            text,
            tuple(dataclasses.replace(block, page=None) for block in blocks),  # type: ignore[attr-defined]
            inside,
        )
        for source, (article_id, about, text, blocks, inside) in library.items()
    }


ODD_NAMES = [
    "a b  c.txt",
    "Ärger & Co: 100%.txt",
    "pl/zażółć.txt",
    "日本語/味噌.txt",
    'it\'s "quoted".txt',
    "yes.txt",
    "123.txt",
    "2024-01-02.txt",
    "#hash.txt",
    "- dash.txt",
    "a.md.txt",
    "x.md",
    "x.txt",
    "X.txt",
    "~tilde.txt",
]


@pytest.mark.slow
def test_a_whole_library_of_every_kind_survives(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {**GOOD, **{f"odd/{name}": GOOD["a.txt"] for name in ODD_NAMES}})
    front = (
        "title: 'Chleb: #1'\nlanguage: szl\ndate: 2024-05-03\nauthor: Jan\nurl: https://example.pl/ż?a=b#c"
    )
    write(folder, {"front.md": f"---\n{front}\n---\n{PL}", "short.txt": "Nic", "und.txt": "12345 xyzzy"})
    with Store.create(tmp_path / "one.sqlite") as one, Store.create(tmp_path / "two.sqlite") as two:
        update(one, [folder, CORPUS], 1)
        export((stored.article for stored in one.at(1).articles()), tmp_path / "out")
        report = update(two, [tmp_path / "out"], 1)
        assert report.skipped == ()
        assert whole(two, 1) == without_pages(whole(one, 1))
        assert len(report.added) == len(GOOD) + len(ODD_NAMES) + 3 + 5


@pytest.mark.slow
def test_an_export_of_an_export_is_the_same_to_the_byte(tmp_path: Path) -> None:
    with Store.create(tmp_path / "one.sqlite") as one, Store.create(tmp_path / "two.sqlite") as two:
        update(one, [write(tmp_path / "in", GOOD)], 1)
        first = export((stored.article for stored in one.at(1).articles()), tmp_path / "out1")
        update(two, [tmp_path / "out1"], 1)
        second = export((stored.article for stored in two.at(1).articles()), tmp_path / "out2")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_the_front_matter_is_plain_yaml() -> None:
    text = to_markdown(article("a.txt", title="yes"))
    assert yaml.safe_load(text.split("---")[1])["title"] == "yes"
