"""What is fuzzed: functions of bytes that fail where a promise is broken. By hypothesis and atheris."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

from kb.article.normalize import normalize
from kb.article.passages import passages
from kb.building.sources import Found, parse
from kb.errors import SourceRefused
from kb.export.render import render
from kb.models import SkippedSource, SourceFile
from kb.readers import FORMATS, RawFile
from search.errors import QueryError
from search.models import Highlight
from search.ranking import query
from search.ranking.settings import RANKING
from webapp import payload
from webapp.pages.rendered import mark_range

__all__ = ["CASES", "TARGETS"]

CASES = Path(__file__).parent / "fuzz_cases"
"""Inputs that once failed, or that reach far, a folder for each target."""

_ALLOWED = frozenset(
    [
        *("a", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr"),
        *("ins", "li", "mark", "ol", "p", "pre", "section", "span", "strong", "table", "tbody", "td", "th"),
        *("thead", "tr", "ul"),
    ]
)


class _Checked(HTMLParser):
    """Fails on all that could run script; collects the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _ALLOWED, tag
        for name, value in attrs:
            assert not name.startswith("on"), name
            assert name not in ("style", "srcdoc"), name
            assert not (value or "").strip().lower().startswith(("javascript:", "data:", "vbscript:")), value

    def handle_data(self, data: str) -> None:
        self.text += data


def _html_text(html: str) -> str:
    reader = _Checked()
    reader.feed(html)
    reader.close()
    return reader.text


def _source(data: bytes, name: str = "a.txt") -> SourceFile:
    text = data.decode("utf-8", "replace")
    return SourceFile(name, text, "utf-8", hashlib.sha256(data).hexdigest(), language="en")


def normaliser(data: bytes) -> None:
    """Any text becomes an article whose parts are where they say, or is refused; its page is harmless."""
    source = _source(data)
    try:
        article = normalize(source)
    except SourceRefused:
        return
    for span in article.removed:
        assert source.text[span.start : span.end] == span.text
    for passage in passages(article):
        assert article.text[passage.start : passage.end] == passage.text
        for sentence in passage.sentences:
            assert article.text[sentence.start : sentence.end] == sentence.text
    _html_text(render(article))


def grammar(data: bytes) -> None:
    """Any query is read within its limits, or refused."""
    try:
        read = query.parse(data.decode("utf-8", "surrogatepass" if data[:1] < b"\x80" else "replace"))
    except (QueryError, UnicodeDecodeError):
        return
    assert read.text == read.text.strip() != ""
    assert len(read.text) <= RANKING.characters_searched
    assert len(read.text.split()) <= RANKING.words_searched
    assert len(read.phrases) + len(read.excluded) <= RANKING.operators


def marking(data: bytes) -> None:
    """Marks change no letter of a text, and let none of it become markup."""
    text = data[4:].decode("utf-8", "replace")
    numbers = [*data[:4], 0, 0, 0, 0][:4]
    start, end = sorted(numbers[:2])
    marks = [
        Highlight(start, end, "exact", 1.0),
        Highlight(numbers[2], numbers[2] + numbers[3], "meaning", 0.5),
    ]
    pieces = payload.pieces(text, start // 2, marks)
    assert "".join(piece.text for piece in pieces) == text
    try:
        article = normalize(_source(data[4:]))
    except SourceRefused:
        return
    page = render(article)
    low, high = sorted((start, end))
    marked = mark_range(page, article.text, low, min(high + 1, len(article.text)))
    assert _html_text(marked) == _html_text(page)


def _reader(suffix: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        """Any bytes give articles or reasons, and nothing else."""
        name = f"file{suffix}"
        raw = RawFile(name, "/root", data, hashlib.sha256(data).hexdigest())
        try:
            for item in parse(Found(Path(name), name, "/root"), raw):
                assert isinstance(item, (SourceFile, SkippedSource))
                assert item.source.startswith(name)
                if isinstance(item, SkippedSource):
                    assert item.reason
                else:
                    item.text.encode("utf-8")
        except SourceRefused as refused:
            assert refused.reason

    return read


TARGETS: dict[str, Callable[[bytes], None]] = {
    "normaliser": normaliser,
    "grammar": grammar,
    "marking": marking,
    **{suffix.removeprefix("."): _reader(suffix) for suffix in sorted(FORMATS)},
}
