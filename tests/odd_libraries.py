"""Libraries of odd articles, and a life for each: built, asked, added to, removed from, built again.

Nothing that files hold may end a build, and a library of whatever came of them opens and answers.
"""

from __future__ import annotations

import contextlib
import csv
import html
import io
import json
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import faults
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from kb_samples import BAD, BAD_RECORDS, packed
from many_scripts import SENTENCES

import search
from kb.build import BuildReport
from kb.errors import InputError
from kb.readers import FORMATS
from search.building import basis
from search.building.settings import BUILDING

__all__ = ["KINDS", "LIBRARIES", "Life", "Plan", "every_kind", "live"]

FURNITURE = [
    "Accept all cookies\n",
    "© 2020 Example Ltd. All rights reserved.\n",
    "Home | About us | Contact\n",
    "Share on Facebook\n",
    "[Log in](/login) · [Register](/register)\n",
]
WORDS = ["bread", "chleb", "хлеб", "パン", "面包", "ขนมปัง", "خبز", "לחם", "रोटी", "ψωμί", "እንጀራ", "ꦱꦼꦒ", "x"]
MARKS = [*"?!.,;:…—–-*/\\|~^°§%&#@+=<>()[]{}«»„“‘’", "。", "、", "؟", "।", "\u200b", "\u00a0", "\u2028"]
EMOJI = ["😀", "🎉", "👩‍👩‍👧‍👦", "🇵🇱", "1️⃣", "❤️", "☃"]
CONTROLS = [*"\x01\x02\x07\x08\x0b\x0c\x1b\x7f\x85\u202e\u202c\u2066\u2069\ufeff\ufffd\ufffe\u200d\u061c"]
RARE = ["ᚠᚢᚦ", "𒀀𒁀", "བོད་ཡིག", "ᠮᠣᠩᠭᠣᠯ", "ⴰⵎⴰⵣⵉⵖ", "𐌰𐌱", "ᏣᎳᎩ", "ދިވެހި", "ꓡꓲ", "𞤀𞤣", "🄰🄱", "ﬁ", "𝔄𝔅", "\ue000"]

_sentences = st.lists(st.sampled_from(sorted(SENTENCES.values())), min_size=1, max_size=5).map(" ".join)
_usual = st.sampled_from(
    [
        "Bread rises because yeast makes gas. The gas is caught in the dough.",
        "Chleb rośnie, bo drożdże wytwarzają gaz. Gaz zostaje w cieście.",
        "Das Brot geht auf, weil Hefe Gas bildet. Das Gas bleibt im Teig.",
    ]
)


def _many(parts: Sequence[str], most: int = 12, between: str = " ") -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(parts), min_size=1, max_size=most).map(between.join)


def _repeated(parts: Sequence[str], most: int) -> st.SearchStrategy[str]:
    return st.builds(lambda part, times: part * times, st.sampled_from(parts), st.integers(1, most))


