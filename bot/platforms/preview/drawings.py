"""What a platform would be sent for a message, written out to be read, copied and opened in its own tool."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from bot.messages import Message
from bot.platforms.preview.cards import CardPart, parts

Look = Literal["slack", "teams"]

CARD_DESIGNER = "https://adaptivecards.io/designer/"
BLOCK_KIT_BUILDER = "https://app.slack.com/block-kit-builder/#"


@dataclass(frozen=True)
class Drawing:
    """A message as one platform gets it; `href` opens the platform's own designer, and `parts` are those of a card."""

    platform: Look
    json: str
    href: str
    parts: tuple[CardPart, ...] = ()


Names = Mapping[str, str]
"""What people are called, by their ids."""
Draw = Callable[[Message, Names], tuple[Drawing, ...]]


def slack_drawing(payload: Mapping[str, Any]) -> Drawing:
    """The blocks that Slack is sent, with their address in the Block Kit Builder."""
    blocks = json.dumps({"blocks": payload["blocks"]}, ensure_ascii=False, separators=(",", ":"))
    return Drawing(
        "slack", json.dumps(payload, ensure_ascii=False, indent=2), BLOCK_KIT_BUILDER + quote(blocks, safe="")
    )


def teams_drawing(card: Mapping[str, Any]) -> Drawing:
    """The card that Teams is sent, with what it shows; its designer takes it from the clipboard."""
    return Drawing("teams", json.dumps(card, ensure_ascii=False, indent=2), CARD_DESIGNER, parts(card))
