"""What authors write: the fields of a topic, its words, the company and the regions, and what each must be."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from bot.text import clean

ANSWER_LIMIT = 500
"""Characters an answer may have: what a person reads in a chat without scrolling."""

ANNOUNCEMENT_LIMIT = 2_000
"""Characters that an announcement may have: less than Slack's 3,000 for a section, so that nothing is ever cut."""

NAME_LIMIT = 150
"""Characters that a name, a title or the words for a picture may have: what Slack's header shows at most."""

Phase = Literal["upcoming", "passed", "confirmed"]
"""Where a day stands to an announced date: before it, after it, or after it with a source that says it happened."""

UNKNOWN_REGION = "unknown"
"""The region id that authors write for somebody whose region is not known."""


def _web_address(text: str) -> str:
    if not text.startswith("https://") or any(c.isspace() or c in "<>|\"'" for c in text):
        raise ValueError("an address that starts with https://, without spaces, quotes or any of < > |")
    return text


def _mail_address(text: str) -> str:
    name, at, host = text.partition("@")
    if not (name and at and "." in host) or any(c.isspace() or c in "<>|" for c in text):
        raise ValueError("a mail address such as privacy@example.com")
    return text


def _readable(text: str) -> str:
    if not clean(text).strip():
        raise ValueError("something to read")
    return text


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _said(value: Any) -> Any:
    return {"say": value} if isinstance(value, str) else value


Name = Annotated[str, Field(min_length=1, max_length=NAME_LIMIT), AfterValidator(_readable)]
Sentence = Annotated[str, Field(min_length=1, max_length=ANSWER_LIMIT)]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
Ask = Annotated[str, Field(min_length=2, max_length=300)]
Near = Annotated[tuple[Ask, ...], Field(alias="not")]
"""Questions that look like those of an entry, which it does not answer."""


class Model(BaseModel):
    """A frozen record of content that knows its fields and refuses any other."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Source(Model):
    """The article that a topic rests on, and the sections that its entries may name."""

    title: Name
    author: Name
    publisher: Name
    published_on: date
    url: WebAddress | None = None
    sections: tuple[Name, ...]


class AnnouncedDate(Model):
    """A day that a service announced; it counts as a fact only once `confirmed_on` is set, with its source."""

    on: date
    confirmed_on: date | None = None
    source: WebAddress | None = None

    def phase(self, today: date) -> Phase:
        """Where `today` stands to this date."""
        if today < self.on:
            return "upcoming"
        return "confirmed" if self.confirmed_on and self.confirmed_on <= today else "passed"


class RegionGroup(Model):
    """Countries for which the topic's facts are the same; `rest` takes every country that no other group names."""

    id: Id
    codes: tuple[str, ...] | Literal["rest"]


class Contact(Model):
    """Whom to ask: a person or team, a channel, a mail address, or several of these."""

    person: Name | None = None
    channel: Name | None = None
    mail: MailAddress | None = None


class TopicFacts(Model):
    """What is true of a topic in every language: the file `topic.yaml`."""

    service: Name
    link: WebAddress
    source: Source
    dates: dict[Id, AnnouncedDate] = {}
    regions: tuple[RegionGroup, ...] = ()
    also_answers: dict[Id, tuple[Id, ...]] = {}
    """Entries whose answer is a good one to what others are asked for, too."""
    after: dict[Id, dict[Id, Id]] = {}
    """By the entry answered before: what a question that points back to that answer means in place of another entry."""
    other_services: tuple[Id, ...] = ()
    """What is not covered because it is about another service; so is what the same message asks after it."""
    owner: Name
    contact: Contact
    reviewed_on: date
    review_by: date


class Fragment(Model):
    """A piece of an answer, said only to people in these regions and while each date is in one of these phases."""

    say: Sentence
    region: Annotated[tuple[Id, ...], BeforeValidator(_listed)] = ()
    dates: dict[Id, Annotated[tuple[Phase, ...], BeforeValidator(_listed)]] = {}

    def holds(self, region: str | None, phases: dict[str, Phase]) -> bool:
        """Whether this piece is said to somebody in `region` (None: not known) on a day with these phases."""
        if self.region and (region or UNKNOWN_REGION) not in self.region:
            return False
        return all(phases[name] in wanted for name, wanted in self.dates.items())


