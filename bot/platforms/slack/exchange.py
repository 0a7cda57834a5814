"""The exchange of words: what was heard goes to the desk, what the desk says goes back; one failure stops nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

from bot.desk.desk import Desk
from bot.errors import RefusedError, UnconfirmedError, origin
from bot.messages import Announce, Invitation, Post, Press, Removal, Reports
from bot.platforms.memory import Key, Memory
from bot.platforms.slack import acts, asking, incoming, modals
from bot.platforms.slack.announcing_dialog import Dialog, InDialog
from bot.platforms.slack.incoming import Body, Heard
from bot.platforms.slack.senders import Sender, Slack, remove, sender
from bot.platforms.work import Work

log = logging.getLogger(__name__)

UNREADABLE = (AttributeError, IndexError, KeyError, TypeError)
"""What reading something raises that Slack would not send."""


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
        self._dialog = Dialog(slack, desk, clock)
        self.work = Work()

    def heard(self, read: Callable[[], Heard | None]) -> None:
        """Begins to answer what was heard, unless it was heard before or is none of the bot's business."""
        try:
            heard = read()
        except UNREADABLE as error:
            log.warning("slack.event_ignored error=%s", type(error).__name__)
            return
        if heard and self._memory.is_new(heard.key, self._clock()):
            self.work.begin(self._answer(heard, self._converse))

    def submitted(self, body: Body) -> Body:
        """What Slack is to show at once for a window that was submitted; the rest follows.

        A second submission is acknowledged like the first, whose answer it would otherwise cover for ever.
        """
        try:
            heard = incoming.submission(body, modals.QUESTION)
            if heard.window and heard.window.kind == modals.ANNOUNCE:
                shown, plan = self._dialog.submitted(heard)
                if plan:
                    self.work.begin(self._answer(heard, partial(self._dialog.draft, plan=plan)))
                return shown
            carried, text = heard.window.carried if heard.window else "", heard.asked.text  # type: ignore[union-attr]
        except UNREADABLE as error:
            log.warning("slack.event_ignored error=%s", type(error).__name__)
            return {}
        self.work.begin(self._answer(heard, self._converse))
        return {"response_action": "update", "view": modals.waiting(self._desk.phrases(carried), carried, text)}

    def chosen(self, body: Body) -> None:
        """Begins to show what somebody chose in a form."""
        try:
            heard = incoming.submission(body, "")
        except UNREADABLE as error:
            log.warning("slack.event_ignored error=%s", type(error).__name__)
            return
        self.work.begin(self._answer(heard, self._dialog.chosen))

    def opened(self, channel: str, key: Key) -> None:
        """Begins to suggest questions to somebody who opened the direct message."""
        if self._memory.is_new(key, self._clock()):
            self.work.begin(self._suggest(channel))

    async def _answer(self, heard: Heard, answer: Callable[[Heard, Sender], Awaitable[None]]) -> None:
        way = self._way(heard)
        try:
            await answer(heard, way)
        except UnconfirmedError as error:
            log.error("slack.post_unconfirmed %s error=%s", _ids(heard), error)
        except Exception as error:  # the outer door: whatever it is, the next event is answered
            log.error("slack.event_failed %s error=%s at=%s", _ids(heard), _name(error), origin(error))
            self._note(error)
            await self._apologise(heard, way)

    def _way(self, heard: Heard) -> Sender:
        """The way to answer that suits where somebody spoke."""
        if not heard.window:
            return sender(self._slack, heard)
        if heard.window.kind == modals.ANNOUNCE:
            return InDialog(self._slack, heard)
        return asking.InWindow(self._slack, heard, self._desk.phrases(heard.window.carried))

    async def _converse(self, heard: Heard, way: Sender) -> None:
        asked, now = heard.asked, self._clock()
        if isinstance(asked, Press) and asked.action == acts.ACTION:
            await self._dialog.act(heard, way)
            return
        async with self._turnstile:  # deciding is plain computing: one a turn lets Slack be acknowledged meanwhile
            await asyncio.sleep(0)
        outcomes = await (self._desk.press(asked, now) if isinstance(asked, Press) else self._desk.ask(asked, now))
        for outcome in outcomes:
            match outcome:
                case Removal():
                    await remove(self._slack, heard, outcome)
                    await self._desk.removed(outcome)
                case Post():
                    await self._post(heard, outcome, way)
                case Invitation():
                    await self._invite(heard, outcome, way)
                case Announce() | Reports():
                    await self._dialog.wished(heard, outcome, way)

    async def _invite(self, heard: Heard, wish: Invitation, way: Sender) -> None:
        """Opens the window to ask in; where it does not open, its questions are shown to the person all the same."""
        view = asking.invitation(self._desk.phrases(wish.language), wish)
        if not await asking.opened(self._slack, heard, view):
            post = await self._desk.grant(wish, heard.asked.person, self._clock())
            await self._post(heard, Post(self._desk.no_window(post.message, wish.language)), way)

    async def _post(self, heard: Heard, post: Post, way: Sender) -> None:
        receipt = await way.send(post)
        if receipt is None:
            return
        log.info("slack.posted %s to=%s ref=%s", _ids(heard), post.to, receipt.ref)
        if post.to == "everyone":
            for told in await self._desk.posted(post, receipt, self._clock()):
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
