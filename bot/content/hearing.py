"""What it takes to read a language: the words that say little about what is asked, and whose place is whose."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.content.models import Ask, Id, Model
from bot.content.phrases import Said

_Words = tuple[Annotated[str, Field(min_length=1, max_length=60)], ...]


class SmallTalk(Model):
    """Something people say that is no question; the reply has the same id."""

    id: Id
    ask: tuple[Ask, ...]


class AskerWords(Model):
    """What tells which of several places is the asker's own; case does not count, and an apostrophe may be missing."""

    at: _Words = ()
    """What stands before a place where somebody is: "in Texas"."""
    articles: _Words = ()
    """What may stand before any place: "in the US"."""
    own_articles: _Words = ()
    """What else may stand before the asker's own: "I'm in our US office"."""
    leading: _Words = ()
    """What a name in places.yaml may begin with and is no part of the place: "in Nice"."""
    clauses: _Words = ()
    """What begins another clause, to which nothing said before belongs."""
    own: _Words = ()
    """What says that the asker is at a place: "I live in Texas"."""
    own_before: _Words = ()
    """What says so right before it: "moved to Texas"."""
    own_after: _Words = ()
    """What says so after it: "Texas here", "Texas office here"."""
    own_after_not: _Words = ()
    """What follows where it does not: "Texas here is"."""
    offices: _Words = ()
    """What may stand between: "Texas office here"."""
    others: _Words = ()
    """Somebody else: "my colleague in Texas"."""
    nationals: _Words = ()
    """What else makes a place before it no place of the asker: "Texas citizen"."""
    away: _Words = ()
    """What rules out the place behind it: "outside Texas"."""
    moved: _Words = ()
    """With `moved_from` later on: "moved with my team from Texas"."""
    moved_from: _Words = ()
    sent: _Words = ()
    """What becomes of data, with `sent_to` later on: "stored by them in Texas"."""
    sent_to: _Words = ()
    turned_to: _Words = ()
    """What turns to another place: "what about Texas"."""
    for_others: _Words = ()
    """Before `others`, the same: "for a colleague in Texas"."""
    for_own: _Words = ()
    """Right before a place, the same: "for my Texas colleague"."""
    asked_for: _Words = ()
    """What asks for a place: "for Texas"."""
    asked_for_not: _Words = ()
    """What rules that out: "only for Texas"."""
    compares: _Words = ()
    """What says that places are compared, so that asking for one decides little."""
    listed: _Words = ()
    """What joins two places: "Texas and Texas"."""


class Hearing(Model):
    """What it takes to read questions in a language: a file `hears.yaml`.

    `before` and `after` stand around a question and are no part of it: greetings, thanks, what only pads it, and tags
    that ask for confirmation. `joints` stand between two; what follows `hearsay`, as in "my boss says that …", is the
    claim that is asked about; `tagging` stands beside a person, a channel or an address, as in "cc @anna" and "@anna
    asked", and is no part of the question either. `pointing` words may mean what is quoted beside a question, or what
    was said before it. `in_english` says that an answer is in English, in a language that the bot only reads. `choices`
    are the ways to choose the first, the second and the third of the titles that were offered, and `none_of_these`
    those to want none of them. `elsewhere` are questions about anything else, put as people put those of a topic: what
    comes close to them is none of the bot's business.
    """

    in_english: Said | None = None
    spellings: dict[str, _Words] = Field(default={})
    negations: _Words = ()
    openers: _Words = ()
    locating: _Words = ()
    not_places: _Words = ()
    before: _Words = ()
    after: _Words = ()
    joints: _Words = ()
    pointing: _Words = ()
    hearsay: _Words = ()
    tagging: _Words = ()
    choices: tuple[_Words, ...] = ()
    none_of_these: _Words = ()
    asker: AskerWords = AskerWords()
    small_talk: tuple[SmallTalk, ...]
    elsewhere: tuple[Ask, ...] = ()
