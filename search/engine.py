"""The engine: a library opened for questions. Read-only, thread-safe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType, TracebackType

from kb import languages as language_table
from kb.export import export
from kb.snapshot import ArticleSummary, StoredArticle, StoredPassage
from kb.store import Store
from search import layout
from search.answers import Found, find_evidence
from search.budget import checkpoint, note
from search.correction import did_you_mean
from search.errors import ArticleMissing, NotYet, QueryError
from search.explanation import explain
from search.leases import Lease
from search.lookup import look_up
from search.models import (
    Answer,
    ArticleRef,
    Entry,
    Evidence,
    Hit,
    Results,
    Snippet,
    Status,
    Suggestion,
    Translation,
)
from search.ranking import Index, Ranking
from search.suggestions import Suggestions, suggestions

__all__ = ["Engine"]


class Engine:
    """Open one with :func:`search.open`; close it, or use it as a context manager."""

    def __init__(
        self,
        library: Path,
        lease: Lease,
        *,
        model: str | None = None,
        cache: Path | None = None,
        words_only: str = "",
    ) -> None:
        """Opens the generation that ``lease`` holds, and releases it when closed. ``words_only`` says why no
        model can be used; then searching goes by words alone, and nothing is answered."""
        self.path = library
        self.generation = lease.generation
        self.degraded = words_only
        self._lease = lease
        self._store = Store.open(layout.database(library))
        self._snapshot = self._store.at(lease.generation)
        self._summaries = {summary.key: summary for summary in self._snapshot.summaries()}
        languages = {key: summary.language for key, summary in self._summaries.items()}
        self._index = Index(
            library, lease.generation, languages, model=model, cache=cache, words_only=bool(words_only)
        )
        self.languages: tuple[str, ...] = tuple(count.language for count in self._snapshot.counts())

    # --- questions

    def search(
        self,
        text: str,
        *,
        limit: int = 10,
        offset: int = 0,
        languages: Sequence[str] | None = None,
        query_language: str | None = None,
        leg: str = "both",
    ) -> Results:
        """Articles that match, best first, one hit each; ``languages`` keeps articles in these only.

        ``leg`` shows what one leg of the ranking, "dense" or "lexical", finds alone. Raises QueryError for
        an empty or over-long query or an unknown language.
        """
        ranking = self._index.rank(text, self._resolved(languages), leg)
        best = self._best_of_articles(ranking)
        counts: dict[str, int] = {}
        for place in best:
            language = self._summary_of(ranking, place).language
            counts[language] = counts.get(language, 0) + 1
        page = best[offset : offset + limit]
        note("hits", len(best))
        passages = self._snapshot.passages_by_key(self._index.passage_key(ranking, place) for place in page)
        checkpoint("reading")
        hits = tuple(
            self._hit(ranking, place, passages[self._index.passage_key(ranking, place)]) for place in page
        )
        ordered = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
        checkpoint("marking")
        meant = did_you_mean(self._index, ranking.scores)
        checkpoint("spelling")
        return Results(text, hits, len(best), offset, MappingProxyType(ordered), query_language, meant)

    def ask(
        self,
        question: str,
        *,
        languages: Sequence[str] | None = None,
        per_language: int = 3,
        query_language: str | None = None,
    ) -> Answer:
        """The evidence for a question from every language that has some, and whether it answers at all.

        Raises QueryError as :meth:`search` does.
        """
        wanted = self._resolved(languages)
        ranking = self._index.rank(question, wanted)
        if self.degraded:
            # What answers a question is told by its meaning, which nobody reads now.
            return Answer(question, False, 0.0, "other", (), self.languages, MappingProxyType({}))
        finding = find_evidence(self._index, ranking, per_language)
        note("evidence", len(finding.found) if finding.answered else 0)
        checkpoint("evidence")
        passages = self._snapshot.passages_by_key(
            self._index.passage_keys[found.passage_row] for found in finding.found
        )
        evidence = tuple(
            self._evidence(ranking, found, passages[int(self._index.passage_keys[found.passage_row])])
            for found in finding.found
        )
        by_language: dict[str, tuple[Evidence, ...]] = {}
        if finding.answered:
            for one in evidence:
                by_language[one.language] = (*by_language.get(one.language, ()), one)
        checkpoint("marking")
        asked = ranking.scores.query.languages or tuple(wanted) or self.languages
        silent = tuple(code for code in self.languages if code in asked and code not in by_language)
        return Answer(
            question=question,
            found=finding.answered,
            confidence=finding.confidence,
            shape=finding.shape,
            evidence=evidence,
            silent=silent,
            by_language=MappingProxyType(by_language),
        )

    def lookup(self, term: str, *, language: str | None = None) -> tuple[Entry, ...]:
        """What each language's articles call a term; ``language`` is the one it is given in, if known.

        Raises QueryError for an empty or over-long term or an unknown language.
        """
        code = None if language is None else language_table.resolve(language)
        if language is not None and code is None:
            raise QueryError(f"{language!r} is not a language code that Rosetta knows; try pl")
        return look_up(self._index, self._snapshot, self._reference, self.languages, term, code)

    def translations(self, source: str) -> tuple[Translation, ...]:
        """The same or nearly the same text in other languages."""
        raise NotYet(
            "finding translations comes with a later version of Rosetta; `kb search` shows related articles"
        )

    def suggest(self, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """Completions for the search box, of titles and terms in every script; typos are forgiven."""
        return self._suggestions.complete(prefix, limit)

    @cached_property
    def _suggestions(self) -> Suggestions:
        titles = ((summary.title, summary.language) for summary in self._summaries.values())
        return suggestions(titles, self._index.vocabulary)

    # --- what the library holds

    def article(self, id_or_source: str) -> StoredArticle:
        """An article by its public id or its source. Raises ArticleMissing."""
        found = self._snapshot.article(id_or_source) or self._snapshot.article_by_source(id_or_source)
        if found is None:
            raise ArticleMissing(
                f"{id_or_source}: no such article in this library; `kb search` finds articles by content"
            )
        return found

    def articles(self) -> tuple[ArticleSummary, ...]:
        """Every article, named."""
        return tuple(self._summaries.values())

    def status(self) -> Status:
        counts = self._snapshot.counts()
        meta = self._snapshot.meta()
        return Status(
            path=str(self.path),
            generation=self.generation,
            format_version=layout.FORMAT_VERSION,
            created=meta.get("updated", ""),
            model=self._index.identity.name,
            dimension=self._index.identity.dimension,
            articles=MappingProxyType({c.language: c.articles for c in counts}),
            passages=MappingProxyType({c.language: c.passages for c in counts}),
            sentences=MappingProxyType({c.language: c.sentences for c in counts}),
            words=MappingProxyType({c.language: c.words for c in counts}),
            skipped=tuple((one.source, one.reason) for one in self._snapshot.skipped()),
        )

    def export(self, directory: Path) -> int:
        """Every article as Markdown with front matter; the number written."""
        return len(export((stored.article for stored in self._snapshot.articles()), directory))

    def close(self) -> None:
        self._index.close()
        self._store.close()
        self._lease.release()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- inside

    def _resolved(self, languages: Iterable[str] | None) -> frozenset[str]:
        """Language codes as the library uses them; empty for all. Raises QueryError for an unknown one."""
        codes = set()
        for tag in languages or ():
            code = language_table.resolve(tag)
            if code is None or code not in self.languages:
                there = ", ".join(self.languages)
                raise QueryError(f"the library has nothing in {tag!r}; it has {there}")
            codes.add(code)
        return frozenset(codes)

    def _summary_of(self, ranking: Ranking, place: int) -> ArticleSummary:
        return self._summaries[int(self._index.article_keys[ranking.rows[place]])]

    def _best_of_articles(self, ranking: Ranking) -> list[int]:
        """Places in the ranking of each article's best passage that passed the cut-off, in order."""
        seen: set[int] = set()
        best = []
        for place, row in enumerate(ranking.rows):
            key = int(self._index.article_keys[row])
            if ranking.hits[place] and key not in seen:
                seen.add(key)
                best.append(place)
        return best

    def _hit(self, ranking: Ranking, place: int, stored: StoredPassage) -> Hit:
        checkpoint("marking")
        row = int(ranking.rows[place])
        at = self._index.best_sentence(ranking.scores, row)
        passage = stored.passage
        sentence = passage.sentences[at]
        marks = self._index.marks(ranking.scores, passage.text, passage.language, passage.start)
        if not any(sentence.start <= mark.start < sentence.end for mark in marks):
            sentence_row = int(self._index.matrices.bounds[row]) + at
            marks += self._index.meaning_marks(ranking.scores, sentence_row, sentence.text, sentence.start)
        return Hit(
            article=self._reference(stored.article_key),
            score=float(ranking.fused[place]),
            passage=Snippet(passage.text, passage.start, passage.end, passage.language),
            sentence=Snippet(sentence.text, sentence.start, sentence.end, passage.language),
            highlights=tuple(sorted(marks, key=lambda mark: mark.start)),
            why=explain(self._index, ranking, row, passage.language),
        )

    def _evidence(self, ranking: Ranking, found: Found, stored: StoredPassage) -> Evidence:
        passage = stored.passage
        first = int(self._index.matrices.bounds[found.passage_row])
        at = found.sentence_row - first
        sentence = passage.sentences[at]
        marks = self._index.marks(ranking.scores, sentence.text, passage.language, sentence.start)
        if not marks:
            marks = self._index.meaning_marks(
                ranking.scores, found.sentence_row, sentence.text, sentence.start
            )
        return Evidence(
            language=passage.language,
            quote=sentence.text,
            article=self._reference(stored.article_key),
            start=sentence.start,
            end=sentence.end,
            score=found.score,
            highlights=marks,
            why=explain(self._index, ranking, found.passage_row, passage.language, found.sentence_row),
            before=passage.sentences[at - 1].text if at else "",
            after=passage.sentences[at + 1].text if at + 1 < len(passage.sentences) else "",
        )

    def _reference(self, key: int) -> ArticleRef:
        one = self._summaries[key]
        return ArticleRef(one.id, one.source, one.title, one.language, one.date, one.url)
