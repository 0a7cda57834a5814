"""The door for Slack's requests over HTTP: what is not Slack's or cannot be read goes no further."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.platforms.slack.incoming import Body

log = logging.getLogger(__name__)

PATH = "/slack/events"
LARGEST = 1024 * 1024
SECONDS_TO_READ = 10.0

Dispatch = Callable[[Body], Awaitable[BoltResponse]]


class SlackRoute:
    """Checks and reads a request in place of Bolt, which answers 500 to what it cannot read, and hands it on."""

    def __init__(self, signing_secret: str, dispatch: Dispatch) -> None:
        self._verifier = SignatureVerifier(signing_secret)
        self._dispatch = dispatch

    async def take(self, request: web.Request) -> web.Response:
        """Slack's answer: 401 or 400 for what is refused, with the wish not to be sent it again."""
        try:
            async with asyncio.timeout(SECONDS_TO_READ):
                body = await request.clone(client_max_size=LARGEST).read()
        except TimeoutError:
            return _refusal(408, "the request took too long")
        except (web.RequestPayloadError, ConnectionError):
            return _refusal(400, "the body cannot be read")
        if not self._is_slacks(body, request):
            return _refusal(401, "the signature is missing, wrong or too old")
        payload = _payload(body.decode(), request.content_type)
        if payload is None:
            return _refusal(400, "the body cannot be read")
        response = await self._dispatch(payload)
        if response.status == 400:
            return _refusal(400, "the body is not what Slack sends")
        return await to_aiohttp_response(response)

    def _is_slacks(self, body: bytes, request: web.Request) -> bool:
        stamp, signature = (request.headers.get(f"X-Slack-{name}", "") for name in ("Request-Timestamp", "Signature"))
        try:
            return self._verifier.is_valid(body, stamp, signature)
        except (TypeError, ValueError, OverflowError):  # a timestamp that is no moment, a signature or body no text
            return False


def _payload(text: str, content_type: str) -> Body | None:
    """What Slack says in JSON, in a form or in JSON in a form; None where it is not of the shape that Bolt needs."""
    try:
        if content_type == "application/json" or text.startswith("{"):
            found = json.loads(text)
        else:
            form = dict(parse_qsl(text, keep_blank_values=True))
            found = json.loads(form["payload"]) if "payload" in form else form
    except (ValueError, RecursionError):
        return None
    return found if _is_payload(found) else None


def _is_payload(payload: Any) -> bool:
    """Whether it is an object of the shape that Bolt takes for granted."""
    if not isinstance(payload, dict):
        return False
    event = payload.get("event", {"type": ""})
    return isinstance(event, dict) and isinstance(event.get("type"), str)


def _refusal(status: int, reason: str) -> web.Response:
    log.warning("slack.request_refused status=%d reason=%r", status, reason)
    return web.json_response({"error": reason}, status=status, headers={"X-Slack-No-Retry": "1"})
