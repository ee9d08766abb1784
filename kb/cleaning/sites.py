"""The pages of a library by site, and which lines recur on each site."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from kb.cleaning.recurring import recurring_lines, site_of
from kb.cleaning.settings import CLEANING

__all__ = ["Sites"]


class Sites:
    """Notes of pages (see :func:`kb.cleaning.recurring.note`), each with the recurring lines it was made
    with."""

    def __init__(self) -> None:
        self.fresh: set[str] = set()
        """Sources that were added here, not taken over."""
        self._site: dict[str, str] = {}
        self._pages: dict[str, dict[str, bytes]] = {}
        self._used: dict[str, frozenset[int]] = {}
        self._recurring: dict[str, frozenset[int]] = {}
        self._counted: dict[str, int] = {}
        self._of_folder: dict[str, list[str]] = {}
        self._touched: set[str] = set()

    @classmethod
    def of(cls, pages: Iterable[tuple[str, str | None, bytes]]) -> Sites:
        """Sites of (source, URL, note)."""
        made = cls()
        for source, url, lines in pages:
            made._enter(source, site_of(source, url), lines)
        return made

    def __contains__(self, source: str) -> bool:
        return source in self._site

    def site(self, source: str) -> str:
        return self._site[source]

    def add(self, source: str, url: str | None, lines: bytes, recurring: frozenset[int]) -> None:
        """A new page, made with what was known to recur on its site."""
        site = site_of(source, url)
        self._enter(source, site, lines)
        self.fresh.add(source)
        self._used[source] = recurring
        self._touched.add(site)
        of_folder = self._of_folder.setdefault(_folder(source), [])
        if site not in of_folder and len(of_folder) < CLEANING.sites_expected:
            of_folder.append(site)

    def expected(self, source: str) -> dict[str, frozenset[int]]:
        """The recurring lines known so far on the sites that the files of this one's folder came from."""
        found = {}
        for site in self._of_folder.get(_folder(source), ()):
            pages = len(self._pages[site])
            if pages >= 2 * self._counted.get(site, 1):  # looked at again whenever the site has doubled
                self._counted[site] = pages
                self._recurring[site] = recurring_lines(self._pages[site].values())
            if self._recurring.get(site):
                found[site] = self._recurring[site]
        return found

    def touch(self, sites: Iterable[str]) -> None:
        """Pages of these sites changed or went."""
        self._touched.update(sites)

    def take_over(self, before: Sites, without: Collection[str]) -> None:
        """The pages of touched sites that are as they were, made with what recurred then."""
        for site in self._touched:
            for source, lines in before._pages.get(site, {}).items():
                if source not in without:
                    self._enter(source, site, lines)
                    self._used[source] = before.recurring(site)
        self._recurring.clear()

    def recurring(self, site: str) -> frozenset[int]:
        if site not in self._recurring:
            self._recurring[site] = recurring_lines(self._pages.get(site, {}).values())
        return self._recurring[site]

    def pages(self) -> Iterator[tuple[str, bytes, frozenset[int]]]:
        """(source, note, recurring lines it was made with) of every page."""
        for pages in self._pages.values():
            for source, lines in pages.items():
                yield source, lines, self._used.get(source, frozenset())

    def _enter(self, source: str, site: str, lines: bytes) -> None:
        self._site[source] = site
        self._pages.setdefault(site, {})[source] = lines


def _folder(source: str) -> str:
    return source.partition("#")[0].rpartition("/")[0]