KINDS: dict[str, st.SearchStrategy[str]] = {
    "usual": _usual,
    "many languages": _sentences,
    "nothing": st.sampled_from(
        ["", " ", "\n\n\n", "\ufeff", "\u3000\n", "---\n---\n", "---\ntitle: x\n---\n"]
    ),
    "nothing but furniture": _many(FURNITURE, 5, ""),
    "one word": st.sampled_from(WORDS),
    "digits": st.sampled_from(
        ["0", "42", "3,14", "2024-01-02", "1 2 3\n4 5 6", "٣٤", "१२", "Ⅳ", "½", "9" * 3_000]
    ),
    "marks": _many(MARKS, 30, ""),
    "quotes of quotes": st.builds(
        lambda n, end: "> " * n + end, st.integers(1, 3_000), st.sampled_from("x ")
    ),
    "a mark many times": _repeated(
        ["> ", "- ", "# ", "| ", "* * ", "[", "(", "```", "<", "&amp;", "\n-", "\n\n#"], 2_000
    ),
    "emoji": _many(EMOJI, 8, ""),
    "controls": st.lists(st.sampled_from([*CONTROLS, "a", " bread "]), min_size=1, max_size=12).map("".join),
    "right to left": _many([SENTENCES["Arabic"], SENTENCES["Hebrew"], "\u202eabc\u202c", "123", "(", ")"], 6),
    "unsegmented": _repeated(
        [SENTENCES["Thai"], SENTENCES["Khmer"], SENTENCES["Han, simplified"], "ກ", "あ"], 60
    ),
    "one long word": _repeated(["x", "bread", "ß", "хлеб", "e\u0301", "\u0301", "パ", "خ"], 4_000),
    "one long line": _repeated(["bread ", "Hefe macht Gas, ", "a b ", "а. ", "1 "], 3_000),
    "the same over and over": _repeated(["Bread rises.\n\n", "Chleb\n", "- x\n", "a.\n\na.\n\n"], 60),
    "mixed scripts": _many(WORDS, 15),
    "rare scripts": _many(RARE, 6),
    "headings": _many(
        ["# A\n\n", "## Bread\n\n", "### \n\n", "###### x y\n", "Title\n=====\n", "#\n"], 6, ""
    ),
    "a list": _many(
        ["- bread\n", "- \n", "1. yeast\n", "99999999999999999999. gas\n", "* [x](y)\n", "  - deep\n"], 8, ""
    ),
    "code": _many(["```\nx = 1\n```\n", "    y = 2\n", "~~~\n", "```py\n\n\n  if x:\n```\n", "`z`\n"], 5, ""),
    "a table": _many(["| a | b |\n", "|---|---|\n", "| 1 | |\n", "||\n", "|\n"], 6, ""),
    "links": _many(
        ["[a](b)", "![](c.png)", "https://example.org/x?y=z", "<a@b.c>", "[^1]", "[^1]: x"], 6, "\n"
    ),
    "markup": _many(
        ["<p>", "</div>", "<b>bread</b>", "<script>x</script>", "<!-- -->", "&#0;", "&lt;"], 8, ""
    ),
    "anything": st.text(max_size=60),
    "anything at all": st.text(st.characters(codec="utf-8"), max_size=200),
}
"""What articles are made of, by what is odd about them."""

_parts = st.sampled_from(sorted(KINDS)).flatmap(KINDS.__getitem__)
ARTICLES = st.one_of(
    _parts,
    _parts,
    st.lists(_parts, min_size=2, max_size=4).flatmap(
        lambda all: st.sampled_from(["\n\n", "\n", " "]).map(lambda mark: mark.join(all))
    ),
)


# --- the formats


def _table(texts: Sequence[str]) -> str:
    to = io.StringIO()
    csv.writer(to).writerows([["title", "text"], *(["", text] for text in texts)])
    return to.getvalue()


def _page(texts: Sequence[str]) -> str:
    return (
        "<html><body><main>"
        + "".join(f"<p>{html.escape(text)}</p>" for text in texts)
        + "</main></body></html>"
    )


def _lines(texts: Sequence[str]) -> str:
    return "".join(json.dumps({"text": text}) + "\n" for text in texts)


FILES = {
    ".txt": "\n\n".join,
    ".md": "\n\n".join,
    ".text": "".join,
    ".html": _page,
    ".htm": "\n".join,
    ".jsonl": _lines,
    ".csv": _table,
}
"""How articles are written into a file of a suffix."""


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


