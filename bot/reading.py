"""How questions are read in one language: the phrasings that every entry has in it, and the words that mean nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.cache import Cache
from bot.content import Content, Language, Ref
from bot.encoders import Encoder
from bot.matching import Candidate, Matcher, Phrasing
from bot.regions import Mention, group_of
from bot.topics import Entry, EntryQuestions
from bot.words import tokens

PLACE = "placename"
"""The word that stands for every named place; one that ends in its region group follows it."""


class Reader:
    """Everything that can be asked in one language, made ready once and then only read."""

    def __init__(
        self, content: Content, language: Language, encoder: Encoder | None = None, cache: Cache | None = None
    ) -> None:
        self.content, self.code = content, language.code
        self._language = language
        heard = language.phrases
        self._locating = frozenset(word for text in heard.locating for word in tokens(text))
        self._not_places = frozenset(heard.not_places)
        words = language.words.values()
        synonyms = {key: phrases for topic in words for key, phrases in topic.synonyms.items()}
        names = dict(self._names())
        self.matcher = Matcher(
            list(self._candidates()),
            synonyms,
            encoder,
            cache,
            names=names,
            negations=frozenset(word for text in heard.negations for word in tokens(text)),
            openers=frozenset(word for text in heard.openers for word in tokens(text)),
        )
        self.named: dict[tuple[str, ...], Ref] = {tuple(self.matcher.terms(name)): ref for name, ref in names.items()}

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """The places that a text names, without words of this language that only look like one."""
        found = self.content.gazetteer.mentioned(text)
        return tuple(mention for mention in found if mention.text not in self._not_places)

    def unplaced(self, text: str, mentions: Sequence[Mention] | None = None) -> str:
        """The text with each place put as one word for them all and one for its region group."""
        pieces, end = [], 0
        groups = [group for topic in self.content.topics for group in topic.facts.regions]
        for mention in self.mentions(text) if mentions is None else mentions:
            group = group_of(mention.code, groups) or ""
            pieces += [text[end : mention.start], f" {PLACE} {PLACE}{group} "]
            end = mention.end
        return "".join((*pieces, text[end:]))

    def only_places(self, text: str) -> bool:
        """Whether a text names a place and says nothing else."""
        words = tokens(text)
        return PLACE in words and all(word in self._locating or word.startswith(PLACE) for word in words)

    def _candidates(self) -> Iterator[Candidate]:
        for topic, words in self._language.words.items():
            for entry in words.entries:
                yield Candidate((topic, entry.id), "entry", tuple(self._phrasings(entry)))
            for gap in words.not_covered:
                asked = (*((gap.title,) if hasattr(gap, "title") else ()), *gap.ask)
                yield Candidate((topic, gap.id), "not_covered", tuple(Phrasing(self.unplaced(text)) for text in asked))
        for talk in self._language.phrases.small_talk:
            yield Candidate(("", talk.id), "small_talk", tuple(Phrasing(text) for text in talk.ask))

    def _phrasings(self, entry: Entry | EntryQuestions) -> Iterator[Phrasing]:
        titled = (entry.title, *entry.ask) if isinstance(entry, Entry) else entry.ask
        yield from (Phrasing(self.unplaced(text)) for text in titled)
        yield from (Phrasing(self.unplaced(text), "yes") for text in entry.yes)
        yield from (Phrasing(self.unplaced(text), "no") for text in entry.no)

    def _names(self) -> Iterator[tuple[str, Ref]]:
        """The names that alone mean a gap: this language's, and those of the first that are no words of this one."""
        own = [phrasing.text for candidate in self._candidates() for phrasing in candidate.phrasings]
        known = {word for text in own for word in tokens(text)} if self.code != self.content.language else set()
        for topic in self.content.topics:
            for gap in topic.words.not_covered:
                yield from ((name, (topic.id, gap.id)) for name in gap.words if known.isdisjoint(tokens(name)))
        for topic_id, words in self._language.words.items():
            for named in words.not_covered:
                yield from ((name, (topic_id, named.id)) for name in named.words)
