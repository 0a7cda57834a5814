"""Lets people ask in a window, where nobody else reads it: it opens, waits, and shows answer after answer."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from uuid import uuid4

from bot.content.phrases import Phrases
from bot.errors import RefusedError, UnconfirmedError
from bot.messages import Element, Invitation, Message, Note, Post, Press, Receipt
from bot.platforms.slack import modals
from bot.platforms.slack.incoming import SlackHeard
from bot.platforms.slack.modals import View
from bot.platforms.slack.senders import Slack

log = logging.getLogger(__name__)

OPENING = 3.0
"""Seconds for which what somebody did can open a window: https://docs.slack.dev/interactivity/handling-user-interaction."""

SETTLING = 0.5
"""Seconds after which Slack has put up what a submission was answered with; a change before that would be lost."""


async def opened(slack: Slack, heard: SlackHeard, view: View) -> bool:
    """Whether a window opened for what somebody did; it is tried once, since a trigger serves once."""
    if not heard.trigger:
        return False
    try:
        async with asyncio.timeout(OPENING):
            await slack.prompt.once(slack.client.views_open, trigger_id=heard.trigger, view=view)
    except (RefusedError, UnconfirmedError, TimeoutError) as error:
        log.warning("slack.window_failed user=%s error=%s", heard.asked.person.id, str(error) or type(error).__name__)
        return False
    return True


async def shown(slack: Slack, heard: SlackHeard, view: View, *, mark: str = "") -> bool:
    """Whether a window now shows something else; one that was closed, or with `mark` has changed since, does not."""
    window = heard.window
    if not window:
        return False
    try:
        await slack.calls.insist(slack.client.views_update, view_id=window.id, view=view, hash=mark or None)
    except RefusedError as error:
        if error.code not in ("not_found", "hash_conflict"):
            raise
        log.info("slack.window_gone user=%s error=%s", heard.asked.person.id, error.code)
        return False
    return True


def invitation(phrases: Phrases, wish: Invitation) -> View:
    """The window to ask in, as it opens."""
    return modals.asking(phrases, wish.language, wish.message, new_field())


def new_field() -> str:
    """A field that nobody has written into yet."""
    return f"{modals.QUESTION} {uuid4().hex}"


@dataclass
class InWindow:
    """Answers in the window in which somebody asked or pressed, above a field for the next question."""

    slack: Slack
    heard: SlackHeard
    phrases: Phrases
    _said: list[Message] = field(default_factory=list)

    async def send(self, post: Post) -> Receipt | None:
        """Puts a post where the question was; None when the window was closed meanwhile."""
        window, asked = self.heard.window, self.heard.asked
        if not window:
            return None
        pressed = isinstance(asked, Press)
        if not pressed and not self._said:
            await self.slack.pause(SETTLING)
        self._said.append(post.message)
        above: tuple[Note, ...] = () if isinstance(asked, Press) else modals.asked(asked.text)
        elements: tuple[Element, ...] = tuple(each for message in self._said for each in message.elements)
        kept = next((name for name in window.values if name.startswith(modals.QUESTION)), "")
        place = kept[:255] if pressed and kept else new_field()
        view = modals.asking(self.phrases, window.carried, Message((*above, *elements)), place)
        return Receipt(asked.place) if await shown(self.slack, self.heard, view) else None
