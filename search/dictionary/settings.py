"""The numbers of this room: which words are terms, which terms are counterparts, and how likely."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DICTIONARY"]


@dataclass(frozen=True, slots=True)
class DictionarySettings:
    # The size of a vocabulary. Words in a whole library's vocabularies, or one for so many sentences where
    # that is more: encoding them then takes less than a fifth of the time that ten thousand passages and
    # their sentences take. A language has its share by sentences, and no less than ``words_each`` where all
    # languages can have that many.
    words_in_all: int = 14_000
    sentences_per_word: int = 6
    words_each: int = 4_000
    # Words of a language that are kept, the most frequent: with more than ``many_words``, those met once are
    # not. Terms of several words at most for each word kept.
    words_most: int = 30_000
    many_words: int = 12_000
    compounds: float = 0.25
    longest_term: int = 3  # words
    rough_axes: int = 64  # by which is told whose cosine is computed in full
    # Languages whose words are put together side by side: two to keep the cores busy, and one for when one
    # ends.
    languages_together: int = 3
    sentences_at_a_time: int = 4096  # whose words are read
    sentences_ahead: int = 1 << 14  # whose words may have been read before they are needed
    # A sum no longer than this says nothing: it is not brought to unit length.
    shortest_sum: float = 1e-6
    gathered_at_a_time: int = 1 << 12  # rows, to bound the memory

    # Words to terms. A word's vector is the mean over its lemma and so many of its forms; a longer term's is
    # its most frequent form's. So is a rare word's in a vocabulary of more than ``few_words``: of those
    # beyond a quarter (one in ``with_forms``) of what the language may have, which would take as long as all
    # the others. Where it was words met less than three times, it cost one in fifty of the pairs found, right
    # ones or wrong.
    forms: int = 3
    compound_forms: int = 1
    few_words: int = 1_000
    with_forms: int = 4
    # Words that look more like function words than this are no terms (short content words of one language can
    # be function words of another: *by*, *nos*); above 0, no longer term begins or ends with them. A query's
    # word looks like a function word from here on, too. One that the background says is one must look very
    # unlike one: *med* and *din* are about 0, a little to either side by the batch that they are encoded in.
    function_word: float = 4.0
    surely_no_function_word: float = -2.0
    # The same by where a word points in a query: so that as many words of XQuAD's questions are function
    # words.
    function_word_heard: float = 2.0
    # Two spellings of one word: the letters they begin with, the longest endings, and their cosine at least.
    stem: int = 5
    ending: int = 3
    same_cosine: float = 0.75
    # A word met so often at most is another language's where its vector says so this clearly (a log ratio).
    rare: int = 2
    strange: float = 15.0
    # A form of a longer term is not rare at this share of the most frequent one's count; a lemma looks like a
    # form when they have this share of the lemma's letters in common at the beginning.
    not_rare: float = 0.15
    like_a_form: float = 0.6
    # Letters of an ending by which dictionary forms are told, and how many forms the shorter ending counts
    # for.
    telling: int = 3
    leaning: float = 4.0

    # The space of words. A vocabulary's own mean counts half against the background's at this many words.
    half_trusted: float = 500.0
    shrinkage: float = 0.1  # how much of a covariance is made round: there are fewer words than would fill it
    # Content words that function words are told from: words that one background text has, of this length, one
    # in so many.
    content_length: int = 4
    content_every: int = 4

    # Counterparts. The weights of a word's own vector, of its contextual vectors and of its company in the
    # joint vector.
    word: float = 1.0
    context: float = 1.0
    company: float = 0.75
    # Hubness: the mean similarity to this many nearest of the other language, of its most frequent terms,
    # which are the first block.
    neighbours: int = 10
    counterparts_block: int = 1024
    # Nearest terms that are looked at, and the probability below which a pair is forgotten.
    nearest: int = 3
    least: float = 0.2
    # By how much rounding to bytes may change a joint cosine, times the sum of the weights, at the most.
    rounding: float = 0.02
    # A logistic regression on 711 pairs judged right or wrong by reading: 471 of Czech, Danish, Ukrainian and
    # Indonesian with English, half of them from libraries where nothing is translated, and 240 of this
    # project's own corpus/, where all articles are on one subject, so that all words keep the same company.
    # The three cosines; the margin, how far the joint similarity is above the best rivals' (mean of both
    # directions); and one over the rarer term's count. In ten-fold cross-validation 0.90 of the pairs above
    # 0.6 were right, in either set, and 0.78 and 0.62 of the right ones were above. Association over aligned
    # sentences (Dice's coefficient) added nothing to it.
    counterpart_bias: float = -4.3
    word_weight: float = 3.26
    context_weight: float = 3.79
    company_weight: float = 3.33
    margin_weight: float = 5.0
    rarity_weight: float = -0.64
    # A pair loses to one that is so much surer, unless the rivals' own vectors are so near: of the pairs
    # above 0.6 that this concerned, half were wrong. What is left to the loser.
    surer: float = 0.1
    synonym: float = 0.65
    claimed: float = 0.7

    # A word that no text has. The probability that a term means what was asked for, by the cosine of its
    # vector alone. Logistic regression on 320 English words and their nearest Czech, Danish, Ukrainian or
    # Indonesian term, judged by reading, half of them of libraries that do not have them: 0.90 of those above
    # 0.6 were right, and 0.69 of the right ones were above. Hubness and rivals added nothing here.
    alone_bias: float = -6.54
    alone_cosine: float = 12.06
    # Terms this likely lead on to their own counterparts, so many of each language; each step may err by
    # itself.
    sure_anchor: float = 0.5
    anchors: int = 3
    step: float = 0.95
    # The same spelling in another language than the one asked in may be a loan or a false friend.
    same_spelling: float = 0.5
    shown: float = 0.65  # below this, a term is not shown
    # Of terms about as likely the more frequent is the better answer, or one that is spelled alike, and one
    # that is nearer to a part of what was asked for a worse one: the weights, beside the log odds, of log
    # count, likeness of spelling above ``spelled_alike`` (0–1) and difference in cosine.
    frequency_weight: float = 0.15
    spelling_weight: float = 2.0
    spelled_alike: float = 0.6
    part_weight: float = 4.0
    surely: float = 0.999  # a probability is no higher where its log odds are taken
    # A form that no text has is a term's where they differ in endings alone and have a cosine of this at
    # least.
    same_word: float = 0.6
    # Below this, a term is nobody's counterpart: no one asks for any less likely. Of pairs of words whose
    # cosine makes them likelier, 99 % have a cosine along the rough axes of at least so much.
    unlikely: float = 0.3
    rough_cosine: float = 0.2
    # Terms listed for each language, those whose cosine is computed in full, and words that are remembered.
    listed: int = 12
    computed_in_full: int = 512
    words_remembered: int = 8_000
    # What a word is likely to mean is remembered for fewer: it takes some 10 KB in a library of many
    # languages.
    meanings_remembered: int = 2_000
    texts_remembered: int = 64  # whose words are: a query's are asked for more than once

    # A word in its query. How much of what all tokens of a query have in common is taken off a word's; 0,
    # 0.25, 0.75 and 1 were no better.
    common: float = 0.5
    # Background questions that the map is fitted on, one in so many, and how round its ridge regression is.
    map_every: int = 2
    map_ridge: float = 1e-4
    # Beyond this likeness a word surely is, or is not, a function word.
    map_clear: float = 12.0
    # The probability that a term means what a word means in its query, by the sum of both cosines: so that as
    # many words of XQuAD's questions have each probability as by their own vectors.
    heard_bias: float = -6.78
    heard_cosines: float = 7.35
    # Terms whose own vectors are compared, too: those whose contexts are nearest, so many at most. Of those
    # that are likely with both, 99.8 % have contexts at least so near.
    heard_most: int = 512
    heard_near: float = 0.2

    # A query's words that are expanded, its most telling ones; and the longest known term among them, in
    # words. Counterparts less likely than this are not used; so many in each language.
    expanded_words: int = 24
    expanded_longest: int = 3
    expanded_likely: float = 0.4
    expanded_each: int = 3


DICTIONARY = DictionarySettings()
