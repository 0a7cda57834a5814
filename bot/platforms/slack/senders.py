"""Brings what the desk says to where it was asked, in the way that Slack offers there: alone, aloud or aside."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import uuid4

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import RefusedError, UnconfirmedError
from bot.messages import Message, Post, Receipt, Removal
from bot.platforms.calls import Pause
from bot.platforms.slack.blocks import draw
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.incoming import SlackHeard

log = logging.getLogger(__name__)

NO_UNFURLING = {"unfurl_links": False, "unfurl_media": False}
# How a message of ours is found again; everyone in the conversation could read it, so it says nothing.
METADATA = "optout_post"
# Seconds after which an unconfirmed message is looked for, and again before it is posted once more.
SETTLING = (1.0, 3.0)


@dataclass(frozen=True)
class Slack:
    """What it takes to answer on Slack, and the words for a message that Slack did not confirm."""

    client: AsyncWebClient
    calls: Calls
    prompt: Calls
    """The same without a second try, for what is of no use any more a moment later."""
    pause: Pause
    unconfirmed: Callable[[Message], Message]


class Sender(Protocol):
    """Answers one thing that was heard."""

    async def send(self, post: Post) -> Receipt | None:
        """Delivers a post; None when nobody knows whether everyone can see it."""


def sender(slack: Slack, heard: SlackHeard) -> Sender:
    """The way to answer that suits how somebody spoke."""
    if heard.asked.voice == "aside":
        return Aside(slack, heard)
    return Alone(slack, heard) if heard.asked.voice == "alone" else Aloud(slack, heard)


async def remove(slack: Slack, heard: SlackHeard, removal: Removal) -> None:
    """Takes back a post by its id, and the private message with the button; one without an id by its own button."""
    if removal.ref:
        try:
            await slack.calls.insist(slack.client.chat_delete, channel=removal.place.id, ts=removal.ref)
        except RefusedError as error:
            if error.code != "message_not_found":
                raise
    if heard.response_url and (heard.whispered or not removal.ref):
        await twice(lambda: slack.calls.respond(heard.response_url, {"delete_original": True}))


@dataclass
class Aside:
    """Answers a command or a button through its response address, which works where the bot is no member, too."""

    slack: Slack
    heard: SlackHeard

    async def send(self, post: Post) -> Receipt | None:
        """Posts for the person alone, or once and never again for everyone."""
        if post.to == "everyone":
            try:
                await self._respond(post.message, "in_channel")
            except UnconfirmedError as error:
                _unconfirmed(self.heard, error)
                await self.send(Post(self.slack.unconfirmed(post.message)))
                return None
        else:
            await twice(lambda: self._respond(post.message, "ephemeral"))
        return Receipt(self.heard.asked.place)

    async def _respond(self, message: Message, response_type: str) -> None:
        body: dict[str, Any] = {"response_type": response_type, "replace_original": False, **NO_UNFURLING}
        if self.heard.asked.place.thread:
            body["thread_ts"] = self.heard.asked.place.thread
        await self.slack.calls.respond(self.heard.response_url, {**body, **draw(message)})


@dataclass
class Aloud:
    """Answers a mention in its thread; what only the asker may see is shown to nobody else there."""

    slack: Slack
    heard: SlackHeard

    def __post_init__(self) -> None:
        self._in_thread = self.heard.in_thread

    async def send(self, post: Post) -> Receipt | None:
        """Posts into the thread once and never again, since what everyone sees cannot be looked for."""
        place = self.heard.asked.place
        if post.to == "asker":
            await twice(lambda: self._whisper(post.message))
            return Receipt(place)
        try:
            response = await self.slack.calls.once(
                self.slack.client.chat_postMessage,
                channel=place.id,
                thread_ts=place.thread,
                **NO_UNFURLING,
                **draw(post.message),
            )
        except UnconfirmedError as error:
            _unconfirmed(self.heard, error)
            await twice(lambda: self._whisper(self.slack.unconfirmed(post.message)))
            return None
        self._in_thread = True
        return Receipt(place, response["ts"])

    async def _whisper(self, message: Message) -> None:
        """Shows a message to the asker; Slack never shows it in a thread that has no reply yet."""
        asked = self.heard.asked
        await self.slack.calls.once(
            self.slack.client.chat_postEphemeral,
            channel=asked.place.id,
            user=asked.person.id,
            thread_ts=asked.place.thread if self._in_thread else None,
            **draw(message),
        )


@dataclass
class Alone:
    """Answers in a direct message so that it arrives exactly once: what is unconfirmed is looked for first."""

    slack: Slack
    heard: SlackHeard

    async def send(self, post: Post) -> Receipt | None:
        """Posts into the direct message, where everyone is the asker."""
        place, mark = self.heard.asked.place, uuid4().hex
        try:
            return Receipt(place, await self._post(post.message, mark) or await self._post(post.message, mark))
        except RefusedError as error:
            # A button in a direct message between two people: the bot cannot write there, but it can answer.
            if error.code != "channel_not_found" or not self.heard.response_url:
                raise
            return await Aside(self.slack, self.heard).send(Post(post.message))

    async def _post(self, message: Message, mark: str) -> str:
        """Where the message is, after posting it; empty when it certainly did not arrive."""
        place = self.heard.asked.place
        try:
            response = await self.slack.calls.once(
                self.slack.client.chat_postMessage,
                channel=place.id,
                thread_ts=place.thread or None,
                metadata={"event_type": METADATA, "event_payload": {"id": mark}},
                **NO_UNFURLING,
                **draw(message),
            )
            return str(response["ts"])
        except UnconfirmedError as error:
            _unconfirmed(self.heard, error)
            return await self._look_for(mark)

    async def _look_for(self, mark: str) -> str:
        for seconds in SETTLING:
            await self.slack.pause(seconds)
            for message in await self._since():
                if (message.get("metadata") or {}).get("event_payload", {}).get("id") == mark:
                    return str(message["ts"])
        return ""

    async def _since(self) -> list[dict[str, Any]]:
        """What was said in the direct message since the bot was spoken to."""
        place = self.heard.asked.place
        wanted = {"channel": place.id, "oldest": self.heard.ts, "include_all_metadata": True, "limit": 100}
        client = self.slack.client
        if place.thread:
            found = await self.slack.calls.insist(client.conversations_replies, ts=place.thread, **wanted)
        else:
            found = await self.slack.calls.insist(client.conversations_history, **wanted)
        return list(found.get("messages") or ())


async def twice(send: Callable[[], Awaitable[None]]) -> None:
    """Sends what may be done twice: what one person sees, who prefers that to not at all, or a removal."""
    try:
        await send()
    except UnconfirmedError:
        await send()


def _unconfirmed(heard: SlackHeard, error: UnconfirmedError) -> None:
    log.warning("slack.post_unconfirmed channel=%s error=%s", heard.asked.place.id, error)
