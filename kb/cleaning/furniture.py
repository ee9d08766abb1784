"""Page furniture: lines of a page that no author wrote, found by place, shape, and what the rest is about.

A rule is a function from a :class:`~kb.cleaning.page.Page` to findings; ``RULES`` is their table. A finding
above the threshold is removed, and its reason and score stay with the article. In doubt a line stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from kb.cleaning.edge_rules import (
    advertisement,
    breadcrumb,
    byline,
    label_row,
    menu_above,
    page_foot,
    read_also,
    share_buttons,
)
from kb.cleaning.line_rules import (
    author_placeholder,
    language_switcher,
    repeated_line,
    skip_link,
    table_of_contents,
    template_residue,
)
from kb.cleaning.list_rules import link_list, related_articles, section_label
from kb.cleaning.notice_rules import notice
from kb.cleaning.page import Finding, Page
from kb.cleaning.settings import CLEANING

__all__ = ["RULES", "furniture"]


Rule = Callable[[Page], Iterator[Finding]]

# In this order: each rule sees what the ones before it left.
RULES: tuple[Rule, ...] = (
    template_residue,
    notice,
    skip_link,
    repeated_line,
    advertisement,
    read_also,
    breadcrumb,
    label_row,
    language_switcher,
    related_articles,
    table_of_contents,
    menu_above,
    share_buttons,
    page_foot,
    author_placeholder,
    byline,
    section_label,
    link_list,
)


def furniture(
    page: Page,
    dropped: Sequence[Finding] = (),
    keep: Callable[[Finding], bool] = lambda finding: False,
    rules: Sequence[Rule] = RULES,
) -> list[Finding]:
    """The findings to remove, in page order, first of all the reader's own (``dropped``).

    ``keep`` may veto one (a part that a person restored). A finding that touches code, or what is marked
    as the title of all, is none.
    """
    safe = {i for i, line in enumerate(page.lines) if line.kind == "code"}
    title = next((i for i, line in enumerate(page.lines) if line.kind == "heading"), None)
    if title is not None and page.lines[title].level == 1:
        safe.add(title)
    taken: list[Finding] = []
    for finding in dropped:
        if not keep(finding):
            page.take(finding)
            taken.append(finding)
    for rule in rules:
        for finding in list(rule(page)):
            lines = range(finding.first, finding.last + 1)
            free = page.gone.isdisjoint(lines) and safe.isdisjoint(lines)
            if finding.score >= CLEANING.threshold and free and not keep(finding):
                page.take(finding)
                taken.append(finding)
    return sorted(taken, key=lambda finding: finding.first)
