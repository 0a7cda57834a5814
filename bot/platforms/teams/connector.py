"""Calls to the Bot Connector: each succeeds, is refused or stays unconfirmed, and nothing is sent twice that arrived.

botbuilder's own client is not used: it blocks a thread for each call, sends a message twice when the line breaks after
the first, and never tries again what was not accepted.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

import aiohttp
from aiohttp import payload
from aiohttp.abc import AbstractStreamWriter
from yarl import URL

from bot.errors import RefusedError
from bot.platforms.calls import AnswerError, Meaning, NotSentError, Pause, Read, done, insisted, over_the_line
from bot.platforms.teams.credentials import TokenError, Tokens
from bot.platforms.teams.hosts import Services

Activity = dict[str, Any]

TRIES = 6
# https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context: from 50 members at once to 500.
FEWEST, PAGE = 50, 500
# Turns of the event loop in which it reads from the network, and then acts on what it read.
MOMENTS = 3
BLOCKED = frozenset(("MessageWritesBlocked", "ConversationBlockedByUser"))
"""Words for a conversation that takes nothing from the bot until somebody there lets it."""
# https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit names these but 503, which says the same.
_AGAIN = (412, 429, 502, 503, 504)
# Of these, what cannot have been delivered; a 502 or 504 may follow a message that was.
_SURELY_NOT_DONE = (412, 429)
UNAUTHORIZED, LIMITED, NOT_IMPLEMENTED = 401, 429, 501
BOTS = "28:"
"""What the ids of bots begin with."""
# https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages shows one.
_SUBCODE = re.compile(r'"subCode"\s*:\s*"(\w+)"')


@dataclass(frozen=True)
class Chat:
    """A conversation or a thread in a channel, and the address of the connector that serves it."""

    service: str
    conversation: str


class Connector:
    """Posts activities, which are plain dictionaries, to conversations."""

    def __init__(
        self, session: aiohttp.ClientSession, services: Services, tokens: Tokens, pause: Pause, tries: int = TRIES
    ) -> None:
        self._session, self._services, self._tokens = session, services, tokens
        self._pause, self._tries = pause, tries

    async def post(self, chat: Chat, activity: Activity, *, tries: int = 0, careful: bool = False) -> str:
        """Posts an activity at most once, and gives its id; a `careful` one is not tried again after a gateway's error.

        A line that breaks before the last byte is written delivered nothing, and the activity goes out again; one that
        breaks later may have delivered it, and Teams offers no way to look: that stays unconfirmed.
        """
        read = _careful if careful else meaning
        answer = await self._sent("POST", chat.service, _path(chat.conversation), activity, tries, read)
        return str(answer.get("id") or "")

    async def edit(self, chat: Chat, activity_id: str, activity: Activity) -> None:
        """Puts an activity in the place of one of the bot's."""
        await self._insist("PUT", chat.service, _path(chat.conversation, activity_id), activity)

    async def delete(self, chat: Chat, activity_id: str) -> None:
        """Deletes an activity of the bot; one that is gone already is no error."""
        try:
            await self._insist("DELETE", chat.service, _path(chat.conversation, activity_id))
        except RefusedError as error:
            if error.code not in ("status_404", "ActivityNotFoundInConversation", "ActivityNotFound"):
                raise

    async def open(self, service: str, bot: str, person: str, tenant: str) -> Chat:
        """The personal chat between the bot and a person; Teams makes one where there is none yet, never two."""
        wanted = {
            "isGroup": False,
            "bot": {"id": bot},
            "members": [{"id": person}],
            "tenantId": tenant,
            "channelData": {"tenant": {"id": tenant}},
        }
        answer = await self._insist("POST", service, "v3/conversations", wanted)
        if not isinstance(answer.get("id"), str) or not answer["id"]:
            raise RefusedError("no_conversation")
        return Chat(service, answer["id"])

    async def check(self, chat: Chat) -> None:
        """Finds out by a glance at the members whether the bot is in a conversation; raises RefusedError where not."""
        await self._members(chat, FEWEST)

    async def members(self, chat: Chat) -> tuple[str, ...]:
        """The ids of all people in a conversation or a channel's team, page by page; bots are none.

        After the first page a connector that is asked too often is waited for, or a large team would never be read.
        """
        people, after = await self._members(chat, PAGE)
        while after:
            more, after = await self._members(chat, PAGE, after, TRIES)
            people += more
        return tuple(dict.fromkeys(person for person in people if not person.startswith(BOTS)))

    async def _members(self, chat: Chat, size: int, after: str = "", tries: int = 0) -> tuple[list[str], str]:
        """A page of members, and what the connector calls the next one, if there is one."""
        query = f"pageSize={size}" + (f"&continuationToken={quote(after, safe='')}" if after else "")
        path = f"v3/conversations/{quote(chat.conversation, safe='')}/pagedmembers?{query}"
        answer = await self._sent("GET", chat.service, path, tries=tries)
        found = answer.get("members")
        listed = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
        return [str(one["id"]) for one in listed if one.get("id")], str(answer.get("continuationToken") or "")

    async def _insist(self, method: str, service: str, path: str, body: Activity | None = None) -> dict[str, Any]:
        """Does what may be done twice without harm, until it is confirmed."""
        return await insisted(lambda: self._sent(method, service, path, body), self._pause, self._tries)

    async def _sent(
        self,
        method: str,
        service: str,
        path: str,
        body: Activity | None = None,
        tries: int = 0,
        read: Read | None = None,
    ) -> dict[str, Any]:
        if not self._services.trusts(service):
            raise RefusedError("service_address_not_microsofts")
        url = URL(f"{service.rstrip('/')}/{path}", encoded=True)
        asked = partial(self._asked, method, url, body)
        return await done(asked, read or meaning, self._pause, tries or self._tries, method)

    async def _asked(self, method: str, url: URL, body: Activity | None) -> dict[str, Any]:
        """Asks, and asks again with another token where the first was not accepted, perhaps withdrawn early."""
        try:
            return await self._once(method, url, body)
        except AnswerError as answer:
            if answer.status != UNAUTHORIZED:
                raise
        return await self._once(method, url, body)

    async def _once(self, method: str, url: URL, body: Activity | None) -> dict[str, Any]:
        try:
            token = await self._tokens.get()
        except TokenError as error:
            raise NotSentError(str(error)) from None
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        written = _Written(body) if body is not None else None
        asked = self._session.request(method, url, data=written, headers=headers, allow_redirects=False)
        with over_the_line(lambda: written is None or written.whole):
            async with asked as response:
                if 200 <= response.status < 300:
                    return await _object(response)
                if response.status == UNAUTHORIZED:
                    self._tokens.refused(token)
                raise AnswerError(response.status, response.headers, _code(await _object(response), response.status))


