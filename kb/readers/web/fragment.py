"""HTML inside a record: all of it is an author's text, so its tags go and no word does."""

from __future__ import annotations

import regex

from kb.errors import SourceRefused
from kb.readers.common import Composer
from kb.readers.web.markup import add_parts, html_of
from kb.readers.web.tree import flattened

__all__ = ["is_html", "read_fragment"]

_TAGS = (
    "a|abbr|article|b|blockquote|body|code|dd|div|dl|dt|em|figure|font|h[1-6]|html|i|li|main|mark|ol|p|pre|s|section|small"
    "|span|strong|sub|sup|table|tbody|td|th|thead|tr|u|ul"
)
_PAIR = regex.compile(
    rf"<(?P<tag>{_TAGS})(?:\s[^<>]{{0,2000}})?>[\s\S]{{0,20000}}?</(?P=tag)\s*>|<(?:br|hr)\s*/?>|<p>",
    regex.IGNORECASE,
)
_SHOWN = regex.compile(r"`+[^`\n]*`+|^(?:```|~~~)[\s\S]*?^(?:```|~~~)", regex.MULTILINE)  # code in Markdown


def is_html(text: str) -> bool:
    """Is it marked up by tags, not about them?"""
    if "<" not in text or ("</" not in text and not regex.search(r"<(?:br|hr|p)\b", text, regex.IGNORECASE)):
        return False
    return _PAIR.search(_SHOWN.sub("", text)) is not None


def read_fragment(text: str) -> Composer | None:
    """The blocks of a piece of HTML; None where it is none after all."""
    try:
        root = html_of("", f"<html><body>{text}</body></html>")
    except SourceRefused:
        return None
    composer = Composer()
    add_parts(composer, flattened(root), lambda part: part.outside)
    return composer if composer.kept.strip() else None
