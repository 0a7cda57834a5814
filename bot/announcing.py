"""What announcers ask for, checked before anything is noted: which announcement, where to and when; and reports."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.content import Content, Ref
from bot.copies import Announcement, Counts, Delivery, Target
from bot.errors import AnnouncingError
from bot.messages import Place
from bot.topics import Announced

PLACES = "slack:WORKSPACE/CHANNEL (slack:T012AB3C/C012AB3CD), teams:TENANT/CONVERSATION or the name of an audience"
_PLACES = (
    re.compile(r"(?P<platform>slack):(?P<tenant>[TE][A-Z0-9]{1,30})/(?P<id>[CDG][A-Z0-9]{1,30})"),
    re.compile(
        r"(?P<platform>teams):(?P<tenant>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})/(?P<id>\S{3,190})"
    ),
)

DONE = {"post": "sent", "edit": "corrected", "delete": "recalled"}
FAILED = {"post": "failed", "edit": "not corrected", "delete": "not recalled"}
STATES = {
    "pending": "waiting",
    "sending": "on its way",
    "unknown": "may have arrived",
    "left": "may have arrived, left",
    "cancelled": "cancelled",
}

REASONS = {
    "account_inactive": "the app's token was withdrawn: install the app in the workspace again",
    "app_not_installed": "the app is not in this team: add it there",
    "BotNotInConversationRoster": "the app is not in this team or chat: add it there",
    "channel_not_found": "there is no such channel, or the bot may not see it: invite it there",
    "ConversationNotFound": "there is no such conversation any more",
    "edit_window_closed": "the workspace lets nobody edit a message that old",
    "invalid_auth": "Slack does not accept the token: compare SLACK_BOT_TOKEN",
    "is_archived": "the channel is archived: take it out of the audience, or restore it",
    "MessageWritesBlocked": "somebody there has blocked the bot",
    "message_not_found": "the message is not there any more",
    "msg_too_long": "the text is too long",
    "not_in_channel": "the bot is not in the channel: invite it there",
    "restricted_action": "the workspace does not let the bot post there: ask its administrators",
    "token_revoked": "the app's token was withdrawn: install the app in the workspace again",
    "topic_gone": "the topic is not among the content any more",
    "unknown_workspace": "the bot has no token of this workspace",
}
"""What a platform's word for a refusal means, and what to do about it."""


def find(content: Content, name: str) -> Ref:
    """The announcement of that name, `launch` or `topic/launch`; raises AnnouncingError with those that there are."""
    known = sorted(content.announcements)
    found = [ref for ref in known if name in (ref[1], "/".join(ref))]
    if len(found) != 1:
        names = ", ".join("/".join(ref) for ref in known) or "none yet"
        raise AnnouncingError([f"{name!r} is {'the name of several' if found else 'no'} announcement. Known: {names}."])
    return found[0]


def announced(content: Content, ref: Ref, corrected_on: date | None = None) -> Announced:
    """An announcement as it is now, to be kept as what was sent."""
    file = content.announcements[ref]
    return Announced(sender=file.sender, words=file.words, topic=ref[0], corrected_on=corrected_on)


def place(text: str) -> Place:
    """A place as people write it; raises AnnouncingError."""
    for pattern in _PLACES:
        if found := pattern.fullmatch(text):
            return Place(found["platform"], found["tenant"], found["id"])
    raise AnnouncingError([f"{text!r} is no place and no audience. Expected {PLACES}."])


def targets(content: Content, names: Iterable[str], language: str) -> tuple[Target, ...]:
    """The places of these audiences and places, each once; raises AnnouncingError with every name that is neither."""
    found: dict[Place, Target] = {}
    problems: list[str] = []
    for name in names:
        listed = content.audiences.get(name)
        pairs = [(one.place, one.language) for one in listed] if listed is not None else [(name, language)]
        for text, own in pairs:
            try:
                found.setdefault(where := place(text), Target(where, language=own))
            except AnnouncingError as error:
                problems += error.problems
    known = ", ".join(each.code for each in content.languages)
    problems += [
        f"The language {one!r} is none of {known}."
        for one in sorted({target.language for target in found.values()})
        if one not in {each.code for each in content.languages}
    ]
    if problems or not found:
        raise AnnouncingError(problems or [f"There is no place to send it to. Expected {PLACES}."])
    return tuple(found.values())


