"""Prints for people: 80 columns, right-to-left texts kept in their place, no raw control characters."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from typing import IO, TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from kb import languages
from webapp import payload
from webapp.pages import words
from webapp.payload import Piece
from webapp.settings import WEBAPP

if TYPE_CHECKING:
    from kb.build import BuildReport
    from kb.store.removals import Removals
    from kb.store.snapshot import Cleanliness, StoredArticle
    from search.browsing.holdings import Listing
    from search.evaluation.reports import Report
    from search.models import Answer, ArticleRef, Entry, Evidence, Hit, Matrix, Results, Status, Translation

__all__ = [
    "answer",
    "article",
    "brief",
    "console",
    "evaluation",
    "listing",
    "removals",
    "removed",
    "report",
    "results",
    "safe",
    "status",
    "translations",
]

_STYLES = {"exact": "bold", "translation": "bold", "meaning": "underline", "": ""}
_QUIET = "dim"
# A first strong isolate would take the direction of a quote's first letter; the language's own is surer.
_ISOLATES = {"ltr": ("\u2066", "\u2069"), "rtl": ("\u2067", "\u2069")}
# Marks that reorder text: one left open in an article would turn round everything after it.
_BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def safe(text: str) -> str:
    """``text`` with control characters made visible: none of an article's may reach the terminal raw."""

    def visible(char: str) -> str:
        if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs"):
            return char
        return chr(0x2400 + ord(char)) if ord(char) < 0x20 else "\N{REPLACEMENT CHARACTER}"

    return "".join(map(visible, text.translate(_BIDI_CONTROLS)))


class _Console(Console):
    """Leaves it to the caller what a reader who went away means; rich itself would end the process with 1."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(stream: IO[str] | None = None) -> Console:
    """A console of 80 columns where there is no terminal to ask, 100 at most; nothing in a text is markup."""
    made = _Console(file=stream or sys.stdout, highlight=False, markup=False, emoji=False)
    made.width = min(made.width, WEBAPP.columns)
    return made


def _lines(out: Console, text: Text, direction: str = "ltr", indent: int = 0, label: str = "") -> None:
    """Wrapped and printed, with ``label`` in the first line's indent; each line of a text with right-to-left
    letters is isolated by itself, since a terminal lays out line by line."""
    margin = label or " " * indent
    for line in text.wrap(out, max(20, out.width - indent)):
        line.rstrip()
        if direction == "rtl" or any(
            unicodedata.bidirectional(char) in ("R", "AL", "AN") for char in line.plain
        ):
            opening, closing = _ISOLATES[direction]
            line = Text.assemble(opening, line, closing)
        out.print(Text.assemble(margin, line), no_wrap=True, overflow="ignore", crop=False)
        margin = " " * indent


def _say(out: Console, text: str, style: str = "", indent: int = 0, language: str = "") -> None:
    flat = " ".join(safe(text).split())
    _lines(out, Text(flat, style), languages.get(language).direction if language else "ltr", indent)


def _quote(out: Console, quoted: Iterable[Piece], language: str, marks: tuple[str, str], indent: int) -> None:
    opening, closing = marks
    text = Text(opening)
    for piece in quoted:
        # One line break stays one: a quoted list is read item by item.
        text.append(re.sub(r"[^\S\n]+|\n\s*\n", _one_space, safe(piece.text)), _STYLES.get(piece.kind, ""))
    _lines(out, text.append(closing), languages.get(language).direction, indent)


def _one_space(found: re.Match[str]) -> str:
    return "\n" if "\n" in found[0] else " "


def _cite(out: Console, ref: ArticleRef, place: str, indent: int) -> None:
    _say(out, ref.title, _QUIET, indent, ref.language)
    _say(out, f"{ref.source}{place}", _QUIET, indent)


def _also(out: Console, refs: tuple[ArticleRef, ...], indent: int) -> None:
    if refs:
        named = ", ".join(f"{languages.get(ref.language).autonym} ({ref.source})" for ref in refs)
        _say(out, f"also in {named}", _QUIET, indent)


def answer(out: Console, found: Answer) -> None:
    """The verdict, then each language's quotes under its own name."""
    _say(out, words.verdict(found), "bold")
    if not found.found and found.evidence:
        _say(out, "The nearest passages, which do not answer it:", _QUIET)
    for code, evidence in payload.by_language(found).items():
        out.print()
        _say(out, languages.get(code).autonym, "bold", language=code)
        for number, item in enumerate(evidence):
            if number:
                out.print()
            _evidence(out, item, found.found)
    if found.found and found.silent:
        out.print()
        silent = ", ".join(languages.get(code).autonym for code in found.silent)
        _say(out, f"Nothing to the point in: {silent}", _QUIET)


