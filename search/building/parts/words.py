"""Both halves of the lexical leg: postings for ranking, and Whoosh's index for phrases; the lemmas; and where
words are, for phrases and marks."""

from __future__ import annotations

from collections.abc import Iterable

from kb.store.snapshot import StoredPassage
from search.arrays.memory import give_back
from search.building.parts.part import Made, Making, Part
from search.language import analysis
from search.language.index_terms import indexed
from search.passages.lexical import ExactIndexBuilder
from search.passages.posting_lists import PostingLists
from search.passages.postings import PostingsBuilder
from search.passages.word_prints import WordPrints, WordPrintsBuilder

__all__ = ["WordIndexes"]


class WordIndexes(Part[tuple[str, ...]]):
    """The words of all passages; returns the languages that passages are in, by their number there."""

    doing = "indexing words"
    folders = ("postings", "phrases", "lemmas", "prints")
    sent = ("lemmas", "prints")

    def make(self, making: Making, made: Made) -> tuple[str, ...]:
        return making.aside.submit(self._write, making).result()

    def _write(self, making: Making) -> tuple[str, ...]:
        postings, phrases = PostingsBuilder(), ExactIndexBuilder(making.directory / "phrases")
        prints = _add(making.texts.passages, postings, phrases)
        phrases.finish()
        lists = postings.lists()
        lists.write(making.directory / "postings", making.directory / "lemmas")
        prints.write(making.directory / "prints")
        del postings, phrases, prints
        give_back()
        return lists.languages

    def carry(self, making: Making, made: Made) -> tuple[str, ...]:
        before, phrases = making.old, ExactIndexBuilder(making.directory / "phrases")
        old = before.directory
        again = before.keys[phrases.carry(old / "phrases", before.passages), 0].tolist()
        held = making.snapshot.passages_by_key(again)
        for key in again:
            phrases.add(held[key].searched, held[key].passage.language)
        postings = PostingsBuilder()
        prints = WordPrints.read(old / "prints").joined(
            before.passages, _add(before.added, postings, phrases)
        )
        prints.write(making.directory / "prints")
        phrases.finish()
        lists = postings.lists(PostingLists.read(old / "postings", old / "lemmas"), before.passages)
        lists.write(making.directory / "postings", making.directory / "lemmas")
        return lists.languages


def _add(
    passages: Iterable[StoredPassage], postings: PostingsBuilder, phrases: ExactIndexBuilder
) -> WordPrints:
    """Adds passages to both indexes, and returns the prints of their words."""
    prints = WordPrintsBuilder()
    for stored in passages:
        words = tuple(analysis.words(stored.searched))
        terms = indexed(words, stored.passage.language)
        postings.add_words(terms, stored.passage.language)
        phrases.add_words(terms)
        # Of the first passage of an article the title is searched, but not shown.
        prints.add(words, terms, len(stored.searched) - len(stored.passage.text))
    return prints.prints()