_written = st.builds(
    lambda suffix, texts: (suffix, _encoded(FILES[suffix](texts))),
    st.sampled_from([".txt", ".md", ".txt", ".md", *FILES]),
    st.lists(ARTICLES, min_size=1, max_size=3),
)
_said = st.one_of(
    st.sampled_from(
        ["http://[", "https://example.org/a", "pl", "xx", "2024-13-45", "\ud800", "[1, 2]", "{", "- x"]
    ),
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
)
_named = st.dictionaries(
    st.sampled_from(["title", "language", "url", "date", "author", "lang", "x"]), _said, max_size=4
)
_records = st.lists(
    st.builds(lambda text, said: {**said, "text": text}, ARTICLES, _named), min_size=1, max_size=4
).map(lambda records: (".jsonl", "".join(json.dumps(one) + "\n" for one in records).encode()))
_headed = st.builds(
    lambda text, said: (
        ".md",
        _encoded("---\n" + "".join(f"{name}: {value}\n" for name, value in said.items()) + f"---\n{text}"),
    ),
    ARTICLES,
    _named,
)
_zipped = st.lists(_written, max_size=3).map(
    lambda files: (".zip", packed({f"{n}{suffix}": content for n, (suffix, content) in enumerate(files)}))
)
_wrong = st.tuples(st.sampled_from(sorted(FORMATS)), ARTICLES.map(_encoded) | st.binary(max_size=80))
_bad = st.sampled_from(sorted({**BAD, **BAD_RECORDS}.items())).map(
    lambda one: (Path(one[0]).suffix, one[1].encode() if isinstance(one[1], str) else one[1])
)
File = tuple[str, bytes]
FOLDERS = st.one_of(
    st.lists(
        st.one_of(_written, _written, _written, _records, _headed, _zipped, _wrong, _bad),
        min_size=1,
        max_size=6,
    ),
    # All the same, and all of one kind.
    st.builds(lambda one, times: [one] * times, _written, st.integers(2, 4)),
    st.sampled_from(sorted(KINDS)).flatmap(
        lambda kind: st.lists(KINDS[kind].map(lambda text: (".md", _encoded(text))), min_size=1, max_size=4)
    ),
)


@dataclass(frozen=True)
class Plan:
    """What happens to a library, in this order: ``files`` are built, ``more`` are added, ``fewer`` articles
    removed (all but one, if need be), and with ``changed`` in place of the first files all is built again.
    ``carried``: generations are made from those before them, however much has changed."""

    files: list[File]
    more: list[File] = field(default_factory=list)
    fewer: int = 0
    changed: list[File] = field(default_factory=list)
    carried: bool = False


LIBRARIES = st.one_of(
    st.builds(Plan, FOLDERS, more=FOLDERS, carried=st.booleans()),
    st.builds(Plan, FOLDERS, fewer=st.integers(1, 3), carried=st.booleans()),
    st.builds(Plan, FOLDERS, changed=FOLDERS, carried=st.booleans()),
    st.builds(Plan, FOLDERS, more=FOLDERS, fewer=st.integers(1, 3), changed=FOLDERS, carried=st.booleans()),
)


def every_kind(rng: random.Random) -> list[File]:
    """A file or two of every kind there is, in formats by chance, for one library that has them all."""
    files: list[File] = []
    for kind in KINDS.values():
        text = _any_of(kind, rng)[:3_000]
        suffixes = [".md", rng.choice(sorted(FILES))]
        files += [(suffix, _encoded(FILES[suffix]([text]))) for suffix in suffixes]
    files += [
        (Path(name).suffix, content if isinstance(content, bytes) else content.encode())
        for name, content in BAD.items()
    ]
    return files


