"""The exchange of words: what was heard goes to the desk, what the desk says goes back; one failure stops nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from bot.desk import Desk
from bot.errors import RefusedError, UnconfirmedError, origin
from bot.memory import Key, Memory
from bot.messages import Post, Press, Removal
from bot.slack.incoming import Body, Heard
from bot.slack.senders import Sender, Slack, remove, sender
from bot.work import Work

log = logging.getLogger(__name__)


class Exchange:
    """Answers whatever the listeners hear, once, and after they have told Slack that they heard it."""

    def __init__(
        self,
        slack: Slack,
        desk: Desk,
        clock: Callable[[], datetime],
        myself: Callable[[Body], str],
        refused: Callable[[str], None],
    ) -> None:
        self._slack, self._desk, self._clock = slack, desk, clock
        self.myself, self._refused = myself, refused
        self._memory = Memory()
        self._turnstile = asyncio.Lock()
        self.work = Work()

    def heard(self, read: Callable[[], Heard | None]) -> None:
        """Begins to answer what was heard, unless it was heard before or is none of the bot's business."""
        try:
            heard = read()
        except (AttributeError, IndexError, KeyError, TypeError) as error:
            log.warning("slack.event_ignored error=%s", type(error).__name__)
            return
        if heard and self._memory.is_new(heard.key, self._clock()):
            self.work.begin(self._answer(heard))

    def opened(self, channel: str, key: Key) -> None:
        """Begins to suggest questions to somebody who opened the direct message."""
        if self._memory.is_new(key, self._clock()):
            self.work.begin(self._suggest(channel))

    async def _answer(self, heard: Heard) -> None:
        way = sender(self._slack, heard)
        try:
            await self._converse(heard, way)
        except UnconfirmedError as error:
            log.error("slack.post_unconfirmed %s error=%s", _ids(heard), error)
        except Exception as error:  # the outer door: whatever it is, the next event is answered
            log.error("slack.event_failed %s error=%s at=%s", _ids(heard), _name(error), origin(error))
            self._note(error)
            await self._apologise(heard, way)

    async def _converse(self, heard: Heard, way: Sender) -> None:
        asked, now = heard.asked, self._clock()
        async with self._turnstile:  # deciding is plain computing: one a turn lets Slack be acknowledged meanwhile
            await asyncio.sleep(0)
        outcomes = await (self._desk.press(asked, now) if isinstance(asked, Press) else self._desk.ask(asked, now))
        for outcome in outcomes:
            match outcome:
                case Removal(ref):
                    await remove(self._slack, heard, ref)
                case Post():
                    await self._post(heard, outcome, way)
                case _:
                    await self._post(heard, await self._desk.grant(outcome, asked.person, now), way)

    async def _post(self, heard: Heard, post: Post, way: Sender) -> None:
        receipt = await way.send(post)
        if receipt is None:
            return
        log.info("slack.posted %s to=%s ref=%s", _ids(heard), post.to, receipt.ref)
        if post.to == "everyone":
            for told in await self._desk.posted(heard.asked, post, receipt, self._clock()):
                await way.send(Post(told.message))

    async def _apologise(self, heard: Heard, way: Sender) -> None:
        try:
            await way.send(Post(self._desk.apology()))
        except Exception as error:  # nothing is left to say
            log.error("slack.apology_failed %s error=%s", _ids(heard), _name(error))

    async def _suggest(self, channel: str) -> None:
        prompts = [{"title": prompt, "message": prompt} for prompt in self._desk.prompts()[:4]]
        try:
            await self._slack.calls.insist(
                self._slack.client.assistant_threads_setSuggestedPrompts, channel_id=channel, prompts=prompts
            )
        except Exception as error:  # a convenience: the person can write all the same
            log.warning("slack.prompts_failed channel=%s error=%s", channel, _name(error))
            self._note(error)

    def _note(self, error: Exception) -> None:
        if isinstance(error, RefusedError):
            self._refused(error.code)


def _ids(heard: Heard) -> str:
    asked = heard.asked
    return f"team={asked.place.tenant} channel={asked.place.id} user={asked.person.id} ts={heard.ts}"


def _name(error: Exception) -> str:
    """What went wrong, without the words of a person that an error's text may hold."""
    return error.code if isinstance(error, RefusedError) else type(error).__name__
