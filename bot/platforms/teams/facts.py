"""What announcing has to know of Microsoft Teams."""

from __future__ import annotations

from urllib.parse import quote

from bot.announcements.copies import Delivery
from bot.announcements.pacing import Limits
from bot.announcements.platform import IdShape, Platform
from bot.messages import Place
from bot.text import GUID

# https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/deep-link-teams: a message of a chat needs
# a context, one in a channel does not.
CHANNELS, CHAT = ("@thread.tacv2", "@thread.skype"), "?context=%7B%22contextType%22%3A%22chat%22%7D"

REASONS = {
    "ActivityNotFoundInConversation": "the message is not there any more",
    "app_not_installed": "the app is not in this team: add it there",
    "BadSyntax": "Teams does not know a place or person of this id",
    "BotDisabledByAdmin": "an administrator has blocked the app: allow it in the Teams admin center",
    "BotNotInConversationRoster": "the app is not in this team or chat: add it there",
    "BotNotRegistered": "Microsoft knows no such bot: compare MICROSOFT_APP_ID with the Azure Bot",
    "ConversationBlockedByUser": "somebody there has blocked the bot, or the channel is moderated: let apps post in it",
    "ConversationNotFound": "there is no such conversation any more",
    "ForbiddenOperationException": "the app is not installed for this person: add it for them, or to a team of theirs",
    "invalid_client": "Microsoft refuses the bot's registration: compare the MICROSOFT_APP settings with it",
    "InvalidBotApiHost": "the bot has a wrong address for this tenant: add the app there again",
    "MessageSizeTooBig": "the text is too long",
    "MessageWritesBlocked": "somebody there has blocked the bot",
    "no_conversation": "Teams opened no chat with this person",
    "NotEnoughPermissions": "the app lacks a right to do that there",
    "service_address_not_microsofts": "the address kept of this place is not Microsoft's: add the app there again",
    "status_401": "Microsoft does not accept the bot's token: compare MICROSOFT_APP_ID and MICROSOFT_APP_TENANT_ID",
    "Throttled": "Teams asks for fewer messages",
    "Unauthorized": "Microsoft does not accept the bot's token: compare MICROSOFT_APP_ID and MICROSOFT_APP_TENANT_ID",
    "unauthorized_client": "Microsoft refuses the bot's registration: compare the MICROSOFT_APP settings with it",
}
"""Microsoft's words for refusals: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit and
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages."""


def link(copy: Delivery) -> str:
    """The address of a message in a channel or a shared chat; nobody but the person can open theirs with the bot."""
    if copy.kind != "channel":
        return ""
    channel, _, root = copy.place.id.partition(";messageid=")
    within = f"?parentMessageId={root}" if root else "" if channel.endswith(CHANNELS) else CHAT
    return f"https://teams.microsoft.com/l/message/{quote(channel, safe='')}/{copy.ref}{within}"


def conversation(place: Place) -> str:
    """Where a message is edited: a thread is a conversation of its own."""
    return place.thread or place.id


TEAMS = Platform(
    title="Teams",
    written="teams:TENANT/CONVERSATION",
    ids=(IdShape("person", GUID, rf"29:\S+|{GUID}"), IdShape("channel", GUID, r"\S+")),
    # https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit: 7 a second in a thread, 50 in all, of
    # which opening the chat with a person is one more.
    limits=Limits(50, None, 7, person=2),
    reasons=REASONS,
    link=link,
    conversation=conversation,
)
