"""The token by which the bot proves itself to Microsoft: fetched ahead of time, kept, and handed to botbuilder."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp
from botframework.connector.auth import (
    AppCredentials,
    AuthenticationConstants,
    ManagedIdentityAppCredentials,
    ServiceClientCredentialsFactory,
)
from yarl import URL

from bot.platforms.teams.hosts import Services
from bot.platforms.work import Work
from bot.settings import TeamsSettings

log = logging.getLogger(__name__)

SCOPE = AuthenticationConstants.TO_CHANNEL_FROM_BOT_OAUTH_SCOPE
AHEAD = 600.0
"""Seconds before its end at which a token is renewed; half-way through where it lasts less than twice that."""

AGAIN = 10.0
"""Seconds after a failed renewal until the next, as long as the token before still holds."""

LASTING = 300.0
"""Seconds that a token of a managed identity is kept here; the library below keeps it for as long as it holds."""


class TokenError(Exception):
    """There is no token; the text is the service's short word for the reason."""


class Tokens:
    """The bot's token, fetched once for all who wait for it; `problem` says why there is none."""

    def __init__(self, settings: TeamsSettings, services: Services, session: aiohttp.ClientSession) -> None:
        self._settings, self._services, self._session = settings, services, session
        self._token = ""
        self._ends = self._renew = float("-inf")
        self._fetching: asyncio.Task[None] | None = None
        self._identity: Any = None
        self._work = Work()
        self.problem = "no token yet"

    async def get(self) -> str:
        """A token that holds; empty without authentication. Raises TokenError."""
        if not self._settings.auth:
            return ""
        now = _now()
        if now >= min(self._renew, self._ends):
            fetching = self._begin()
            if now >= self._ends:
                await asyncio.wait((fetching,))
        if _now() >= self._ends:
            raise TokenError(self.problem)
        return self._token

    def refused(self, token: str) -> None:
        """Notes that a token was not accepted, so that the next is another."""
        if token == self._token:
            self._ends = float("-inf")

    def now(self) -> str:
        """The token as it is, without waiting for anything."""
        return self._token

    async def close(self) -> None:
        """Gives up what is being fetched."""
        await self._work.finish(0)

    def _begin(self) -> asyncio.Task[None]:
        if self._fetching is None or self._fetching.done():
            self._fetching = self._work.begin(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        managed = self._settings.app_type == "UserAssignedMSI"
        begun = _now()
        try:
            token, seconds = await (self._ask_identity() if managed else self._ask_login())
        except TokenError as error:
            problem = str(error)
        except Exception as error:  # the libraries below raise what they like
            problem = type(error).__name__
        else:
            self._token, self._ends, self.problem = token, begun + seconds, ""
            self._renew = begun + max(seconds - AHEAD, seconds / 2)
            log.info("teams.token_fetched seconds=%d", seconds)
            return
        self._renew = _now() + AGAIN
        self.problem = problem if _now() >= self._ends else ""  # the old token is good for a while
        log.warning("teams.token_failed error=%s", problem)

    async def _ask_login(self) -> tuple[str, float]:
        single = self._settings.app_type == "SingleTenant"
        tenant = self._settings.tenant if single else AuthenticationConstants.DEFAULT_CHANNEL_AUTH_TENANT
        form = {
            "grant_type": "client_credentials",
            "client_id": self._settings.app_id,
            "client_secret": self._settings.password,
            "scope": f"{SCOPE}/.default",
        }
        url = URL(self._services.login) / tenant / "oauth2/v2.0/token"
        async with self._session.post(url, data=form, allow_redirects=False) as response:
            try:
                answer = await response.json(content_type=None)
            except ValueError:
                raise TokenError(f"status_{response.status}") from None
        if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
            error = answer.get("error") if isinstance(answer, dict) else ""
            raise TokenError(error if isinstance(error, str) and error.isidentifier() else f"status_{response.status}")
        return answer["access_token"], float(answer.get("expires_in", LASTING))

    async def _ask_identity(self) -> tuple[str, float]:
        """Asks the machine's own identity service, in a thread since the library below blocks."""
        self._identity = self._identity or ManagedIdentityAppCredentials(self._settings.app_id, SCOPE)
        try:
            return await asyncio.to_thread(self._identity.get_access_token), LASTING
        except KeyError:  # what botframework makes of a refusal
            raise TokenError("managed_identity_refused") from None


class CredentialsFactory(ServiceClientCredentialsFactory):  # type: ignore[misc]
    """Tells botbuilder which bot this is, and gives it the one token instead of a fetch for every turn."""

    def __init__(self, settings: TeamsSettings, tokens: Tokens) -> None:
        self._settings, self._tokens = settings, tokens

    async def is_valid_app_id(self, app_id: str) -> bool:
        """Whether this is the bot."""
        return bool(app_id) and app_id.lower() == self._settings.app_id.lower()

    async def is_authentication_disabled(self) -> bool:
        """Whether anybody is believed, which the settings allow on this machine only."""
        return not self._settings.auth

    async def create_credentials(
        self, app_id: str, oauth_scope: str, login_endpoint: str, validate_authority: bool
    ) -> AppCredentials:
        """Credentials that never fetch."""
        return _Kept(self._settings.app_id, self._tokens)


class _Kept(AppCredentials):  # type: ignore[misc]
    def __init__(self, app_id: str, tokens: Tokens) -> None:
        super().__init__(app_id, oauth_scope=SCOPE)
        self._tokens = tokens

    def get_access_token(self, force_refresh: bool = False) -> str:
        """The token that is kept."""
        return self._tokens.now()


def _now() -> float:
    return asyncio.get_running_loop().time()
