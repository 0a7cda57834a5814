"""What announcers do with an announcement by a button: one function for each, and the table that names them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.announcements import reports
from bot.announcements.announcers import Announcers
from bot.announcements.copies import Announcement, By, Delivery, Target, who
from bot.messages import Button, Person, Place

ACTION = "announcing"
"""The action of these buttons, whose value is the act and the announcement's name."""


@dataclass(frozen=True)
class Acting:
    """Who does something with which announcement, and when."""

    announcers: Announcers
    name: str
    person: Person
    now: datetime

    @property
    def by(self) -> By:
        """Who it is, as the audit names them."""
        return By(who(self.person), self.now)


@dataclass(frozen=True)
class Act:
    """A button's label, what it does and says, and what is asked before it does."""

    label: str
    run: Callable[[Acting], Awaitable[str]]
    confirm: str = ""
    style: Literal["", "primary", "danger"] = ""


async def refresh(_: Acting) -> str:
    """Shows how far it is now."""
    return ""


async def check(acting: Acting) -> str:
    """Has every place of the draft checked once more."""
    found = await acting.announcers.check_again(acting.name, acting.by)
    return f"Checking {reports.places(found)} again."


async def preview(acting: Acting) -> str:
    """Sends one copy of the draft to the person alone."""
    copies = await acting.announcers.copies(acting.name, acting.by.who)
    language = next((copy.language for copy in copies if copy.task == "check"), "en")
    target = Target(Place("slack", acting.person.tenant, acting.person.id), "person", language)
    found = await acting.announcers.try_draft(acting.name, target, acting.by)
    return "A copy is on its way to your direct messages with me." if found else GONE


async def send(acting: Acting) -> str:
    """Sends the person's draft when it is due, and tells them once it is done."""
    draft = await acting.announcers.draft(acting.name, acting.by.who)
    if not draft:
        return GONE
    later = draft.due_at > draft.made_at
    at = reports.shown(draft.due_at, draft.zone) if later else ""
    found, left = await acting.announcers.send(acting.name, at, draft.zone, acting.by, acting.person)
    if not found:
        return reports.ALL_HAVE_IT if left else GONE
    when = f"goes out on {at} ({draft.zone})" if later else "is on its way"
    return f"It {when} to {reports.places(found)}. I will tell you when it is done.{reports.left_out(left)}"


async def discard(acting: Acting) -> str:
    """Drops the person's draft, and nothing that was sent or is to be under the same name."""
    found = await acting.announcers.discard(acting.name, acting.by)
    return f"The draft for {reports.places(found)} is dropped." if found else GONE


async def cancel(acting: Acting) -> str:
    """Stops what has not been sent."""
    found = await acting.announcers.cancel(acting.name, acting.by)
    return f"{reports.places(found)} will not get it." if found else "There was nothing left to cancel."


async def correct(acting: Acting) -> str:
    """Puts today's words in the place of every copy."""
    found = await acting.announcers.correct(acting.name, "", acting.by)
    return f"Today's words are put into {reports.amount(found)}."


async def recall(acting: Acting) -> str:
    """Deletes every copy."""
    found = await acting.announcers.recall(acting.name, acting.by)
    return f"{reports.amount(found)} will be deleted."


async def again(acting: Acting) -> str:
    """Tries again what failed."""
    found = await acting.announcers.send_again(acting.name, acting.by)
    return f"{reports.amount(found)} will be tried again."


async def unknown(acting: Acting) -> str:
    """Sends again what may have arrived."""
    found = await acting.announcers.send_again(acting.name, acting.by, unknown=True)
    return f"{reports.amount(found)} will be sent again."


async def leave(acting: Acting) -> str:
    """Settles that what may have arrived stays as it is."""
    found = await acting.announcers.leave(acting.name, acting.by)
    return f"{reports.amount(found)} stay as they are."


async def duplicate(acting: Acting) -> str:
    """Makes a draft of today's words for the same places."""
    found = await acting.announcers.duplicate(acting.name, acting.by)
    return f"This is a draft for {reports.places(found)}." if found else "There is no place to send it to."


GONE = "This draft was sent or cancelled already. Nothing was done a second time."

ACTS: dict[str, Act] = {
    "refresh": Act("Refresh", refresh),
    "send": Act("Send", send, style="primary"),
    "preview": Act("Send me a preview", preview),
    "check": Act("Check again", check),
    "discard": Act("Cancel", discard, "This draft is dropped, and nothing of it is sent.", "danger"),
    "cancel": Act("Cancel", cancel, "What has not been sent will not be.", "danger"),
    "again": Act("Try what failed again", again),
    "unknown": Act("Send again", unknown, "Copies that may have arrived are sent again: some places may get two."),
    "leave": Act("Leave", leave),
    "correct": Act("Correct", correct, "Today's words, with a line that says so, take the place of every copy."),
    "recall": Act("Recall", recall, "Every copy is deleted where it is.", "danger"),
    "duplicate": Act("Duplicate", duplicate),
}
"""Each act, and what its button looks like."""


def fitting(name: str, draft: Announcement | None, copies: Sequence[Delivery]) -> tuple[Button, ...]:
    """The buttons that help with an announcement as it is now."""
    if draft:
        label = "Schedule" if draft.due_at > draft.made_at else ""
        return tuple(button(each, name, label if each == "send" else "") for each in DRAFTED)
    there = any(copy.there for copy in copies)
    useful = {
        "cancel": any(copy.waiting for copy in copies),
        "again": any(copy.state == "failed" for copy in copies),
        "unknown": any(copy.state == "unknown" for copy in copies),
        "leave": any(copy.state == "unknown" for copy in copies),
        "correct": there,
        "recall": there,
        "duplicate": bool(copies),
    }
    return (button("refresh", name), *(button(each, name) for each, helps in useful.items() if helps))


DRAFTED = ("send", "preview", "check", "discard")
"""What can be done with a draft."""


def button(act: str, name: str, label: str = "") -> Button:
    """The button of an act for the announcement of that name."""
    found = ACTS[act]
    return Button(label or found.label, ACTION, (act, name), found.style, found.confirm)