def brief(out: Console, found: Answer) -> None:
    """The verdict, then of each language its best quote and where that stands."""
    _say(out, words.verdict(found), "bold")
    for code, evidence in payload.by_language(found).items():
        item = evidence[0]
        _quote(out, (Piece(f"{code} "), *payload.evidence_pieces(item)), item.language, ("", ""), 0)
        _say(out, f"{item.article.source} {item.start}–{item.end}", _QUIET, 2)


def _evidence(out: Console, item: Evidence, answers: bool) -> None:
    _quote(out, payload.evidence_pieces(item), item.language, ("“", "”"), 2)
    _cite(out, item.article, f" {item.start}–{item.end}", 2)
    if answers:
        _say(out, f"{words.likelihood(item)} ({item.confidence:.0%})", _QUIET, 2)
    if item.why.summary:
        _say(out, item.why.summary, _QUIET, 2)
    _also(out, item.also_in, 2)


def results(out: Console, found: Results) -> None:
    """One article after the other, each with the passage that matches."""
    if not found.total:
        _say(out, "Nothing found.", "bold")
    else:
        last = found.offset + len(found)
        counts = ", ".join(
            f"{languages.get(code).autonym} {count}" for code, count in found.languages.items()
        )
        _say(
            out,
            f"{found.offset + 1}–{last} of {found.total}: {counts}"
            if found.hits
            else f"None of {found.total}",
        )
    if found.did_you_mean:
        _say(out, f"Did you mean: {found.did_you_mean}")
    for number, hit in enumerate(found, found.offset + 1):
        out.print()
        _hit(out, number, hit)


def _hit(out: Console, number: int, hit: Hit) -> None:
    label = f"{number}. "
    ref = hit.article
    title = Text(" ".join(safe(ref.title).split()), "bold")
    _lines(out, title, languages.get(ref.language).direction, len(label), label)
    _say(out, f"{languages.get(ref.language).autonym} · {ref.source}", _QUIET, len(label))
    if hit.passage.language != ref.language:
        _say(out, f"this passage is in {languages.get(hit.passage.language).autonym}", _QUIET, len(label))
    excerpt = payload.hit_excerpt(hit)
    marks = ("… " if excerpt.cut_before else "", " …" if excerpt.cut_after else "")
    _quote(out, excerpt.pieces, hit.passage.language, marks, len(label))
    if hit.why.summary:
        _say(out, hit.why.summary, _QUIET, len(label))
    _also(out, hit.also_in, len(label))


def entries(out: Console, found: Iterable[Entry]) -> None:
    """What each language calls a term, with sentences that show it."""
    for entry in found:
        name = languages.get(entry.language).autonym
        if entry.term is None:
            _say(out, f"{name}: not found", "dim")
            continue
        _say(out, name, "bold")
        forms = ", ".join(form for form in entry.forms if form != entry.term)
        _say(out, entry.term + (f" ({forms})" if forms else ""), indent=2, language=entry.language)
        _say(out, f"{entry.score:.0%} likely, {entry.count} times", "dim", indent=2)
        for example in entry.examples:
            _say(out, example.text, indent=4, language=entry.language)
            _say(out, example.article.source, "dim", indent=4)


