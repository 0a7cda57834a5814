"""Calls to Slack: the methods of its Web API, and the response addresses that come with commands and presses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from yarl import URL

from bot.errors import RefusedError, UnconfirmedError
from bot.platforms.calls import AnswerError, Meaning, Pause, done, insisted, over_the_line

Method = Callable[..., Awaitable[AsyncSlackResponse]]

TRIES = 5
UNREADABLE = "unreadable"
HOOKS = ("hooks.slack.com", "hooks.slack-gov.com")
TOKEN_ERRORS = ("account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked")
# Slack says of these that something may have been done all the same.
_UNSURE_ERRORS = ("fatal_error", "internal_error", "request_timeout", "service_unavailable")
_LIMITED_ERRORS = ("ratelimited", "rate_limited", "message_limit_exceeded")


class Calls:
    """Speaks to Slack: the methods of its Web API and the response addresses that come with commands and presses."""

    def __init__(self, session: aiohttp.ClientSession, api_url: str, pause: Pause, tries: int = TRIES) -> None:
        self._session = session
        self._api = URL(api_url).origin()
        self._pause = pause
        self._tries = tries

    async def once(self, method: Method, **arguments: Any) -> AsyncSlackResponse:
        """Calls a method so that it is done at most once."""

        async def call() -> AsyncSlackResponse:
            try:
                with over_the_line():
                    return await method(**arguments)
            except SlackApiError as error:
                raise _answered(error) from None
            except (AttributeError, ValueError) as error:  # what the client makes of an answer that is not an object
                raise UnconfirmedError(UNREADABLE) from error

        return await done(call, meaning, self._pause, self._tries, method.__name__)

    async def insist(self, method: Method, **arguments: Any) -> AsyncSlackResponse:
        """Calls a method that may be done twice without harm, until it is confirmed."""
        return await insisted(lambda: self.once(method, **arguments), self._pause, self._tries)

    async def respond(self, url: str, body: dict[str, Any]) -> None:
        """Posts to a response address, at most once; only Slack's own addresses are believed."""
        if not self._is_slacks(url):
            raise RefusedError("response_url_not_slacks")

        async def call() -> None:
            address = URL(url, encoded=True)
            with over_the_line():
                async with self._session.post(address, json=body, allow_redirects=False) as response:
                    text = await response.text(errors="replace")
                    if response.status != 200:
                        code = text if text.isidentifier() else f"status_{response.status}"
                        raise AnswerError(response.status, response.headers, code)

        await done(call, meaning, self._pause, self._tries, "response_url")

    def _is_slacks(self, url: str) -> bool:
        try:
            found = URL(url, encoded=True)
            return found.origin() == self._api or (
                found.scheme == "https" and found.host in HOOKS and found.port == 443 and found.user is None
            )
        except (TypeError, ValueError):
            return False


def meaning(answer: AnswerError) -> Meaning:
    """What an answer of Slack other than success means: https://docs.slack.dev/apis/web-api/rate-limits."""
    if answer.status == 429 or answer.code in _LIMITED_ERRORS:
        return "limited"
    unreadable = answer.status == 200 and answer.code == UNREADABLE
    return "unsure" if answer.status >= 500 or answer.code in _UNSURE_ERRORS or unreadable else "refused"


def _answered(error: SlackApiError) -> AnswerError:
    """The answer in an error of Slack's client; one that could not be read may hide a success."""
    response = error.response
    if not isinstance(response, AsyncSlackResponse) or not isinstance(response.data, dict):
        return AnswerError(getattr(response, "status_code", 500), getattr(response, "headers", {}), UNREADABLE)
    return AnswerError(response.status_code, response.headers, str(response.data.get("error", UNREADABLE)))
