"""How questions are read in one language: the phrasings that every entry has in it, and the words that mean nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from bot.cache import Cache
from bot.content import Content, Language, Ref
from bot.encoders import Encoder
from bot.matching import Candidate, Matcher, Phrasing
from bot.regions import Mention, group_of
from bot.topics import Entry, EntryQuestions, NotCovered
from bot.words import tokens

PLACE = "placename"
"""The word that stands for every named place; one that ends in its region group follows it."""

HURRIED = 0.5
"""What a word typed in a hurry counts for its language; it may be a plain word of another, as "dat" and "dos" are."""


class Reader:
    """Everything that can be asked in one language, made ready once and then only read."""

    def __init__(
        self, content: Content, language: Language, encoder: Encoder | None = None, cache: Cache | None = None
    ) -> None:
        self.content, self.code = content, language.code
        self._language = language
        heard = language.phrases
        self._encoder, self._cache = encoder, cache
        self._locating = frozenset(word for text in heard.locating for word in tokens(text))
        self._not_places = frozenset(heard.not_places)
        self._greeting = re.compile(rf"^(?:{_any_of(heard.greetings)}(?!\w)[\s,.:;!-]*){{1,4}}", re.IGNORECASE)
        self._closing = re.compile(rf"(?:(?<!\w){_any_of(heard.closings)}[\s,.:;!-]{{0,9}}){{1,4}}$", re.IGNORECASE)
        self._hurried = {short: word for word, shorts in heard.spellings.items() for short in shorts}
        self._vocabulary = frozenset(word for text in self._texts() for word in tokens(text))

    def familiar(self, text: str) -> float:
        """Share of a text's words that stand in what is asked in this language; one typed in a hurry counts half."""
        words = [word for word in tokens(text) if len(word) > 1]
        known = sum(1.0 if word in self._vocabulary else HURRIED * (word in self._hurried) for word in words)
        return known / max(len(words), 1)

    @cached_property
    def matcher(self) -> Matcher:
        """What ranks the entries for a question in this language; made when it is first needed."""
        heard = self._language.phrases
        words = self._language.words.values()
        return Matcher(
            self._candidates,
            {key: phrases for topic in words for key, phrases in topic.synonyms.items()},
            self._encoder,
            self._cache,
            names=self._names,
            hurried=self._hurried,
            negations=frozenset(word for text in heard.negations for word in tokens(text)),
            openers=frozenset(word for text in heard.openers for word in tokens(text)),
        )

    @cached_property
    def named(self) -> dict[tuple[str, ...], Ref]:
        """The gaps by the words that alone mean them."""
        return {tuple(self.matcher.terms(name)): ref for name, ref in self._names.items()}

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """The places that a text names, without words of this language that only look like one."""
        found = self.content.gazetteer.mentioned(text)
        return tuple(mention for mention in found if mention.text not in self._not_places)

    def unplaced(self, text: str, mentions: Sequence[Mention] | None = None) -> str:
        """The text with each place put as one word for them all and one for its region group.

        `mentions` are given for a question; it says nothing of a group that no phrasing names.
        """
        pieces, end = [], 0
        groups = [group for topic in self.content.topics for group in topic.facts.regions]
        for mention in self.mentions(text) if mentions is None else mentions:
            group = f"{PLACE}{group_of(mention.code, groups) or ''}"
            named = group if mentions is None or self.matcher.spelling.knows(group) else ""
            pieces += [text[end : mention.start], f" {PLACE} {named} "]
            end = mention.end
        return "".join((*pieces, text[end:]))

    def unframed(self, text: str) -> str:
        """The text without the greeting before it and the thanks after it, unless it says nothing else."""
        inner = self._closing.sub("", self._greeting.sub("", text))
        return inner if tokens(inner) else text

    def only_places(self, text: str) -> bool:
        """Whether a text names a place and says nothing else."""
        words = tokens(text)
        return PLACE in words and all(word in self._locating or word.startswith(PLACE) for word in words)

    def _texts(self) -> Iterator[str]:
        for words in self._language.words.values():
            for entry in words.entries:
                yield from (*entry.ask, *entry.yes, *entry.no)
            for gap in words.not_covered:
                yield from (*gap.ask, *gap.words)
            for name, phrases in words.synonyms.items():
                yield from (name, *phrases)
        for talk in self._language.phrases.small_talk:
            yield from talk.ask

    @cached_property
    def _candidates(self) -> list[Candidate]:
        found = []
        for topic, words in self._language.words.items():
            for entry in words.entries:
                found.append(Candidate((topic, entry.id), "entry", tuple(self._phrasings(entry))))
            for gap in words.not_covered:
                asked = (gap.title, *gap.ask) if isinstance(gap, NotCovered) else gap.ask
                phrasings = tuple(Phrasing(self.unplaced(text)) for text in asked)
                found.append(Candidate((topic, gap.id), "not_covered", phrasings))
        for talk in self._language.phrases.small_talk:
            found.append(Candidate(("", talk.id), "small_talk", tuple(Phrasing(text) for text in talk.ask)))
        return found

    def _phrasings(self, entry: Entry | EntryQuestions) -> Iterator[Phrasing]:
        titled = (entry.title, *entry.ask) if isinstance(entry, Entry) else entry.ask
        yield from (Phrasing(self.unplaced(text)) for text in titled)
        yield from (Phrasing(self.unplaced(text), "yes") for text in entry.yes)
        yield from (Phrasing(self.unplaced(text), "no") for text in entry.no)

    @cached_property
    def _names(self) -> dict[str, Ref]:
        """The names that alone mean a gap: this language's, and those of the first that are no words of this one."""
        own = {name: (topic, gap.id) for topic, words in self._language.words.items()
               for gap in words.not_covered for name in gap.words}  # fmt: skip
        first = {name: (topic.id, gap.id) for topic in self.content.topics
                 for gap in topic.words.not_covered for name in gap.words}  # fmt: skip
        return {name: ref for name, ref in first.items() if self._vocabulary.isdisjoint(tokens(name))} | own


def _any_of(phrases: Iterable[str]) -> str:
    """A pattern of any of the phrases, the longest first; of none that matches nothing."""
    ways = (re.escape(phrase).replace(r"\ ", r"\s+") for phrase in sorted(phrases, key=lambda phrase: -len(phrase)))
    return f"(?:{'|'.join(ways) or '(?!)'})"
