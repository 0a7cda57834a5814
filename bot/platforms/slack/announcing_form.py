"""The window in which an announcement is put together: its fields, and what somebody filled in, checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.announcements import plans as announcing
from bot.announcements.announcers import Announcers
from bot.announcements.plans import Plan
from bot.content.topics import Content
from bot.errors import AnnouncingError
from bot.messages import Message
from bot.platforms.slack import modals
from bot.platforms.slack.blocks import Block, draw, plain_text
from bot.platforms.slack.modals import View, field_of, inert, options

TITLE, SUBMIT, CLOSE = "Announce", "Check", "Close"
LABELS = {
    "name": "What",
    "channels": "Channels",
    "members": "How",
    "people": "Direct messages to",
    "audiences": "Audiences",
    "language": "Language of these places",
    "date": "Date",
    "time": "Time",
    "zone": "Time zone of date and time",
    "everyone": "Notify",
}
HINTS = {
    "channels": "Invite me to each of them first.",
    "audiences": "Lists from audiences.yaml, in which each place has its language.",
    "date": "Leave date and time empty to send it as soon as you have seen everything.",
    "zone": "A name such as Europe/Berlin or UTC.",
}
EACH_MEMBER = "To each member directly, instead of into the channels"
EVERYONE = "Notify everyone in the channels (@channel)"
PREVIEW = "This is how others will see it:"
NOT_BOTH = "Choose both a date and a time, or neither."
NO_CHANNELS = "Choose the channels whose members are to get it."
NO_AUDIENCE = "There is no such audience any more."


@dataclass(frozen=True)
class Wish:
    """What somebody filled in."""

    name: str
    channels: tuple[str, ...]
    members: bool
    people: tuple[str, ...]
    audiences: tuple[str, ...]
    language: str
    date: str
    time: str
    zone: str
    everyone: bool

    @property
    def at(self) -> str:
        """When it is to be sent; empty for now."""
        return f"{self.date} {self.time}" if self.date and self.time else ""

    def places(self, workspace: str) -> list[str]:
        """Where it is to go, as `announcing.plan` reads it."""
        each = "members:" if self.members else ""
        channels = [f"{each}slack:{workspace}/{channel}" for channel in self.channels]
        return [*channels, *(f"slack:{workspace}/{person}" for person in self.people), *self.audiences]


def form(content: Content, name: str, language: str, zone: str, preview: Message) -> View:
    """The window to put an announcement together, with what it says under it."""
    names = [("/".join(ref), f"{ref[1]}: {one.words['en'].title}") for ref, one in content.announcements.items()]
    spoken = sorted(
        {code for one in content.announcements.values() for code in one.words}, key=lambda c: (c != "en", c)
    )
    audiences = [(one, one) for one in content.audiences]
    elements: dict[str, tuple[Block, bool]] = {
        "name": (_select(options(names), name), False),
        "channels": (
            {
                "type": "multi_conversations_select",
                "filter": {"include": ["public", "private"]},
                "max_selected_items": 100,
            },
            True,
        ),
        "members": (_tick(EACH_MEMBER), True),
        "people": ({"type": "multi_users_select", "max_selected_items": 100}, True),
        "audiences": ({"type": "multi_static_select", "options": options(audiences)}, True),
        "language": (_select(options((code, code) for code in spoken), language), False),
        "date": ({"type": "datepicker"}, True),
        "time": ({"type": "timepicker"}, True),
        "zone": ({"type": "plain_text_input", "initial_value": zone, "max_length": 60}, False),
        "everyone": (_tick(EVERYONE), True),
    }
    if not audiences:
        del elements["audiences"]
    fields = [
        field_of(
            field,
            LABELS[field],
            {**element, "action_id": field},
            hint=HINTS.get(field, ""),
            optional=optional,
            tells=field in TELLING,
        )
        for field, (element, optional) in elements.items()
    ]
    shown: list[Block] = [
        {"type": "divider"},
        {"type": "context", "elements": [plain_text(PREVIEW)]},
        *inert(draw(preview)["blocks"]),
    ]
    return modals.window(modals.ANNOUNCE, TITLE, [*fields, *shown], close=CLOSE, submit=SUBMIT)


TELLING = ("name", "language")
"""Fields on which the preview depends."""


def read(values: Mapping[str, Any]) -> Wish:
    """What somebody filled in, as it came."""

    def given(field: str) -> Mapping[str, Any]:
        return (values.get(field) or {}).get(field) or {}

    def chosen(field: str) -> tuple[str, ...]:
        return tuple(str(one["value"]) for one in given(field).get("selected_options") or ())

    def one(field: str) -> str:
        return str((given(field).get("selected_option") or {}).get("value") or "")

    return Wish(
        one("name"),
        tuple(map(str, given("channels").get("selected_conversations") or ())),
        bool(chosen("members")),
        tuple(map(str, given("people").get("selected_users") or ())),
        chosen("audiences"),
        one("language"),
        str(given("date").get("selected_date") or ""),
        str(given("time").get("selected_time") or ""),
        str(given("zone").get("value") or "").strip(),
        bool(chosen("everyone")),
    )


def checked(announcers: Announcers, wish: Wish, workspace: str, now: datetime) -> Plan | dict[str, str]:
    """What can be noted of a wish, or what is wrong with it, at the fields where it can be mended."""
    content, wrong = announcers.content, dict[str, str]()
    if bool(wish.date) != bool(wish.time):
        wrong["date" if wish.time else "time"] = NOT_BOTH
    if wish.members and not wish.channels:
        wrong["members"] = NO_CHANNELS
    if not set(wish.audiences) <= set(content.audiences):
        wrong["audiences"] = NO_AUDIENCE
    places = wish.places(workspace)
    try:
        made = announcing.plan(
            content,
            announcers.platforms,
            wish.name,
            places,
            wish.language,
            wish.at,
            wish.zone,
            now,
            everyone=wish.everyone,
        )
    except AnnouncingError as error:
        return {**_at_fields(announcers, wish, places, now, error.problems), **wrong}
    return wrong or made


def _at_fields(
    announcers: Announcers, wish: Wish, places: list[str], now: datetime, problems: tuple[str, ...]
) -> dict[str, str]:
    """Each problem at the first field that has it by itself; the rest at the last one."""
    content, platforms = announcers.content, announcers.platforms
    checks: dict[str, Callable[[], Any]] = {
        "name": lambda: announcing.find(content, wish.name),
        "language": lambda: announcing.targets(content, platforms, [ANY], wish.language),
        "channels": lambda: announcing.targets(content, platforms, places, wish.language),
        "zone": lambda: announcing.time_zone(wish.zone),
        "time": lambda: announcing.moment(wish.at, wish.zone, now),
    }
    left, found = list(problems), {}
    for field, check in checks.items():
        try:
            check()
        except AnnouncingError as error:
            if own := [problem for problem in error.problems if problem in left]:
                found[field] = " ".join(own)
                left = [problem for problem in left if problem not in own]
    return {**found, "everyone": " ".join(left)} if left else found


ANY = "slack:T0/C0"
"""A place to try a language with."""


def _select(choices: list[Block], value: str) -> Block:
    first = next((one for one in choices if one["value"] == value), choices[0])
    return {"type": "static_select", "options": choices, "initial_option": first}


def _tick(label: str) -> Block:
    return {"type": "checkboxes", "options": [{"text": plain_text(label), "value": "yes"}]}
