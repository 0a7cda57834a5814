"""Brings copies of announcements to Teams: posts, edits and deletes them. Teams lets nobody look for one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.copies import Delivery
from bot.delivery import NoLookUpError
from bot.errors import RefusedError
from bot.messages import Message, Place
from bot.teams.activities import Activity, card
from bot.teams.connector import Chat, Connector

ABSENT = "app_not_installed"
"""The word for a place that has no address: the app was never added there, or was taken out."""


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
        self.patience = patience

    async def post(self, delivery: Delivery) -> str:
        """Posts a copy, at most once, and gives its id."""
        return await self._connector.post(await self._chat(delivery), self._activity(delivery), careful=True)

    async def edit(self, delivery: Delivery) -> None:
        """Puts the corrected text in place of a copy."""
        await self._connector.edit(await self._chat(delivery), delivery.ref, self._activity(delivery))

    async def delete(self, delivery: Delivery) -> None:
        """Takes a copy back; one that is gone already is taken back."""
        await self._connector.delete(await self._chat(delivery), delivery.ref)

    async def find(self, delivery: Delivery) -> str | None:
        """Nothing: a bot may not read what stands in a channel."""
        raise NoLookUpError

    async def _chat(self, delivery: Delivery) -> Chat:
        service = await self._service_of(delivery.place)
        if not service:
            raise RefusedError(ABSENT)
        return Chat(service, delivery.place.id)

    def _activity(self, delivery: Delivery) -> Activity:
        said = card(self._say(delivery), {})
        return {**said, "from": {"id": self._bot}, "conversation": {"id": delivery.place.id}}
