"""Brings copies of announcements to Slack: posts, edits, deletes them, and finds one that may have arrived."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.announcements.copies import Delivery
from bot.announcements.dispatcher import NoLookUpError
from bot.errors import RefusedError
from bot.messages import Message, Place
from bot.platforms.slack.blocks import draw
from bot.platforms.slack.calls import Calls, Method
from bot.platforms.slack.senders import NO_UNFURLING

DELIVERY = "optout_delivery"
"""The kind of metadata by which a copy is found again; everyone in the channel could read it, so it says nothing."""

EARLIER = 5.0
"""Seconds before a copy was claimed from which it is looked for, since Slack's clock is not this machine's."""

PAGE, PAGES = 200, 10
"""Messages that are read at once, and the most of such pages, to find a copy in a channel."""

MEMBERS = 1000
"""Members that are read at once: https://docs.slack.dev/reference/methods/conversations.members."""

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
        token_for: Callable[[str], Awaitable[str]],
        say: Callable[[Delivery], Message],
        patience: float,
        myself: Callable[[], str] = str,
    ) -> None:
        """`myself` gives the bot's own user id, as far as it is known."""
        self._client, self._calls, self._token_for, self._say = client, calls, token_for, say
        self.patience, self._myself = patience, myself

    async def check(self, delivery: Delivery) -> str:
        """Finds out whether the bot may post there, where it may look; gives `cannot_check` where it may not.

        Members are different: who may not be looked up cannot be written to either.
        """
        if delivery.kind == "members":
            await self.members(delivery)
            return ""
        try:
            if delivery.kind == "person":
                _refuse_person((await self._call(self._client.users_info, delivery, user=delivery.place.id))["user"])
            else:
                found = await self._call(self._client.conversations_info, delivery, channel=delivery.place.id)
                _refuse(found["channel"])
        except RefusedError as error:
            if error.code not in ("missing_scope", "no_permission"):
                raise
            return "cannot_check"
        return ""

    async def members(self, delivery: Delivery) -> tuple[Place, ...]:
        """The people of a channel or user group, without the bot itself.

        Who else is a bot would take a question about each; a copy for one fails with that reason.
        """
        place = delivery.place
        if place.id.startswith("S"):
            found = await self._call(self._client.usergroups_users_list, delivery, usergroup=place.id)
            people = list(found.get("users") or ())
        else:
            people = await self._members_of_channel(delivery)
        # Somebody who comes or goes meanwhile moves the others from page to page, so that one may be on two of them.
        others = [person for person in dict.fromkeys(people) if person != self._myself()]
        if not others:
            raise RefusedError("no_members")
        return tuple(Place(place.platform, place.tenant, person) for person in others)

    async def _members_of_channel(self, delivery: Delivery) -> list[str]:
        people: list[str] = []
        cursor = ""
        while True:
            wanted = {"channel": delivery.place.id, "limit": MEMBERS, "cursor": cursor or None}
            found = await self._call(self._client.conversations_members, delivery, **wanted)
            people += found.get("members") or ()
            cursor = (found.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return people

    async def post(self, delivery: Delivery) -> str:
        """Posts a copy, at most once, and gives its `ts`, with the direct message before it for a person."""
        marked = {"event_type": DELIVERY, "event_payload": {"delivery_id": delivery.id}}
        drawn = draw(self._say(delivery))
        answer = await self._call(
            self._client.chat_postMessage,
            delivery,
            channel=delivery.place.id,
            **drawn,
            metadata=marked,
            **NO_UNFURLING,
        )
        return f"{answer['channel']}/{answer['ts']}" if delivery.kind == "person" else str(answer["ts"])

    async def edit(self, delivery: Delivery) -> None:
        """Puts the corrected text in place of a copy; nobody is notified a second time."""
        said = replace(self._say(delivery), everyone=False)
        await self._call(self._client.chat_update, delivery, **_there(delivery), **draw(said))

    async def delete(self, delivery: Delivery) -> None:
        """Takes a copy back; one that is gone already is taken back."""
        try:
            await self._call(self._client.chat_delete, delivery, **_there(delivery))
        except RefusedError as error:
            if error.code != "message_not_found":
                raise

    async def find(self, delivery: Delivery) -> str | None:
        """What `post` gives for a copy that may have arrived, by its metadata; None if it did not."""
        channel = await self._channel(delivery)
        wanted: dict[str, Any] = {"channel": channel, "include_all_metadata": True, "limit": PAGE}
        if delivery.claimed_at:
            wanted["oldest"] = f"{delivery.claimed_at.timestamp() - EARLIER:.6f}"
        for _ in range(PAGES):
            try:
                answer = await self._call(self._client.conversations_history, delivery, **wanted)
            except RefusedError as error:
                raise NoLookUpError(error.code) if error.code in HISTORY else error from None
            for message in answer.get("messages") or ():
                mark = message.get("metadata") or {}
                if (mark.get("event_payload") or {}).get("delivery_id") == delivery.id:
                    return f"{channel}/{message['ts']}" if delivery.kind == "person" else str(message["ts"])
            wanted["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not wanted["cursor"]:
                return None
        raise NoLookUpError("too_many_messages")

    async def _channel(self, delivery: Delivery) -> str:
        """Where a copy would be found: in a person's direct message with the bot, or in the channel."""
        if delivery.kind != "person":
            return delivery.place.id
        try:
            opened = await self._call(self._client.conversations_open, delivery, users=delivery.place.id)
        except RefusedError as error:
            raise NoLookUpError(error.code) if error.code in HISTORY else error from None
        return str(opened["channel"]["id"])

    async def _call(self, method: Method, delivery: Delivery, **arguments: Any) -> AsyncSlackResponse:
        return await self._calls.once(method, token=await self._token_for(delivery.place.tenant), **arguments)


def _there(delivery: Delivery) -> dict[str, str]:
    """Where a copy is, as `post` gave it."""
    channel, _, ts = delivery.ref.rpartition("/")
    return {"channel": channel or delivery.place.id, "ts": ts}


def _refuse_person(user: Mapping[str, Any]) -> None:
    """Raises RefusedError for somebody to whom nobody can write.

    The fields are those of https://docs.slack.dev/reference/objects/user-object.
    """
    if user.get("deleted"):
        raise RefusedError("user_disabled")
    if user.get("is_bot"):
        raise RefusedError("cannot_dm_bot")


def _refuse(channel: Mapping[str, Any]) -> None:
    """Raises RefusedError for a channel in which the bot cannot post, with Slack's own word for it.

    The fields are those of https://docs.slack.dev/reference/objects/conversation-object.
    """
    if channel.get("is_archived"):
        raise RefusedError("is_archived")
    if not channel.get("is_member"):
        raise RefusedError("not_in_channel")
    if channel.get("is_read_only"):
        raise RefusedError("restricted_action")