class EntryQuestions(Model):
    """The ways people ask for an entry in a language: what is asked of it."""

    id: Id
    ask: tuple[Ask, ...]
    yes: tuple[Ask, ...] = ()
    no: tuple[Ask, ...] = ()
    near: Near = ()


class EntryAnswer(Model):
    """What is said to them."""

    id: Id
    title: Name
    section: Name
    answer: tuple[Annotated[Fragment, BeforeValidator(_said)], ...]
    shows: tuple[Literal["link", "steps"], ...] = ()
    instead: dict[Id, Id] = {}

    @property
    def by_region(self) -> bool:
        """Whether the answer depends on where somebody is."""
        return bool(self.instead) or any(fragment.region for fragment in self.answer)

    def text(self, region: str | None, phases: dict[str, Phase]) -> str:
        """The answer for somebody in `region` (None: not known) on a day with these phases."""
        return " ".join(fragment.say for fragment in self.answer if fragment.holds(region, phases))


class Entry(EntryAnswer, EntryQuestions):
    """One question that a topic answers, the ways people ask it, and what is said."""


class NotCoveredQuestions(Model):
    """The ways people ask for something that the article does not say; `words` are names that alone mean this."""

    id: Id
    ask: tuple[Ask, ...]
    words: tuple[Name, ...] = ()


class NotCoveredAnswer(Model):
    """What is said to them."""

    id: Id
    title: Name
    answer: Sentence


class NotCovered(NotCoveredAnswer, NotCoveredQuestions):
    """Something people ask that the article does not say, and what is said."""


class TopicQuestions(Model):
    """How people ask about a topic in a language: the file `asked.yaml`, with `synonyms.yaml`."""

    synonyms: dict[Name, tuple[Name, ...]] = {}
    entries: tuple[EntryQuestions, ...]
    not_covered: tuple[NotCoveredQuestions, ...] = ()


class StepList(Model):
    """The way to the setting, in order, and what to know about the names of its menus."""

    title: Name
    section: Name
    items: tuple[Name, ...]
    note: Sentence


class RegionWords(Model):
    """What a region group is called: `name` inside a sentence, `label` on a button."""

    name: Name
    label: Annotated[str, Field(min_length=1, max_length=75)]


class TopicAnswers(Model):
    """What a topic says in a language: the file `answers.yaml`."""

    title: Name
    covers: Sentence
    link_label: Annotated[str, Field(min_length=1, max_length=75)]
    steps: StepList
    regions: dict[Id, RegionWords] = {}
    suggested: tuple[Id, ...] = ()
    entries: tuple[EntryAnswer, ...]
    not_covered: tuple[NotCoveredAnswer, ...] = ()


class TopicWords(TopicAnswers, TopicQuestions):
    """Everything that a topic says in one language and is asked: both together, or a file such as `en.yaml`."""

    entries: tuple[Entry, ...]
    not_covered: tuple[NotCovered, ...] = ()


class Company(Model):
    """The company that runs the bot: the file `company.yaml` of an overlay."""

    name: Name | None = None
    contact: Contact = Contact()
    privacy_page: WebAddress | None = None


class AnnouncementWords(Model):
    """What an announcement says in one language."""

    title: Name
    text: Annotated[str, Field(min_length=1, max_length=ANNOUNCEMENT_LIMIT), AfterValidator(_readable)]
    alt: Name | None = None
    """What the picture shows, for those who do not see it."""


class Announcement(Model):
    """A message to everyone about a topic: who sends it, by name, its words in each language, and a picture.

    The picture is an address, which Slack and Teams fetch; the bot itself never does.
    """

    sender: Name
    picture: WebAddress | None = None
    words: dict[str, AnnouncementWords]


class Announced(Announcement):
    """An announcement as it was sent: what it said then stays, whatever the file says later."""

    topic: Id
    corrected_on: date | None = None
    everyone: bool = False
    """Whether everybody in a channel is notified, where the platform can."""

    def said(self, language: str) -> AnnouncementWords:
        """The words in a language, or in English."""
        return self.words.get(language) or self.words["en"]


class AudiencePlace(Model):
    """A place of an audience, as `slack:WORKSPACE/CHANNEL` or `teams:TENANT/CONVERSATION`, and its language."""

    place: Name
    language: Id = "en"


class Country(Model):
    """The names by which people call a country, in any writing; `exact` ones count only in this very spelling."""

    names: tuple[Name, ...]
    exact: tuple[Name, ...] = ()
