"""Reads what the page's forms send; whatever they could not have sent is refused."""

from __future__ import annotations

import datetime
import json
from collections.abc import Collection, Mapping
from urllib.parse import parse_qsl

from aiohttp import web

from bot.platforms.preview.drawings import Look
from bot.platforms.preview.guard import Refusal
from bot.platforms.preview.pretending import PLACES
from bot.platforms.preview.sessions import PlaceKey

MOST_FIELDS = 10
MOST_CHARACTERS = 40_000
MOST_VALUE = 2_000
FIRST_DAY, LAST_DAY = datetime.date(2000, 1, 1), datetime.date(2099, 12, 31)


async def read(request: web.Request) -> dict[str, str]:
    """The fields of a form, each of which comes once."""
    return dict(await read_all(request))


async def read_all(request: web.Request, most: int = MOST_FIELDS) -> list[tuple[str, str]]:
    """The fields of a form, and their values."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise Refusal("form")
    try:
        written = (await request.read()).decode()
        return parse_qsl(written, keep_blank_values=True, errors="replace", max_num_fields=most)
    except ValueError:
        raise Refusal("form") from None


def where(name: str) -> PlaceKey:
    """The pretend place with that key, in which the bot can be talked to."""
    if name not in PLACES or PLACES[name].refuses:
        raise Refusal("form")
    return name


def look(fields: dict[str, str]) -> Look:
    """The platform in whose look replies are shown."""
    match fields.get("look"):
        case "slack" | "teams" as platform:
            return platform
    raise Refusal("form")


def choice(fields: Mapping[str, str], name: str, known: Collection[str]) -> str:
    """One of the values that a field can have."""
    if fields.get(name) not in known:
        raise Refusal("form")
    return fields[name]


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
