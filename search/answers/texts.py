"""The texts of what was found for a question, read from the library once for all who need them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from kb.store.snapshot import Snapshot, StoredArticle, StoredPassage, StoredSentence
from search.answers.candidates import Found
from search.passages.backend import Scored

__all__ = ["Text", "read_texts"]


@dataclass(frozen=True, slots=True)
class Text:
    """Where something was found: its ``article``, whose ``text[start:end]`` it is, the ``best`` sentence of
    it, and the sentences ``before`` and ``after`` it, "" where there are none."""

    article: StoredArticle
    start: int
    end: int
    best: StoredSentence
    before: str
    after: str

    @property
    def quote(self) -> str:
        return self.article.article.text[self.start : self.end]

    @property
    def title(self) -> str:
        return self.article.article.title


def read_texts(snapshot: Snapshot, pool: Scored, found: Sequence[Found]) -> list[Text]:
    """The text of each of ``found``, in their order; each article is read once."""
    keys = [int(pool.articles[candidate.place]) for candidate in found]
    articles, held = snapshot.articles_by_key(set(keys)), snapshot.passages_of_each(set(keys))
    sentences: dict[int, dict[int, StoredSentence]] = {}
    for candidate, key in zip(found, keys, strict=True):
        if key not in sentences:
            passage, first = int(pool.keys[candidate.place]), int(pool.first[candidate.place])
            sentences[key] = _numbered(held[key], passage, first)
    return [
        _text(candidate, articles[key], sentences[key]) for candidate, key in zip(found, keys, strict=True)
    ]


def _numbered(passages: Sequence[StoredPassage], passage: int, first: int) -> dict[int, StoredSentence]:
    """The sentences of an article's passages by their places among the library's; that of the first one of a
    passage is known."""
    before = takewhile(lambda held: held.key != passage, passages)
    start = first - sum(len(held.sentence_keys) for held in before)
    return dict(enumerate((sentence for held in passages for sentence in held.sentences()), start))


def _text(found: Found, article: StoredArticle, sentences: Mapping[int, StoredSentence]) -> Text:
    before, after = sentences.get(found.first - 1), sentences.get(found.last + 1)
    return Text(
        article=article,
        start=sentences[found.first].sentence.start,
        end=sentences[found.last].sentence.end,
        best=sentences[found.best],
        before=before.sentence.text if before else "",
        after=after.sentence.text if after else "",
    )
