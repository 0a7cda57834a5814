"""How far announcements are, in words: copy by copy, counted, and as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from bot.announcements.copies import SENDING, Announcement, Counts, Delivery

DONE = {"check": "ready", "expand": "sent", "post": "sent", "edit": "corrected", "delete": "recalled"}
FAILED = {
    "check": "not ready",
    "expand": "failed",
    "post": "failed",
    "edit": "not corrected",
    "delete": "not recalled",
}
STATES = {
    "pending": "waiting",
    "sending": "on its way",
    "unknown": "may have arrived",
    "left": "may have arrived, left",
    "cancelled": "cancelled",
}

REASONS = {
    "account_inactive": "the app's token was withdrawn: install the app in the workspace again",
    "ActivityNotFoundInConversation": "the message is not there any more",
    "app_not_installed": "the app is not in this team: add it there",
    "BadSyntax": "Teams does not know a place or person of this id",
    "BotDisabledByAdmin": "an administrator has blocked the app: allow it in the Teams admin center",
    "BotNotInConversationRoster": "the app is not in this team or chat: add it there",
    "BotNotRegistered": "Microsoft knows no such bot: compare MICROSOFT_APP_ID with the Azure Bot",
    "cannot_dm_bot": "that is a bot, and bots get no direct messages",
    "cannot_check": "not checked: the bot has no right to look (the README lists the optional scopes)",
    "channel_not_found": "there is no such channel, or the bot may not see it: invite it there",
    "ConversationBlockedByUser": "somebody there has blocked the bot, or the channel is moderated: let apps post in it",
    "ConversationNotFound": "there is no such conversation any more",
    "corrected": "if it arrived, it says what was corrected since",
    "edit_window_closed": "the workspace lets nobody edit a message that old",
    "ForbiddenOperationException": "the app is not installed for this person: add it for them, or to a team of theirs",
    "invalid_auth": "Slack does not accept the token: compare SLACK_BOT_TOKEN",
    "invalid_client": "Microsoft refuses the bot's registration: compare the MICROSOFT_APP settings with it",
    "InvalidBotApiHost": "the bot has a wrong address for this tenant: add the app there again",
    "is_archived": "the channel is archived: take it out of the audience, or restore it",
    "MessageSizeTooBig": "the text is too long",
    "MessageWritesBlocked": "somebody there has blocked the bot",
    "message_not_found": "the message is not there any more",
    "missing_scope": "the bot lacks a right for this (the README lists the optional scopes)",
    "msg_too_long": "the text is too long",
    "no_conversation": "Teams opened no chat with this person",
    "not_in_channel": "the bot is not in the channel: invite it there",
    "no_members": "nobody is in this group",
    "NotEnoughPermissions": "the app lacks a right to do that there",
    "no_permission": "the bot may not do that there: ask the workspace's administrators",
    "no_such_subteam": "there is no such user group any more",
    "restricted_action": "the workspace does not let the bot post there: ask its administrators",
    "service_address_not_microsofts": "the address kept of this place is not Microsoft's: add the app there again",
    "status_401": "Microsoft does not accept the bot's token: compare MICROSOFT_APP_ID and MICROSOFT_APP_TENANT_ID",
    "status_403": "the platform refused it without a word: see whether the app is still installed there",
    "status_404": "the platform finds nothing there: see whether the place still exists",
    "Throttled": "Teams asks for fewer messages",
    "TimeoutError": "the answer did not come in time: look whether the copy is there",
    "token_revoked": "the app's token was withdrawn: install the app in the workspace again",
    "topic_gone": "the topic is not among the content any more",
    "Unauthorized": "Microsoft does not accept the bot's token: compare MICROSOFT_APP_ID and MICROSOFT_APP_TENANT_ID",
    "unauthorized_client": "Microsoft refuses the bot's registration: compare the MICROSOFT_APP settings with it",
    "unknown_workspace": "the bot has no token of this workspace",
    "user_disabled": "this account is switched off",
    "user_is_restricted": "the workspace does not let the bot write to guests: ask its administrators",
    "user_not_found": "there is no such person, or the bot may not write to them",
}
"""What a platform's word for a refusal means, and what to do about it."""

# https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/deep-link-teams: a message of a chat needs
# a context, one in a channel does not.
CHANNELS, CHAT = ("@thread.tacv2", "@thread.skype"), "?context=%7B%22contextType%22%3A%22chat%22%7D"


