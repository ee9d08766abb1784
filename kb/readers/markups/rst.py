"""reStructuredText (.rst), with what Sphinx adds to it: read by docutils, and then as a page.

Nothing is included or run. A directive or a role that docutils does not know keeps its content as text.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from kb.errors import SourceRefused
from kb.models import SourceFile
from kb.readers.common import Composer, RawFile, as_date, as_language, as_line
from kb.readers.text import decoded
from kb.readers.web.markup import add_page, html_of

__all__ = ["read_rst"]

_SETTINGS = {
    "_disable_config": True,
    "doctitle_xform": True,
    "embed_stylesheet": False,
    "file_insertion_enabled": False,
    "footnote_backlinks": False,
    "halt_level": 5,
    "id_prefix": "",
    "initial_header_level": 2,
    "input_encoding": "unicode",
    "line_length_limit": 10_000_000,
    "math_output": "LaTeX",
    "output_encoding": "unicode",
    "raw_enabled": False,
    "report_level": 1,  # what a message quotes of the text is looked for in all of them
    "smart_quotes": False,
    "stylesheet_path": "",
    "syntax_highlight": "none",
    "toc_backlinks": False,
    "warning_stream": False,
}
_OBJECTS_NAMES = """
    attribute class cmdoption data decorator exception function macro member method module property type
"""
_OBJECTS = frozenset(_OBJECTS_NAMES.split())
# Directives of Sphinx whose arguments are names of files and settings, which nobody reads …
_FOR_MACHINES_NAMES = """
    autoclass autofunction automethod automodule autosummary codeauthor contents currentmodule default-domain
    default-role highlight include index literalinclude meta module raw sectionauthor tabularcolumns toctree
    """
_FOR_MACHINES = frozenset(_FOR_MACHINES_NAMES.split())
# … and those whose content is no text either.
_NO_CONTENT = frozenset(["autosummary", "contents", "index", "meta"])
_TARGET = re.compile(r"\A(.*?)\s*<[^<>]+>\Z", re.DOTALL)
_BY_HAND = ("date", "author", "authors", "language", "lang")


def read_rst(raw: RawFile) -> Iterator[SourceFile]:
    """Raises SourceRefused when it is empty, in no known encoding, or cannot be read at all."""
    text, encoding = decoded(raw)
    try:
        with _everything_known():
            document = _document(text)
        about = _taken(document)
        _without_messages(document)
        page = _page(document)
    except Exception as error:  # the parser raises whatever a strange text leads it to
        reason = as_line(str(error), 100) or type(error).__name__
        raise SourceRefused(raw.source, f"cannot be read as .rst ({reason}); save it as text") from error
    composer = Composer()
    add_page(composer, html_of(raw.source, page), "a table of contents")
    title = as_line(document.get("title"))
    yield composer.source_file(
        raw,
        encoding,
        title=title,
        language=as_language(about.get("language") or about.get("lang")),
        date=as_date(about.get("date")),
        author=as_line(about.get("author") or about.get("authors")),
    )


def _document(text: str) -> Any:
    from docutils.core import publish_doctree

    return publish_doctree(text, settings_overrides=_SETTINGS)


def _page(document: Any) -> str:
    from docutils.core import publish_from_doctree

    return str(publish_from_doctree(document, writer="html5", settings_overrides=_SETTINGS))


def _taken(document: Any) -> dict[str, str]:
    """What the fields at the top say of the text; taken out of it."""
    from docutils import nodes

    said: dict[str, str] = {}
    for info in list(document.findall(nodes.docinfo)):
        for entry in list(info):
            name, value = entry.tagname, entry.astext()
            if isinstance(entry, nodes.field):
                name, value = entry[0].astext().lower(), entry[1].astext()
            if name in _BY_HAND:
                said.setdefault(name, value)
                info.remove(entry)
        if not len(info):
            info.parent.remove(info)
    return said


def _without_messages(document: Any) -> None:
    """Takes out what docutils has to say, not what it quotes: that is text which it did not understand."""
    from docutils import nodes

    for message in list(document.findall(nodes.system_message)):
        quoted = [child for child in message if isinstance(child, nodes.literal_block)]
        message.parent.replace(message, quoted)
    document.parse_messages, document.transform_messages = [], []
    for comment in list(document.findall(nodes.comment)):
        comment.parent.remove(comment)


# --- what docutils does not know --------------------------------------------------------------------------


@contextlib.contextmanager
def _everything_known() -> Iterator[None]:
    """Inside it there is no unknown directive or role. (Sphinx makes its own known in the same way.)"""
    from docutils.parsers.rst import directives, roles

    directive, role = directives.directive, roles.role

    def any_directive(name: str, language: Any, document: Any) -> Any:
        plain = name.rpartition(":")[2].lower()
        found, messages = (None, []) if plain in _FOR_MACHINES else directive(name, language, document)
        return _open(found) if found else _kept(plain), messages if found else []

    def any_role(name: str, language: Any, line: int, reporter: Any) -> Any:
        found, messages = role(name, language, line, reporter)
        return found or _as_text, messages if found else []

    directives.directive, roles.role = any_directive, any_role
    try:
        yield
    finally:
        directives.directive, roles.role = directive, role


def _open(directive: Any) -> Any:
    """A directive of docutils that bears the options which Sphinx adds to it."""
    if not isinstance(directive, type):
        return directive
    options = _Anything(getattr(directive, "option_spec", None) or {})
    return type(directive.__name__, (directive,), {"option_spec": options})


def _kept(name: str) -> Any:
    """A directive that keeps its content, and its argument where a reader sees that."""
    from docutils import nodes
    from docutils.parsers.rst import Directive

    class Kept(Directive):  # type: ignore[misc]
        optional_arguments = 1
        final_argument_whitespace = True
        has_content = True
        option_spec = _Anything()

        def run(self) -> list[Any]:
            box = nodes.container()
            argument = "\n".join(self.arguments)
            if name in _OBJECTS:
                box += nodes.paragraph("", " ".join(argument.split()))
            elif argument and name not in _FOR_MACHINES:
                inline, messages = self.state.inline_text(argument, self.lineno)
                box += nodes.paragraph(argument, "", *inline)
                box += messages
            if name == "toctree":
                titles = (_TARGET.match(line) for line in self.content)
                box += [nodes.paragraph("", title[1]) for title in titles if title]
            elif name == "raw":
                box += nodes.literal_block("", "\n".join(self.content))
            elif name not in _NO_CONTENT:
                self.state.nested_parse(self.content, self.content_offset, box, match_titles=True)
            return [box]

    return Kept


class _Anything(dict[str, Any]):
    """The options that are known, and any others, which are for machines."""

    def __bool__(self) -> bool:
        return True

    def __missing__(self, name: str) -> Any:
        return lambda argument: argument


def _as_text(
    name: str, rawtext: str, text: str, lineno: int, inliner: Any, options: Any = None, content: Any = ()
) -> tuple[list[Any], list[Any]]:
    """A role's words: a link's title, else the target as it is read (``~a.b.c`` is c)."""
    from docutils import nodes
    from docutils.utils import unescape

    words = unescape(text)
    target = _TARGET.match(words)
    if target and target[1]:
        words = target[1]
    elif words.startswith("~"):
        words = words[1:].rpartition(".")[2]
    return [nodes.inline(rawtext, words.lstrip("!"))], []
