"""AsciiDoc inside a line: what a reader sees of links, marks, macros and attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kb.readers.web.markup import scripted

__all__ = ["Notes", "words"]

Notes = list[str]
"""The footnotes of a block, to be put below it."""

_ATTRIBUTE = re.compile(r"(?<!\\)\{([\w-]{1,80})\}")
_NAMED = {
    "amp": "&",
    "apos": "'",
    "asterisk": "*",
    "backslash": "\\",
    "backtick": "`",
    "blank": "",
    "caret": "^",
    "cpp": "C++",
    "deg": "°",
    "empty": "",
    "endsb": "]",
    "gt": ">",
    "hash": "#",
    "ldquo": "“",
    "lsquo": "‘",
    "lt": "<",
    "nbsp": "\u00a0",
    "pipe": "|",
    "plus": "+",
    "rdquo": "”",
    "rsquo": "’",
    "sp": " ",
    "startsb": "[",
    "tilde": "~",
    "two-colons": "::",
    "two-semicolons": ";;",
    "underscore": "_",
    "vbar": "|",
    "wj": "\u2060",
    "zwsp": "\u200b",
}
_INSIDE = r"((?:[^\[\]\\]|\\.|\[[^\[\]]{0,500}\]){0,2000})"  # of brackets, with brackets in them
_FOOTNOTE = re.compile(rf"[ \t]*footnote(?:ref)?:(?:[\w-]{{0,80}})\[{_INSIDE}\]")
_SHOWN = re.compile(
    rf"\b(?:kbd|btn|stem|latexmath|asciimath|indexterm2|pass)(?::[\w,]{{0,20}})?:\[{_INSIDE}\]|\bpass:[\w,]{{1,20}}\[{_INSIDE}\]"
)
_MENU = re.compile(r"\bmenu:([^\[\]\n]{1,80})\[([^\[\]\n]{0,200})\]")
_PICTURE = re.compile(rf"\b(?:image|icon):(?!:)[^\s\[\]]{{1,500}}\[{_INSIDE}\]")
_NOTHING = re.compile(
    rf"\b(?:anchor:[^\s\[\]]{{1,200}}|indexterm:|counter2?:[\w-]{{1,80}})\[{_INSIDE}\]|\[\[[^\[\]\n]{{1,200}}\]\]|\(\(\([^()\n]{{1,300}}\)\)\)"
)
_LINK = re.compile(
    rf"(?:\b(?:link|mailto|xref):([^\s\[\]]{{1,1000}})|\b((?:https?|ftp|irc)://[^\s\[\]<>]{{1,1000}}))\[{_INSIDE}\]"
)
_CROSS = re.compile(r"<<([^<>,\n]{1,200})(?:,([^<>\n]{0,500}))?>>")
_TERM = re.compile(r"\(\(([^()\n]{1,300})\)\)")
_QUOTES = (
    (re.compile(r'"`(?=\S)([^`\n]{1,2000}?)`"'), r"“\1”"),
    (re.compile(r"'`(?=\S)([^`\n]{1,2000}?)`'"), r"‘\1’"),
)
_ROLE = re.compile(r"\[[.#%][^\[\]\n]{1,100}\](?=[#*_`^~])")
# ** anywhere, * around whole words; code first, for in it the other marks are letters.
_CODE = re.compile(
    r"``(?=\S)([^\n]{1,2000}?)``|(?<![\w`\\])`\+?(?=\S)([^`\n]{1,2000}?)(?<=\S)\+?`(?![\w`])|(?<![\w+\\])\+(?=[^\s+])([^+\n]{1,2000}?)(?<=\S)\+(?![\w+])|\+\+\+?(?=\S)([^\n]{1,2000}?)\+\+\+?"
)
_TWICE = re.compile(r"(?<!\\)(\*\*|__|##)(?=\S)([^\n]{1,2000}?)\1")
_ONCE = re.compile(r"(?<![\w\\*_#:])([*_#])(?=[^\s*_#])([^\n]{1,2000}?)(?<=\S)\1(?!\w)")
_RAISED = re.compile(r"(?<!\\)([\^~])(?=\S)([^\s^~]{1,200})\1")
_ESCAPE = re.compile(r"\\(?=[*_`#^~{<\[+(\\])")


def words(text: str, attributes: Mapping[str, str], notes: Notes | None = None) -> str:
    """A line's or a paragraph's text as it is read. Its footnotes go to ``notes``; without any, they stay."""
    held: list[str] = []

    def hold(shown: str) -> str:
        """What is not to be looked at again stands aside until the end."""
        held.append(shown)
        return f"\x00{len(held) - 1}\x01"

    def footnote(match: re.Match[str]) -> str:
        if notes is None:
            return f" ({words(match[1], attributes)})" if match[1] else ""
        if match[1]:
            notes.append(words(match[1].replace("\\]", "]"), attributes))
        return ""

    def code(match: re.Match[str]) -> str:
        return hold(next(group for group in match.groups() if group is not None))

    text = text.replace("\x00", "").replace("\x01", "")
    text = _FOOTNOTE.sub(footnote, text)
    text = _ATTRIBUTE.sub(lambda m: attributes.get(m[1].lower(), _NAMED.get(m[1].lower(), m[0])), text)
    text = _SHOWN.sub(lambda m: hold((m[1] or m[2] or "").replace("\\]", "]")), text)
    text = _MENU.sub(lambda m: " > ".join([m[1], *filter(None, re.split(r"\s*>\s*", m[2].strip()))]), text)
    text = _PICTURE.sub(lambda m: _first(m[1], ","), text)
    text = _NOTHING.sub("", text)
    for pattern, shown in _QUOTES:
        text = pattern.sub(shown, text)
    text = _ROLE.sub("", text)
    text = _CODE.sub(code, text)
    text = _LINK.sub(lambda m: _first(m[3]) or hold(m[1] or m[2]), text)
    text = _CROSS.sub(lambda m: (m[2] or m[1].rpartition("#")[2] or m[1]).strip(), text)
    text = _TERM.sub(r"\1", text)
    text = re.sub(r"\bhttps?://[^\s\[\]<>]{1,1000}", lambda m: hold(m[0]), text)
    for pattern in (_TWICE, _ONCE, _ONCE):  # one inside another
        text = pattern.sub(r"\2", text)
    text = _RAISED.sub(lambda m: scripted(m[2], "sup" if m[1] == "^" else "sub"), text)
    text = _ESCAPE.sub("", text)
    for _ in range(5):  # code in a link's words is held inside what is held
        if "\x00" not in text:
            break
        text = re.sub(r"\x00(\d+)\x01", lambda m: held[int(m[1])], text)
    return text


def _first(inside: str, end: str = "") -> str:
    """The text among a macro's settings (``text, window=_blank``), which a comma may end."""
    inside = inside.replace("\\]", "]").strip()
    quoted = re.match(r'"([^"]*)"', inside)
    if quoted:
        return quoted[1]
    settings = re.search(r"(?:^|,)\s*[\w-]{1,40}=", inside)
    shown = inside[: settings.start()] if settings else inside
    if end:
        shown = shown.partition(end)[0]
    return shown.rstrip(", ").rstrip("^")
