"""Brings copies of announcements to Teams: posts, edits and deletes them. Teams lets nobody look for one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.announcements.copies import Delivery
from bot.announcements.dispatcher import NoLookUpError
from bot.errors import PostponedError, RefusedError, UnconfirmedError
from bot.messages import Message, Place
from bot.platforms.teams.activities import Activity, card
from bot.platforms.teams.connector import Chat, Connector

ABSENT = "app_not_installed"
"""The word for a place whose tenant has no address: the app was never added there, or was taken out."""

OPENED = 10_000
"""Personal chats that are remembered at once; the oldest goes first."""


class TeamsCourier:
    """Brings what `say` makes of a delivery to Teams; `service_of` gives the address that serves a place, if known.

    `bot` is the id that the bot has in Teams. The connector must not try anything twice by itself.
    """

    def __init__(
        self,
        connector: Connector,
        bot: str,
        service_of: Callable[[Place], Awaitable[str | None]],
        say: Callable[[Delivery], Message],
        patience: float,
    ) -> None:
        self._connector, self._bot, self._service_of, self._say = connector, bot, service_of, say
        self._opened: dict[Place, str] = {}
        self.patience = patience

    async def check(self, delivery: Delivery) -> str:
        """Finds out whether the app is there."""
        if delivery.kind == "person":
            await self._open(delivery)
        else:
            await self._connector.check(await self._chat(delivery))
        return ""

    async def members(self, delivery: Delivery) -> tuple[Place, ...]:
        """The people of a conversation or of a channel's team."""
        place = delivery.place
        people = await self._connector.members(await self._chat(delivery))
        if not people:
            raise RefusedError("no_members")
        return tuple(Place(place.platform, place.tenant, person) for person in people)

    async def post(self, delivery: Delivery) -> str:
        """Posts a copy, at most once, and gives its id, with the personal chat before it for a person."""
        if delivery.kind != "person":
            chat = await self._chat(delivery)
            return await self._connector.post(chat, self._activity(delivery, chat), careful=True)
        chat = await self._personal(delivery)
        try:
            ref = await self._connector.post(chat, self._activity(delivery, chat), careful=True)
        except RefusedError as error:
            if not isinstance(error, PostponedError):
                self._opened.pop(delivery.place, None)
            raise
        return f"{chat.conversation}/{ref}"

    async def edit(self, delivery: Delivery) -> None:
        """Puts the corrected text in place of a copy."""
        chat, activity = await self._there(delivery)
        await self._connector.edit(chat, activity, self._activity(delivery, chat))

    async def delete(self, delivery: Delivery) -> None:
        """Takes a copy back; one that is gone already is taken back."""
        await self._connector.delete(*await self._there(delivery))

    async def find(self, delivery: Delivery) -> str | None:
        """Nothing: a bot may not read what stands in a channel."""
        raise NoLookUpError

    async def _chat(self, delivery: Delivery) -> Chat:
        service = await self._service_of(delivery.place)
        if not service:
            raise RefusedError(ABSENT)
        return Chat(service, delivery.place.id)

    async def _personal(self, delivery: Delivery) -> Chat:
        """The personal chat with a person, which is opened once and then remembered, as Microsoft asks for."""
        if known := self._opened.get(delivery.place):
            return Chat((await self._chat(delivery)).service, known)
        return await self._open(delivery)

    async def _open(self, delivery: Delivery) -> Chat:
        """Opens the personal chat with a person; that is no message, so one that is unsure is not done at all."""
        service = (await self._chat(delivery)).service
        try:
            chat = await self._connector.open(service, self._bot, delivery.place.id, delivery.place.tenant)
        except UnconfirmedError as error:
            raise PostponedError(str(error), 0.0) from None
        if len(self._opened) >= OPENED:
            del self._opened[next(iter(self._opened))]
        self._opened[delivery.place] = chat.conversation
        return chat

    async def _there(self, delivery: Delivery) -> tuple[Chat, str]:
        """The conversation and the id of a copy, as `post` gave them."""
        chat = await self._chat(delivery)
        conversation, _, activity = delivery.ref.rpartition("/")
        return Chat(chat.service, conversation or chat.conversation), activity

    def _activity(self, delivery: Delivery, chat: Chat) -> Activity:
        said = card(self._say(delivery), {})
        return {**said, "from": {"id": self._bot}, "conversation": {"id": chat.conversation}}
