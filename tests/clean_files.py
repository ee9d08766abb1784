"""The pages of :mod:`clean_pages` as text files: plain, Markdown's dialects, HTML and other marks."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable, Sequence

import regex
from clean_pages import Block, Inline, Page, Span, bare, groups, raised

__all__ = [
    "FURNITURE",
    "MARKS",
    "as_asciidoc",
    "as_docusaurus",
    "as_form",
    "as_framed_html",
    "as_github",
    "as_html",
    "as_hugo",
    "as_markdown",
    "as_mkdocs",
    "as_restructured",
    "as_text",
    "as_wrapped_text",
    "body_text",
    "html_body",
    "wrapped",
]

WIDTH = 72

_DENSE = r"\p{Han}\p{Hiragana}\p{Katakana}\u3000-\u303f\uff00-\uffef"
# A line may end behind a space or a soft hyphen, and between two characters of a script without spaces,
# unless the second one closes something or the first one opens it.
_PIECE = regex.compile(
    rf"[^ \u00ad]+?(?:(?=[ \u00ad]|\Z)"
    rf"|(?<=[{_DENSE}])(?<![「『（《])(?=[{_DENSE}])(?![、。，！？；：」』）》ーゃゅょっ]))| +|\u00ad"
)


def _columns(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def wrapped(text: str, width: int = WIDTH) -> list[str]:
    """A paragraph in lines of ``width`` columns, long words hyphenated where a soft hyphen allows it."""
    rows, row = [], ""
    for piece in _PIECE.findall(text):
        if piece == "\u00ad":
            row += piece
        elif row and _columns((row + piece).replace("\u00ad", "")) >= width:
            rows.append(row[:-1] + "-" if row.endswith("\u00ad") else row.rstrip())
            row = piece.lstrip()
        else:
            row += piece
    return [one.replace("\u00ad", "") for one in [*rows, row.rstrip()] if one]


def _one(text: str) -> list[str]:
    return [text.replace("\u00ad", "")]


# --- plain text -------------------------------------------------------------------------------------------

_PLAIN: Inline = {
    "sup": lambda span: raised(span),
    "sub": lambda span: raised(span),
    "note": lambda span: f"[{span.text}]",
    "ruby": lambda span: f"{span.text}（{span.about}）",
    "hyphen": lambda span: "\u00ad",
}


def body_text(page: Page, fill: Callable[[str], list[str]] = _one) -> str:
    """All but the title, as somebody types it who has no markup."""
    parts = []
    for kind, blocks in groups(page.body):
        if kind in ("code", "verse"):
            indent = "    " if kind == "code" else ""
            parts.append("\n".join(indent + line if line else "" for line in blocks[0].lines))
        elif kind == "row":
            parts.append("\n".join(" | ".join(bare(cell, _PLAIN) for cell in one.cells) for one in blocks))
        elif kind == "terms":
            parts += ["\n".join(fill(bare(one.spans, _PLAIN))) for one in blocks]
        elif kind in ("li", "ol"):
            marks = ["-"] * len(blocks) if kind == "li" else [f"{n}." for n in range(1, len(blocks) + 1)]
            for mark, one in zip(marks, blocks, strict=True):
                rows = fill(bare(one.spans, _PLAIN))
                parts.append(f"\n{' ' * (len(mark) + 1)}".join([f"{mark} {rows[0]}", *rows[1:]]))
            parts[-len(blocks) :] = ["\n".join(parts[-len(blocks) :])]
        else:
            parts.append("\n".join(fill(bare(blocks[0].spans, _PLAIN))))
    parts += ["\n".join(fill(f"[{note.label}] {bare(note.spans, _PLAIN)}")) for note in page.notes]
    return "\n\n".join(parts) + "\n"


def as_text(page: Page) -> str:
    """A paragraph a line."""
    return f"{page.title}\n\n{body_text(page)}"


def as_wrapped_text(page: Page) -> str:
    """In lines of 72 columns, words hyphenated."""
    return f"{page.title}\n{'=' * 40}\n\n{body_text(page, wrapped)}"


# --- Markdown ---------------------------------------------------------------------------------------------

_MARKDOWN: Inline = {
    "em": lambda span: f"*{span.text}*",
    "b": lambda span: f"**{span.text}**",
    "code": lambda span: f"`{span.text}`",
    "a": lambda span: f"[{span.text}]({span.about})",
    "sup": lambda span: f"<sup>{span.text}</sup>",
    "sub": lambda span: f"<sub>{span.text}</sub>",
    "ruby": lambda span: f"<ruby>{span.text}<rt>{span.about}</rt></ruby>",
    "note": lambda span: f"[^{span.text}]",
}
_MARKER = regex.compile(r"(?:[+*>=-]|#{1,6}|\d{1,9}[.)])(?=\s|\Z)")


def _safe(rows: Sequence[str]) -> list[str]:
    """No line of a wrapped paragraph may look as if it began a list."""
    return [
        (f"{row[: m.end() - 1]}\\{row[m.end() - 1 :]}" if row[0].isdigit() else f"\\{row}")
        if i and (m := _MARKER.match(row))
        else row
        for i, row in enumerate(rows)
    ]


def _markdown(
    page: Page,
    marks: Inline = _MARKDOWN,
    *,
    fill: Callable[[str], list[str]] = _one,
    warn: Callable[[list[str]], str] = lambda rows: "\n".join(f"> {row}" for row in rows),
    heading: Callable[[Block, str], str] = lambda block, text: f"{'#' * int(block.kind[1])} {text}",
    bullet: str = "-",
    fence: Callable[[str], tuple[str, str]] = lambda language: (f"```{language}", "```"),
    hard: str = "  ",
) -> str:
    parts = []
    for kind, blocks in groups(page.body):
        words = [[bare(cell, marks) for cell in one.cells] for one in blocks]
        rows = [_safe(fill(one[0])) for one in words if one[0]]
        if kind == "code":
            opens, closes = fence(blocks[0].label)
            parts.append("\n".join([opens, *blocks[0].lines, closes]))
        elif kind == "verse":
            stanzas = "\n".join(blocks[0].lines).split("\n\n")
            parts += [f"{hard}\n".join(stanza.split("\n")) for stanza in stanzas]
        elif kind == "row":
            made = [f"| {' | '.join(cells)} |" for cells in words]
            made.insert(1, f"|{' --- |' * len(words[0])}")
            parts.append("\n".join(made))
        elif kind == "terms":
            made = []
            for one, lines in zip(blocks, rows, strict=True):
                made.append(
                    "\n    ".join(lines) if one.kind == "term" else ":   " + "\n    ".join(lines) + "\n"
                )
            parts.append("\n".join(made).strip("\n"))
        elif kind in ("li", "ol"):
            made = []
            for n, lines in enumerate(rows, 1):
                mark = bullet if kind == "li" else f"{n}."
                made.append(f"\n{' ' * (len(mark) + 1)}".join([f"{mark} {lines[0]}", *lines[1:]]))
            parts.append("\n".join(made))
        elif kind in ("h2", "h3"):
            parts.append(heading(blocks[0], words[0][0]))
        elif kind == "warn":
            parts.append(warn(rows[0]))
        elif kind == "quote":
            parts.append("\n".join(f"> {row}" for row in rows[0]))
        else:
            parts.append("\n".join(rows[0]))
    for note in page.notes:
        parts.append("\n    ".join(_safe(fill(f"[^{note.label}]: {bare(note.spans, marks)}"))))
    return "\n\n".join(parts) + "\n"


MARKS = (
    "<!-- Please keep the lines of this file long. -->",
    "import Tabs from '@theme/Tabs';",
    "<Tabs>",
    "</Tabs>",
    "{{< warning >}}",
    "{{< /warning >}}",
    ":::warning",
    ":::",
)
"""What a dialect's readers do not see."""


