"""What a reader narrows a list of articles by, beside languages; and the pages of a list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from flask import request

from webapp import params
from webapp.settings import WEBAPP

__all__ = ["NO_BOUNDS", "Bounds", "last_page", "page_numbers", "toggled"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """A folder, the first and the last year, month or day, and an order: "" where none is asked for. All of
    them are in the address by these names, and the engine takes them so."""

    folder: str = ""
    since: str = ""
    until: str = ""
    sort: str = ""

    @classmethod
    def read(cls, orders: Collection[str]) -> Bounds:
        """From the address; QueryError for what is no date. An order that there is not is none."""
        sort = request.args.get("sort", "")
        return cls(
            params.folder(request.args.get("folder")),
            params.date(request.args.get("since"), "since"),
            params.date(request.args.get("until"), "until"),
            sort if sort in orders else "",
        )

    def values(self) -> dict[str, str]:
        """Those that are asked for, by name."""
        named = {"folder": self.folder, "since": self.since, "until": self.until, "sort": self.sort}
        return {name: value for name, value in named.items() if value}

    @property
    def narrow(self) -> bool:
        """Whether anything is left out."""
        return bool(self.folder or self.since or self.until)

    @property
    def year(self) -> str:
        """The one year that is asked for, if it is one."""
        return self.since if self.since == self.until and len(self.since) == 4 else ""

    def within(self, **changed: str) -> Bounds:
        return replace(self, **changed)

    def above(self) -> Bounds:
        """The same in the folder above."""
        return replace(self, folder=self.folder.rpartition("/")[0])


NO_BOUNDS = Bounds()


def last_page(total: int, per_page: int) -> int:
    """The number of a list's last page; an empty list has one, too."""
    return min(WEBAPP.deepest_page, max(1, -(-total // per_page)))


def page_numbers(page: int, total: int, per_page: int) -> list[int]:
    """The page numbers worth a link: the first, the last, those around this one; 0 stands for a gap."""
    last = last_page(total, per_page)
    near = sorted({1, last, *range(page - 2, page + 3)} & set(range(1, last + 1)))
    shown: list[int] = []
    for number in near:
        if shown and number - shown[-1] > 1:
            shown.append(0)
        shown.append(number)
    return shown if last > 1 else []


def toggled(chosen: tuple[str, ...], code: str) -> tuple[str, ...]:
    """The chosen languages with that one, or without it where it was among them."""
    return tuple(other for other in chosen if other != code) if code in chosen else (*chosen, code)
