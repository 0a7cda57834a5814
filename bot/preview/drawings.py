"""What a platform would be sent for a message, written out to be read, copied and opened in its own tool."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bot.messages import Message

BLOCK_KIT_BUILDER = "https://app.slack.com/block-kit-builder/#"


@dataclass(frozen=True)
class Drawing:
    """A message as one platform gets it; `href` opens it in the platform's own designer."""

    platform: str
    json: str
    href: str


Draw = Callable[[Message], tuple[Drawing, ...]]


def slack_drawing(payload: Mapping[str, Any]) -> Drawing:
    """The blocks that Slack is sent, with their address in the Block Kit Builder."""
    blocks = json.dumps({"blocks": payload["blocks"]}, ensure_ascii=False, separators=(",", ":"))
    return Drawing(
        "slack", json.dumps(payload, ensure_ascii=False, indent=2), BLOCK_KIT_BUILDER + quote(blocks, safe="")
    )
