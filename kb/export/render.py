"""An article as HTML: its Markdown rendered, every sentence in a span of its own, nothing in it live.

Inside a block every character is the author's and none is markup. So that neither Markdown nor HTML can take
one for its own, all ASCII punctuation goes through the renderer as private-use characters.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

import markdown
import nh3
import regex

from kb.cleaning.structure import marker
from kb.export.settings import EXPORT
from kb.models import Article, Block, Sentence
from kb.text.sentences import sentences

__all__ = ["render"]


_OPEN, _CLOSE, _BREAK = "\U000f0000", "\U000f0001", "\U000f0002"
_SHIFT = 0xF0100
# Our own placeholders, and the control characters that the renderer has for its.
_RESERVED = re.compile("[\x00-\x08\x0b-\x1f\U000f0000-\U000f01ff]")
_PUNCTUATION = {code: _SHIFT + code for code in range(0x21, 0x7F) if not chr(code).isalnum()}
_HIDDEN = re.compile(f"[{chr(_SHIFT)}-{chr(_SHIFT + 0x7F)}]")

_TAGS = {"h2", "h3", "h4", "h5", "h6", "p", "ol", "ul", "li", "br", "pre", "code"}
_HEADING = re.compile(r"<h([2-6])>")
_NOT_IN_ID = regex.compile(r"[^\p{L}\p{M}\p{N}]+")


def render(article: Article, inside: Sequence[Sentence] | None = None) -> str:
    """HTML of the article's body, headings from ``<h2>`` down (the title is the page's).

    Sentence spans are ``<span id="s{start}" class="sentence">``, ``start`` being the sentence's offset in
    ``article.text``; headings have ids that begin with ``h-``. ``inside`` are the article's sentences, where
    the caller has them already.
    """
    if inside is None:
        inside = tuple(sentences(article.text, article.blocks, article.language))
    blocks = list(_with_placeholders(article, inside))
    if len(article.text) > EXPORT.markdown:
        body = "\n".join(
            _code(words) if block.kind == "code" else f"<p>{_shown(words)}</p>" for block, words in blocks
        )
    else:
        renderer = markdown.Markdown(extensions=["sane_lists"], output_format="html", tab_length=4)
        renderer.lazy_ol = False  # type: ignore[attr-defined]  # a list that begins with 3 is shown so
        made = (
            _code(words) if code else _shown(renderer.reset().convert(words))
            for words, code in _chunks(blocks)
        )
        body = nh3.clean(
            "\n".join(made), tags=_TAGS, attributes={"ol": {"start"}, "pre": {"tabindex"}}, link_rel=None
        )
    return _with_spans(_with_heading_ids(body, article), inside)


def _with_placeholders(article: Article, inside: Sequence[Sentence]) -> Iterator[tuple[Block, str]]:
    """Each block's words, punctuation hidden and sentences marked."""
    at = 0
    for block in article.blocks:
        pieces: list[str] = []
        done = block.start
        while at < len(inside) and inside[at].end <= block.end:
            sentence = inside[at]
            pieces += (_hidden(article.text[done : sentence.start]), _OPEN, _hidden(sentence.text), _CLOSE)
            done = sentence.end
            at += 1
        pieces.append(_hidden(article.text[done : block.end]))
        yield block, "".join(pieces)


def _hidden(text: str) -> str:
    return _RESERVED.sub("\ufffd", text).translate(_PUNCTUATION).replace("\n", _BREAK)


def _shown(body: str, line_break: str = "<br>\n") -> str:
    body = _HIDDEN.sub(lambda match: html.escape(chr(ord(match[0]) - _SHIFT)), body)
    return body.replace(_BREAK, line_break)


def _code(words: str) -> str:
    return f'<pre tabindex="0"><code>{_shown(words, chr(10))}</code></pre>'


def _chunks(blocks: Sequence[tuple[Block, str]]) -> Iterator[tuple[str, bool]]:
    """Markdown, cut where it is long, and where a new list follows a list; (code, True) between."""
    pieces: list[str] = []
    size = 0
    previous: Block | None = None
    for block, words in blocks:
        if block.kind == "code":
            if pieces:
                yield "".join(pieces), False
            pieces, size, previous = [], 0, None
            yield words, True
            continue
        in_list = previous is not None and previous.kind == block.kind == "item"
        goes_on = in_list and previous is not None and _next_number(previous, block)
        if pieces and ((in_list and not goes_on) or (size > EXPORT.chunk and not goes_on)):
            yield "".join(pieces), False
            pieces, size = [], 0
        if pieces:
            pieces.append("\n" if goes_on else "\n\n")
        pieces += (marker(block), words)
        size += len(words)
        previous = block
    if pieces:
        yield "".join(pieces), False


def _next_number(previous: Block, block: Block) -> bool:
    if previous.number is None or block.number is None:
        return previous.number is block.number
    return block.number == previous.number + 1


def _with_heading_ids(body: str, article: Article) -> str:
    """Only our own markers can have made a heading, so they come in the order of the blocks."""
    names = _heading_ids(article)
    return _HEADING.sub(lambda match: f'<h{match[1]} id="{next(names)}">', body)


def _heading_ids(article: Article) -> Iterator[str]:
    taken: dict[str, int] = {}
    for block in article.blocks:
        if block.kind == "heading":
            words = _NOT_IN_ID.sub("-", article.text[block.start : block.end].lower()).strip("-")[:60]
            name = f"h-{words or block.start}"
            taken[name] = taken.get(name, 0) + 1
            yield name if taken[name] == 1 else f"{name}-{taken[name]}"


def _with_spans(body: str, inside: Sequence[Sentence]) -> str:
    pieces = body.split(_OPEN)
    marked = [pieces[0]]
    for sentence, piece in zip(inside, pieces[1:], strict=True):
        marked += (f'<span id="s{sentence.start}" class="sentence">', piece)
    return "".join(marked).replace(_CLOSE, "</span>")
