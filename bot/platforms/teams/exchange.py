"""The exchange of words: what was heard goes to the desk, what the desk says goes back; one failure stops nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from bot.desk.desk import Desk
from bot.errors import RefusedError, UnconfirmedError, origin
from bot.messages import Address, Message, Outcome, Paragraph, Place, Post, Press, Removal
from bot.platforms.calls import Pause
from bot.platforms.memory import Memory
from bot.platforms.teams import activities, incoming
from bot.platforms.teams.connector import Connector
from bot.platforms.teams.incoming import Body, Heard, Installation, address, chat
from bot.platforms.teams.senders import Teams, remove, send
from bot.platforms.work import Work
from bot.storage.ledger import Ledger

log = logging.getLogger(__name__)

# Deciding is plain computing; a burst of questions takes turns, so that the next request is received meanwhile.
DECIDING = 2

TYPING_AFTER = 0.5
"""Seconds of waiting after which somebody is shown that an answer is being written."""

TOLD_WITHIN = 2.0
"""Seconds that a pressed button waits for a refusal; Teams waits five for an invoke, by what is documented of those of
message extensions: https://learn.microsoft.com/microsoftteams/platform/messaging-extensions."""


class Exchange:
    """Answers whatever the listeners hear, once, and after they have told Teams that they heard it."""

    def __init__(
        self, connector: Connector, desk: Desk, ledger: Ledger, clock: Callable[[], datetime], pause: Pause
    ) -> None:
        self._desk, self._ledger, self._clock, self._pause = desk, ledger, clock, pause
        self._teams = Teams(connector, desk, self._drop)
        self._memory = Memory()
        self._deciding = asyncio.Semaphore(DECIDING)
        self.work = Work()

    def heard(
        self, body: Body, read: Callable[[Body], Heard | None], response: asyncio.Future[str] | None = None
    ) -> None:
        """Begins to answer what was heard, unless it was heard before or is none of the bot's business."""
        if (heard := _readable(read, body)) and self._memory.is_new(heard.key, self._clock()):
            self.work.begin(self._answer(heard, response))
            if heard.asked.voice == "alone":
                self._keep(address(body))
        else:
            _tell(response, "")

    async def pressed(self, body: Body) -> dict[str, Any]:
        """What a pressed button is answered with: a refusal, which nobody else reads, or that it arrived."""
        response: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.heard(body, incoming.press, response)
        try:
            async with asyncio.timeout(TOLD_WITHIN):
                text = await response
        except TimeoutError:
            text = ""
        return activities.told(text or self._desk.received())

    def installed(self, body: Body, read: Callable[[Body], Installation | None]) -> None:
        """Begins to note that the bot came, and to introduce it once, or that it went."""
        if found := _readable(read, body):
            bot = body["recipient"]["id"]
            self.work.begin(self._install(found, bot, body) if found.added else self._drop(found.address.place))

    def found(self, text: str) -> dict[str, Any]:
        """What the message extension shows for some words."""
        return activities.results(self._desk.offers(text, self._clock().date()))

    async def _answer(self, heard: Heard, response: asyncio.Future[str] | None) -> None:
        typing = asyncio.create_task(self._show_typing(heard))
        try:
            await self._converse(heard, response)
        except UnconfirmedError as error:
            log.error("teams.post_unconfirmed %s error=%s", _ids(heard), error)
        except Exception as error:  # the outer door: whatever it is, the next event is answered
            log.error("teams.event_failed %s error=%s at=%s", _ids(heard), _name(error), origin(error))
            await self._apologise(heard)
        finally:
            typing.cancel()
            _tell(response, "")

    async def _converse(self, heard: Heard, response: asyncio.Future[str] | None) -> None:
        asked, now = heard.asked, self._clock()
        async with self._deciding:
            outcomes = await (self._desk.press(asked, now) if isinstance(asked, Press) else self._desk.ask(asked, now))
        if _tell(response, _refusal(outcomes) if asked.voice == "aloud" else ""):
            return
        for outcome in outcomes:
            match outcome:
                case Removal():
                    await remove(self._teams, heard, outcome)
                    await self._desk.removed(outcome)
                    log.info("teams.removed %s", _ids(heard))
                case Post():
                    await self._post(heard, outcome)
                case _:
                    await self._post(heard, await self._desk.grant(outcome, asked.person, now))

    async def _post(self, heard: Heard, post: Post) -> None:
        receipt = await send(self._teams, heard, post)
        if receipt is None:
            return
        log.info("teams.posted %s to=%s ref=%s", _ids(heard), post.to, receipt.ref)
        if post.to == "everyone":
            await self._desk.posted(post, receipt, self._clock())

    async def _show_typing(self, heard: Heard) -> None:
        """Shows that an answer is on its way when it takes a while; a convenience that is tried once."""
        await self._pause(TYPING_AFTER)
        try:
            await self._teams.connector.post(heard.chat, {**activities.TYPING, "from": {"id": heard.bot}}, tries=1)
        except (RefusedError, UnconfirmedError) as error:
            log.info("teams.typing_failed error=%s", error)

    async def _apologise(self, heard: Heard) -> None:
        try:
            await self._teams.say(heard, self._desk.apology())
        except Exception as error:  # nothing is left to say
            log.error("teams.apology_failed %s error=%s", _ids(heard), _name(error))

    async def _install(self, installation: Installation, bot: str, body: Body) -> None:
        """Notes the address; the bot says hello where it was not noted before, whichever event told first.

        Teams shows the questions of a manifest as cards only where a bot does not say hello, so ours come under it.
        """
        where = installation.address
        try:
            is_new = await self._ledger.note_address(where)
            log.info("teams.installed tenant=%s kind=%s new=%s", where.place.tenant, where.kind, is_new)
            if is_new and installation.greeted:
                prompts = self._desk.prompts() if where.kind == "personal" else ()
                said = activities.suggest(self._desk.welcome(), prompts)
                await self._teams.post(chat(body), where.place, bot, said)
        except Exception as error:  # the outer door
            log.error("teams.install_failed error=%s at=%s", _name(error), origin(error))

    def _keep(self, where: Address) -> None:
        """Notes where a personal chat is, in case the event that told so was missed; now and then is enough."""
        if self._memory.is_new(("address", where.place.id, where.service), self._clock()):
            self.work.begin(self._note(where))

    async def _note(self, where: Address) -> None:
        try:
            await self._ledger.note_address(where)
        except Exception as error:  # the outer door: the answer does not depend on it
            log.error("teams.address_not_kept error=%s", _name(error))

    async def _drop(self, place: Place) -> None:
        try:
            await self._ledger.drop_address(place)
            log.info("teams.address_dropped tenant=%s place=%s", place.tenant, place.id)
        except Exception as error:  # the outer door
            log.error("teams.address_not_dropped error=%s", _name(error))


def _refusal(outcomes: Sequence[Outcome]) -> str:
    """The one sentence that is all there is to say to somebody who pressed a button; empty where there is more."""
    match outcomes:
        case (Post(Message((Paragraph(text),)), "asker", harmless=True),):
            return text
    return ""


def _tell(response: asyncio.Future[str] | None, text: str) -> bool:
    """Gives a text to whoever still waits for it; whether it reaches the person so."""
    if response is None or response.done():
        return False
    response.set_result(text)
    return bool(text)


def _readable(read: Callable[[Body], Any], body: Body) -> Any:
    """What was read, or None for what is not as Teams sends it."""
    try:
        return read(body)
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        log.warning("teams.event_ignored error=%s", type(error).__name__)
        return None


def _ids(heard: Heard) -> str:
    place = heard.asked.place
    return f"tenant={place.tenant} place={place.id} user={heard.asked.person.id}"


def _name(error: Exception) -> str:
    """What went wrong, without the words of a person that an error's text may hold."""
    return error.code if isinstance(error, RefusedError) else type(error).__name__