def shown(when: datetime | None, zone: str) -> str:
    """A moment as people in a zone write it."""
    return when.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") if when else ""


def state(copy: Delivery) -> str:
    """How far a copy is, in words."""
    return in_words(copy.task, copy.state)


def in_words(task: str, state: str) -> str:
    """A state of a task in words."""
    if state in ("done", "failed"):
        return (DONE if state == "done" else FAILED)[task]
    if task == "check":
        return "being checked"
    return STATES[state] if task in SENDING else f"{STATES[state]} to be {DONE[task]}"


def link(copy: Delivery) -> str:
    """The address at which a copy can be seen; empty for one that did not arrive."""
    if not copy.there:
        return ""
    if copy.place.platform == "slack":
        channel, _, ts = copy.ref.rpartition("/")
        return f"https://slack.com/archives/{channel or copy.place.id}/p{ts.replace('.', '')}"
    if copy.kind != "channel":  # nobody but the person can open their chat with the bot
        return ""
    channel, _, root = copy.place.id.partition(";messageid=")
    within = f"?parentMessageId={root}" if root else "" if channel.endswith(CHANNELS) else CHAT
    return f"https://teams.microsoft.com/l/message/{quote(channel, safe='')}/{copy.ref}{within}"


def reason(copy: Delivery) -> str:
    """Why a copy is not where it should be, in words where they are known."""
    settled = copy.state == "cancelled" or (copy.state == "done" and copy.task != "check")
    if settled or not copy.error:
        return ""
    return REASONS.get(copy.error, copy.error)


def amount(number: int) -> str:
    """A number of copies."""
    return "1 copy" if number == 1 else f"{number} copies"


def places(number: int) -> str:
    """A number of places."""
    return f"{number} place" if number == 1 else f"{number} places"


COLUMNS = ("place", "language", "state", "time (UTC)", "attempts", "reason", "link")


def rows(copies: Iterable[Delivery], link: Callable[[Delivery], str] = link) -> Iterator[tuple[str, ...]]:
    """A row for each copy, as COLUMNS names them; `link` gives the address at which it can be seen."""
    for copy in copies:
        where = f"{copy.lane}/{copy.place.id}"
        time = shown(copy.done_at or copy.not_before, "UTC")
        yield where, copy.language, state(copy), time, str(copy.attempts), reason(copy), link(copy)


def totals(copies: Sequence[Delivery]) -> str:
    """How many copies are how far, which adds up to all of them."""
    counted = Counter((copy.task, copy.state) for copy in copies)
    return told(Counts(counted)) if copies else "No places."


def told(counts: Counts) -> str:
    """How many copies are how far."""
    by_word: Counter[str] = Counter()
    for (task, state), number in counts.by_state.items():
        by_word[in_words(task, state)] += number
    return f"{places(counts.of())}: {', '.join(f'{number} {word}' for word, number in by_word.items())}"


def table(copies: Sequence[Delivery]) -> str:
    """The copies as lines for people, under the totals."""
    lines = [totals(copies)]
    for where, language, state_, time, attempts, why, url in rows(copies):
        tried = "" if attempts in ("0", "1") else f", {attempts} attempts"
        lines.append("  ".join(part for part in (f"{state_}{tried}", time, where, language, why, url) if part))
    return "\n".join(lines)


def as_csv(copies: Iterable[Delivery], link: Callable[[Delivery], str] = link) -> str:
    """The copies as a table for spreadsheets, in which no cell is taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(
        tuple(f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell for cell in row)
        for row in rows(copies, link)
    )
    return text.getvalue()


def is_draft(counts: Counts) -> bool:
    """Whether an announcement waits for somebody to send it."""
    return counts.of(task="check") > 0


def is_waiting(counts: Counts) -> bool:
    """Whether copies are still to be sent when they are due."""
    return any(counts.of("pending", task=task) for task in SENDING)


def when(announcement: Announcement, counts: Counts, now: datetime) -> str:
    """When an announcement was or is due, and whether it is a draft."""
    since = "draft of" if is_draft(counts) else "due" if announcement.due_at > now else "since"
    return f"{since} {shown(announcement.due_at, announcement.zone)} ({announcement.zone})"


def overview(announcement: Announcement, counts: Counts, now: datetime) -> str:
    """An announcement in one line: its name, when it was or is due, and how far it is."""
    return f"{announcement.name}  {when(announcement, counts, now)}  {told(counts)}"
