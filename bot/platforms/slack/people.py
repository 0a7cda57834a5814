"""What Slack tells about a person, where the bot may ask: whether they run the workspace, and their time zone."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from bot.errors import RefusedError, UnconfirmedError
from bot.messages import Person
from bot.platforms.slack.senders import Slack

log = logging.getLogger(__name__)

SECONDS = 1.5
"""How long Slack may take to tell: a window has to open within three seconds."""


@dataclass(frozen=True)
class Profile:
    """What is known of a person; nothing, where the optional scope `users:read` is missing."""

    admin: bool = False
    zone: str = ""


async def profile(slack: Slack, person: Person) -> Profile:
    """What Slack tells about somebody; an admin is one of their own workspace alone."""
    try:
        async with asyncio.timeout(SECONDS):
            found = (await slack.prompt.once(slack.client.users_info, user=person.id))["user"]
    except (RefusedError, UnconfirmedError, TimeoutError) as error:
        log.info("slack.profile_unknown user=%s error=%s", person.id, str(error) or type(error).__name__)
        return Profile()
    own = found.get("team_id") == person.tenant and not found.get("deleted") and not found.get("is_bot")
    leads = any(found.get(role) for role in ("is_admin", "is_owner", "is_primary_owner"))
    return Profile(own and leads, str(found.get("tz") or ""))
