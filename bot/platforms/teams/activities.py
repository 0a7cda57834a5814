"""What the bot says as Teams' activities: a card with its text, words with suggestions, results of a search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.messages import Citation, Message, Offer
from bot.platforms.teams.cards import CARD, draw, escape, fallback
from bot.text import clean, cut

Activity = dict[str, Any]

PREVIEW = "application/vnd.microsoft.card.thumbnail"
SUMMARY = 500
SUGGESTIONS = 3
"""Suggested actions that Teams shows at once."""
RESULTS = 10
NAME, LINES = 100, 200
# https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bot-messages-ai-generated-content
CITED, ABSTRACT = 80, 160
TYPING: Activity = {"type": "typing"}


def card(message: Message, names: Mapping[str, str]) -> Activity:
    """A message as a card; `names` are the display names of people by their ids."""
    attachment = {"contentType": CARD, "content": draw(message, names)}
    return {"type": "message", "summary": cut(fallback(message, names), SUMMARY), "attachments": [attachment]}


def cited(message: Message, names: Mapping[str, str], words: str) -> Activity:
    """A message as a card under `words` that bear Teams' own mark of a citation, if the message rests on a source.

    Teams shows a citation only for a mark in the text of an activity, and may part that text from its card without
    giving an id: so this is for personal chats, where nothing is taken back. No model wrote it, so no label says so.
    """
    if not message.citation:
        return card(message, names)
    citation = [{"@type": "Claim", "position": 1, "appearance": _document(message.citation)}]
    entity = {"type": "https://schema.org/Message", "@type": "Message", "@context": "https://schema.org"}
    marked = {"text": f"{escape(words)} [1]", "textFormat": "markdown"}
    return {**card(message, names), **marked, "entities": [{**entity, "citation": citation}]}


def suggest(message: Message, prompts: Sequence[str]) -> Activity:
    """Plain words with questions to tap; Teams shows suggestions under plain messages only, not under cards."""
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


def _document(citation: Citation) -> dict[str, str]:
    name, about = (" ".join(clean(text).split()) for text in (citation.name, citation.about))
    url = {"url": citation.url} if citation.url else {}
    return {"@type": "DigitalDocument", "name": cut(name, CITED), "abstract": cut(about, ABSTRACT), **url}


def _result(offer: Offer) -> dict[str, Any]:
    lines = " ".join(fallback(offer.message).split()).removeprefix(offer.name).lstrip()
    preview = {"title": cut(offer.name, NAME), "text": cut(lines, LINES)}
    return {
        "contentType": CARD,
        "content": draw(offer.message),
        "preview": {"contentType": PREVIEW, "content": preview},
    }
