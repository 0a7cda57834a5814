"""Brings what the desk says to where it was asked; what is meant for one person never stands where others read."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from bot.content.phrases import Phrases
from bot.errors import RefusedError, UnconfirmedError
from bot.messages import Message, Place, Post, Question, Receipt, Removal
from bot.platforms.teams.activities import Activity, card, cited, suggest
from bot.platforms.teams.connector import BLOCKED, Chat, Connector
from bot.platforms.teams.incoming import TeamsHeard
from bot.wording import replies

log = logging.getLogger(__name__)

TAPPED = 200
"""Characters that a question may have to be offered again."""


class Words(Protocol):
    """What the desk has to say about how something is delivered."""

    def removable(self, post: Post) -> Message:
        """A post for everyone with the way to take it back on itself."""

    def phrases(self, language: str = "") -> Phrases:
        """The words for what Teams itself has to say."""


@dataclass(frozen=True)
class Teams:
    """What it takes to answer in Teams; `blocked` is told of a place that may not be written to any more."""

    connector: Connector
    words: Words
    blocked: Callable[[Place], Awaitable[None]]

    async def say(self, heard: TeamsHeard, message: Message) -> str:
        """Posts a message into the conversation or thread where something was heard, and gives its id."""
        alone = heard.asked.voice == "alone"
        said = cited(message, heard.names, self.words.phrases().cited) if alone else card(message, heard.names)
        return await self.post(heard.chat, heard.asked.place, heard.bot, said)

    async def post(self, chat: Chat, place: Place, bot: str, activity: Activity) -> str:
        """Posts an activity; a conversation that refuses the bot for good is forgotten."""
        sent = {**activity, "from": {"id": bot}, "conversation": {"id": chat.conversation}}
        try:
            return await self.connector.post(chat, sent)
        except RefusedError as error:
            if error.code in BLOCKED:
                await self.blocked(place)
            raise


async def send(teams: Teams, heard: TeamsHeard, post: Post) -> Receipt | None:
    """Delivers a post, once; None when nobody knows whether it arrived, which the person is told alone."""
    try:
        return await _send(teams, heard, post)
    except UnconfirmedError as error:
        _unconfirmed(heard, error)
    if heard.asked.voice == "alone":
        await _ask_to_look(teams, heard, heard.chat)
    else:
        await _copy(teams, heard, post)
    return None


async def _send(teams: Teams, heard: TeamsHeard, post: Post) -> Receipt | None:
    """Delivers a post: in a personal chat as it is, elsewhere by who may read it."""
    place = heard.asked.place
    if heard.asked.voice == "alone" or (post.to == "asker" and post.harmless):
        return Receipt(place, await teams.say(heard, post.message))
    if post.to == "everyone":
        return Receipt(place, await teams.say(heard, teams.words.removable(post)))
    return await _send_privately(teams, heard, post)


async def remove(teams: Teams, heard: TeamsHeard, removal: Removal) -> None:
    """Takes a post back where its receipt says that it is: what comes with a press, the client may have made up."""
    chat = Chat(heard.chat.service, removal.place.thread or removal.place.id)
    await teams.connector.delete(chat, removal.ref)


async def _send_privately(teams: Teams, heard: TeamsHeard, post: Post) -> Receipt | None:
    """Writes into the personal chat, or says where others read along that it would be answered there.

    What is discreet is not said then.
    """
    try:
        return await _whisper(teams, heard, post.message)
    except (RefusedError, UnconfirmedError) as error:
        log.info("teams.not_told_privately user=%s error=%s", heard.asked.person.id, error)
        if post.discreet:
            return None
        return Receipt(
            heard.asked.place,
            await teams.say(heard, replies.sentence(teams.words.phrases(post.language).tell_privately)),
        )


async def _whisper(teams: Teams, heard: TeamsHeard, message: Message) -> Receipt | None:
    """Writes into the personal chat of a person who spoke elsewhere, once."""
    person = heard.asked.person
    chat = await teams.connector.open(heard.chat.service, heard.bot, person.id, person.tenant)
    place = Place(person.platform, person.tenant, chat.conversation)
    try:
        said = cited(message, heard.names, teams.words.phrases().cited)
        return Receipt(place, await teams.post(chat, place, heard.bot, said))
    except UnconfirmedError as error:
        _unconfirmed(heard, error)
        await _ask_to_look(teams, heard, chat)
        return None


async def _copy(teams: Teams, heard: TeamsHeard, post: Post) -> None:
    """Gives the person alone what may not have arrived where everyone reads."""
    try:
        await _whisper(teams, heard, replies.unconfirmed(teams.words.phrases(), post.message))
    except (RefusedError, UnconfirmedError) as error:
        log.warning("teams.copy_failed user=%s error=%s", heard.asked.person.id, error)


async def _ask_to_look(teams: Teams, heard: TeamsHeard, chat: Chat) -> None:
    """Says in a personal chat that an answer may be missing, with the question to ask again by a tap."""
    text = heard.asked.text if isinstance(heard.asked, Question) else ""
    said = suggest(replies.sentence(teams.words.phrases().unanswered), (text,) if 0 < len(text) <= TAPPED else ())
    try:
        await teams.post(chat, heard.asked.place, heard.bot, said)
    except (RefusedError, UnconfirmedError) as error:
        log.warning("teams.question_failed user=%s error=%s", heard.asked.person.id, error)


def _unconfirmed(heard: TeamsHeard, error: UnconfirmedError) -> None:
    log.warning("teams.post_unconfirmed place=%s user=%s error=%s", heard.asked.place.id, heard.asked.person.id, error)
