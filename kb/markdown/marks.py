"""What Markdown and its dialects are made of, as patterns. Of each, what a reader sees is text."""

from __future__ import annotations

from collections import Counter

import regex

__all__ = [
    "ADMONITION",
    "ALERT",
    "ATTRIBUTES",
    "BLOCK_ID",
    "BULLET",
    "CODE_SPAN",
    "COLONS",
    "DEFINED",
    "DESTINATION",
    "FENCE",
    "HASHES",
    "HUMAN",
    "MODULE",
    "NUMBER",
    "OPTION",
    "PROSE_FENCES",
    "QUOTE",
    "REMARK",
    "RULE",
    "SLASHES",
    "TABLE_RULE",
    "TAG",
    "TEMPLATE",
    "TOC",
    "UNDERLINE",
    "definitions",
    "human_words",
    "key",
]

FENCE = regex.compile(r"(?P<fence>`{3,}(?=[^`\n]*\Z)|~{3,})[ \t]*(?P<info>.*)")
QUOTE = regex.compile(r"(?:\s{0,3}> ?){1,20}")
HASHES = regex.compile(r"(\#{1,6})(?:[ \t]+|\Z)")
UNDERLINE = regex.compile(r"(?:=+|-{2,})\s*")
RULE = regex.compile(r"([-*_])(?:[ \t]*\1){2,}[ \t]*|[-+*]")
BULLET = regex.compile(r"[-+*][ \t]+(?=\S)(?:\[[ xX]\][ \t]+)?")
NUMBER = regex.compile(r"(\d{1,9})[.)][ \t]+(?=\S)(?:\[[ xX]\][ \t]+)?")
TABLE_RULE = regex.compile(r"(?=.*\|)\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*|:-+:?\s*|-+:\s*")

# A footnote's, an abbreviation's, a term's: what stands behind is text.
DEFINED = regex.compile(r"\[\^[^\]\s]{1,100}\]:[ \t]*|:[ \t]+(?=\S)")
REMARK = regex.compile(r"\[(?://|comment|\#)\]:[ \t]*(?:\#|<>)[ \t]*[(\"'].*", regex.IGNORECASE)
_DEFINITION = regex.compile(
    r"^(?P<at>[ >]{0,10})\[(?P<label>[^\[\]\n]{1,200})\]:[ \t]*(?P<to><[^<>\n]{0,500}>|\S{1,2000})"
    r"[ \t]*(?:\n?[ \t]*(?:\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'|\([^()\n]{0,300}\)))?[ \t]*$",
    regex.MULTILINE,
)
_LABEL = regex.compile(r"\[([^\[\]\n]{1,200})\]")
_ADDRESS = regex.compile(r"[/.:\#@?<]")

ADMONITION = regex.compile(
    r"(?:!!!|\?\?\?\+?)[ \t]*[\w-][\w \t-]{0,60}?(?:[ \t]+(?P<quote>[\"'])(?P<title>[^\n]*)(?P=quote))?[ \t]*"
)
COLONS = regex.compile(
    r":{3,}[ \t]*(?:(?P<name>[\w-]+)|(?P<braced>\{[^{}\n]{0,300}\}))?(?:\[(?P<label>[^\]\n]{0,300})\])?"
    r"(?:[ \t]*\{[^{}\n]{0,300}\})?[ \t]*(?P<title>[^\n]*?)[ \t]*:*"
)
SLASHES = regex.compile(r"/{3,}(?:[ \t]*(?P<name>[\w-]+)(?:[ \t]*\|[ \t]*(?P<title>.+))?)?[ \t]*")
# What an admonition's first rows set ("type: note", ":class: tip").
OPTION = regex.compile(r":[\w-]+:(?:\s.*)?|[\w-]+:\s.*")
ALERT = regex.compile(r"\[![\w-]{1,40}(?:\|[^\]\n]{0,40})?\][+-]?[ \t]*")
# Directives in a fence whose content is prose ("```{note}").
PROSE_FENCES = regex.compile(
    r"\{(?:admonition|attention|caution|danger|dropdown|error|hint|important|note|seealso|tip|topic|warning)\}"
    r"[ \t]*"
)
TOC = regex.compile(r"\[TOC\]|\[\[_?TOC_?\]\]|\{:toc\}|\$\{?toc\}?", regex.IGNORECASE)

