"""Articles as Markdown files with YAML front matter, which reading makes the same articles of again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml

from kb.cleaning.structure import marker
from kb.export.file_names import file_names
from kb.export.target import new_target
from kb.models import Article, Block

__all__ = ["export", "to_markdown"]

# Characters that are inline Markdown wherever they stand, and those that are block markers at a line's edge.
_INLINE = re.compile(r"[\\`*_\[\]<>&~]")
_TICKS = re.compile(r"`+")
_LEADING = re.compile(r"[#+\-=|:]")
_NUMBERED = re.compile(r"(\d{1,9})([.)])")


def to_markdown(article: Article, translations: Sequence[str] = ()) -> str:
    """Front matter and body. ``translations`` are the sources of the same text in other languages."""
    meta: dict[str, object] = {
        "title": article.title,
        "language": article.language,
        "source": article.source,
        "date": article.date,
        "author": article.author,
        "url": article.url,
        "translations": list(translations),
        "cleaned": True,
    }
    front = yaml.safe_dump(
        {name: value for name, value in meta.items() if value not in (None, [])},
        allow_unicode=True,
        sort_keys=False,
        width=1_000_000,
    )
    return f"---\n{front}---\n\n{_body(article)}\n"


def export(
    articles: Iterable[Article], folder: str | Path, translations: Mapping[str, Sequence[str]] | None = None
) -> list[Path]:
    """Write one file per article into ``folder``, in the sources' own folders; the paths written.

    All of it is there, or nothing: see :mod:`kb.export.target`. What each file is of is in the record beside
    them (:mod:`kb.export.record`). Raises InputError when the folder cannot be written to.
    """
    by_source = {article.source: article for article in articles}
    names = file_names(by_source)
    with new_target(Path(folder)) as target:
        for source, name in names.items():
            text = to_markdown(by_source[source], (translations or {}).get(source, ()))
            target.write(name, text.encode("utf-8"), source)
    return [Path(folder, name) for name in names.values()]


def _body(article: Article) -> str:
    pieces: list[str] = []
    previous: Block | None = None
    for block in article.blocks:
        if previous:
            pieces.append("\n" if previous.kind == block.kind == "item" else "\n\n")
        words = article.text[block.start : block.end]
        if block.kind == "code":
            pieces.append(_fenced(words))
        else:
            pieces += (marker(block), "\\\n".join(map(_escaped, words.split("\n"))))
        previous = block
    return "".join(pieces)


def _fenced(code: str) -> str:
    """Code between fences that are longer than any in it."""
    fence = "`" * max([3, *(len(run) + 1 for run in _TICKS.findall(code))])
    return f"{fence}\n{code}\n{fence}"


def _escaped(row: str) -> str:
    """A line whose characters are all literal."""
    row = _INLINE.sub(r"\\\g<0>", row)
    if row.endswith("#"):
        row = f"{row[:-1]}\\#"
    if _LEADING.match(row):
        return f"\\{row}"
    return _NUMBERED.sub(r"\1\\\2", row, count=1) if _NUMBERED.match(row) else row
