"""Every message that the bot says, put together from the content and the bot's own phrases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import zip_longest

from babel import Locale
from babel.dates import format_date, format_timedelta

from bot.answering.decisions import Decision, Part
from bot.content.models import Contact, Entry
from bot.content.phrases import Phrases, fill
from bot.content.topics import LANGUAGE, Content, Ref, Topic
from bot.messages import (
    Button,
    Buttons,
    Byline,
    Citation,
    Element,
    Link,
    Menu,
    Message,
    Note,
    Offer,
    Paragraph,
    Person,
    Steps,
    Taken,
    Title,
    Turn,
    Voice,
)

_LOCALES = {LANGUAGE: "en_GB"}
_UNIONS = frozenset({"EU", "EZ", "UN"})  # which CLDR names beside the countries: https://unicode.org/reports/tr35/

SUGGESTED = 3
"""Questions that are suggested to somebody whose own was not understood."""


def reply(content: Content, decision: Decision, voice: Voice = "alone", mark: str = "") -> Message:
    """What to say for a decision to somebody who spoke in this voice, in their language or with a line why not.

    With a `mark`, the message offers to tell why it says what it says.
    """
    content = content.spoken(decision.language)
    message = _reply(content, decision, voice)
    if mark:
        button = Button(content.phrases.button_why, "why", (mark,))
        message = replace(message, elements=(*message.elements, Menu(content.phrases.why_offer, (button,))))
    shown = [part.ref for part in decision.parts if part.kind != "small_talk"] or [*decision.offered]
    if not content.in_english or (shown and content.translated.issuperset(shown)):
        return message
    if content.language == decision.language and not shown:
        return message
    return replace(message, elements=(Note(content.in_english), *message.elements))


def _reply(content: Content, decision: Decision, voice: Voice) -> Message:
    match decision.sort:
        case "answer":
            return _answer(content, decision, voice)
        case "clarify":
            return did_you_mean(content, decision)
        case "not_covered":
            said = [element for part in decision.parts for element in _said(content, part, decision)]
            return Message((*said, *_missed(content, decision), *_refusal(content, _topics_of(content, decision))))
        case "smalltalk":
            return _small_talk(content, decision)
        case "unknown":
            return unknown(content)


def _missed(content: Content, decision: Decision) -> list[Element]:
    """That something else was asked and not understood, if so."""
    return [Paragraph(content.phrases.missed)] if decision.missed else []


def did_you_mean(content: Content, decision: Decision) -> Message:
    """A few titles to choose from, when a question is not clear."""
    offered = titles(content, decision.offered, (decision.region or "", decision.language))
    return Message((Paragraph(content.phrases.did_you_mean), offered))


def unknown(content: Content) -> Message:
    """That the bot has no answer, what it can answer, and whom to ask."""
    phrases = content.phrases
    offered = prompts(content)[:SUGGESTED]
    return Message(
        (
            Paragraph(phrases.unknown),
            *_refusal(content, content.topics),
            Paragraph(phrases.unknown_suggestions),
            titles(content, offered, ("", content.language)),
        )
    )


def which_service(content: Content, command: str) -> Message:
    """Of which service a command is to show something, with a button for each topic."""
    shown = [(topic, topic.facts.service) for topic in content.topics]
    services = [service for _, service in shown]
    choices = (
        Button(service if services.count(service) == 1 else topic.words.title, "command", (command, topic.id))
        for topic, service in shown
    )
    return sentence(content.phrases.which_service, *choices)


def shared(content: Content, refs: Iterable[Ref], today: date, person: Person) -> Message:
    """Answers for everyone: titles instead of anybody's words, every region, and who shared them."""
    answer = _answer(content, Decision("answer", today, tuple(Part(ref) for ref in refs)), "aloud")
    return replace(answer, elements=(*answer.elements, Byline(content.phrases.shared_by, person)))


def steps(content: Content, topic: Topic) -> Message:
    """The way to the setting, link first."""
    return Message((*way(topic), _steps(topic), _source(content, topic, ())), _citation(content, topic, ()))


def offers(content: Content, decision: Decision) -> tuple[Offer, ...]:
    """What can be put into any conversation: what fits a question, then the way to the setting, then suggestions."""
    fitting = [*refs_of(decision.parts), *decision.offered]
    ways = [
        offer
        for topic in content.topics
        for offer in (
            Offer(topic.words.steps.title, steps(content, topic)),
            Offer(topic.words.link_label, link(content, topic)),
        )
    ]
    rest = [ref for topic in content.topics for ref in suggested(topic) if ref not in fitting]
    return (*_answers(content, fitting, decision), *ways, *_answers(content, rest, decision))


