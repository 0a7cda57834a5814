"""What announcers ask for, checked before anything is noted: which announcement, where to and when."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.announcements.copies import Target
from bot.announcements.platform import Platforms
from bot.content.models import Announced, Announcement
from bot.content.topics import Content, Ref
from bot.errors import AnnouncingError
from bot.messages import Place
from bot.text import GUID, clean

T = TypeVar("T")

_PLACE = re.compile(r"(?P<members>members:)?(?P<platform>[a-z]+):(?P<tenant>[^/\s]{1,60})/(?P<id>\S{2,190})")


@dataclass(frozen=True)
class Plan:
    """An announcement that can be noted as it is: which, where to, and when."""

    ref: Ref
    targets: tuple[Target, ...]
    due_at: datetime
    zone: str
    everyone: bool = False

    @property
    def name(self) -> str:
        """The announcement's whole name."""
        return "/".join(self.ref)


def expected(platforms: Platforms) -> str:
    """How places are written, in words."""
    written = ", ".join(platform.written for platform in platforms.values())
    return (
        f"{written}, the same with the id of a person or a user group for direct messages, members: before a channel "
        "for one to each of its members, or the name of an audience"
    )


def plan(
    content: Content,
    platforms: Platforms,
    name: str,
    places: Iterable[str],
    language: str,
    at: str,
    zone: str,
    now: datetime,
    *,
    everyone: bool = False,
) -> Plan:
    """What somebody wants to announce; raises AnnouncingError with everything that is wrong with it at once.

    An empty `at` means now; `everyone` notifies everybody in Slack's channels.
    """
    problems: list[str] = []

    def checked(ask: Callable[[], T], otherwise: T) -> T:
        try:
            return ask()
        except AnnouncingError as error:
            problems.extend(error.problems)
            return otherwise

    ref = checked(lambda: find(content, name), ("", ""))
    none: tuple[Target, ...] = ()
    found = checked(lambda: targets(content, platforms, places, language), none)
    due = checked(lambda: moment(at, zone, now), now)
    if everyone and found and not any(_notifies(platforms, target) for target in found):
        able = " or ".join(platform.title for platform in platforms.values() if platform.notifies)
        problems.append(f"None of the places is a {able} channel, and only there can everybody be notified.")
    if problems:
        raise AnnouncingError(problems)
    return Plan(ref, found, due, zone, everyone)


def _notifies(platforms: Platforms, target: Target) -> bool:
    return target.kind == "channel" and platforms[target.place.platform].notifies


def find(content: Content, name: str) -> Ref:
    """The announcement of that name, `launch` or `topic/launch`; raises AnnouncingError with those that there are."""
    known = sorted(content.announcements)
    found = [ref for ref in known if name in (ref[1], "/".join(ref))]
    if len(found) != 1:
        names = ", ".join("/".join(ref) for ref in known) or "none yet"
        raise AnnouncingError([f"{name!r} is {'the name of several' if found else 'no'} announcement. Known: {names}."])
    return found[0]


def announced(content: Content, ref: Ref, corrected_on: date | None = None, *, everyone: bool = False) -> Announced:
    """An announcement as it is now, to be kept as what was sent."""
    return as_sent(content.announcements[ref], ref[0], corrected_on, everyone=everyone)


def as_sent(file: Announcement, topic: str, corrected_on: date | None = None, *, everyone: bool = False) -> Announced:
    """What would be sent of an announcement about a topic."""
    return Announced(
        sender=file.sender,
        picture=file.picture,
        words=file.words,
        topic=topic,
        corrected_on=corrected_on,
        everyone=everyone,
    )


def target(platforms: Platforms, text: str, language: str) -> Target:
    """A place as people write it, and who gets a copy there; raises AnnouncingError."""
    found = _PLACE.fullmatch(text) if clean(text) == text else None
    if found and (platform := platforms.get(found["platform"])):
        tenant, id_ = _id(found["tenant"]), _id(found["id"])
        fits = (s for s in platform.ids if re.fullmatch(s.tenant, tenant) and re.fullmatch(s.place, id_))
        shape = next(fits, None)
        if shape and not (found["members"] and shape.kind == "person"):
            place = Place(found["platform"], tenant, id_)
            return Target(place, "members" if found["members"] else shape.kind, language)
    raise AnnouncingError([f"{text!r} is no place and no audience. Expected {expected(platforms)}."])


def _id(text: str) -> str:
    """An id as its platform writes it: GUIDs are written in either case, and meant in one."""
    return text.lower() if re.fullmatch(GUID, text) else text


def targets(content: Content, platforms: Platforms, names: Iterable[str], language: str) -> tuple[Target, ...]:
    """The places of these audiences and places, each once; raises AnnouncingError with every name that is neither."""
    found: dict[Place, Target] = {}
    problems: list[str] = []
    for name in names:
        listed = content.audiences.get(name)
        pairs = [(one.place, one.language) for one in listed] if listed is not None else [(name, language)]
        for text, own in pairs:
            try:
                each = target(platforms, text, own)
            except AnnouncingError as error:
                problems += error.problems
            else:
                found.setdefault(each.place, each)
    known = ", ".join(each.code for each in content.languages)
    problems += [
        f"The language {one!r} is none of {known}."
        for one in sorted({target.language for target in found.values()})
        if one not in {each.code for each in content.languages}
    ]
    if problems or not found:
        raise AnnouncingError(problems or [f"There is no place to send it to. Expected {expected(platforms)}."])
    return tuple(found.values())


def time_zone(name: str) -> ZoneInfo:
    """The time zone of that name; raises AnnouncingError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise AnnouncingError([f"{name!r} is no time zone. Expected a name such as Europe/Berlin or UTC."]) from None


def moment(text: str, zone: str, now: datetime) -> datetime:
    """The moment of a date and time in a zone, or now without one.

    Raises AnnouncingError for one that is past, or is not once that day.
    """
    there = time_zone(zone)
    if not text:
        return now
    try:
        local = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=there)
        due = local.astimezone(UTC)
    except (ValueError, OverflowError):  # the calendar ends on the last day of the year 9999
        raise AnnouncingError([f"{text!r} is no date and time. Expected one such as 2026-12-01 09:00."]) from None
    other = local.replace(fold=1)
    if local.utcoffset() != other.utcoffset():
        back = due.astimezone(there).replace(fold=0)
        skipped = back != local.replace(fold=0)
        what = "is skipped there that day" if skipped else "comes twice there that day"
        near = (local + timedelta(hours=1)).strftime("%H:%M")
        raise AnnouncingError([f"{text} {what}, because the clocks change in {zone}. Choose {near}, for example."])
    if local <= now:
        shown = now.astimezone(there).strftime("%Y-%m-%d %H:%M")
        raise AnnouncingError([f"{text} in {zone} is past: there it is {shown}."])
    return due
