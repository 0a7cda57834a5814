"""The door for Slack's requests over HTTP: what is not Slack's or cannot be read goes no further."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

log = logging.getLogger(__name__)

PATH = "/slack/events"
LARGEST = 1024 * 1024
SECONDS_TO_READ = 10.0

Dispatch = Callable[[str, Mapping[str, str]], Awaitable[BoltResponse]]


class SlackRoute:
    """Takes a request, checks it before Bolt does (which answers 500 to what it cannot read), and passes it on."""

    def __init__(self, signing_secret: str, dispatch: Dispatch) -> None:
        self._verifier = SignatureVerifier(signing_secret)
        self._dispatch = dispatch

    async def take(self, request: web.Request) -> web.Response:
        """Slack's answer: 401 or 400 for what is refused, with the wish not to be sent it again."""
        try:
            body = await asyncio.wait_for(request.clone(client_max_size=LARGEST).read(), SECONDS_TO_READ)
        except TimeoutError:
            return _refusal(408, "the request took too long")
        except (web.RequestPayloadError, ConnectionError):
            return _refusal(400, "the body cannot be read")
        if not self._is_slacks(body, request):
            return _refusal(401, "the signature is missing, wrong or too old")
        text = body.decode()
        if not _is_readable(text, request.content_type):
            return _refusal(400, "the body cannot be read")
        response = await self._dispatch(text, request.headers)
        if response.status == 400:
            return _refusal(400, "the body is not what Slack sends")
        return await to_aiohttp_response(response)

    def _is_slacks(self, body: bytes, request: web.Request) -> bool:
        try:
            return self._verifier.is_valid_request(body, dict(request.headers))
        except (TypeError, ValueError):  # a timestamp that is no number, a signature or a body that is no text
            return False


def _is_readable(text: str, content_type: str) -> bool:
    """Whether the body is an object of the shape that Bolt takes for granted."""
    try:
        if content_type == "application/json" or text.startswith("{"):
            return _is_payload(json.loads(text))
        return all(_is_payload(json.loads(payload)) for payload in parse_qs(text).get("payload", ()))
    except (ValueError, RecursionError):
        return False


def _is_payload(payload: Any) -> bool:
    if not isinstance(payload, dict):
        return False
    event = payload.get("event", {"type": ""})
    return isinstance(event, dict) and isinstance(event.get("type"), str)


def _refusal(status: int, reason: str) -> web.Response:
    log.warning("slack.request_refused status=%d reason=%r", status, reason)
    return web.json_response({"error": reason}, status=status, headers={"X-Slack-No-Retry": "1"})