def translations(out: Console, found: Iterable[Translation]) -> None:
    """The versions of a text, each with the share of both articles that is aligned."""
    shown = list(found)
    if not shown:
        _say(out, "No translation and no copy of it.", "bold")
    for version in shown:
        ref = version.article
        _say(out, f"{languages.get(ref.language).autonym} · {ref.source}", "bold", language=ref.language)
        _say(out, ref.title, indent=2, language=ref.language)
        covered = (
            f"{version.coverage:.0%} of it is in this one, {version.other_coverage:.0%} of this one in it"
        )
        _say(out, f"{version.kind}, {version.confidence:.0%} likely; {covered}", _QUIET, 2)


def listing(out: Console, found: Listing) -> None:
    """A line or two for each article of a list."""
    if not found.total:
        _say(out, "No article found.", "bold")
    for listed in found.articles:
        ref = listed.article
        _say(out, ref.title, language=ref.language)
        facts = [languages.get(ref.language).autonym, ref.source, ref.date]
        _say(out, " · ".join(fact for fact in facts if fact), _QUIET, 2)
        _also(out, listed.also_in, 2)
    if found.total > len(found.articles):
        _say(out, f"{len(found.articles):,} of {found.total:,} articles", "bold")


def status(out: Console, held: Status, clean: Mapping[str, Cleanliness]) -> None:
    """What a library holds and how clean it was, a row per language, and what was skipped."""
    _say(out, f"{held.path} · generation {held.generation} · format {held.format_version} · {held.created}")
    _say(out, f"model {held.model} ({held.dimension} dimensions)", _QUIET)
    out.print()
    table = Table(box=None, pad_edge=False, header_style=_QUIET)
    table.add_column("language", no_wrap=True)
    for name in ("articles", "passages", "sentences", "words"):
        table.add_column(name, justify="right")
    counted = (held.articles, held.passages, held.sentences, held.words)
    for code in sorted(held.articles, key=lambda code: (-held.articles[code], code)):
        table.add_row(_language_cell(code), *(f"{counts.get(code, 0):,}" for counts in counted))
    if len(held.articles) > 1:
        table.add_row("all", *(f"{sum(counts.values()):,}" for counts in counted), style="bold")
    out.print(table)
    out.print()
    _clean(out, clean)
    _skipped(out, held.skipped)


def _clean(out: Console, clean: Mapping[str, Cleanliness]) -> None:
    table = Table(box=None, pad_edge=False, header_style=_QUIET)
    table.add_column("cleaning", no_wrap=True)
    for name in ("untouched", "parts out", "of the text", "mended"):
        table.add_column(name, justify="right")
    for code, of in clean.items():
        counts = f"{of.untouched:,}", f"{of.removed:,}", f"{of.removed_share:.1%}", f"{of.repairs:,}"
        table.add_row(_language_cell(code), *counts)
    out.print(table)


def _language_cell(code: str) -> Text:
    row = languages.get(code)
    opening, closing = _ISOLATES["rtl"] if row.direction == "rtl" else ("", "")
    return Text(f"{opening}{safe(row.autonym)}{closing} ({safe(code)})")


def _skipped(out: Console, skipped: Iterable[tuple[str, str]]) -> None:
    for source, reason in skipped:
        _say(out, f"skipped {source}: {reason}", "yellow")


def report(out: Console, made: BuildReport, errors: Console) -> None:
    """What a build, an addition or a removal did."""
    counts: Mapping[str, int] = {
        name: len(sources)
        for name in ("added", "changed", "removed", "unchanged")
        if (sources := getattr(made, name))
    }
    said = ", ".join(f"{count} {name}" for name, count in counts.items())
    _say(out, said or "nothing to do")
    _skipped(errors, ((source.source, source.reason) for source in made.skipped))


