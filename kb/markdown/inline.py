"""Inline Markdown, and what stands in lines of its dialects, taken to the plain text that readers see."""

from __future__ import annotations

import html
from collections.abc import Callable, Collection, Iterator, Mapping

import regex

from kb.markdown.marks import ATTRIBUTES, CODE_SPAN, DESTINATION, TAG, TEMPLATE, human_words, key
from kb.text.raised import lowered, raised
from kb.text.tracked import Edit

__all__ = ["Inline"]

_BASE, _END = r"[\p{L}\p{M}\p{N})\]]", r"</[a-z]{1,10}>"  # what a sub- or superscript may follow
_TO = rf"(?:{DESTINATION}|\[[^\[\]\n]{{0,200}}\])"
_COMMON = (
    r"(?P<break>\\\n)",
    r"\\(?P<escaped>[!-/:-@\[-`{-~])",
    CODE_SPAN,
    rf"!\[(?P<alt>[^\[\]\n]{{0,300}})\](?P<picture>{_TO})",
    rf"\[(?P<label>(?:[^\[\]\n\\]|\\.|!?\[[^\[\]\n]{{0,200}}\](?:\([^()\s]{{0,500}}\))?){{1,500}})\](?P<to>{_TO})",
    r"<(?P<auto>https?://[^<>\s]{1,1000}|[^<>\s@/]{1,200}@[^<>\s/]{1,200})>",
    rf"(?P<tag>{TAG})",
    r"(?P<entity>&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)",
)
_DIALECTS = (
    r"(?P<formula>\\\((?P<round>[^\n]{1,500}?)\\\)|\$\$(?P<double>[^$]{1,500}?)\$\$"
    r"|(?<![\\$\w])\$(?![\s$])(?P<single>[^$\n]{1,300}?)(?<![\s\\])\$(?![\w$]))",
    rf"(?P<template>{TEMPLATE.pattern})",
    r"(?P<embed>!?)\[\[(?![\s_])(?P<wiki>[^\[\]\n|]{1,300}?)(?:\\?\|(?P<shown>[^\[\]\n]{1,300}))?\]\]",
    r"\^\[(?P<note>(?:[^\[\]]|\[[^\[\]]{0,200}\]){1,1000})\]",
    r"\[\^(?P<reference>[^\[\]\s]{1,100})\]",
    r"\[(?P<short>[^\[\]\n]{1,200})\](?![(\[:])",
    rf"(?<={_BASE}(?:[~*_`]{{1,2}}|{_END})?)\^(?P<above>[^\s^\[\]]{{1,30}})\^",
    rf"(?<={_BASE}(?:\^|{_END})?)~(?P<below>[^\s~/]{{1,30}})~(?!~)",
    rf"(?<=[)\]*`_])(?P<attached>{ATTRIBUTES.pattern})",
    r"(?P<role>\{[a-z][\w:+-]{0,40}\}(?=`[^`]))",
)
_PLAIN_RUN, _RUN = r"(?P<run>\*+|_+|~~)", r"(?P<run>\*+|_+|~~|(?<!=)==(?!=)|(?<!\+)\+\+(?!\+))"
_OWN_MARKS = regex.compile("|".join((*_COMMON, _PLAIN_RUN)))
_MARKS = regex.compile("|".join((*_DIALECTS[:2], *_COMMON[:4], *_DIALECTS[2:], *_COMMON[4:], _RUN)))
_ANY = regex.compile(r"[\\`*_~\[<&=+^${]")

_LIKE_A_FORMULA = regex.compile(r"[\\^_={}<>]|^\p{L}{1,3}\Z")
_ALTERNATIVE = regex.compile(
    r"\balt\s*=\s*(?:\"(?P<double>[^\"]{1,500})\"|'(?P<single>[^']{1,500})')", regex.IGNORECASE
)
_SHOWN = regex.compile(
    r"\b(?:label|title)\s*=\s*\{?(?:\"(?P<double>[^\"]{1,300})\"|'(?P<single>[^']{1,300})')"
)
_PICTURE = regex.compile(rf"\[?!\[[^\[\]\n]{{0,300}}\]{_TO}(?:\]{_TO})?|<[^<>]+>")
_NEXT = regex.compile(r"(?:<[^<>]{0,300}>|[*_~`])*(\S)")
_LETTER = regex.compile(r"[\p{L}\p{N}]")
_SHIFTED = regex.compile(
    r"(?P<mark>\[(?P<linked>[^\[\]\s]{1,5})\]\(\#[^()\s]{1,200}\)"
    r"|<a\b[^<>]{0,300}?href=[\"']?\#[^<>]{0,300}>(?P<anchored>[^<>\[\]\s]{1,5})</a>)\s*</su[bp]\s*>"
    r"|(?P<plain>[^<>\[\]{}*_~`$&\\\n]{1,60})</su[bp]\s*>",
    regex.IGNORECASE,
)
_TAGS_OR_MARKS = regex.compile(r"(?:</?[A-Za-z][^<>]{0,300}>|[*_~`])+\Z")
_FILE = regex.compile(
    r"\.(?:avif|bmp|gif|jpe?g|mp[34]|ogg|pdf|png|svg|wav|web[mp])(?:#\S*)?\Z", regex.IGNORECASE
)
_SIZE = regex.compile(r"\d+(?:x\d+)?")

