"""Requests to a platform: each succeeds, is refused or stays unconfirmed, and what surely was not done is tried again.

A platform's client says what its answers mean (`Read`); how long to wait, how often to try and what is known in the end
is decided here, once for all of them.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal, TypeVar

import aiohttp

from bot.announcements.pacing import backoff
from bot.errors import PostponedError, RefusedError, UnconfirmedError

log = logging.getLogger(__name__)

T = TypeVar("T")
Pause = Callable[[float], Awaitable[None]]

LONGEST_WAIT = 120.0
"""Seconds that a platform may ask to be left alone before whoever wanted something is told that it will not be soon."""

LONGEST_LIMIT = 86_400.0
"""Seconds after which a platform is asked again, whatever it says: it may say more than a calendar holds."""

Meaning = Literal["limited", "again", "unsure", "refused"]
"""What an answer other than success means: asked too often; surely not done, and worth another try; perhaps done; or
not done, and not the next time either."""

_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)


class AnswerError(Exception):
    """An answer of a platform other than success; `code` is its word for the reason."""

    def __init__(self, status: int, headers: Mapping[str, str], code: str) -> None:
        self.status, self.headers, self.code = status, headers, code
        super().__init__(code)


class NotSentError(Exception):
    """The line broke before the platform had heard all of it, so that it did nothing."""


Read = Callable[[AnswerError], Meaning]


@contextmanager
def over_the_line(whole: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """Turns what goes wrong on the way to a platform into NotSentError or UnconfirmedError.

    `whole` tells whether all of the request was handed over: what was not, cannot have been accepted.
    """
    try:
        yield
    except _NOT_SENT as error:
        raise NotSentError(type(error).__name__) from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise (UnconfirmedError if whole() else NotSentError)(type(error).__name__) from None


async def done(call: Callable[[], Awaitable[T]], read: Read, pause: Pause, tries: int, name: str) -> T:
    """What a call gives, tried again as long as it surely was not done.

    Raises RefusedError, PostponedError where trying was no use or would take too long, and UnconfirmedError.
    """
    wait, code, limited = 0.0, "", False
    for attempt in range(tries):
        if attempt:
            log.info("call.postponed call=%s seconds=%.1f attempt=%d reason=%s", name, wait, attempt, code)
            await pause(wait)
        try:
            return await call()
        except AnswerError as answer:
            meaning = read(answer)
            wait, code, limited = _wait(answer, meaning, attempt), answer.code, meaning == "limited"
        except NotSentError as error:
            wait, code, limited = backoff(attempt), str(error), False
    raise PostponedError(code, wait, limited=limited)


async def insisted(call: Callable[[], Awaitable[T]], pause: Pause, tries: int) -> T:
    """What a call gives that may be done twice without harm, tried until it is confirmed."""
    for attempt in range(tries - 1):
        try:
            return await call()
        except UnconfirmedError:
            await pause(backoff(attempt))
    return await call()


def _wait(answer: AnswerError, meaning: Meaning, attempt: int) -> float:
    """How long to wait before the next try; raises where there is none."""
    if meaning == "unsure":
        raise UnconfirmedError(answer.code)
    if meaning == "refused":
        raise RefusedError(answer.code)
    asked = _seconds(answer.headers.get("Retry-After", ""))
    if asked > LONGEST_WAIT:
        raise PostponedError(answer.code, asked, limited=meaning == "limited")
    return max(asked, backoff(attempt))


def _seconds(text: str) -> float:
    """The seconds that a platform asks for, a day at most; 0 where it says nothing that can be read."""
    try:
        return min(max(0.0, float(text)), LONGEST_LIMIT)
    except ValueError:
        return 0.0