def link(content: Content, topic: Topic) -> Message:
    """The address of the setting."""
    return Message((Paragraph(fill(content.phrases.link_text, topic=topic.words.title)), *way(topic)))


def for_everyone(content: Content, message: Message, person: Person) -> Message:
    """A message posted into a channel at somebody's request."""
    return replace(message, elements=(*message.elements, Byline(content.phrases.posted_by, person)))


def with_removal(content: Content, message: Message, removal: tuple[str, ...]) -> Message:
    """The message with a folded menu by which the person who caused it can take it back."""
    return replace(message, elements=(*message.elements, Menu(content.phrases.not_yours, (_remove(content, removal),))))


def posted(content: Content, removal: tuple[str, ...]) -> Message:
    """What only the person who caused a post is told: that everyone sees it, and how to take it back."""
    return sentence(content.phrases.posted, _remove(content, removal))


def posted_before(content: Content, minutes: int, subject: tuple[str, ...]) -> Message:
    """That the same was posted a short while ago, with a button to post it all the same."""
    ago = format_timedelta(timedelta(minutes=max(minutes, 1)), locale="en_GB")
    text = fill(content.phrases.posted_before, ago=ago)
    return sentence(text, Button(content.phrases.button_post_again, "post_again", subject))


def help_text(content: Content) -> Message:
    """What the bot can do, with buttons for it."""
    phrases = content.phrases
    return Message(
        (
            Title(phrases.help_title),
            Paragraph(phrases.help_questions),
            Paragraph(phrases.help_commands),
            Buttons(
                (
                    Button(phrases.button_steps, "command", ("steps",), "primary"),
                    Button(phrases.button_link, "command", ("link",)),
                    Button(phrases.button_region, "command", ("region",)),
                    Button(phrases.button_privacy, "command", ("privacy",)),
                )
            ),
        )
    )


def why(content: Content, turn: Turn) -> Message:
    """Why a question was answered so: what each part was taken for, by which phrasing, and what came next."""
    content = content.spoken(turn.language)
    phrases, name = content.phrases, region_name(content, turn.answered_for)
    made = (
        fill(phrases.why_score, score=str(int(100 * min(max(turn.score, 0.0), 1.0)))),
        fill(phrases.why_region, region=name) if name else phrases.why_no_region,
        fill(phrases.why_made, date=day(date.fromisoformat(turn.day), content.language), version=content.version),
    )
    reasons = (Paragraph(_reason(content, taken)) for taken in turn.taken)
    return Message((Title(phrases.why_title), *reasons, Note(" ".join(made))))


def region(content: Content, remembered: str | None) -> Message:
    """Which region is remembered, with buttons to choose another or none."""
    phrases = content.phrases
    name = region_name(content, remembered)
    text = fill(phrases.region_is, region=name) if name else phrases.region_none
    choices = tuple(
        Button(words.label, "remember", (group,))
        for topic in content.topics
        for group, words in topic.words.regions.items()
    )
    clear = (Button(phrases.button_region_clear, "remember", ("",)),) if name else ()
    return Message((Paragraph(text), Buttons(tuple(dict.fromkeys((*choices, *clear))))))


def privacy(content: Content, remembered: str | None, *, announced: bool = False) -> Message:
    """What is kept about a person, in general and at the moment, with a button to delete it."""
    phrases, page = content.phrases, content.company.privacy_page
    name = region_name(content, remembered)
    return Message(
        (
            Title(phrases.privacy_title),
            Paragraph(phrases.privacy_kept),
            Paragraph(phrases.privacy_not_kept),
            *((Paragraph(fill(phrases.privacy_now, region=name)),) if name else ()),
            *((Paragraph(phrases.privacy_announced),) if announced else ()),
            *(() if name or announced else (Paragraph(phrases.privacy_nothing),)),
            *((Link(phrases.privacy_page, page),) if page else ()),
            Buttons((Button(phrases.button_forget, "command", ("forget me",), "danger"),)),
        )
    )


def sentence(text: str, *buttons: Button) -> Message:
    """A sentence, with buttons if there are any."""
    return Message((Paragraph(text), *((Buttons(buttons),) if buttons else ())))


def _remove(content: Content, removal: tuple[str, ...]) -> Button:
    return Button(content.phrases.button_remove, "remove", removal, "danger")


def noted(message: Message, text: str) -> Message:
    """A message under a word on how it came."""
    return replace(message, elements=(Note(text), *message.elements))


def unconfirmed(phrases: Phrases, message: Message) -> Message:
    """A private copy of a message of which the platform did not say whether it arrived, so nothing to take back."""
    said = tuple(element for element in message.elements if not isinstance(element, Menu))
    return noted(replace(message, elements=said), phrases.unconfirmed)