def as_markdown(page: Page) -> str:
    """Plain CommonMark with footnotes and tables, in lines of 72 columns."""

    def heading(block: Block, text: str) -> str:
        return f"{text}\n{'-' * 20}" if block.kind == "h2" else f"### {text} ###"

    return f"{page.title}\n{'=' * 30}\n\n" + _markdown(page, fill=wrapped, heading=heading, hard="\\")


def as_github(page: Page) -> str:
    """A paragraph a line, alerts, links by reference, comments."""
    links = [span for one in page.body for cell in one.cells for span in cell if span.kind == "a"]
    marks = {**_MARKDOWN, "a": lambda span: f"[{span.text}][{links.index(span) + 1}]"}
    text = _markdown(page, marks, bullet="*", warn=lambda rows: f"> [!WARNING]\n> {' '.join(rows)}")
    references = "".join(f"[{n}]: {span.about}\n" for n, span in enumerate(links, 1))
    comment = f"{MARKS[0]}\n\n"
    return f"# {page.title}\n\n{comment}{text}" + (f"\n{references}" if references else "")


def as_mkdocs(page: Page) -> str:
    """YAML front matter, attributes, indented admonitions, marks of superscripts."""
    marks = {
        **_MARKDOWN,
        "em": lambda span: f"_{span.text}_" if span.text.isascii() else f"*{span.text}*",
        "sup": lambda span: f"^{span.text}^",
        "sub": lambda span: f"~{span.text}~",
    }
    numbers = iter(range(1, 100))
    text = _markdown(
        page,
        marks,
        warn=lambda rows: "!!! warning\n\n    " + "\n    ".join(rows),
        heading=lambda block, words: f"{'#' * int(block.kind[1])} {words} {{ #part-{next(numbers)} }}",
        fence=lambda language: (f"``` {{ .{language} .annotate }}", "```"),
    )
    return f'---\ntitle: "{page.title}"\ntags:\n  - rain\n---\n\n{text}'


