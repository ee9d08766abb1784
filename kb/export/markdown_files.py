"""Articles as Markdown files with YAML front matter, which reading makes the same articles of again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

import yaml

from kb.cleaning.structure import marker
from kb.errors import InputError
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
    """Write one file per article under ``folder``, in the sources' own folders; the paths written.

    Raises InputError when the folder cannot be written to.
    """
    written: list[Path] = []
    taken: set[str] = set()
    for article in sorted(articles, key=lambda one: one.source):
        path = Path(folder) / _name(article.source, taken)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                to_markdown(article, (translations or {}).get(article.source, ())),
                encoding="utf-8",
                newline="\n",
            )
        except OSError as error:
            why = (error.strerror or type(error).__name__).lower()
            raise InputError(f"{path}: cannot be written ({why}); choose another folder") from error
        written.append(path)
    return written


def _name(source: str, taken: set[str]) -> PurePosixPath:
    """The source with ``.md`` for its suffix, or after it where two sources would share a file."""
    parts = [re.sub(r'[\\:*?"<>|\x00-\x1f]', "_", part) for part in source.split("/")]
    safe = PurePosixPath(*("_" if part in ("", ".", "..") else part for part in parts))
    for name in (safe.with_suffix(".md"), safe.with_name(safe.name + ".md")):
        if str(name).casefold() not in taken:
            break
    count = 2
    while str(name).casefold() in taken:  # names that differ only in what was replaced
        name = safe.with_name(f"{safe.name}-{count}.md")
        count += 1
    taken.add(str(name).casefold())
    return name


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
