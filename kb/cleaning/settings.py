"""The numbers of this room: by what a line is told that its author did not write."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CLEANING"]


@dataclass(frozen=True, slots=True)
class CleaningSettings:
    # A finding is a part of the page that is no part of the article; how sure a rule is of it (0–1) from
    # which on the part is removed.
    threshold: float = 0.5

    # Menus and lines that recur on a site's pages.
    menu_deep: int = 40  # lines: the deepest menu above a title
    # Characters: a longer line that recurs word for word is a notice, wherever it stands.
    long_enough: int = 60
    run: int = 3  # recurring lines together are a menu, wherever they stand
    keyed: int = 400  # characters: longer lines are no phrase
    recurring_longest: int = 400  # characters: of longer lines no note is taken
    noted: int = 300  # lines noted of one page, half from its top and half from its bottom
    sites_expected: int = 20  # of one folder, whose recurring lines a file is read with

    # Lists of links.
    enough_words: int = 40  # distinct content words: below, "off the topic" means nothing
    list_at_least: int = 8  # items that can be judged by their words
    few_items: int = 3  # that can be judged by their meaning
    # Of the page's letters: a longer list is what the page is about.
    list_at_most: float = 0.4
    body_shown: int = 16  # paragraphs that stand for the article's meaning
    spread: float = 0.02  # least standard deviation of paragraphs about their own topic

    # Notices, in letters unless another unit is named: the lines from the page's edges where they stand; the
    # longest; what is shorter is another piece of the notice, or its heading; and the content words that a
    # paragraph of the article has in common with the others, at least.
    top: int = 10
    bottom: int = 14
    notice: int = 400
    too_short: int = 40
    woven_in: int = 3

    # Headings, titles and repairs. Letters: no column of text is narrower; text in columns narrower than the
    # second has no headings right above it, but stanzas look like it.
    narrowest: int = 24
    narrow: int = 40
    title: int = 80  # characters of a first sentence that stands in for a title
    beside: int = 20  # characters that tell what a mark is


CLEANING = CleaningSettings()
