"""Both halves of the lexical leg, written: postings for ranking, and Whoosh's index for phrases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kb.mishaps import at_cost_of_all
from kb.store.snapshot import StoredPassage
from search.building.basis import Before
from search.building.passage_texts import PassageTexts
from search.language import analysis
from search.passages.lexical import ExactIndexBuilder
from search.passages.posting_lists import PostingLists
from search.passages.postings import PostingsBuilder

__all__ = ["carry_words", "write_words"]


@at_cost_of_all("indexing words")
def write_words(texts: PassageTexts, directory: Path) -> None:
    """Writes the words of all passages."""
    postings, exact = PostingsBuilder(), ExactIndexBuilder(directory / "exact")
    for passage in texts.passages:
        forms = [word.form for word in analysis.words(passage.passage.text)]
        postings.add_forms(forms, passage.passage.language)
        exact.add_forms(forms)
    exact.finish()
    postings.write(directory / "postings")


@at_cost_of_all("indexing words")
def carry_words(
    before: Before, exact: ExactIndexBuilder, again: Sequence[StoredPassage], directory: Path
) -> None:
    """Writes the words of passages, of which those ``again`` have to be given to the exact index anew."""
    postings = PostingsBuilder()
    for passage in again:
        exact.add(passage.passage.text)
    for passage in before.added:
        exact.add(passage.passage.text)
        postings.add(passage.passage.text, passage.passage.language)
    exact.finish()
    was = PostingLists.read(before.directory / "postings")
    postings.write(directory / "postings", was, before.passages)