def _any_of(kind: st.SearchStrategy[str], rng: random.Random) -> str:
    """One text of a kind, the same for the same ``rng``."""
    made: list[str] = []

    @seed(rng.randrange(1 << 30))
    @settings(max_examples=3, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(kind)
    def take(text: str) -> None:
        made.append(text)

    take()
    return made[-1]


# --- the life of a library

NAMES = ["p{}", "a b#{}", "\u202eżółć{}", "x\n{}", "🎉{}", "e\u0301{}", "\udcff{}", "#{}", "{}%20"]
QUERIES = ["why does bread rise?", "面包", '"gas"', "9", "bread -gas"]


class Life:
    """A library in a folder of its own, and what was found out about it."""

    def __init__(self, folder: Path, cache: Path | None, *, carried: bool = False) -> None:
        self.pages, self.library = folder / "pages", folder / "kb"
        self.more = folder / "more"
        self._cache = cache
        self._carried = carried
        self.opened = 0

    def write(
        self, files: Sequence[File], folder: Path | None = None, names: Sequence[str] = ("p{}",)
    ) -> Path:
        """Writes ``p0``, ``p1`` …, or as ``names`` have it in turn, into the pages or another folder."""
        to = folder or self.pages
        to.mkdir(exist_ok=True)
        for number, (suffix, content) in enumerate(files):
            name = names[number % len(names)].format(number)
            (to / f"{name}{suffix}").write_bytes(content)
        return to

    def build(self) -> BuildReport | None:
        """None where there is nothing to make a library of, which leaves it as it was."""
        return self._changed(lambda: search.build([self.pages], self.library, cache=self._cache))

    def add(self) -> BuildReport | None:
        return self._changed(lambda: search.add([self.more], self.library, cache=self._cache))

    def remove(self, sources: Sequence[str]) -> BuildReport | None:
        return self._changed(lambda: search.remove(sources, self.library, cache=self._cache))

    def _changed(self, change: Callable[[], BuildReport]) -> BuildReport | None:
        before = set(self.sources())
        with pytest.MonkeyPatch.context() as patched:
            if self._carried:
                patched.setattr(basis, "BUILDING", replace(BUILDING, passed_over=0))
            try:
                report = change()
            except InputError as error:
                assert "; " in str(error) or "holds nothing that can be used" in str(error)
                assert set(self.sources()) == before
                return None
        assert all("; " in one.reason for one in report.skipped), report.skipped
        left = before - set(report.removed)
        assert set(self.sources()) == left | {*report.added, *report.changed, *report.unchanged}
        self.look()
        return report

    def sources(self) -> tuple[str, ...]:
        """What the library holds; nothing where there is none."""
        if not (self.library / "live.json").exists():
            return ()
        return faults.sources(self.library)

    def look(self) -> None:
        """It is whole, and every door of it answers."""
        assert search.verify(self.library, cache=self._cache) == ()
        with search.open(self.library, cache=self._cache) as engine:
            self.opened += 1
            held = engine.articles()
            assert tuple(sorted(one.source for one in held)) == self.sources()
            status = engine.status()
            assert sum(status.articles.values()) == len(held)
            asked = [*QUERIES, *(word for one in held[:2] for word in one.title.split()[:1])]
            for query in asked:
                with contextlib.suppress(search.errors.QueryError):
                    found = engine.search(query)
                    assert found.total <= len(held)
                    engine.ask(query)
                    engine.lookup(query)
                engine.suggest(query)
            for one in held[:4]:
                for other in engine.translations(one.source):
                    engine.side_by_side(one.source, other.article.source)
                engine.foreign_passages(one.source)
            list(engine.dictionary())
            assert engine.overview
            with tempfile.TemporaryDirectory() as to:
                assert engine.export(Path(to)) == len(held)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="kb-odd-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def live(plan: Plan, cache: Path | None) -> int:
    """Lives a plan through; how often the library was there to be opened."""
    with _folder() as folder:
        life = Life(folder, cache, carried=plan.carried)
        life.write(plan.files, names=NAMES)
        first = life.build()
        if plan.more:
            life.write(plan.more, life.more, names=NAMES[1:])
            if first:
                life.add()
        held = life.sources()
        gone = held[: min(plan.fewer, len(held) - 1)]
        if gone:
            life.remove(gone)
        if plan.changed:
            life.write(plan.changed, names=NAMES)
            last = life.build()
            again = life.build()
            assert (again is None) == (last is None)
            if last and again:
                assert not again.touched
                assert again.skipped == last.skipped
        return life.opened
