"""Reads what the page's forms send; whatever they could not have sent is refused."""

from __future__ import annotations

import datetime
import json
from urllib.parse import parse_qsl

from aiohttp import web

from bot.preview.drawings import Platform
from bot.preview.guard import Refusal
from bot.preview.sessions import Where

MOST_CHARACTERS = 40_000
MOST_VALUE = 2_000
FIRST_DAY, LAST_DAY = datetime.date(2000, 1, 1), datetime.date(2099, 12, 31)


async def read(request: web.Request) -> dict[str, str]:
    """The fields of a form."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise Refusal("form")
    try:
        fields = parse_qsl((await request.read()).decode(), keep_blank_values=True, errors="replace", max_num_fields=10)
    except ValueError:
        raise Refusal("form") from None
    return dict(fields)


def where(name: str) -> Where:
    """The place with that name."""
    if name == "direct":
        return "direct"
    if name == "channel":
        return "channel"
    raise Refusal("form")


def look(fields: dict[str, str]) -> Platform:
    """The platform in whose look replies are shown."""
    match fields.get("look"):
        case "slack" | "teams" as platform:
            return platform
    raise Refusal("form")


def text(fields: dict[str, str], name: str = "text") -> str:
    """What was written, with plain line ends."""
    if name not in fields:
        raise Refusal("form")
    written = fields[name].replace("\r\n", "\n")
    if len(written) > MOST_CHARACTERS:
        raise Refusal("size")
    return written


def value(fields: dict[str, str]) -> tuple[str, ...]:
    """The value of a button: a JSON array of strings."""
    written = fields.get("value", "")
    try:
        parts = json.loads(written) if len(written) <= MOST_VALUE else None
        json.dumps(parts, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refusal("form") from None
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise Refusal("form")
    return tuple(parts)


def day(fields: dict[str, str]) -> datetime.date | None:
    """The chosen day; none for today."""
    if not fields.get("date"):
        return None
    try:
        chosen = datetime.date.fromisoformat(fields["date"])
    except ValueError:
        raise Refusal("form") from None
    if not FIRST_DAY <= chosen <= LAST_DAY:
        raise Refusal("form")
    return chosen
