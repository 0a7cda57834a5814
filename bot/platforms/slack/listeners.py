"""Listens to Slack through Bolt: each listener says that it heard, and leaves the answering for afterwards."""

from __future__ import annotations

import logging
import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.errors import origin
from bot.platforms.slack import announcing_form as wishes
from bot.platforms.slack import incoming, modals
from bot.platforms.slack.exchange import SlackExchange
from bot.platforms.slack.incoming import Body

log = logging.getLogger(__name__)

COMMAND = "/optout"
# As the manifest calls them; Bolt calls all kinds of message events "message".
EVENTS = ("app_home_opened", "app_mention", "message.im")


def listen(app: AsyncApp, exchange: SlackExchange) -> None:
    """Registers what the manifest subscribes to."""

    @app.event("message")
    async def message(body: Body) -> None:
        exchange.heard(exchange.read(incoming.message, body, exchange.myself(body)))

    @app.event("app_mention")
    async def mention(body: Body) -> None:
        exchange.heard(exchange.read(incoming.mention, body, exchange.myself(body)))

    @app.event("app_home_opened")
    async def home_opened(body: Body) -> None:
        if channel := incoming.opened(body):
            exchange.opened(channel, ("event", str(body.get("event_id"))))

    @app.command(COMMAND)
    async def command(body: Body, ack: AsyncAck) -> None:
        await ack()
        exchange.heard(exchange.read(incoming.command, body))

    @app.error
    async def failed(error: Exception, body: Body) -> None:
        log.error("slack.event_failed type=%s error=%s at=%s", _type(body), type(error).__name__, origin(error))

    @app.action(re.compile("^press:"))
    async def press(body: Body, ack: AsyncAck) -> None:
        await ack()
        exchange.heard(exchange.read(incoming.press, body))

    @app.action(re.compile(f"^({'|'.join(wishes.TELLING)})$"))
    async def choose(body: Body, ack: AsyncAck) -> None:
        await ack()
        exchange.chosen(body)

    @app.view(re.compile(f"^({modals.ASK}|{modals.ANNOUNCE})$"))
    async def submit(body: Body, ack: AsyncAck) -> None:
        await ack(**exchange.submitted(body))


async def dispatch(app: AsyncApp, body: Body) -> BoltResponse:
    """Bolt's response: 400 for what it fails at, and 200 for what nobody listens to, which Slack would send again.

    Bolt takes what is read already for what came by Socket Mode, whichever way it came.
    """
    try:
        request = AsyncBoltRequest(body=body, mode="socket_mode")
        response = await app.async_dispatch(request)
    except Exception as error:  # Bolt takes much of a body for granted, before and after its own handler
        log.error("slack.event_failed error=%s at=%s", type(error).__name__, origin(error))
        return BoltResponse(status=400, body="")
    if response.status == 404:
        log.info("slack.event_ignored type=%s", _type(request.body))
        return BoltResponse(status=200, body="")
    return response if response.status < 500 else BoltResponse(status=400, body="")


def _type(body: dict[str, Any]) -> str:
    event = body.get("event")
    kind = event.get("type") if isinstance(event, dict) else body.get("command", body.get("type"))
    return str(kind)[:60]