def region_name(content: Content, group: str | None) -> str:
    """What a region group is called inside a sentence; empty for none that any topic knows."""
    return next((topic.words.regions[group].name for topic in content.topics if group in topic.words.regions), "")


def prompts(content: Content) -> list[Ref]:
    """The questions that all topics suggest, the first of each topic first."""
    in_turn = zip_longest(*(suggested(topic) for topic in content.topics))
    return [ref for refs in in_turn for ref in refs if ref]


def suggested(topic: Topic) -> list[Ref]:
    """The questions that a topic suggests to somebody who has not asked one."""
    return [(topic.id, entry) for entry in topic.words.suggested or list(topic.entries)[:4]]


def flat(refs: Iterable[Ref]) -> tuple[str, ...]:
    """Entries as the value of a button."""
    return tuple(name for ref in refs for name in ref)


def refs_of(parts: Iterable[Part]) -> list[Ref]:
    """The entries that answer among the parts of a decision."""
    return [part.ref for part in parts if part.kind == "entry"]


def _answer(content: Content, decision: Decision, voice: Voice) -> Message:
    elements: list[Element] = []
    titled = voice == "aloud" or len(decision.parts) > 1
    for part in decision.parts:
        elements += _said(content, part, decision, titled=titled)
    told = [(topic, said) for topic in _topics_of(content, decision) if (said := _told(topic, decision))]
    for topic, entries in told:
        shown = {what for entry in entries for what in entry.shows}
        elements += way(topic) if "link" in shown else ()
        elements += (_steps(topic),) if "steps" in shown else ()
    if any(part.kind == "not_covered" for part in decision.parts):
        elements += _refusal(content, _topics_of(content, decision))
    by_region = [(topic, entry) for topic, entries in told for entry in entries if entry.by_region]
    if by_region and decision.region:
        elements.append(Note(_for_region(content, decision)))
    if by_region and not decision.region:
        elements += _region_choice(content, *by_region[0], decision.language)
    elements += (_source(content, topic, entries) for topic, entries in told)
    elements += _missed(content, decision)
    elements += _contact_note(content)
    if voice == "aside":
        refs = flat(part.asked or part.ref for part in decision.parts if part.kind == "entry")
        elements.append(Buttons((Button(content.phrases.button_share, "share", refs),)))
    return Message(tuple(elements), _citation(content, *told[0]))


def _for_region(content: Content, decision: Decision) -> str:
    """For which region an answer is, and that the country which was named counts among it."""
    name, region = country_name(decision.country, content.language), region_name(content, decision.region)
    if name:
        return fill(content.phrases.for_country, region=region, country=name)
    return fill(content.phrases.for_region, region=region)


def _topics_of(content: Content, decision: Decision) -> tuple[Topic, ...]:
    """The topics that a decision is about, in the order of its parts."""
    ids = dict.fromkeys(part.ref[0] for part in decision.parts)
    return tuple(topic for topic_id in ids if (topic := content.topic(topic_id)))


def _told(topic: Topic, decision: Decision) -> list[Entry]:
    """The entries of a topic among the answers of a decision."""
    return [topic.entries[name] for topic_id, name in refs_of(decision.parts) if topic_id == topic.id]


def _answers(content: Content, refs: Iterable[Ref], decision: Decision) -> list[Offer]:
    """Entries as offers, for the region that the question named, without anything that asks back."""
    question = Paragraph(content.phrases.ask_region)
    found = []
    for ref in refs:
        message = _answer(content, replace(decision, parts=(Part(ref),)), "aloud")
        told = tuple(e for e in message.elements if not isinstance(e, Buttons) and e != question)
        found += [Offer(entry.title, Message(told))] if (entry := content.entry(ref)) else []
    return found


def _said(content: Content, part: Part, decision: Decision, *, titled: bool = False) -> list[Element]:
    topic = content.topic(part.ref[0])
    if not topic:
        return []
    if part.kind == "not_covered":
        gap = topic.not_covered[part.ref[1]]
        return [*((Title(gap.title),) if titled else ()), Paragraph(gap.answer)]
    entry = topic.entries[part.ref[1]]
    text = entry.text(topic.group(decision.region), topic.phases(decision.on))
    lead = {"yes": content.phrases.yes, "no": content.phrases.no, "": ""}[part.lead]
    return [*((Title(entry.title),) if titled else ()), Paragraph(f"{lead} {text}".strip())]


