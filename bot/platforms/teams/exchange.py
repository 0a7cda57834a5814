"""What Teams adds to answering: where the bot may write later, a hello, and refusals that only a presser sees."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.desk.desk import Desk
from bot.errors import RefusedError, UnconfirmedError
from bot.messages import (
    Address,
    Announce,
    Invitation,
    Message,
    Outcome,
    Paragraph,
    Place,
    Post,
    Receipt,
    Removal,
    Reports,
)
from bot.platforms.calls import Pause
from bot.platforms.exchange import Exchange
from bot.platforms.teams import activities, incoming
from bot.platforms.teams.connector import Connector
from bot.platforms.teams.incoming import Body, Installation, TeamsHeard, address, chat
from bot.platforms.teams.senders import Teams, remove, send
from bot.storage.ledger import Ledger

log = logging.getLogger(__name__)

TYPING_AFTER = 0.5
"""Seconds of waiting after which somebody is shown that an answer is being written."""

TOLD_WITHIN = 2.0
"""Seconds that a pressed button waits for a refusal; Teams waits five for an invoke, by what is documented of those of
message extensions: https://learn.microsoft.com/microsoftteams/platform/messaging-extensions."""


class TeamsExchange(Exchange):
    """Answers whatever the listeners hear, after they have told Teams that they heard it."""

    def __init__(
        self, connector: Connector, desk: Desk, ledger: Ledger, clock: Callable[[], datetime], pause: Pause
    ) -> None:
        super().__init__("teams", desk, clock)
        self._ledger, self._pause = ledger, pause
        self._teams = Teams(connector, desk, self._drop)

    def heard(self, body: Body, heard: TeamsHeard | None, response: asyncio.Future[str] | None = None) -> None:
        """Begins to answer what was heard, unless it was heard before or is none of the bot's business.

        `response` waits for a refusal that is all there is to say.
        """
        if not heard or not self.is_new(heard.key):
            _tell(response, "")
            return
        self.work.begin(self._answer(heard, response))
        if heard.asked.voice == "alone":
            self._keep(address(body))

    async def pressed(self, body: Body) -> dict[str, Any]:
        """What a pressed button is answered with: a refusal, which nobody else reads, or that it arrived."""
        response: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.heard(body, self.read(incoming.press, body), response)
        try:
            async with asyncio.timeout(TOLD_WITHIN):
                text = await response
        except TimeoutError:
            text = ""
        return activities.told(text or self._desk.phrases().received)

    def installed(self, body: Body) -> None:
        """Begins to note that the bot came, and to introduce it once, or that it went."""
        if found := self.read(incoming.installation, body):
            self.work.begin(self._install(found, body) if found.added else self._drop(found.address.place))

    async def found(self, text: str) -> dict[str, Any]:
        """What the message extension shows for some words."""
        return activities.results(await self._desk.offers(text, self._clock().date()))

    async def _answer(self, heard: TeamsHeard, response: asyncio.Future[str] | None) -> None:
        typing = asyncio.create_task(self._show_typing(heard))
        try:
            way = TeamsWay(self._teams, heard, self._desk, self._clock)
            await self.attempt(heard, way, self._converse_in(heard, way, response))
        finally:
            typing.cancel()
            _tell(response, "")

    async def _converse_in(self, heard: TeamsHeard, way: TeamsWay, response: asyncio.Future[str] | None) -> None:
        outcomes = await self.decide(heard.asked)
        if not _tell(response, _refusal(outcomes) if heard.asked.voice == "aloud" else ""):
            await self.carry_out(heard, outcomes, way)

    async def _show_typing(self, heard: TeamsHeard) -> None:
        """Shows that an answer is on its way when it takes a while; a convenience that is tried once."""
        await self._pause(TYPING_AFTER)
        try:
            await self._teams.connector.post(heard.chat, {**activities.TYPING, "from": {"id": heard.bot}}, tries=1)
        except (RefusedError, UnconfirmedError) as error:
            log.info("teams.typing_failed error=%s", error)

    async def _install(self, installation: Installation, body: Body) -> None:
        await self._noted("install_failed", installation.address, self._greet(installation, body))

    async def _greet(self, installation: Installation, body: Body) -> None:
        """Notes the address; the bot says hello where it was not noted before, whichever event told first.

        Teams shows the questions of a manifest as cards only where a bot does not say hello, so ours come under it.
        """
        where = installation.address
        is_new = await self._ledger.note_address(where)
        log.info("teams.installed tenant=%s kind=%s new=%s", where.place.tenant, where.kind, is_new)
        if is_new and installation.greeted:
            prompts = self._desk.prompts() if where.kind == "personal" else ()
            said = activities.suggest(self._desk.welcome(), prompts)
            await self._teams.post(chat(body), where.place, body["recipient"]["id"], said)

    def _keep(self, where: Address) -> None:
        """Notes where a personal chat is, in case the event that told so was missed; now and then is enough."""
        if self.is_new(("address", where.place.id, where.service)):
            self.work.begin(self._noted("address_not_kept", where, self._ledger.note_address(where)))

    async def _noted(self, event: str, where: Address, act: Awaitable[Any]) -> None:
        """Keeps or drops an address, on which no answer depends."""
        await self.guard(event, f"tenant={where.place.tenant} place={where.place.id}", act)

    async def _drop(self, place: Place) -> None:
        """Lets go of a place that takes nothing from the bot any more."""
        facts = f"tenant={place.tenant} place={place.id}"
        if await self.guard("address_not_dropped", facts, self._ledger.drop_address(place)):
            log.info("teams.address_dropped %s", facts)


@dataclass(frozen=True)
class TeamsWay:
    """How something is answered in Teams; what belongs to the person alone stands on the post itself."""

    teams: Teams
    heard: TeamsHeard
    desk: Desk
    clock: Callable[[], datetime]

    async def send(self, post: Post) -> Receipt | None:
        """Delivers a post by who may read it."""
        return await send(self.teams, self.heard, post)

    async def tell(self, post: Post) -> None:
        """Nothing: nobody can be told anything aside, so the way to take a post back stands on it."""

    async def remove(self, removal: Removal) -> None:
        """Takes back the post that its receipt names."""
        await remove(self.teams, self.heard, removal)

    async def grant(self, wish: Invitation | Announce | Reports) -> None:
        """Says in words what a window would have shown."""
        await self.send(await self.desk.grant(wish, self.heard.asked.person, self.clock()))


def _refusal(outcomes: Iterable[Outcome]) -> str:
    """The one sentence that is all there is to say to somebody who pressed a button; empty where there is more."""
    match tuple(outcomes):
        case (Post(Message((Paragraph(text),)), "asker", harmless=True),):
            return text
    return ""


def _tell(response: asyncio.Future[str] | None, text: str) -> bool:
    """Gives a text to whoever still waits for it; whether it reaches the person so."""
    if response is None or response.done():
        return False
    response.set_result(text)
    return bool(text)
