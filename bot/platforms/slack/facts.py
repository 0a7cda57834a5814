"""What announcing has to know of Slack."""

from __future__ import annotations

from bot.announcements.copies import Delivery
from bot.announcements.pacing import Limits
from bot.announcements.platform import IdShape, Platform

WORKSPACE = r"[TE][A-Z0-9]{1,30}"
"""The id of a workspace or of an organisation."""

REASONS = {
    "account_inactive": "the app's token was withdrawn: install the app in the workspace again",
    "cannot_check": "not checked: the bot has no right to look (docs/slack.md lists the optional scopes)",
    "cannot_dm_bot": "that is a bot, and bots get no direct messages",
    "channel_not_found": "there is no such channel, or the bot may not see it: invite it there",
    "edit_window_closed": "the workspace lets nobody edit a message that old",
    "invalid_auth": "Slack does not accept the token: compare SLACK_BOT_TOKEN",
    "is_archived": "the channel is archived: take it out of the audience, or restore it",
    "message_not_found": "the message is not there any more",
    "missing_scope": "the bot lacks a right for this (docs/slack.md lists the optional scopes)",
    "msg_too_long": "the text is too long",
    "not_in_channel": "the bot is not in the channel: invite it there",
    "no_permission": "the bot may not do that there: ask the workspace's administrators",
    "no_such_subteam": "there is no such user group any more",
    "restricted_action": "the workspace does not let the bot post there: ask its administrators",
    "token_revoked": "the app's token was withdrawn: install the app in the workspace again",
    "unknown_workspace": "the bot has no token of this workspace",
    "user_disabled": "this account is switched off",
    "user_is_restricted": "the workspace does not let the bot write to guests: ask its administrators",
    "user_not_found": "there is no such person, or the bot may not write to them",
}
"""Slack's words for refusals: https://docs.slack.dev/reference/methods/chat.postMessage and its neighbours."""


def link(copy: Delivery) -> str:
    """The address of a message, which Slack opens in whatever workspace it is."""
    channel, _, ts = copy.ref.rpartition("/")
    return f"https://slack.com/archives/{channel or copy.place.id}/p{ts.replace('.', '')}"


SLACK = Platform(
    title="Slack",
    written="slack:WORKSPACE/CHANNEL (slack:T012AB3C/C012AB3CD)",
    # https://docs.slack.dev/reference/objects/conversation-object: the first letter tells what an id is of.
    ids=(
        IdShape("channel", WORKSPACE, r"[CDG][A-Z0-9]{1,30}"),
        IdShape("person", WORKSPACE, r"[UW][A-Z0-9]{1,30}"),
        IdShape("members", WORKSPACE, r"S[A-Z0-9]{1,30}"),
    ),
    # https://docs.slack.dev/apis/web-api/rate-limits: a message a second in a channel, "several hundred a minute" in a
    # workspace; chat.update and chat.delete are Tier 3, 50 a minute.
    limits=Limits(8, 50 / 60, 1),
    reasons=REASONS,
    link=link,
    notifies=True,
)
