"""botbuilder as far as it is used: it says who may speak to the bot, and runs each turn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from botbuilder.core import CloudAdapterBase, InvokeResponse, TurnContext
from botbuilder.schema import Activity, ChannelAccount, ConversationAccount
from botframework.connector.auth import (
    AuthenticateRequestResult,
    BotFrameworkAuthentication,
    BotFrameworkAuthenticationFactory,
    ClaimsIdentity,
    ConnectorFactory,
)

from bot.platforms.teams.credentials import CredentialsFactory
from bot.platforms.teams.keys import KeysError

RunTurn = Callable[[TurnContext], Awaitable[None]]


class UnauthorizedError(Exception):
    """The request is not from Teams, or not for this bot; the text is the reason for the log."""


class Authentication(BotFrameworkAuthentication):  # type: ignore[misc]
    """botbuilder's checks of what comes in, without its clients for what goes out."""

    def __init__(self, credentials: CredentialsFactory) -> None:
        self._checks = BotFrameworkAuthenticationFactory.create(credential_factory=credentials)

    async def authenticate_request(self, activity: Activity, auth_header: str) -> AuthenticateRequestResult:
        """Who sent an activity; raises what botbuilder raises, which can be anything."""
        result = await self._checks.authenticate_request(activity, auth_header)
        result.connector_factory = _NoConnector()
        return result

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> None:
        """None: nobody signs in to anything."""

    async def authenticate_streaming_request(self, auth_header: str, channel_id_header: str) -> Any:
        """Not offered."""
        raise NotImplementedError

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> ConnectorFactory:
        """A factory of nothing: the bot's own connector posts."""
        return _NoConnector()

    async def authenticate_channel_request(self, auth_header: str) -> Any:
        """Not offered."""
        raise NotImplementedError


class _NoConnector(ConnectorFactory):  # type: ignore[misc]
    async def create(self, service_url: str, audience: str | None = None) -> object:
        """Something that is there, which is all a turn asks for."""
        return self


class Adapter(CloudAdapterBase):  # type: ignore[misc]
    """Checks an activity and runs its turn."""

    def __init__(self, credentials: CredentialsFactory) -> None:
        super().__init__(Authentication(credentials))

    async def admit(self, body: dict[str, Any], header: str) -> Callable[[RunTurn], Awaitable[InvokeResponse | None]]:
        """The way to run a turn for an activity that Teams sent to this bot.

        Raises UnauthorizedError, and KeysError where nobody can tell.
        """
        activity = _activity(body)
        try:
            result = await self.bot_framework_authentication.authenticate_request(activity, header)
        except KeysError:
            raise
        except Exception as error:  # botbuilder and the libraries under it raise whatever they come upon
            raise UnauthorizedError(type(error).__name__) from None

        async def run(turn: RunTurn) -> InvokeResponse | None:
            return await self.process_activity(result, activity, turn)

        return run


def _activity(body: dict[str, Any]) -> Activity:
    """The part of an activity that botbuilder decides by; the rest is read where it is needed."""
    return Activity(
        type=body["type"],
        id=_text(body.get("id")),
        name=_text(body.get("name")),
        channel_id=_text(body.get("channelId")),
        service_url=_text(body.get("serviceUrl")),
        recipient=ChannelAccount(),
        conversation=ConversationAccount(),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