def as_hugo(page: Page) -> str:
    """TOML front matter and shortcodes."""
    text = _markdown(
        page,
        bullet="+",
        warn=lambda rows: "{{< warning >}}\n" + "\n".join(rows) + "\n{{< /warning >}}",
        fence=lambda language: (f"~~~{language}", "~~~"),
    )
    return f'+++\ntitle = "{page.title}"\ndraft = false\nweight = 3\n+++\n\n{text}'


def as_docusaurus(page: Page) -> str:
    """Imports, components, colon admonitions."""
    text = _markdown(
        page,
        warn=lambda rows: ":::warning\n\n" + "\n".join(rows) + "\n\n:::",
        fence=lambda language: (f"```{language} showLineNumbers", "```"),
    )
    about = f"{MARKS[1]}\n\n"
    return f"---\nid: page\n---\n\n{about}# {page.title}\n\n<Tabs>\n\n{text}\n</Tabs>\n"


# --- HTML -------------------------------------------------------------------------------------------------

_esc = html.escape
_HTML: Inline = {
    "text": lambda span: _esc(span.text, quote=False),
    "em": lambda span: f"<em>{_esc(span.text)}</em>",
    "b": lambda span: f"<strong>{_esc(span.text)}</strong>",
    "code": lambda span: f"<code>{_esc(span.text)}</code>",
    "a": lambda span: f'<a href="{_esc(span.about)}">{_esc(span.text)}</a>',
    "sup": lambda span: f"<sup>{_esc(span.text)}</sup>",
    "sub": lambda span: f"<sub>{_esc(span.text)}</sub>",
    "ruby": lambda span: f"<ruby>{span.text}<rp>(</rp><rt>{span.about}</rt><rp>)</rp></ruby>",
    "note": lambda span: f'<sup><a href="#n{span.text}" id="m{span.text}">{span.text}</a></sup>',
    "hyphen": lambda span: "&shy;",
}


def _table(blocks: Sequence[Block], caption: str, between: str) -> str:
    rows = []
    for n, one in enumerate(blocks):
        cell = "td" if n else "th"
        cells = between.join(f"<{cell}>{bare(words, _HTML)}</{cell}>" for words in one.cells)
        rows.append(f"<tr>{cells}</tr>")
    return f"<table>{caption}{between}{between.join(rows)}</table>"


