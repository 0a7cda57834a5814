"""What the bot says without having been asked: copies of announcements, their results, and corrected posts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from pydantic import TypeAdapter

from bot.announcements.copies import Counts, Delivery
from bot.announcements.reports import told
from bot.answering.decisions import Decision, Part
from bot.content.models import Announced, Model
from bot.content.phrases import fill
from bot.content.topics import LANGUAGE, Content, Topic
from bot.errors import RefusedError
from bot.messages import Button, Buttons, Byline, Element, Menu, Message, Note, Paragraph, Picture, Title
from bot.wording import replies
from bot.wording.replies import SUGGESTED, day, suggested, titles, way

LISTED = 20
"""Lines of a report that a message shows: 3,000 characters hold them."""

BESIDE = (Note, Byline, Menu, Buttons)
"""Elements that may change without the post saying anything else."""


class Result(Model):
    """How an announcement went, for the person who sent it."""

    result_of: str
    counts: tuple[tuple[str, str, int], ...]


class Corrected(Model):
    """A post for everyone that is to show what its entry says now."""

    subject: tuple[str, ...]
    corrected_on: date


KEPT_WORDS: TypeAdapter[Announced | Corrected | Result] = TypeAdapter(Announced | Corrected | Result)


def copy(content: Content, delivery: Delivery) -> Message:
    """What a copy says, from the words that are kept of it; raises RefusedError where the content lacks its topic."""
    said = _said(content, KEPT_WORDS.validate_json(delivery.words), delivery.language)
    if said is None:
        raise RefusedError("topic_gone")
    return said


def _said(content: Content, kept: Announced | Corrected | Result, language: str) -> Message | None:
    match kept:
        case Announced():
            topic = content.topic(kept.topic)
            return announced(content, topic, kept, language) if topic else None
        case Corrected():
            shown = post(content, kept.subject, language, kept.corrected_on)
            note = _corrected(content.spoken(language), kept.corrected_on)
            return replace(shown, elements=(*shown.elements, *note)) if shown else None
        case Result():
            return result(content, kept)


def announced(content: Content, topic: Topic, announced: Announced, language: str) -> Message:
    """A copy of an announcement for a place of this language: its words, the way to the setting, and what to press."""
    content, words = content.spoken(language), announced.said(language)
    topic = content.topic(topic.id) or topic
    about = (topic.id, language)
    elements: tuple[Element, ...] = (
        Title(words.title),
        *((Picture(announced.picture, words.alt or words.title),) if announced.picture else ()),
        Paragraph(words.text),
        *way(topic),
        Buttons(
            (
                Button(content.phrases.button_how, "how", about, "primary"),
                Button(content.phrases.button_ask, "ask", about),
            )
        ),
        Note(fill(content.phrases.announced_by, sender=announced.sender)),
        *_corrected(content, announced.corrected_on),
    )
    return Message(elements, everyone=announced.everyone)


def invitation(content: Content, topic: Topic) -> Message:
    """That one may ask, and questions to begin with."""
    return Message(
        (Paragraph(content.phrases.ask_away), titles(content, suggested(topic)[:SUGGESTED], ("", content.language)))
    )


def result(content: Content, kept: Result) -> Message:
    """How an announcement went, and where each place stands."""
    counts = Counts({(task, state): number for task, state, number in kept.counts})  # type: ignore[misc]
    text = fill(content.phrases.announcement_over, name=kept.result_of, totals=told(counts))
    return Message((Paragraph(text),))


def listing(content: Content, lines: Sequence[str]) -> Message:
    """Lines about announcements, as many as a message holds, with a word on the rest."""
    if not lines:
        return Message((Paragraph(content.phrases.no_announcements),))
    shown = "\n".join(lines[:LISTED])
    rest = len(lines) - LISTED
    more = (Note(fill(content.phrases.more_places, number=str(rest))),) if rest > 0 else ()
    return Message((Paragraph(shown), *more))


def post(content: Content, subject: Sequence[str], language: str, today: date) -> Message | None:
    """What a post for everyone about a subject shows now, for every region; None for one that shows no entry."""
    spoken = content.spoken(language)
    match subject:
        case ("steps" | "link" as command, topic_id):
            topic = spoken.topic(topic_id)
            said = {"steps": replies.steps, "link": replies.link}[command]
            return said(spoken, topic) if topic else None
        case ("share", *names):
            return post(content, names, language, today)
    pairs = list(zip(subject[::2], subject[1::2], strict=False))
    parts = tuple(Part(pair) for pair in pairs if content.entry(pair))
    if not parts or len(subject) % 2 or len(parts) < len(pairs):
        return None
    return replies.reply(content, Decision("answer", today, parts, language=language or LANGUAGE), "aloud")


def digest(message: Message | None) -> str:
    """A short mark that changes with what a message says; empty for none."""
    if message is None:
        return ""
    said = [repr(element) for element in message.elements if not isinstance(element, BESIDE)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def _corrected(content: Content, on: date | None) -> tuple[Note, ...]:
    return (Note(fill(content.phrases.corrected_on, date=day(on, content.language))),) if on else ()
