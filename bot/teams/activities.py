"""What the bot says as Teams' activities: a card with its text, a welcome with suggestions, results of a search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.messages import Message, Offer
from bot.plain import cut
from bot.teams.cards import draw, fallback

Activity = dict[str, Any]

CARD = "application/vnd.microsoft.card.adaptive"
PREVIEW = "application/vnd.microsoft.card.thumbnail"
SUMMARY = 500
SUGGESTIONS = 3
"""Suggested actions that Teams shows at once."""
RESULTS = 10
NAME, LINES = 100, 200
TYPING: Activity = {"type": "typing"}


def card(message: Message, names: Mapping[str, str]) -> Activity:
    """A message as a card; `names` are the display names of people by their ids."""
    attachment = {"contentType": CARD, "content": draw(message, names)}
    return {"type": "message", "summary": cut(fallback(message, names), SUMMARY), "attachments": [attachment]}


def welcome(message: Message, prompts: Sequence[str]) -> Activity:
    """The first words, with questions to tap; Teams shows suggestions under plain messages only, not under cards."""
    actions = [{"type": "imBack", "title": prompt, "value": prompt} for prompt in prompts[:SUGGESTIONS]]
    suggested = {"suggestedActions": {"to": [], "actions": actions}} if actions else {}
    return {"type": "message", "text": fallback(message), "textFormat": "plain", **suggested}


def results(offers: Iterable[Offer]) -> dict[str, Any]:
    """What the message extension found: each a card, with a small one to choose it by."""
    return {
        "composeExtension": {
            "type": "result",
            "attachmentLayout": "list",
            "attachments": [_result(offer) for offer in list(offers)[:RESULTS]],
        }
    }


def told(text: str) -> dict[str, Any]:
    """The answer to a pressed button: that it arrived; what it does comes as a message."""
    return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": text}


def _result(offer: Offer) -> dict[str, Any]:
    lines = " ".join(fallback(offer.message).split())
    preview = {"title": cut(offer.name, NAME), "text": cut(lines, LINES)}
    return {
        "contentType": CARD,
        "content": draw(offer.message),
        "preview": {"contentType": PREVIEW, "content": preview},
    }
