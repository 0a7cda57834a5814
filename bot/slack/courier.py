"""Brings copies of announcements to Slack: posts, edits, deletes them, and finds one that may have arrived."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.copies import Delivery
from bot.delivery import NoLookUpError
from bot.errors import RefusedError
from bot.messages import Message
from bot.slack.blocks import draw
from bot.slack.calls import Calls
from bot.slack.senders import NO_UNFURLING

DELIVERY = "optout_delivery"
"""The kind of metadata by which a copy is found again; everyone in the channel could read it, so it says nothing."""

EARLIER = 5.0
"""Seconds before a copy was claimed from which it is looked for, since Slack's clock is not this machine's."""

PAGE, PAGES = 200, 10
"""Messages that are read at once, and the most of such pages, to find a copy in a channel."""

HISTORY = ("missing_scope", "not_in_channel", "channel_not_found", "method_not_supported_for_channel_type")
"""Errors that mean that the bot cannot read a channel, so that nothing can be looked up there."""


class SlackCourier:
    """Brings what `say` makes of a delivery to Slack; `token_for` gives the token of a workspace.

    `calls` must not try anything twice by itself: what is tried again, and when, is decided by whoever delivers.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        calls: Calls,
        token_for: Callable[[str], str],
        say: Callable[[Delivery], Message],
        patience: float,
    ) -> None:
        self._client, self._calls, self._token_for, self._say = client, calls, token_for, say
        self.patience = patience

    async def post(self, delivery: Delivery) -> str:
        """Posts a copy, at most once, and gives its `ts`."""
        marked = {"event_type": DELIVERY, "event_payload": {"delivery_id": delivery.id}}
        drawn = draw(self._say(delivery))
        answer = await self._calls.once(
            self._client.chat_postMessage, **self._at(delivery), **drawn, metadata=marked, **NO_UNFURLING
        )
        return str(answer["ts"])

    async def edit(self, delivery: Delivery) -> None:
        """Puts the corrected text in place of a copy."""
        await self._calls.once(
            self._client.chat_update, **self._at(delivery), ts=delivery.ref, **draw(self._say(delivery))
        )

    async def delete(self, delivery: Delivery) -> None:
        """Takes a copy back; one that is gone already is taken back."""
        try:
            await self._calls.once(self._client.chat_delete, **self._at(delivery), ts=delivery.ref)
        except RefusedError as error:
            if error.code != "message_not_found":
                raise

    async def find(self, delivery: Delivery) -> str | None:
        """The `ts` of a copy that may have arrived, by its metadata; None if it did not."""
        wanted: dict[str, Any] = {"include_all_metadata": True, "limit": PAGE}
        if delivery.claimed_at:
            wanted["oldest"] = f"{delivery.claimed_at.timestamp() - EARLIER:.6f}"
        for _ in range(PAGES):
            try:
                answer = await self._calls.once(self._client.conversations_history, **self._at(delivery), **wanted)
            except RefusedError as error:
                raise NoLookUpError(error.code) if error.code in HISTORY else error from None
            for message in answer.get("messages") or ():
                mark = message.get("metadata") or {}
                if (mark.get("event_payload") or {}).get("delivery_id") == delivery.id:
                    return str(message["ts"])
            wanted["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not wanted["cursor"]:
                return None
        raise NoLookUpError("too_many_messages")

    def _at(self, delivery: Delivery) -> dict[str, str]:
        return {"channel": delivery.place.id, "token": self._token_for(delivery.place.tenant)}