class _Written(payload.BytesPayload):
    """The body of a request that knows whether all of it was handed over: what was not, cannot have been accepted."""

    def __init__(self, body: Activity) -> None:
        super().__init__(json.dumps(body).encode(), content_type="application/json")
        self.whole = False

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """Writes the body once the headers are out and the line is still there.

        A line that the other side let go while nothing was said breaks only when it is used; the moments between
        headers and body let that be noticed while nothing is lost yet.
        """
        writer.send_headers()
        for _ in range(MOMENTS):
            await asyncio.sleep(0)
        await super().write_with_length(writer, content_length)
        self.whole = True


def meaning(answer: AnswerError) -> Meaning:
    """What an answer of the connector other than success means, for what may be sent again after a gateway's error."""
    if answer.status in _AGAIN:
        return "limited" if answer.status == LIMITED else "again"
    return "unsure" if answer.status >= 500 and answer.status != NOT_IMPLEMENTED else "refused"


def _careful(answer: AnswerError) -> Meaning:
    """The same for what must not be there twice."""
    return "unsure" if answer.status in _AGAIN and answer.status not in _SURELY_NOT_DONE else meaning(answer)


async def _object(response: aiohttp.ClientResponse) -> dict[str, Any]:
    """The object in an answer; empty where there is none, since the status says whether it was accepted."""
    try:
        found = json.loads(await response.read())
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _code(answer: dict[str, Any], status: int) -> str:
    """The connector's word for a refusal, which may be in a JSON text inside its message: then it says more."""
    found = answer.get("error")
    error = found if isinstance(found, dict) else answer
    inner = _SUBCODE.search(str(error.get("message") or ""))
    code = inner[1] if inner else error.get("code")
    return code if isinstance(code, str) and code.isidentifier() else f"status_{status}"


def _path(conversation: str, activity_id: str = "") -> str:
    """The path of a conversation's activities; ids hold colons, semicolons and at signs, and one may hold anything."""
    end = f"/{quote(activity_id, safe='')}" if activity_id else ""
    return f"v3/conversations/{quote(conversation, safe='')}/activities{end}"