def _reason(content: Content, taken: Taken) -> str:
    phrases, title = content.phrases, _title(content, taken.ref)
    rival = _title(content, taken.rival) if taken.rival and taken.rival != taken.ref else ""
    if taken.phrasing:
        near = "" if taken.phrasing == title else fill(phrases.why_near, phrasing=taken.phrasing)
    else:
        near = phrases.why_continued if taken.kind == "entry" else phrases.why_named
    next_in_line = fill(phrases.why_rival, title=rival) if rival else ""
    return " ".join(filter(None, (fill(phrases.why_taken, title=title), near, next_in_line)))


def _title(content: Content, ref: Ref) -> str:
    """What an entry or a gap is called; empty for none that is known."""
    topic = content.topic(ref[0])
    known = (topic.entries.get(ref[1]) or topic.not_covered.get(ref[1])) if topic else None
    return known.title if known else ""


def _small_talk(content: Content, decision: Decision) -> Message:
    if not decision.parts:
        return sentence(content.phrases.empty)
    talk = next(talk for talk in content.phrases.small_talk if talk.id == decision.parts[0].ref[1])
    return sentence(talk.say)


def _refusal(content: Content, topics: Iterable[Topic]) -> list[Element]:
    """What the articles of these topics cover, and whom to ask about anything else."""
    covered = [fill(content.phrases.covers, covers=topic.words.covers) for topic in topics]
    asked = [fill(content.phrases.ask_contact, contact=contact) for contact in contacts(content, topics)]
    return [Paragraph(text) for text in (*covered, *asked)]


def contacts(content: Content, topics: Iterable[Topic]) -> list[str]:
    """Whom to ask about these topics, each in one line and once."""
    return [text for text in dict.fromkeys(contact_text(content.contact(topic)) for topic in topics) if text]


def _contact_note(content: Content) -> list[Element]:
    contact = contact_text(content.contact())
    return [Note(fill(content.phrases.contact_note, contact=contact))] if contact else []


def contact_text(contact: Contact) -> str:
    """Whom to ask, in one line."""
    return ", ".join(part for part in (contact.person, contact.channel, contact.mail) if part)


def titles(content: Content, refs: Iterable[Ref], situation: tuple[str, str]) -> Buttons:
    """Titles as buttons, each with its service in front where they belong to several."""
    entries = [(topic, entry) for ref in refs if (topic := content.topic(ref[0])) and (entry := content.entry(ref))]
    several = len({topic.facts.service for topic, _ in entries}) > 1
    return Buttons(
        tuple(
            Button(
                f"{topic.facts.service}: {entry.title}" if several else entry.title,
                "answer",
                (topic.id, entry.id, *situation),
            )
            for topic, entry in entries
        )
    )


def _region_choice(content: Content, topic: Topic, entry: Entry, language: str) -> list[Element]:
    choices = tuple(
        Button(words.label, "answer", (topic.id, entry.id, group, language))
        for group, words in topic.words.regions.items()
    )
    return [Paragraph(content.phrases.ask_region), Buttons(choices)]


def way(topic: Topic) -> tuple[Link]:
    """The link to the setting."""
    return (Link(topic.words.link_label, topic.facts.link),)


def _steps(topic: Topic) -> Steps:
    words = topic.words.steps
    return Steps(words.title, words.items, words.note)


def _sections(topic: Topic, entries: Iterable[Entry]) -> str:
    sections = dict.fromkeys(entry.section for entry in entries) or {topic.words.steps.section: None}
    return ", ".join(f"“{section}”" for section in sections)


def _citation(content: Content, topic: Topic, entries: Iterable[Entry]) -> Citation:
    source = topic.facts.source
    published = day(source.published_on, content.language)
    about = f"{source.author}, {source.publisher}, {published}: {_sections(topic, entries)}"
    return Citation(source.title, about, source.url or "")


def _source(content: Content, topic: Topic, entries: Iterable[Entry]) -> Note:
    source = topic.facts.source
    return Note(
        fill(
            content.phrases.source,
            title=source.title,
            author=source.author,
            publisher=source.publisher,
            published=day(source.published_on, content.language),
            sections=_sections(topic, entries),
            reviewed=day(topic.facts.reviewed_on, content.language),
        )
    )


@lru_cache(maxsize=64)
def country_name(code: str, language: str = LANGUAGE) -> str:
    """What a country is called in a language; empty for what is no country's code."""
    if len(code) != 2 or code in _UNIONS:
        return ""
    return str(Locale.parse(_LOCALES.get(language, language)).territories.get(code, ""))


@lru_cache(maxsize=64)
def day(when: date, language: str = LANGUAGE) -> str:
    """A date as people write it in a language."""
    return str(format_date(when, "long", locale=_LOCALES.get(language, language)))