def html_body(
    page: Page, *, between: str = "\n", paragraph: str = "p", blocks: Sequence[Block] | None = None
) -> str:
    """The page's blocks. ``between`` stands between elements; ``paragraph`` is a paragraph's name."""
    parts, caption = [], ""
    for kind, run in groups(page.body if blocks is None else blocks):
        words = [bare(one.spans, _HTML) for one in run]
        if kind == "cap":
            caption = f"<caption>{words[0]}</caption>"
        elif kind == "row":
            parts.append(_table(run, caption, between))
            caption = ""
        elif kind == "code":
            code = _esc("\n".join(run[0].lines), quote=False)
            parts.append(f'<pre><code class="language-{run[0].label}">{code}</code></pre>')
        elif kind == "verse":
            stanzas = "<br>".join(run[0].lines).replace("<br><br>", f"</{paragraph}>{between}<{paragraph}>")
            parts.append(f"<{paragraph}>{stanzas}</{paragraph}>")
        elif kind in ("li", "ol"):
            name = "ul" if kind == "li" else "ol"
            parts.append(f"<{name}>{between.join(f'<li>{one}</li>' for one in words)}</{name}>")
        elif kind == "terms":
            names = {"term": "dt", "def": "dd"}
            made = [f"<{names[b.kind]}>{w}</{names[b.kind]}>" for b, w in zip(run, words, strict=True)]
            parts.append(f"<dl>{between.join(made)}</dl>")
        elif kind in ("h2", "h3"):
            parts.append(f"<{kind}>{words[0]}</{kind}>")
        elif kind == "quote":
            parts.append(f"<blockquote><p>{words[0]}</p></blockquote>")
        elif kind == "warn":
            parts.append(f'<div class="warning"><{paragraph}>{words[0]}</{paragraph}></div>')
        else:
            parts.append(f"<{paragraph}>{words[0]}</{paragraph}>")
    if page.notes and blocks is None:
        made = [
            f'<li id="n{one.label}">{bare(one.spans, _HTML)} <a href="#m{one.label}">↩</a></li>'
            for one in page.notes
        ]
        parts.append(f'<section class="footnotes"><ol>{between.join(made)}</ol></section>')
    return between.join(parts)


def _html(page: Page, body: str) -> str:
    title = _esc(page.title, quote=False)
    head = f'<meta charset="utf-8"><title>{title}</title>'
    return f'<!DOCTYPE html>\n<html lang="{page.language}"><head>{head}</head>\n<body>{body}</body></html>\n'


def as_html(page: Page) -> str:
    """An article and nothing else."""
    return _html(page, f"<article>\n<h1>{_esc(page.title, quote=False)}</h1>\n{html_body(page)}\n</article>")


def as_form(page: Page) -> str:
    """One form around the page, paragraphs that are divisions, and no white space between elements."""
    body = html_body(page, between="", paragraph="div")
    return _html(
        page,
        '<form method="post" action="./page.aspx"><input type="hidden" name="__VIEWSTATE" value="x">'
        f'<div id="content"><h1>{_esc(page.title, quote=False)}</h1>{body}</div></form>',
    )


FURNITURE = ("Home", "About us", "Contact", "© 2024 Reed & Sons. All rights reserved.", "Privacy policy")
"""What ``as_framed_html`` puts around an article."""


def as_framed_html(page: Page) -> str:
    """The same with a site around it."""
    home, about, contact, rights, privacy = (_esc(one) for one in FURNITURE)
    links = "".join(f'<li><a href="/{n}">{one}</a></li>' for n, one in enumerate((home, about, contact)))
    return _html(
        page,
        f"<header><nav><ul>{links}</ul></nav></header>\n"
        f"<main><article>\n<h1>{_esc(page.title, quote=False)}</h1>\n{html_body(page)}\n</article></main>\n"
        f'<footer><p>{rights}</p><p><a href="/privacy">{privacy}</a></p></footer>',
    )


# --- reStructuredText and AsciiDoc ------------------------------------------------------------------------


def _spaced(mark: Callable[[Span], str]) -> Callable[[Span], str]:
    """Markup right beside a letter: an escaped space, which is not shown, parts the two."""
    return lambda span: rf"\ {mark(span)}\ "


_RESTRUCTURED: Inline = {
    "em": _spaced(lambda span: f"*{span.text}*"),
    "b": _spaced(lambda span: f"**{span.text}**"),
    "code": _spaced(lambda span: f"``{span.text}``"),
    "a": _spaced(lambda span: f"`{span.text} <{span.about}>`__"),
    "sup": _spaced(lambda span: f":sup:`{span.text}`"),
    "sub": _spaced(lambda span: f":sub:`{span.text}`"),
    "note": _spaced(lambda span: f"[{span.text}]_"),
    "ruby": lambda span: f"{span.text}（{span.about}）",
}


def _unspaced(text: str) -> str:
    """Beside white space no escaped space is needed; at a line's end it would take the break away."""
    return regex.sub(r"(?<=\s|\A)\\ |\\ (?=\s|\Z|\\ )", "", text)


def _indented(rows: Sequence[str], by: str) -> str:
    return "\n".join(by + row if row else "" for row in rows)


