"""Who the bot is on Slack, whether its token lets it work, and how an operator is told."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot.announcements.pacing import backoff
from bot.errors import RefusedError, UnconfirmedError
from bot.platforms.calls import Pause
from bot.platforms.slack.calls import TOKEN_ERRORS, Calls

log = logging.getLogger(__name__)

# What the listeners and senders need; manifest.json asks for the same.
SCOPES = ("app_mentions:read", "assistant:write", "chat:write", "commands", "im:history")


@dataclass(frozen=True)
class Identity:
    """What Slack says about the bot's token."""

    team: str = ""
    team_id: str = ""
    name: str = ""
    user_id: str = ""
    bot_id: str = ""
    missing: tuple[str, ...] = ()
    """The scopes that the manifest asks for and the token has not."""


class Account:
    """The bot's account on Slack: asked for once, and again whenever Slack has refused its token."""

    def __init__(self, client: AsyncWebClient, calls: Calls, pause: Pause) -> None:
        self._client, self._calls, self._pause = client, calls, pause
        self.identity = Identity()
        self.problem = "Slack has not answered yet."
        self.asked = asyncio.Event()

    async def confirm(self) -> None:
        """Asks Slack whose token this is, until it knows."""
        attempt = 0
        while self.problem:
            try:
                self.identity, self.problem = await self._ask(), ""
                log.info("slack.identified user=%s missing=%s", self.identity.user_id, ",".join(self.identity.missing))
            except (RefusedError, UnconfirmedError) as error:
                self.problem = trouble("SLACK_BOT_TOKEN", str(error))
                log.warning("slack.identification_failed error=%s", error)
            self.asked.set()
            if self.problem:
                await self._pause(backoff(attempt))
                attempt += 1

    def refused(self, error: str) -> bool:
        """Notes that Slack refused a call; True when it was because of the token, which was good so far."""
        if error not in TOKEN_ERRORS or self.problem:
            return False
        self.problem = trouble("SLACK_BOT_TOKEN", error)
        return True

    async def _ask(self) -> Identity:
        answer = await self._calls.once(self._client.auth_test)
        asked = ("team", "team_id", "user", "user_id", "bot_id")
        team, team_id, name, user, bot = (str(answer.get(key, "")) for key in asked)
        granted = answer.headers.get("x-oauth-scopes")
        return Identity(team, team_id, name, user, bot, () if granted is None else missing(granted))


def missing(granted: str) -> tuple[str, ...]:
    """The scopes that are needed and not among those of a comma-separated list."""
    return tuple(scope for scope in SCOPES if scope not in {part.strip() for part in granted.split(",")})


def advice(missing: tuple[str, ...]) -> str:
    """What to do about missing scopes."""
    return (
        f"The token lacks {', '.join(missing)}. Add this under OAuth & Permissions of your Slack app (manifest.json "
        "lists everything), reinstall the app to the workspace and restart."
    )


def trouble(setting: str, error: str) -> str:
    """What is wrong when Slack does not accept a token or does not answer."""
    if error in TOKEN_ERRORS or error in ("not_allowed_token_type", "missing_scope"):
        return f"Slack refuses {setting} ({error}). Copy the token from your Slack app's settings again and restart."
    return f"Slack cannot be reached or does not answer ({error})."
