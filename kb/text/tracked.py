"""Text that remembers, character by character, where in the source it came from."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace

from kb.models import Repair

__all__ = ["Edit", "Tracked"]


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace ``text[start:end]`` by ``after``. Without a ``reason`` it is layout, not a recorded repair."""

    start: int
    end: int
    after: str
    reason: str | None = None


class Tracked:
    """A source text under repair.

    Character i of ``text`` came from ``source[starts[i]:ends[i]]``. ``repairs`` lists, in source order and
    without overlaps, the edits that had a reason. In ``literal``, spans of the source in its order, no such
    edit is made: what stands there is the author's to the letter.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.text = source
        self.literal: list[tuple[int, int]] = []
        self._starts = array("L", range(len(source)))
        self._ends = array("L", range(1, len(source) + 1))
        self._repairs: list[Repair] = []

    @property
    def repairs(self) -> tuple[Repair, ...]:
        return tuple(sorted(self._repairs, key=lambda repair: (repair.start, repair.end)))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the source of ``text[start:end]``."""
        if start < end:
            return self._starts[start], self._ends[end - 1]
        at = self._ends[start - 1] if start else 0
        return at, at

    def place(self, offset: int) -> int:
        """Where in the text the source's character at ``offset``, or the first one left after it, stands."""
        return bisect_left(self._starts, offset)

    def is_literal(self, start: int, end: int) -> bool:
        """Does this span of the source touch one of ``literal``?"""
        at = bisect_right(self.literal, start, key=lambda span: span[1])
        return at < len(self.literal) and self.literal[at][0] < max(end, start + 1)

    def apply(self, edits: Iterable[Edit]) -> None:
        """Make these edits, given in order of ``start`` and not overlapping, at once."""
        pieces: list[str] = []
        starts, ends = array("L"), array("L")
        made: list[tuple[Repair, bool]] = []
        done = 0
        for edit in edits:
            start, end, after = self._widen(edit, done)
            source_start, source_end = self.span(start, end)
            if edit.reason and self.is_literal(source_start, source_end):
                continue
            for kept, old in ((starts, self._starts), (ends, self._ends)):
                kept.extend(old[done:start])
            pieces += (self.text[done:start], after)
            starts.extend([source_start] * len(after))
            ends.extend([source_end] * len(after))
            done = end
            if edit.reason:
                again = any(self._ends[i] - self._starts[i] != 1 for i in range(start, end))
                before = self.source[source_start:source_end]
                made.append((Repair(source_start, source_end, before, after, edit.reason), again))
        if not pieces:
            return
        starts.extend(self._starts[done:])
        ends.extend(self._ends[done:])
        pieces.append(self.text[done:])
        self.text, self._starts, self._ends = "".join(pieces), starts, ends
        self._record(made)

    def _widen(self, edit: Edit, floor: int) -> tuple[int, int, str]:
        """Take in all characters that an earlier edit made together with the edited ones."""
        start, end = edit.start, edit.end
        if start == end:
            # An insertion falls between two characters; if both came from one edit, redo that edit.
            if not (0 < start < len(self.text) and self._ends[start - 1] > self._starts[start]):
                return start, end, edit.after
            end += 1
            edit = Edit(start, end, edit.after + self.text[start], edit.reason)
        while start > floor and self._ends[start - 1] > self._starts[start]:
            start -= 1
        while end < len(self.text) and self._starts[end] < self._ends[end - 1]:
            end += 1
        return start, end, self.text[start : edit.start] + edit.after + self.text[edit.end : end]

    def _record(self, made: list[tuple[Repair, bool]]) -> None:
        """Notes repairs. One that is made where there was one replaces it: there is one story per place."""
        earlier = list(self.repairs)
        replaced: set[int] = set()
        for n, (repair, again) in enumerate(made):
            at = bisect_left(earlier, repair.start, key=lambda edit: edit.start) if again else len(earlier)
            reasons = []
            while at < len(earlier) and earlier[at].start < repair.end:
                if earlier[at].start < earlier[at].end <= repair.end and at not in replaced:
                    replaced.add(at)
                    reasons.append(earlier[at].reason)
                at += 1
            if reasons:
                told = "; ".join(dict.fromkeys([*reasons, repair.reason]))
                made[n] = replace(repair, reason=told), again
        kept = [edit for at, edit in enumerate(earlier) if at not in replaced] if replaced else earlier
        self._repairs = [*kept, *(repair for repair, _ in made)]
