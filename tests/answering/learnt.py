"""A matcher of a few candidates, for tests of what it does with them."""

from collections.abc import Iterable

from bot.answering.matching import Candidate, Lexicon, Matcher, learn
from bot.cache import NO_CACHE

NO_WORDS = Lexicon()


def learnt(candidates: Iterable[Candidate], lexicon: Lexicon = NO_WORDS) -> Matcher:
    """What is learnt of these by words and letters alone, and nothing kept."""
    return Matcher(learn(candidates, lexicon, None, NO_CACHE, ""), lexicon)