def article(out: Console, stored: StoredArticle) -> None:
    """An article to read: its title, where it is from, its text."""
    read = stored.article
    _say(out, read.title, "bold", language=read.language)
    facts = [languages.get(read.language).autonym, read.source, read.author, read.date, read.url]
    _say(out, " · ".join(fact for fact in facts if fact), _QUIET)
    out.print()
    for line in safe(read.text).split("\n"):
        _lines(out, Text(line), languages.get(read.language).direction)


def removed(out: Console, stored: StoredArticle) -> None:
    """What was taken out of an article, or mended in it, and why."""
    read = stored.article
    _say(out, f"{read.source}: {len(read.removed)} removed, {len(read.repairs)} mended", "bold")
    for span in read.removed:
        out.print()
        _say(out, f"{span.start}–{span.end} removed: {span.reason} (score {span.score:.2f})")
        for line in span.text.strip().split("\n"):
            _say(out, line, _QUIET, 2, read.language)
    if read.repairs:
        out.print()
    for repair in read.repairs:
        _say(
            out, f"{repair.start}–{repair.end} mended: {repair.before!r} → {repair.after!r} ({repair.reason})"
        )


def removals(out: Console, found: Removals) -> None:
    """What was taken out of a library: a row per reason, then the sources that lost most of their text."""
    share = found.removed / max(1, found.characters)
    _say(
        out,
        f"{found.removed:,} of {found.characters:,} characters removed ({share:.1%})"
        f" · articles: {found.articles:,}",
        "bold",
    )
    if not found.reasons:
        return
    out.print()
    table = _removal_table("reason")
    table.add_column("score", justify="right")
    for why in found.reasons:
        counts = f"{why.spans:,}", f"{why.characters:,}", f"{why.share:.1%}", f"{why.score:.2f}"
        table.add_row(safe(why.reason), *counts)
    out.print(table)
    out.print()
    table = _removal_table("source")
    for source in found.sources:
        table.add_row(
            safe(source.source), f"{source.spans:,}", f"{source.characters:,}", f"{source.share:.1%}"
        )
    out.print(table)


def _removal_table(what: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style=_QUIET)
    table.add_column(what, overflow="fold")
    for name in ("spans", "characters", "of the text"):
        table.add_column(name, justify="right", no_wrap=True)
    return table


def evaluation(out: Console, measured: Report) -> None:
    """The figures, a column per leg of the ranking or order of sentences, then each matrix."""
    from search.evaluation.reports import LABELS

    _say(out, f"{measured.dataset}: {measured.questions} questions ({measured.selection})", "bold")
    _say(out, f"model {measured.model}", _QUIET)
    out.print()
    table = Table(box=None, pad_edge=False, header_style=_QUIET)
    table.add_column("measure")
    columns = list(dict.fromkeys(column for by_leg in measured.figures.values() for column in by_leg))
    for column in columns:
        table.add_column(column, justify="right")
    for name, by_leg in measured.figures.items():
        table.add_row(LABELS[name], *(_share(by_leg.get(column), 3) for column in columns))
    out.print(table)
    for matrix in measured.matrices:
        _matrix(out, matrix)


def _matrix(out: Console, matrix: Matrix) -> None:
    """In blocks of as many columns as fit."""
    # A heading may break at its spaces; two columns of white space stand between cells.
    widths = [2 + max(4, *map(len, name.split())) for name in matrix.columns]
    room = out.width - max(map(len, (matrix.row_name, *matrix.rows)))
    start = 0
    while start < len(widths):
        end = start + 1
        while end < len(widths) and sum(widths[start : end + 1]) <= room:
            end += 1
        out.print()
        _say(out, f"{matrix.name} ({matrix.row_name} ↓, {matrix.column_name} →)", "bold")
        table = Table(box=None, pad_edge=False, header_style=_QUIET, padding=(0, 1))
        table.add_column("")
        for name in matrix.columns[start:end]:
            table.add_column(name, justify="right")
        for name, values in zip(matrix.rows, matrix.values, strict=True):
            table.add_row(safe(name), *(_share(value, 2) for value in values[start:end]))
        out.print(table)
        start = end


def _share(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