def time_zone(name: str) -> ZoneInfo:
    """The time zone of that name; raises AnnouncingError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise AnnouncingError([f"{name!r} is no time zone. Expected a name such as Europe/Berlin or UTC."]) from None


def moment(text: str, zone: str, now: datetime) -> datetime:
    """The moment of a date and time in a zone; raises AnnouncingError for one that is past, or is not once that day."""
    there = time_zone(zone)
    try:
        local = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=there)
    except ValueError:
        raise AnnouncingError([f"{text!r} is no date and time. Expected one such as 2026-12-01 09:00."]) from None
    other = local.replace(fold=1)
    if local.utcoffset() != other.utcoffset():
        back = local.astimezone(UTC).astimezone(there).replace(fold=0)
        skipped = back != local.replace(fold=0)
        what = "is skipped there that day" if skipped else "comes twice there that day"
        near = (local + timedelta(hours=1)).strftime("%H:%M")
        raise AnnouncingError([f"{text} {what}, because the clocks change in {zone}. Choose {near}, for example."])
    if local <= now:
        shown = now.astimezone(there).strftime("%Y-%m-%d %H:%M")
        raise AnnouncingError([f"{text} in {zone} is past: there it is {shown}."])
    return local.astimezone(UTC)


def shown(when: datetime | None, zone: str) -> str:
    """A moment as people in a zone write it."""
    return when.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") if when else ""


def state(copy: Delivery) -> str:
    """How far a copy is, in words."""
    if copy.state in ("done", "failed"):
        return (DONE if copy.state == "done" else FAILED)[copy.task]
    return STATES[copy.state] if copy.task == "post" else f"{STATES[copy.state]} to be {DONE[copy.task]}"


def link(copy: Delivery) -> str:
    """The address at which a copy can be seen; empty for one that did not arrive."""
    if not copy.ref or (copy.task, copy.state) == ("delete", "done"):
        return ""
    if copy.place.platform == "slack":
        return f"https://slack.com/archives/{copy.place.id}/p{copy.ref.replace('.', '')}"
    return f"https://teams.microsoft.com/l/message/{copy.place.id}/{copy.ref}"


def reason(copy: Delivery) -> str:
    """Why a copy is not where it should be, in words where they are known."""
    if copy.state in ("done", "cancelled") or not copy.error:
        return ""
    return REASONS.get(copy.error, copy.error)


def places(number: int) -> str:
    """A number of places."""
    return f"{number} place" if number == 1 else f"{number} places"


COLUMNS = ("place", "language", "state", "time (UTC)", "attempts", "reason", "link")


def rows(copies: Iterable[Delivery]) -> Iterator[tuple[str, ...]]:
    """A row for each copy, as COLUMNS names them."""
    for copy in copies:
        where = f"{copy.lane}/{copy.place.id}"
        when = shown(copy.done_at or copy.not_before, "UTC")
        yield where, copy.language, state(copy), when, str(copy.attempts), reason(copy), link(copy)


def totals(copies: Sequence[Delivery]) -> str:
    """How many copies are how far, which adds up to all of them."""
    states = [state(copy) for copy in copies]
    counted = ", ".join(f"{states.count(each)} {each}" for each in dict.fromkeys(states))
    return f"{places(len(copies))}: {counted}" if copies else "No places."


def table(copies: Sequence[Delivery]) -> str:
    """The copies as lines for people, under the totals."""
    lines = [totals(copies)]
    for where, language, state_, when, attempts, why, url in rows(copies):
        tried = "" if attempts in ("0", "1") else f", {attempts} attempts"
        lines.append("  ".join(part for part in (f"{state_}{tried}", when, where, language, why, url) if part))
    return "\n".join(lines)


def as_csv(copies: Iterable[Delivery]) -> str:
    """The copies as a table for spreadsheets, in which no cell is taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(
        tuple(f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t")) else cell for cell in row)
        for row in rows(copies)
    )
    return text.getvalue()


def overview(announcement: Announcement, counts: Counts, now: datetime) -> str:
    """An announcement in one line: its name, when it was or is due, and how far it is."""
    due = shown(announcement.due_at, announcement.zone)
    when = f"due {due}" if announcement.due_at > now else f"since {due}"
    parts = (
        (counts.of("done", task="post"), "sent"),
        (counts.of("done", task="edit"), "corrected"),
        (counts.of("done", task="delete"), "recalled"),
        (counts.of("pending", "sending"), "waiting"),
        (counts.of("unknown", "left"), "may have arrived"),
        (counts.of("failed"), "failed"),
        (counts.of("cancelled"), "cancelled"),
    )
    told = ", ".join(f"{number} {what}" for number, what in parts if number)
    return f"{announcement.name}  {when} ({announcement.zone})  {places(counts.of())}: {told}"
