"""Which articles make a build fail? Asked only where one did: then each is tried by itself.

While all goes well nobody needs to know: words are read in one go, texts are encoded in batches.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from kb.errors import KBError
from kb.mishaps import is_mishap, refusal
from kb.store.snapshot import Snapshot, StoredPassage
from search.disk.record_cache import content_key
from search.encoding.protocol import Encoder
from search.encoding.vector_cache import VectorCache
from search.errors import ArticlesFailed
from search.language.terms import LanguageTokens
from search.passages.postings import PostingsBuilder

__all__ = ["culprits"]


def culprits(
    snapshot: Snapshot, encoder: Encoder, vectors: VectorCache, failed: BaseException
) -> Mapping[str, str]:
    """The sources of the articles for which indexing ``failed``, and what to say of each; none where it was
    no article's fault, as when it is every article's."""
    held = {summary.key: summary.source for summary in snapshot.summaries()}
    found: dict[str, str] = {}
    if isinstance(failed, ArticlesFailed):
        why = failed.__cause__ or failed
        found = {held[key]: refusal(why, failed.stage) for key in failed.keys if key in held}
    else:
        for key, passages in groupby(snapshot.passages(), key=lambda passage: passage.article_key):
            why_not = _tried(list(passages), encoder, vectors)
            if why_not is not None:
                found[held[key]] = why_not
    return found if len(found) < len(held) else {}


def _tried(passages: list[StoredPassage], encoder: Encoder, vectors: VectorCache) -> str | None:
    """What is wrong with an article, given by its passages; None for nothing."""
    doing = "reading its words"
    try:
        postings, tokens = PostingsBuilder(), LanguageTokens()
        sentences = [sentence for passage in passages for sentence in passage.sentences()]
        for passage in passages:
            postings.add(passage.passage.text, passage.passage.language)
        pieces = encoder.pieces([sentence.sentence.text for sentence in sentences])
        for row, (sentence, spans) in enumerate(zip(sentences, pieces, strict=True)):
            tokens.add(row, sentence.sentence.text, sentence.language, spans)
        doing = "encoding it"
        texts = [
            *(passage.passage.text for passage in passages),
            *(sentence.sentence.text for sentence in sentences),
        ]
        fresh = vectors.missing(map(content_key, texts))
        for text in texts:
            if content_key(text) in fresh:
                encoder.passages([text])
                list(encoder.with_tokens([text]))
    except KBError:
        raise
    except BaseException as error:
        if not is_mishap(error):
            raise
        return refusal(error, doing)
    return None