_BREAKING = frozenset(
    [
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "br",
            "caption",
            "center",
            "dd",
            "details",
            "div",
            "dl",
            "dt",
        ),
        *(
            "figcaption",
            "figure",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "hr",
            "li",
            "main",
        ),
        *("nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul"),
    ]
)
_KNOWN = _BREAKING | frozenset(
    [
        *(
            "a",
            "abbr",
            "acronym",
            "audio",
            "b",
            "bdi",
            "bdo",
            "big",
            "button",
            "canvas",
            "cite",
            "code",
            "col",
        ),
        *(
            "colgroup",
            "data",
            "del",
            "dfn",
            "em",
            "embed",
            "fieldset",
            "font",
            "i",
            "iframe",
            "img",
            "input",
            "ins",
        ),
        *(
            "kbd",
            "label",
            "legend",
            "link",
            "mark",
            "meta",
            "meter",
            "nobr",
            "object",
            "option",
            "param",
            "picture",
        ),
        *(
            "progress",
            "q",
            "rb",
            "rp",
            "rt",
            "rtc",
            "ruby",
            "s",
            "samp",
            "script",
            "select",
            "small",
            "source",
        ),
        *(
            "span",
            "strike",
            "strong",
            "style",
            "sub",
            "sup",
            "svg",
            "td",
            "template",
            "textarea",
            "th",
            "time",
        ),
        *("track", "tt", "u", "var", "video", "wbr"),
    ]
)


