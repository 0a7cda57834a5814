"""Listens to Teams through botbuilder: each listener says that it heard, and leaves the answering for afterwards."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

from botbuilder.core import ActivityHandler, InvokeResponse, TurnContext

from bot.platforms.teams import incoming
from bot.platforms.teams.incoming import Body, Heard, Installation

log = logging.getLogger(__name__)

BODY = "optout.body"
"""Where a turn keeps the activity as it came: botbuilder's own class drops what it does not know."""


class Answering(Protocol):
    """What listeners tell about; each returns at once, but for a button, whose answer may be a refusal."""

    def heard(self, body: Body, read: Callable[[Body], Heard | None]) -> None:
        """Somebody may have spoken to the bot or pressed a button."""

    def installed(self, body: Body, read: Callable[[Body], Installation | None]) -> None:
        """The bot may have been added somewhere or removed."""

    def found(self, text: str) -> dict[str, Any]:
        """What the message extension shows for some words."""

    async def pressed(self, body: Body) -> dict[str, Any]:
        """What a pressed button is answered with."""


class Listeners(ActivityHandler):  # type: ignore[misc]
    """Hears messages, buttons, searches and installations; edits, deletions and reactions pass in silence."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering

    async def turn(self, body: Body, context: TurnContext) -> None:
        """Hands a turn to the listener of its type."""
        context.turn_state[BODY] = body
        await self.on_turn(context)

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """Somebody wrote, or pressed a button in a client that sends it as a message."""
        self._answering.heard(turn_context.turn_state[BODY], incoming.message)

    async def on_installation_update(self, turn_context: TurnContext) -> None:
        """The bot was added or removed."""
        self._answering.installed(turn_context.turn_state[BODY], incoming.installation)

    async def on_conversation_update_activity(self, turn_context: TurnContext) -> None:
        """Somebody joined or left; it may have been the bot."""
        self._answering.installed(turn_context.turn_state[BODY], incoming.installation)

    async def on_invoke_activity(self, turn_context: TurnContext) -> InvokeResponse:
        """What waits for an answer in the response itself; 501 for everything the bot did not ask for."""
        body = turn_context.turn_state[BODY]
        match turn_context.activity.name:
            case "adaptiveCard/action":
                return InvokeResponse(status=200, body=await self._answering.pressed(body))
            case "composeExtension/query":
                return InvokeResponse(status=200, body=self._answering.found(_searched(body)))
        log.info("teams.invoke_ignored")
        return InvokeResponse(status=501)


def _searched(body: Body) -> str:
    try:
        return incoming.search(body)
    except (AttributeError, TypeError):
        return ""
