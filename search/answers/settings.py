"""The numbers of this room: what answers, what is said of hits, what completes or corrects a query."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ANSWERING"]


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    # Candidates. A sentence's own score, and its passage's dense score, which tells what it is about; what
    # naming all that is asked about is worth, and being in the question's own language.
    sentence: float = 0.6
    passage: float = 0.4
    named: float = 0.5
    own_language: float = 0.8
    # Of what the best of a language has, how much is taken off its sentences where languages are merged.
    language_best: float = 0.7
    candidates_each: int = 40  # sentences of each language that are candidates
    # From here on a sentence surely bears on a concept (in a library on one subject all of them do a little);
    # what each deviation less costs; what a second sentence does.
    bears: float = 6.0
    lack: float = 0.2
    second: float = 0.3
    # What leading up to a list, or being in one, is worth to a question that asks for one; and the passages
    # before and after in which a list is looked for.
    listed: float = 0.3
    list_around: int = 12
    # Concepts: how many, and what having a word's counterpart for sure is worth, in standard deviations of
    # late interaction.
    concepts: int = 4
    concept_word: float = 4.0

    # Candidates that the reader reads, and of each language at least.
    read: int = 24
    read_of_each: int = 2
    # A question is answered where its best sentence is at least so likely an answer: as many wrong answers as
    # wrong refusals. Then whatever is at least so likely is shown.
    answered: float = 0.25
    shown: float = 0.10

    # Explanations. Standard deviations above unrelated texts from which on "close", "very close in meaning"
    # is said; the matched share of the query's IDF mass from which on "most of the words" is.
    close: float = 3.0
    very_close: float = 5.0
    many_words: float = 0.4

    # Corrections. Words of a query that are looked up: a sentence in a language that the library does not
    # have has only such. Of two spellings one slip apart, the nearer is meant, whatever its language.
    # Languages that the query may be in, the likeliest, in whose dictionaries a word is looked up.
    corrected: int = 12
    favour: float = 0.9
    spoken: int = 2
    # Layouts of keyboards. Shorter words say nothing by themselves (a syllable of Korean is two keys or
    # three), longer ones are none. So long a word surely says something.
    letters: int = 3
    syllables: int = 2
    longest_word: int = 60
    sure_letters: int = 6
    # What looks like words has so many letters a piece at least. What a library does not have is read in
    # another layout where it is in so many pieces at least, and in half as many there.
    wordlike: float = 2.5
    broken: int = 4

    # Looking up. Characters of a term; examples of each; sentences that are looked at for them, and the
    # length that shows a word best.
    longest_term: int = 200
    examples: int = 2
    sentences_looked_at: int = 40
    good_length: int = 120
    # Of a probability: a third one would say more than is known.
    digits: int = 2
    # Of the whole dictionary: terms whose vectors are made at a time, and sentences that show each.
    terms_at_a_time: int = 512
    examples_of_all: int = 1

    # The overview. Passages that it is made from; passages drawn, and passages of each language that look for
    # their nearest in the others, which are taken by so many rows. Dots around one among which its
    # translations are looked for.
    looked_over: int = 20_000
    drawn: int = 300
    asked: int = 400
    block: int = 256
    dots_around: int = 5

    # Suggestions. Candidates looked at in each way of matching; slips are looked for in so many first
    # characters.
    suggestion_candidates: int = 64
    suggestion_letters: int = 32
    title: float = 1.5  # a title is as welcome as a term that occurs a few times (the log of its count)
    # What counts, in this order but for the slip, each of which costs so much; weights are far below.
    own_script: float = 1000.0
    reader_language: float = 400.0
    whole_word: float = 50.0
    slip: float = 100.0


ANSWERING = AnswerSettings()
