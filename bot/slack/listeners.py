"""Listens to Slack through Bolt: each listener says that it heard, and leaves the answering for afterwards."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any, Protocol

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.slack import incoming
from bot.slack.incoming import Body, Heard

log = logging.getLogger(__name__)

COMMAND = "/optout"
# As the manifest calls them; Bolt calls all kinds of message events "message".
EVENTS = ("app_home_opened", "app_mention", "message.im")


class Answering(Protocol):
    """What listeners tell about; each returns at once."""

    def myself(self, body: Body) -> str:
        """The bot's own user id."""

    def heard(self, read: Callable[[], Heard | None]) -> None:
        """Somebody may have spoken to the bot or pressed a button."""

    def opened(self, read: Callable[[], str]) -> None:
        """Somebody may have opened the direct message with the bot."""


def listen(app: AsyncApp, answering: Answering) -> None:
    """Registers what the manifest subscribes to."""

    @app.event("message")
    async def message(body: Body) -> None:
        answering.heard(lambda: incoming.message(body, answering.myself(body)))

    @app.event("app_mention")
    async def mention(body: Body) -> None:
        answering.heard(lambda: incoming.mention(body, answering.myself(body)))

    @app.event("app_home_opened")
    async def home_opened(body: Body) -> None:
        answering.opened(lambda: incoming.prompted(body))

    @app.command(COMMAND)
    async def command(body: Body, ack: AsyncAck) -> None:
        await ack()
        answering.heard(lambda: incoming.command(body))

    @app.action(re.compile("^press:"))
    async def press(body: Body, ack: AsyncAck) -> None:
        await ack()
        answering.heard(lambda: incoming.press(body))


async def dispatch(app: AsyncApp, request: AsyncBoltRequest) -> BoltResponse:
    """Bolt's response, except that Slack also hears "received" for what nobody listens to: else it sends it again."""
    response = await app.async_dispatch(request)
    if response.status == 404:
        log.info("slack.event_ignored type=%s", _type(request.body))
        return BoltResponse(status=200, body="")
    return response


def _type(body: dict[str, Any]) -> str:
    event = body.get("event")
    kind = event.get("type") if isinstance(event, dict) else body.get("command", body.get("type"))
    return str(kind)[:60]
