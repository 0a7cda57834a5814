"""What can be done with an announcement in the preview, each with the sentence that tells what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.announcements import reports
from bot.announcements.copies import By
from bot.errors import AnnouncingError
from bot.platforms.preview.newsroom import Newsroom
from bot.platforms.preview.pretending import YOU


@dataclass(frozen=True)
class Wish:
    """What somebody wants to do with the announcement of a name, and the fields of the form."""

    newsroom: Newsroom
    name: str
    fields: Mapping[str, str]
    by: By


async def trial(wish: Wish) -> str:
    """Sends one copy of the draft ahead."""
    await wish.newsroom.check_room()
    if not await wish.newsroom.announcers.try_draft(wish.name, YOU, wish.by):
        raise AnnouncingError([NO_DRAFT])
    return "A copy is on its way into your direct message."


async def send(wish: Wish) -> str:
    """Sends the draft now."""
    found, left = await wish.newsroom.announcers.send(wish.name, "", "UTC", wish.by)
    return f"{_copies(found, reports.ALL_HAVE_IT if left else NO_DRAFT)} put on the way.{reports.left_out(left)}"


async def schedule(wish: Wish) -> str:
    """Sends the draft at a time."""
    at, zone = f"{wish.fields.get('date', '')} {wish.fields.get('time', '')}", wish.fields.get("zone", "").strip()
    found, left = await wish.newsroom.announcers.send(wish.name, at, zone, wish.by)
    told = f"{_copies(found, reports.ALL_HAVE_IT if left else NO_DRAFT)} scheduled for {at} ({zone})."
    return f"{told} Move the clock to see it go out.{reports.left_out(left)}"


async def cancel(wish: Wish) -> str:
    """Stops what has not been sent."""
    found = await wish.newsroom.announcers.cancel(wish.name, wish.by)
    return f"{_copies(found, 'Nothing was left to cancel.')} cancelled."


async def correct(wish: Wish) -> str:
    """Puts other words in the place of every copy."""
    found = await wish.newsroom.announcers.correct(wish.name, wish.fields.get("with", ""), wish.by)
    return f"{_copies(found, 'No copy is there to be corrected.')} put up for correction."


async def recall(wish: Wish) -> str:
    """Deletes every copy."""
    found = await wish.newsroom.announcers.recall(wish.name, wish.by)
    return f"{_copies(found, 'No copy is there to be recalled; none will be sent any more.')} put up for recall."


async def duplicate(wish: Wish) -> str:
    """Drafts it once more for the same places."""
    await wish.newsroom.check_room()
    found = await wish.newsroom.announcers.duplicate(wish.name, wish.by)
    return f"{_copies(found, 'There is nothing to duplicate.')} drafted for the same places."


async def again(wish: Wish) -> str:
    """Tries again what failed."""
    found = await wish.newsroom.announcers.send_again(wish.name, wish.by)
    return f"{_copies(found, 'Nothing has failed.')} tried again."


async def resend(wish: Wish) -> str:
    """Sends again what may have arrived."""
    found = await wish.newsroom.announcers.send_again(wish.name, wish.by, unknown=True)
    return f"{_copies(found, 'Nothing is uncertain.')} sent again."


async def leave(wish: Wish) -> str:
    """Settles that what may have arrived stays."""
    found = await wish.newsroom.announcers.leave(wish.name, wish.by)
    return f"{_copies(found, 'Nothing is uncertain.')} left as it is."


NO_DRAFT = "There is no draft of it any more: it was sent or cancelled. Duplicate it to send it again."

ACTS: Mapping[str, Callable[[Wish], Awaitable[str]]] = {
    "trial": trial,
    "send": send,
    "schedule": schedule,
    "cancel": cancel,
    "correct": correct,
    "recall": recall,
    "duplicate": duplicate,
    "again": again,
    "resend": resend,
    "leave": leave,
}
"""Each act by the name that its button has."""


def _copies(number: int, none: str) -> str:
    """How many copies; raises AnnouncingError with `none` where there are none."""
    if not number:
        raise AnnouncingError([none])
    return "1 copy was" if number == 1 else f"{number} copies were"