def as_restructured(page: Page) -> str:
    """Title over- and underlined, directives, list tables, numbered footnotes."""
    parts = [f"{'=' * 70}\n{page.title}\n{'=' * 70}"]
    caption = ""
    for kind, blocks in groups(page.body):
        words = [[_unspaced(bare(cell, _RESTRUCTURED)) for cell in one.cells] for one in blocks]
        rows = [wrapped(one[0]) for one in words if one[0]]
        if kind == "code":
            parts.append(f".. code-block:: {blocks[0].label}\n\n{_indented(blocks[0].lines, '    ')}")
        elif kind == "verse":
            parts.append("\n".join(f"| {line}".rstrip() for line in blocks[0].lines))
        elif kind == "cap":
            caption = words[0][0]
        elif kind == "row":
            made = [
                f"   * - {cells[0]}\n" + "\n".join(f"     - {cell}" for cell in cells[1:]) for cells in words
            ]
            parts.append(f".. list-table:: {caption}".rstrip() + "\n   :header-rows: 1\n\n" + "\n".join(made))
            caption = ""
        elif kind == "terms":
            pairs = zip(blocks, rows, strict=True)
            parts.append("\n".join(_indented(r, "    " if b.kind == "def" else "") for b, r in pairs))
        elif kind in ("li", "ol"):
            marks = ["-" if kind == "li" else f"{n}." for n in range(1, len(rows) + 1)]
            made = [
                f"\n{' ' * (len(m) + 1)}".join([f"{m} {r[0]}", *r[1:]])
                for m, r in zip(marks, rows, strict=True)
            ]
            parts.append("\n".join(made))
        elif kind in ("h2", "h3"):
            parts.append(f"{words[0][0]}\n{('-' if kind == 'h2' else '~') * 60}")
        elif kind == "warn":
            parts.append(f".. warning::\n\n{_indented(rows[0], '   ')}")
        elif kind == "quote":
            parts.append(_indented(rows[0], "    "))
        else:
            parts.append("\n".join(rows[0]))
    for note in page.notes:
        rows = wrapped(bare(note.spans, _RESTRUCTURED))
        parts.append(f".. [{note.label}] " + "\n   ".join(rows))
    return "\n\n".join(parts) + "\n"


def as_asciidoc(page: Page) -> str:
    """Attributes, source blocks, tables, admonitions, footnotes where their marks are."""
    marks: Inline = {
        "em": lambda span: f"__{span.text}__",
        "b": lambda span: f"**{span.text}**",
        "code": lambda span: f"`+{span.text}+`",
        "a": lambda span: f"link:{span.about}[{span.text}]",
        "sup": lambda span: f"^{span.text}^",
        "sub": lambda span: f"~{span.text}~",
        "note": lambda span: f"footnote:[{bare(page.note(span.text).spans, {})}]",
        "ruby": lambda span: f"{span.text}（{span.about}）",
    }
    parts = [f"= {page.title}\n:toc:\n:lang: {page.language}"]
    for kind, blocks in groups(page.body):
        words = [[bare(cell, marks) for cell in one.cells] for one in blocks]
        if kind == "code":
            parts.append("\n".join([f"[source,{blocks[0].label}]", "----", *blocks[0].lines, "----"]))
        elif kind == "verse":
            parts.append("\n".join(["[verse]", "____", *blocks[0].lines, "____"]))
        elif kind == "cap":
            continue
        elif kind == "row":
            before = page.body[page.body.index(blocks[0]) - 1]
            title = f".{bare(before.spans, marks)}\n" if before.kind == "cap" else ""
            made = [" ".join(f"|{cell}" for cell in cells) for cells in words]
            made.insert(1, "")
            parts.append(f'{title}[options="header"]\n|===\n' + "\n".join(made) + "\n|===")
        elif kind == "terms":
            pairs = zip(blocks, words, strict=True)
            parts.append("\n".join(w[0] + "::" if b.kind == "term" else f"  {w[0]}" for b, w in pairs))
        elif kind in ("li", "ol"):
            parts.append("\n".join(f"{'*' if kind == 'li' else '.'} {one[0]}" for one in words))
        elif kind in ("h2", "h3"):
            parts.append(f"{'=' * int(kind[1])} {words[0][0]}")
        elif kind == "warn":
            parts.append(f"WARNING: {words[0][0]}")
        elif kind == "quote":
            parts.append(f"[quote]\n____\n{words[0][0]}\n____")
        else:
            parts.append(words[0][0])
    return "\n\n".join(parts) + "\n"
