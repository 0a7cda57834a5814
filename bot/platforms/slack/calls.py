"""Calls to Slack: each succeeds, is refused or stays unconfirmed, and what surely did not arrive is sent again."""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from yarl import URL

from bot.errors import PostponedError, RefusedError, UnconfirmedError

log = logging.getLogger(__name__)

T = TypeVar("T")
Pause = Callable[[float], Awaitable[None]]
Method = Callable[..., Awaitable[AsyncSlackResponse]]

TRIES = 5
LONGEST_PAUSE = 300.0
UNREADABLE = "unreadable"
HOOKS = ("hooks.slack.com", "hooks.slack-gov.com")
TOKEN_ERRORS = ("account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked")
# Slack says of these that something may have been done all the same.
_UNSURE_ERRORS = ("fatal_error", "internal_error", "request_timeout", "service_unavailable")
_LIMITED_ERRORS = ("ratelimited", "rate_limited", "message_limit_exceeded")
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)


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
                return await method(**arguments)
            except SlackApiError as error:
                raise _AnswerError.of(error) from None
            except (AttributeError, ValueError) as error:  # what the client makes of an answer that is not an object
                raise UnconfirmedError(UNREADABLE) from error

        return await self._sent(call, method.__name__)

    async def insist(self, method: Method, **arguments: Any) -> AsyncSlackResponse:
        """Calls a method that may be done twice without harm, until it is confirmed."""
        for attempt in range(self._tries):
            try:
                return await self.once(method, **arguments)
            except UnconfirmedError:
                await self._pause(backoff(attempt))
        return await self.once(method, **arguments)

    async def respond(self, url: str, body: dict[str, Any]) -> None:
        """Posts to a response address, at most once; only Slack's own addresses are believed."""
        if not self._is_slacks(url):
            raise RefusedError("response_url_not_slacks")

        async def call() -> None:
            async with self._session.post(URL(url, encoded=True), json=body, allow_redirects=False) as response:
                text = await response.text(errors="replace")
                if response.status != 200:
                    code = text if text.isidentifier() else f"status_{response.status}"
                    raise _AnswerError(response.status, response.headers, code)

        await self._sent(call, "response_url")

    def _is_slacks(self, url: str) -> bool:
        try:
            found = URL(url, encoded=True)
            return found.origin() == self._api or (
                found.scheme == "https" and found.host in HOOKS and found.port == 443 and found.user is None
            )
        except (TypeError, ValueError):
            return False

    async def _sent(self, call: Callable[[], Awaitable[T]], name: str) -> T:
        wait, code, limited = 0.0, "", False
        for attempt in range(self._tries):
            if attempt:
                log.info("slack.call_postponed call=%s seconds=%.1f attempt=%d", name, wait, attempt)
                await self._pause(wait)
            try:
                return await call()
            except _AnswerError as answer:
                wait, code, limited = self._wait(answer), answer.code, True
            except _NOT_SENT as error:
                wait, code, limited = backoff(attempt), type(error).__name__, False
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise UnconfirmedError(type(error).__name__) from None
        raise PostponedError(code, wait, limited=limited)

    def _wait(self, answer: _AnswerError) -> float:
        """How long to wait before the next try; raises where there is none."""
        if answer.status == 429 or answer.code in _LIMITED_ERRORS:
            seconds = _seconds(answer.headers.get("Retry-After", ""))
            if seconds <= LONGEST_PAUSE:
                return seconds
            raise PostponedError(answer.code, seconds, limited=True)
        if (
            answer.status >= 500
            or answer.code in _UNSURE_ERRORS
            or (answer.status == 200 and answer.code == UNREADABLE)
        ):
            raise UnconfirmedError(answer.code)
        raise RefusedError(answer.code)


class _AnswerError(Exception):
    """An answer of Slack other than success."""

    def __init__(self, status: int, headers: Any, code: str) -> None:
        self.status, self.headers, self.code = status, headers, code

    @classmethod
    def of(cls, error: SlackApiError) -> _AnswerError:
        """The answer in an error of Slack's client; one that could not be read may hide a success."""
        response = error.response
        if not isinstance(response, AsyncSlackResponse) or not isinstance(response.data, dict):
            return cls(getattr(response, "status_code", 500), getattr(response, "headers", {}), UNREADABLE)
        return cls(response.status_code, response.headers, str(response.data.get("error", UNREADABLE)))


def backoff(attempt: int) -> float:
    """Seconds to wait after a failed attempt: twice as long each time, and not the same for all who failed at once."""
    return min(60.0, 0.5 * 2.0**attempt) * random.uniform(0.5, 1.0)  # noqa: S311


def _seconds(text: str) -> float:
    try:
        return max(0.0, float(text))
    except ValueError:
        return 30.0