MODULE = regex.compile(
    r"import\s+(?:[\w*{][^;\n]{0,500}\s+from\s+)?['\"][^'\"\n]{1,300}['\"];?[ \t]*\Z"
    r"|import\s+(?:\w+\s*,\s*)?\{[ \t]*\Z"
    r"|export\s+(?:default\s+|const\s+|let\s+|var\s+|(?:async\s+)?function\s|class\s|\{)(?=.*[=({;])"
)

_ATTRIBUTE = r"(?:[\#.][\p{L}\w:.-]+|[\w:-]+=(?:\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'|[^\s\"'{}]{1,300}))"
ATTRIBUTES = regex.compile(
    rf"\{{:?[ \t]*{_ATTRIBUTE}(?:[ \t]+{_ATTRIBUTE}){{0,20}}[ \t]*\}}|\{{:[ \t]*[\w.\#-]{{1,60}}[ \t]*\}}"
)
BLOCK_ID = regex.compile(r"(?<=\s|^)\^(?=[\w-]*[A-Za-z])[A-Za-z0-9-]{3,40}\s*\Z")

# Of a template engine: {{ value }}, {% tag %}, {{< shortcode >}}, {{% shortcode %}}.
TEMPLATE = regex.compile(r"\{\{[%<]?(?P<value>[^{}]{0,1000}?)[%>]?\}\}|\{%(?P<statement>[^{}]{0,1000}?)%\}")
_NAMED = r"(?:title|caption|alt|label|text|heading|summary|description|tooltip)\s*[=:]\s*"
HUMAN = regex.compile(
    rf"(?P<named>{_NAMED})?(?:\"(?P<double>[^\"\n]{{1,500}})\"|'(?P<single>[^'\n]{{1,500}})')"
)
_OTHER_NAME = regex.compile(r"[\w-]\s*[=:]\s*\Z")
_WORDS = regex.compile(r"\p{L}[\p{L}\p{M}'’-]*\s+\p{L}")

CODE_SPAN = r"(?<!`)(?P<ticks>`+)(?!`)(?P<code>(?s:.{1,500}?))(?<!`)(?P=ticks)(?!`)"
DESTINATION = (
    r"\((?:[^()\s<>]|\([^()\s]{0,200}\)|<[^<>\n]{0,500}>){0,1000}"
    r"(?:\s+(?:\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'))?\s*\)"
)
_BRACES = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]{0,200}\}){0,200}+\}){0,500}+\}"
TAG = (
    r"</?(?P<name>[A-Za-z][A-Za-z0-9.-]{0,40})"
    rf"(?P<attributes>(?=[\s/>])(?:[^<>\"'{{}}]|\"[^\"]{{0,1000}}\"|'[^']{{0,1000}}'|{_BRACES}){{0,500}}+)>"
)


def human_words(template: str) -> list[tuple[int, int]]:
    """Where in the inside of a template's mark quoted words stand that readers see: a caption, a sentence."""
    found = []
    for match in HUMAN.finditer(template):
        group = "double" if match["double"] else "single"
        other = not match["named"] and _OTHER_NAME.search(template[: match.start()])
        if match["named"] or (not other and _WORDS.search(match[group])):
            found.append(match.span(group))
    return found


def key(label: str) -> str:
    """A reference's label as it is looked up."""
    return " ".join(label.split()).casefold()


def definitions(source: str) -> tuple[dict[str, str], list[tuple[int, int]]]:
    """What the text's references lead to, by label, and where they are defined.

    "[Anna]: hello" defines nothing unless "Anna" is referred to.
    """
    labels: dict[str, str] = {}
    places: list[tuple[int, int]] = []
    if "]:" not in source:
        return labels, places
    named = Counter(map(key, _LABEL.findall(source)))
    for match in _DEFINITION.finditer(source):
        label = match["label"]
        if label.startswith("^") or REMARK.match(match[0].lstrip(" >")):
            continue
        if _ADDRESS.search(match["to"]) or named[key(label)] > 1:
            labels.setdefault(key(label), match["to"])
            places.append((match.start() + len(match["at"]), match.end()))
    return labels, places
