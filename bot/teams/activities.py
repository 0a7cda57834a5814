"""What the bot says as Teams' activities: a card with its text, a welcome with suggestions, results of a search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bot.messages import Byline, Message, Note, Offer
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


def card(message: Message, name: str = "") -> Activity:
    """A message as a card; `name` is what the person is called whom a byline names."""
    named = signed(message, name)
    summary = fallback(named)[:SUMMARY]
    return {"type": "message", "summary": summary, "attachments": [{"contentType": CARD, "content": draw(named)}]}


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


def signed(message: Message, name: str) -> Message:
    """The message with the person's name in its byline, which a card cannot look up."""
    return Message(
        tuple(
            Note(element.text.replace("{person}", name or "…")) if isinstance(element, Byline) else element
            for element in message.elements
        )
    )


def _result(offer: Offer) -> dict[str, Any]:
    lines = " ".join(fallback(offer.message).split())
    preview = {"title": offer.name[:NAME], "text": lines[:LINES]}
    return {
        "contentType": CARD,
        "content": draw(offer.message),
        "preview": {"contentType": PREVIEW, "content": preview},
    }
