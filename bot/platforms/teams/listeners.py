"""Listens to Teams through botbuilder: each listener says that it heard, and leaves the answering for afterwards."""

from __future__ import annotations

import logging

from botbuilder.core import ActivityHandler, InvokeResponse, TurnContext

from bot.platforms.teams import incoming
from bot.platforms.teams.exchange import TeamsExchange
from bot.platforms.teams.incoming import Body

log = logging.getLogger(__name__)

BODY = "optout.body"
"""Where a turn keeps the activity as it came: botbuilder's own class drops what it does not know."""


class Listeners(ActivityHandler):  # type: ignore[misc]
    """Hears messages, buttons, searches and installations; edits, deletions and reactions pass in silence."""

    def __init__(self, exchange: TeamsExchange) -> None:
        self._exchange = exchange

    async def turn(self, body: Body, context: TurnContext) -> None:
        """Hands a turn to the listener of its type."""
        context.turn_state[BODY] = body
        await self.on_turn(context)

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """Somebody wrote, or pressed a button in a client that sends it as a message."""
        body = turn_context.turn_state[BODY]
        self._exchange.heard(body, self._exchange.read(incoming.message, body))

    async def on_installation_update(self, turn_context: TurnContext) -> None:
        """The bot was added or removed."""
        self._exchange.installed(turn_context.turn_state[BODY])

    async def on_conversation_update_activity(self, turn_context: TurnContext) -> None:
        """Somebody joined or left; it may have been the bot."""
        self._exchange.installed(turn_context.turn_state[BODY])

    async def on_invoke_activity(self, turn_context: TurnContext) -> InvokeResponse:
        """What waits for an answer in the response itself; 501 for everything the bot did not ask for."""
        body = turn_context.turn_state[BODY]
        match turn_context.activity.name:
            case "adaptiveCard/action":
                return InvokeResponse(status=200, body=await self._exchange.pressed(body))
            case "composeExtension/query":
                return InvokeResponse(
                    status=200, body=await self._exchange.found(self._exchange.read(incoming.search, body) or "")
                )
        log.info("teams.invoke_ignored")
        return InvokeResponse(status=501)
