"""Both halves of the lexical leg: postings for ranking, and Whoosh's index for phrases; and the lemmas."""

from __future__ import annotations

from search.arrays.memory import give_back
from search.building.parts.part import Made, Making, Part
from search.language.index_terms import indexed_words
from search.passages.lexical import ExactIndexBuilder
from search.passages.posting_lists import PostingLists
from search.passages.postings import PostingsBuilder

__all__ = ["WordIndexes"]


class WordIndexes(Part[tuple[str, ...]]):
    """The words of all passages; returns the languages that passages are in, by their number there."""

    doing = "indexing words"
    folders = ("postings", "phrases", "lemmas")
    sent = ("lemmas",)

    def make(self, making: Making, made: Made) -> tuple[str, ...]:
        return making.aside.submit(self._write, making).result()

    def _write(self, making: Making) -> tuple[str, ...]:
        postings, phrases = PostingsBuilder(), ExactIndexBuilder(making.directory / "phrases")
        for passage in making.texts.passages:
            words = indexed_words(passage.searched, passage.passage.language)
            postings.add_words(words, passage.passage.language)
            phrases.add_words(words)
        phrases.finish()
        lists = postings.lists()
        lists.write(making.directory / "postings", making.directory / "lemmas")
        del postings, phrases
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
        for stored in before.added:
            words = indexed_words(stored.searched, stored.passage.language)
            phrases.add_words(words)
            postings.add_words(words, stored.passage.language)
        phrases.finish()
        lists = postings.lists(PostingLists.read(old / "postings", old / "lemmas"), before.passages)
        lists.write(making.directory / "postings", making.directory / "lemmas")
        return lists.languages