class Inline:
    """Edits that take inline marks to plain text; ``literal`` collects the spans of code among them.

    ``labels`` are the references that the text defines. ``own``: the text is our own export.
    """

    def __init__(self, source: str, labels: Mapping[str, str], *, own: bool) -> None:
        self.literal: list[tuple[int, int]] = []
        self._source, self._labels = source, labels
        self._pattern = _OWN_MARKS if own else _MARKS
        self._own = own
        self._notes: Collection[str] = frozenset(regex.findall(r"\[\^([^\[\]\s]{1,100})\]:", source))
        self._closed: Collection[str] = frozenset(
            regex.findall(r"</([A-Za-z][A-Za-z0-9.-]{0,40})\s*>", source)
        )
        self._cell = self._reading = self._brackets = False

    def edits(self, start: int, end: int, *, title: bool = False) -> Iterator[Edit]:
        """Of one block's inline text. In a ``title`` with words, a picture is not told."""
        if not _ANY.search(self._source, start, end):
            return
        self._cell = self._reading = self._brackets = False
        told = title and _LETTER.search(_PICTURE.sub("", self._source[start:end]))
        yield from self._edits(start, end, bool(told))

    def _edits(self, start: int, end: int, title: bool = False) -> Iterator[Edit]:
        source = self._source
        runs: list[tuple[int, int, bool, bool]] = []
        at = start
        while match := self._pattern.search(source, at, end):
            at = match.end()
            groups = match.groupdict()
            if match["run"]:
                runs.append(_flanks(source, match, start, end))
            elif groups.get("short") is not None:
                if key(match["short"]) in self._labels:
                    yield from self._unwrapped(match, "short")
                else:
                    at = match.start() + 1
            elif match["label"] is not None:
                if self._is_link(match, start):
                    yield from self._unwrapped(match, "label")
                else:
                    at = match.start() + 1
            elif match["alt"] is not None and title:
                yield Edit(*match.span(), "")
            else:
                made = self._made(match, groups, title=title, start=start, end=end)
                if made is None:
                    at = match.start() + 1
                else:
                    yield from made
        yield from _emphasis(source, runs)

    def _unwrapped(self, match: regex.Match[str], group: str) -> Iterator[Edit]:
        inner, outer = match.span(group)
        yield Edit(match.start(), inner, "")
        yield Edit(outer, match.end(), "")
        yield from self._edits(inner, outer)

    def _is_link(self, match: regex.Match[str], start: int) -> bool:
        """Not so in "rows[i][j]", unless j is defined."""
        if match["to"][0] == "(":
            return True
        label = match["to"][1:-1]
        if label.startswith("^"):
            return False
        if key(label or match["label"]) in self._labels:
            return True
        return not (match.start() > start and (self._source[match.start() - 1].isalnum() or not label))

    def _made(
        self, match: regex.Match[str], groups: Mapping[str, str | None], *, title: bool, start: int, end: int
    ) -> list[Edit] | None:
        """The edits for a mark; None where it is none."""
        if match["code"] is not None:
            return self._code(match)
        if match["tag"]:
            if match["name"].lower() in ("sup", "sub") and (shifted := self._shifted_tag(match, start, end)):
                return [shifted]
            after = self._tag(match, start, end, title)
            return None if after is None else [Edit(*match.span(), " " if title and after == "\n" else after)]
        if match["entity"]:
            plain = html.unescape(match["entity"])
            plain = " " if plain.isspace() or plain == "\x00" else plain
            return [] if plain == match["entity"] else [Edit(*match.span(), plain, "character entity")]
        for group in ("escaped", "alt", "auto"):
            if match[group] is not None:
                return _only(match, match.span(group))
        if match["break"]:
            return [Edit(*match.span(), "\n")]
        return None if self._own else self._dialect(match, groups)

    def _dialect(self, match: regex.Match[str], groups: Mapping[str, str | None]) -> list[Edit] | None:
        if match["formula"]:
            group = next(name for name in ("round", "double", "single") if match[name] is not None)
            if group == "double" or _LIKE_A_FORMULA.search(match[group]):
                return _only(match, match.span(group))
            return None
        if match["template"]:
            return _template(match)
        if match["wiki"]:
            if match["embed"] and _FILE.search(match["wiki"]):
                told = match["shown"] and not _SIZE.fullmatch(match["shown"])
                return _only(match, match.span("shown") if told else (match.end(), match.end()))
            return _only(match, match.span("shown" if match["shown"] else "wiki"))
        if match["note"]:
            inner, outer = match.span("note")
            gap = "" if match.start() and self._source[match.start() - 1].isspace() else " "
            inside = list(self._edits(inner, outer))
            return [Edit(match.start(), inner, f"{gap}("), *inside, Edit(outer, match.end(), ")")]
        if match["reference"]:
            return [Edit(*match.span(), "")] if match["reference"] in self._notes else []
        for group, shift in (("above", raised), ("below", lowered)):
            if match[group]:
                return self._shifted(match.span(), match.span(group), shift)
        return [Edit(*match.span(), "")]  # attributes, roles

    def _shifted(
        self, whole: tuple[int, int], inside: tuple[int, int], shift: Callable[[str], str]
    ) -> list[Edit]:
        """What is set above or below the line does not run into the word or number before it."""
        text = self._source[slice(*inside)]
        shown = shift(text)
        before, there, behind = shown.partition(text)
        if not there:
            return [Edit(*whole, shown)]
        if shown[:1] in ("^", "_") and self._source[whole[1] : whole[1] + 1].isalnum():
            behind += " "
        return [Edit(whole[0], inside[0], before), *self._edits(*inside), Edit(inside[1], whole[1], behind)]

    def _shifted_tag(self, match: regex.Match[str], start: int, end: int) -> Edit | None:
        """A whole element that holds but figures, a word, or a note's mark; None where it holds more."""
        found = None if match["tag"].startswith("</") else _SHIFTED.match(self._source, match.end(), end)
        base = _TAGS_OR_MARKS.sub("", self._source[max(start, match.start() - 300) : match.start()])[-1:]
        if not found or not base.strip():
            return None
        if found["mark"]:
            return Edit(match.start(), found.end(), f"[{found['linked'] or found['anchored']}]")
        shown = (raised if match["name"].lower() == "sup" else lowered)(found["plain"])
        if shown[:1] in ("^", "_") and self._source[found.end() : found.end() + 1].isalnum():
            shown += " "
        return Edit(match.start(), found.end(), shown)

    def _code(self, match: regex.Match[str]) -> list[Edit]:
        start, end = match.span("code")
        code = match["code"]
        if code.strip() and code[0] == code[-1] == " ":
            start, end = start + 1, end - 1
        self.literal.append((start, end))
        return _only(match, (start, end))

    def _tag(self, match: regex.Match[str], start: int, end: int, title: bool) -> str | None:
        """What a tag is in plain text; None where it is none, as in "put <name> there"."""
        name, closing = match["name"].lower(), match["tag"].startswith("</")
        known = name in _KNOWN or match["name"] in self._closed or closing or match["tag"].endswith("/>")
        if not known and not (match["name"][0].isupper() and "=" in match["attributes"]):
            return None
        before = self._source[match.start() - 1] if match.start() > start else " "
        if name in _BREAKING:
            self._cell = False if name == "tr" else self._cell
            return "\n"
        if name == "img":
            if title:
                return ""
            return _value(_ALTERNATIVE, match["attributes"])
        if name in ("td", "th"):
            told, self._cell = self._cell and not closing, True
            return " | " if told else ""
        if name in ("sup", "sub") and not closing:
            following = _NEXT.match(self._source, match.end(), end)
            return _apart(following[1], before, "^" if name == "sup" else "_") if following else ""
        if name == "rp":
            self._brackets = True
        if name == "rt" or (name == "ruby" and closing):
            told = self._reading
            self._reading = name == "rt" and not closing
            return "" if self._brackets else "(" if self._reading else ")" if told else ""
        if not closing and match["name"] not in _KNOWN:
            shown = _value(_SHOWN, match["attributes"])
            return f"\n{shown}\n" if shown else ""
        return ""


