"""What pages print that no author wrote: ``data/phrases.tsv`` and ``data/phrase_patterns.tsv``.

Whole lines are compared after :func:`phrase_key`. Nothing here takes a line out by itself: the rules also ask
where it stands, what stands beside it, and whether the article speaks of it: :mod:`kb.cleaning.furniture`.
"""

from __future__ import annotations

import unicodedata

import regex

from kb.languages import LANGUAGES
from kb.tables import BETWEEN, rows

__all__ = [
    "ADVERT",
    "AUTHOR_LABEL",
    "AUTHOR_PLACEHOLDERS",
    "BYLINE",
    "COMMENTS",
    "CONSENT",
    "CONTENTS",
    "COOKIES",
    "DATE_LABEL",
    "LANGUAGE_NAMES",
    "LEGAL",
    "NAVIGATION",
    "NEWSLETTER",
    "NOTICES",
    "OTHER_LANGUAGES",
    "PAGER",
    "READING_TIME",
    "RELATED",
    "RIGHTS",
    "SHARE_START",
    "SHARING",
    "SKIP",
    "SOCIAL",
    "TAG_LABEL",
    "VIEWS",
    "phrase_key",
]

_TRIM = regex.compile(r"^[\p{P}\p{S}\s]+|[\p{P}\p{S}\s]+$")


def phrase_key(line: str) -> str:
    """A line as the tables spell it: NFKC, casefolded, one space, no marks at either end."""
    folded = unicodedata.normalize("NFKC", line).casefold().replace("i\u0307", "i")  # Turkish İ
    return " ".join(_TRIM.sub("", folded).split())


def _by_kind(name: str) -> dict[str, list[str]]:
    """What the table ``name`` has of each kind, in all languages."""
    held: dict[str, list[str]] = {}
    for _, kind, phrases in rows(name, 3, key=2):
        held.setdefault(kind, []).extend(phrases.split(BETWEEN))
    return held


_PHRASES = {kind: frozenset(map(phrase_key, phrases)) for kind, phrases in _by_kind("phrases").items()}
_PATTERNS = {
    # The longer ones first: of those that begin alike, the whole one is found.
    kind: "|".join(sorted(set(patterns), key=lambda pattern: (-len(pattern), pattern)))
    for kind, patterns in _by_kind("phrase_patterns").items()
}


def _any_of(kind: str) -> str:
    """An alternation of the phrases of a kind, the longest first, for a pattern over casefolded text."""
    return "|".join(regex.escape(key) for key in sorted(_PHRASES[kind], key=lambda key: (-len(key), key)))


# --- whole lines -----------------------------------------------------------------------------------------

SKIP = _PHRASES["skip"]
"""Skip to main content: for screen readers, at the top of nearly every page."""

CONTENTS = _PHRASES["contents"]
OTHER_LANGUAGES = _PHRASES["other-languages"]

LANGUAGE_NAMES = _PHRASES["language-names"] | {
    phrase_key(name) for row in LANGUAGES.values() for name in (row.autonym, row.english)
}
"""The names of languages, in themselves and in English: three in a row are a language switcher."""

AUTHOR_PLACEHOLDERS = _PHRASES["no-author"]
"""What a publishing system prints for an author that it does not know."""

RELATED = _PHRASES["related"]

NAVIGATION = _PHRASES["menu"]
"""The entries of menus: home, about, contact, search, log in …"""

LEGAL = _PHRASES["legal"]
"""What stands in a page's foot: privacy, terms, imprint, cookie settings, site map."""

COMMENTS = _PHRASES["comments"]
ADVERT = _PHRASES["advert"]

PAGER = _PHRASES["pager"]
"""Previous and next, back to the top, and other ways out."""

SOCIAL = _PHRASES["social"]

_SHARE = _PHRASES["share"]
SHARING = _SHARE | _PHRASES["send-or-print"]
"""Whole-line sharing, printing and mailing."""

# --- beginnings of lines, and what stands in them ---------------------------------------------------------

SHARE_START = regex.compile(rf"(?:{_PATTERNS['share']})(?![\p{{L}}\p{{M}}])")

BYLINE = regex.compile(rf"(?P<label>{_any_of('by')})(?P<mark>\s*[:：]\s*|\s+)(?P<rest>.+)", regex.IGNORECASE)
"""By Anna Smith: what stands before a name and nothing else …"""

AUTHOR_LABEL = _PHRASES["by-with-colon"]
"""… and those of them that need a colon after them, being common words."""

DATE_LABEL = regex.compile(rf"(?:{_any_of('date')})(?![\p{{L}}])\s*[:：\-–,]?\s*", regex.IGNORECASE)
TAG_LABEL = regex.compile(rf"(?:{_any_of('tags')})\s*[:：]\s*\S", regex.IGNORECASE)
VIEWS = regex.compile(rf"(?:{_any_of('views')})", regex.IGNORECASE)
READING_TIME = regex.compile(
    rf"(?:\d{{1,3}}\s*[-–]?\s*(?:{_PATTERNS['minutes']})(?![\p{{L}}]))", regex.IGNORECASE
)

COOKIES = regex.compile(rf"(?<!\p{{L}})(?:{_PATTERNS['cookies']})", regex.IGNORECASE)
CONSENT = regex.compile(_PATTERNS["consent"], regex.IGNORECASE)
"""What a notice on cookies speaks of beside them: the site, its use, consent."""

NEWSLETTER = regex.compile(_PATTERNS["newsletter"], regex.IGNORECASE)
RIGHTS = regex.compile(_PATTERNS["rights"], regex.IGNORECASE)

NOTICES = regex.compile(_PATTERNS["small-print"], regex.IGNORECASE)
"""Small print around forms and the like, found anywhere in a line."""
