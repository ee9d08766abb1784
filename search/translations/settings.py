"""The numbers of this room: what is compared, and how alike texts are that say the same."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TRANSLATIONS"]


@dataclass(frozen=True, slots=True)
class TranslationSettings:
    # Alignment. The cosine of centred vectors above which two runs of sentences may be held to say the same.
    least: float = 0.35
    # Sentences: a longer text is aligned in runs of several, so that a book costs no more than an article.
    longest: int = 800

    # Likeness: a logistic regression. The weights, in log odds, of the gain, the share of tokens that have a
    # counterpart (the lower of the two texts'), the mean cosine outside beads, and the share of sentences
    # whose best match is in their bead (likewise).
    gain_weight: float = 36.7
    tokens_weight: float = 13.4
    outside_weight: float = -22.6
    matched_weight: float = 3.5
    bias: float = -11.1
    counterpart: float = 0.5  # two tokens are counterparts from this cosine on
    # The cosine outside beads where there is nothing outside, as in texts of one sentence each.
    nothing_outside: float = 0.2
    # No alignment gains more, or hardly, than each sentence's best cosine allows: below this it is hopeless.
    hopeless: float = 0.08
    texts_at_a_time: int = 64  # that another is compared with
    copy: float = 0.8  # the cosine above which sentences of one language are the same but for a word or two
    nearly_copy: float = 0.8 - 0.1  # runs of sentences may be copies where one of them alone is less near
    copied: float = 0.7  # the share of both texts that must be copies; log odds of 0 there
    copy_slope: float = 30.0

    # Articles. Of each, so many of the nearest in every other language are compared; in its own language, so
    # many of those that are very near.
    nearest_others: int = 4
    nearest_own: int = 16
    near: float = 0.4
    very_near: float = 0.9
    articles_held: int = 512  # whose sentences are in memory
    pairs_at_a_time: int = 1 << 14
    # An article has one translation in a language, or several that are copies of one another: another article
    # that is so much less likely (log odds) is on the same subject only.
    margin: float = 4.0
    # What both are translations of, both surely, vouches for two articles that are a little less alike.
    sure: float = 2.0
    vouched: float = -3.0
    largest_family: int = 16
    rejected: float = -99.0  # the log odds of what is not worth comparing

    # Of a sentence's score, what is its own where other languages have it, too; how often that is shared out:
    # half of the pairs in a family of versions are not known as such, and are reached by way of a third.
    shared_own: float = 0.5
    shared_rounds: int = 2

    # Links between passages: of their cosine, and of the mean of their sentences' best cosines in the other,
    # whichever is lower.
    linked_passages: float = 0.50
    linked_sentences: float = 0.44
    own_share: float = 0.5  # what a passage's own score counts beside the mean of those it is linked with


TRANSLATIONS = TranslationSettings()
