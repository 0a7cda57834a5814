"""What Slack adds to answering: windows to ask and announce in, and questions suggested where one may write."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.desk.desk import Desk
from bot.errors import RefusedError
from bot.messages import Announce, Invitation, Post, Press, Question, Receipt, Removal, Reports
from bot.platforms.exchange import Exchange
from bot.platforms.repeats import Key
from bot.platforms.slack import asking, incoming, modals
from bot.platforms.slack.announcing import ACTION, Dialog, InDialog
from bot.platforms.slack.incoming import Body, SlackHeard
from bot.platforms.slack.senders import Sender, Slack, remove, sender
from bot.wording import replies

log = logging.getLogger(__name__)


class SlackExchange(Exchange):
    """Answers whatever the listeners hear, after they have told Slack that they heard it."""

    def __init__(
        self,
        slack: Slack,
        desk: Desk,
        clock: Callable[[], datetime],
        myself: Callable[[Body], str],
        refused: Callable[[str], None],
    ) -> None:
        super().__init__("slack", desk, clock)
        self._slack, self.myself, self._refused = slack, myself, refused
        self._dialog = Dialog(slack, desk, clock)

    def heard(self, heard: SlackHeard | None) -> None:
        """Begins to answer what was heard, unless it was heard before or is none of the bot's business."""
        if not heard or not self.is_new(heard.key):
            return
        way = self._way(heard)
        if isinstance(heard.asked, Press) and heard.asked.action == ACTION:
            self.work.begin(self.attempt(heard, way, self._dialog.act(heard, way.sender)))
        else:
            self.work.begin(self.answer(heard, way))

    def submitted(self, body: Body) -> Body:
        """What Slack is to show at once for a window that was submitted; the rest follows.

        A second submission is acknowledged like the first, whose answer it would otherwise cover for ever.
        """
        heard = self.read(incoming.submission, body, modals.QUESTION)
        if not heard or not heard.window:
            return {}
        way = self._way(heard)
        if heard.window.kind == modals.ANNOUNCE:
            shown, plan = self._dialog.submitted(heard)
            if plan:
                self.work.begin(self.attempt(heard, way, self._dialog.draft(heard, way.sender, plan)))
            return shown
        self.work.begin(self.answer(heard, way))
        carried, asked = heard.window.carried, heard.asked
        text = asked.text if isinstance(asked, Question) else ""
        view = modals.waiting(self._desk.phrases(carried), carried, text)
        return {"response_action": "update", "view": view}

    def chosen(self, body: Body) -> None:
        """Begins to show what somebody chose in a form."""
        if heard := self.read(incoming.submission, body, ""):
            self.work.begin(self.attempt(heard, self._way(heard), self._dialog.chosen(heard)))

    def opened(self, channel: str, key: Key) -> None:
        """Begins to suggest questions to somebody who opened the direct message."""
        if self.is_new(key):
            self.work.begin(self._suggest(channel))

    def failed(self, error: Exception) -> None:
        """Has the token looked at again where Slack refused it."""
        if isinstance(error, RefusedError):
            self._refused(error.code)

    def _way(self, heard: SlackHeard) -> SlackWay:
        """The way to answer that suits where somebody spoke."""
        return SlackWay(self._slack, heard, self._sender(heard), self._desk, self._dialog, self._clock)

    def _sender(self, heard: SlackHeard) -> Sender:
        if not heard.window:
            return sender(self._slack, heard)
        if heard.window.kind == modals.ANNOUNCE:
            return InDialog(self._slack, heard)
        return asking.InWindow(self._slack, heard, self._desk.phrases(heard.window.carried))

    async def _suggest(self, channel: str) -> None:
        """Suggests questions: a convenience, since people can write all the same."""
        prompts = [{"title": prompt, "message": prompt} for prompt in self._desk.prompts()[:4]]
        suggest = self._slack.client.assistant_threads_setSuggestedPrompts
        said = self._slack.calls.insist(suggest, channel_id=channel, prompts=prompts)
        await self.guard("prompts_failed", f"channel={channel}", said)


@dataclass(frozen=True)
class SlackWay:
    """How something is answered in Slack: as its sender can, with windows where somebody may have one."""

    slack: Slack
    heard: SlackHeard
    sender: Sender
    desk: Desk
    dialog: Dialog
    clock: Callable[[], datetime]

    async def send(self, post: Post) -> Receipt | None:
        """Delivers a post as suits how somebody spoke."""
        return await self.sender.send(post)

    async def tell(self, post: Post) -> None:
        """Tells the person alone, where they spoke."""
        await self.sender.send(Post(post.message))

    async def remove(self, removal: Removal) -> None:
        """Takes back the post that its receipt names."""
        await remove(self.slack, self.heard, removal)

    async def grant(self, wish: Invitation | Announce | Reports) -> None:
        """Opens the window to ask in, which is shown in words where it does not open, or those of announcers."""
        if not isinstance(wish, Invitation):
            await self.dialog.wished(self.heard, wish, self.sender)
            return
        phrases = self.desk.phrases(wish.language)
        view = asking.invitation(phrases, wish)
        if not await asking.opened(self.slack, self.heard, view):
            post = await self.desk.grant(wish, self.heard.asked.person, self.clock())
            await self.send(Post(replies.noted(post.message, phrases.no_window)))