def _only(match: regex.Match[str], kept: tuple[int, int]) -> list[Edit]:
    """Of a match a span is text, what stands around it goes."""
    edits = (Edit(match.start(), kept[0], ""), Edit(kept[1], match.end(), ""))
    return [edit for edit in edits if edit.start < edit.end]


def _template(match: regex.Match[str]) -> list[Edit]:
    """A shortcode's captions and sentences are text, and so is the name of a value."""
    inside = match["value"] if match["value"] is not None else match["statement"]
    offset = match.start("value" if match["value"] is not None else "statement")
    spans = [(offset + start, offset + end) for start, end in human_words(inside)]
    if not spans and match["template"][:3] not in ("{{<", "{{%") and match["value"]:
        left = len(inside) - len(inside.lstrip(" -"))
        spans = [(offset + left, offset + max(left, len(inside.rstrip(" -"))))]
    edits = []
    done = match.start()
    for count, (start, end) in enumerate(spans):
        edits.append(Edit(done, start, " " if count else ""))
        done = end
    edits.append(Edit(done, match.end(), ""))
    return edits


def _apart(first: str, before: str, mark: str) -> str:
    """What stands between a base and what is set above or below it: 10^6 is not 106."""
    runs_in = before.isalnum() if mark == "^" else before.isdigit()
    return mark if runs_in and (first.isdigit() or first in "+-−") else ""


def _value(pattern: regex.Pattern[str], attributes: str) -> str:
    found = pattern.search(attributes)
    return html.unescape(found["double"] or found["single"] or "") if found else ""


def _flanks(source: str, match: regex.Match[str], start: int, end: int) -> tuple[int, int, bool, bool]:
    """(start, end, may it open, may it close) of a run of marks."""
    before = source[match.start() - 1] if match.start() > start else " "
    after = source[match.end()] if match.end() < end else " "
    mark = match["run"][0]
    # Inside a word, as in a file's name, these mark nothing; words in Chinese have no ends to see.
    inside = mark == "_" or (mark in "=+" and before < "\u2e80" and after < "\u2e80")
    opens = not after.isspace() and not (inside and before.isalnum())
    closes = not before.isspace() and not (inside and after.isalnum())
    return match.start(), match.end(), opens, closes


def _emphasis(source: str, runs: list[tuple[int, int, bool, bool]]) -> Iterator[Edit]:
    """Runs of ``*``, ``_``, ``~~`` … that open and close the same emphasis go; lone ones stay."""
    open_runs: dict[str, list[tuple[int, int]]] = {}
    for start, end, opens, closes in runs:
        mark = source[start:end]
        waiting = open_runs.setdefault(mark, [])
        if closes and waiting:
            opened = waiting.pop()
            yield Edit(*opened, "")
            yield Edit(start, end, "")
        elif opens:
            waiting.append((start, end))
