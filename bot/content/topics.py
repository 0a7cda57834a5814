"""The content as the bot uses it: topics, the languages they are asked and answered in, and everything together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from bot.cache import digest
from bot.content.hearing import Hearing
from bot.content.models import (
    Announcement,
    AudiencePlace,
    Company,
    Contact,
    Country,
    Entry,
    NotCovered,
    Phase,
    RegionGroup,
    TopicFacts,
    TopicQuestions,
    TopicWords,
)
from bot.content.phrases import Phrases
from bot.content.places import Gazetteer
from bot.text import normal

LANGUAGE = "en"
"""The language that everything is said in first, and where another lacks something."""

RESULT = "/result"
"""What ends the name of the message that tells a sender how an announcement went."""

POSTS = "posts"
"""The name under which stands what is corrected of a topic's posts."""

TAKEN = {POSTS: "posts of the bot", RESULT.strip("/"): "what senders are told"}
"""The names that no announcement may have, and what they stand for."""

Ref = tuple[str, str]
"""What names an entry among all topics: the topic's id and the entry's."""


@dataclass(frozen=True)
class Topic:
    """One article and one setting to opt out of: its facts and its words."""

    id: str
    facts: TopicFacts
    words: TopicWords

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """The entries by their ids."""
        return {entry.id: entry for entry in self.words.entries}

    @cached_property
    def not_covered(self) -> dict[str, NotCovered]:
        """What the article does not say, by ids."""
        return {gap.id: gap for gap in self.words.not_covered}

    def group(self, region: str | None) -> str | None:
        """The topic's own region group for a group of any topic: its own, else the one that takes the rest."""
        own = {group.id: group for group in self.facts.regions}
        if region is None or region in own:
            return region
        return next((group.id for group in own.values() if group.codes == "rest"), None)

    def phases(self, today: date) -> dict[str, Phase]:
        """Where `today` stands to each announced date."""
        return {name: day.phase(today) for name, day in self.facts.dates.items()}


@dataclass(frozen=True)
class Language:
    """A language that questions are read in: how the bot is spoken to, what it says, what is asked about each topic."""

    code: str
    hearing: Hearing
    phrases: Phrases | None
    """What the bot says in it, or None for a language that it only reads."""
    words: Mapping[str, TopicQuestions]

    @cached_property
    def digest(self) -> str:
        """What changes with anything by which questions are read in it."""
        words = (part for topic, one in self.words.items() for part in (topic, one.model_dump_json()))
        return digest((self.code, self.hearing.model_dump_json(), *words))


@dataclass(frozen=True)
class Content:
    """Everything the bot can say in one language; `version` changes with any byte of it."""

    topics: tuple[Topic, ...]
    phrases: Phrases
    countries: Mapping[str, Country]
    company: Company
    version: str
    languages: tuple[Language, ...] = ()
    """Every language that is read, the one that everything is said in first."""
    language: str = LANGUAGE
    in_english: str = ""
    """What is said in another language where the answer is not in it."""
    translated: frozenset[Ref] = frozenset()
    """The entries and gaps that are said in that language."""
    announcements: Mapping[Ref, Announcement] = field(default_factory=dict)
    audiences: Mapping[str, tuple[AudiencePlace, ...]] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """What changes with anything of the topics and places by which questions are read in every language."""
        about = (part for topic in self.topics for part in (topic.id, topic.facts.service))
        regions = (group.model_dump_json() for group in self.regions)
        countries = (part for code, country in self.countries.items() for part in (code, country.model_dump_json()))
        return digest((*about, *regions, *countries))

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The names of all places, ready to be found in a text."""
        return Gazetteer(self.countries)

    def spoken(self, code: str) -> Content:
        """The content for somebody who writes in a language; what it lacks there is in English."""
        return self._spoken.get(code, self)

    @cached_property
    def _spoken(self) -> dict[str, Content]:
        return {language.code: _in_language(self, language) for language in self.languages[1:]}

    @cached_property
    def regions(self) -> tuple[RegionGroup, ...]:
        """The region groups of all topics, each once."""
        return tuple({group.id: group for topic in self.topics for group in topic.facts.regions}.values())

    def topic(self, topic_id: str) -> Topic | None:
        """The topic of that id, if there is one."""
        return next((topic for topic in self.topics if topic.id == topic_id), None)

    def topic_of(self, service: str) -> Topic | None:
        """The topic about a service, by its name or by the topic's id, however it is written; None for several."""
        wanted = normal(service)
        found = [topic for topic in self.topics if wanted in (normal(topic.facts.service), normal(topic.id))]
        return found[0] if len(found) == 1 else None

    def entry(self, ref: Ref) -> Entry | None:
        """The entry of that name, if there is one."""
        topic = self.topic(ref[0])
        return topic.entries.get(ref[1]) if topic else None

    def serves(self, ref: Ref, other: Ref) -> bool:
        """Whether the answer of an entry is a good one to what another of its topic is asked for, too."""
        topic = self.topic(ref[0])
        return topic is not None and ref[0] == other[0] and other[1] in topic.facts.also_answers.get(ref[1], ())

    def is_other_service(self, ref: Ref) -> bool:
        """Whether a gap is about another service."""
        topic = self.topic(ref[0])
        return topic is not None and ref[1] in topic.facts.other_services

    def contact(self, topic: Topic | None = None) -> Contact:
        """Whom to ask: the company's contact, else the one that the topic names."""
        if self.company.contact != Contact() or not topic:
            return self.company.contact
        return topic.facts.contact


def _in_language(content: Content, language: Language) -> Content:
    spoken = language.phrases
    topics, translated = [], set()
    for topic in content.topics:
        words = language.words.get(topic.id)
        if isinstance(words, TopicWords) and spoken:
            own: dict[str, Entry] = {entry.id: entry for entry in words.entries}
            gaps: dict[str, NotCovered] = {gap.id: gap for gap in words.not_covered}
            translated |= {(topic.id, one) for one in (*own, *gaps)}
            entries = tuple(own.get(entry.id, entry) for entry in topic.words.entries)
            not_covered = tuple(gaps.get(gap.id, gap) for gap in topic.words.not_covered)
            regions = {**topic.words.regions, **words.regions}
            words = words.model_copy(update={"entries": entries, "not_covered": not_covered, "regions": regions})
            topics.append(replace(topic, words=words))
        else:
            topics.append(topic)
    return replace(
        content,
        topics=tuple(topics),
        phrases=spoken or content.phrases,
        language=language.code if spoken else LANGUAGE,
        in_english=(spoken and spoken.in_english) or language.hearing.in_english or "",
        translated=frozenset(translated),
    )
