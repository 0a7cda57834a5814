"""Slack's rules for blocks, as strict as Slack: what it would answer `invalid_blocks` to, named one by one."""

import json
from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from tests.drawn import objects

# https://docs.slack.dev/reference/block-kit
KEYS = {
    "section": {"text", "fields", "accessory", "expand"},
    "header": {"text"},
    "context": {"elements"},
    "actions": {"elements"},
    "rich_text": {"elements"},
    "divider": set(),
    "image": {"image_url", "alt_text", "title"},
    "button": {"text", "action_id", "value", "url", "style", "accessibility_label", "confirm"},
    "overflow": {"action_id", "options", "confirm"},
    "plain_text": {"text", "emoji"},
    "mrkdwn": {"text", "verbatim"},
    "rich_text_section": {"elements"},
    "rich_text_list": {"elements", "style", "indent", "offset", "border"},
    "text": {"text", "style"},
}
LONGEST = {
    "text": 3000,
    "value": 2000,
    "action_id": 255,
    "url": 3000,
    "accessibility_label": 75,
    "image_url": 3000,
    "alt_text": 2000,
}
LONGEST_TEXT = {"header": 150, "button": 75, "section": 3000}
HOLDS = {"actions": (1, 25), "context": (1, 10), "overflow": (1, 5), "rich_text_list": (1, 100), "rich_text": (1, 100)}


def problems(blocks: Any) -> list[str]:
    """What is wrong with the blocks of one message; empty when Slack would take them."""
    if not isinstance(blocks, list) or len(blocks) > 50:
        return ["blocks have to be a list of at most 50"]
    found = [problem for block in blocks for problem in _object(block, block.get("type", "?"))]
    ids = [each["action_id"] for each in objects(blocks) if "action_id" in each]
    if len(ids) != len(set(ids)):
        found.append("two elements have the same action_id")
    if len(json.dumps(blocks, ensure_ascii=False)) > 13_200:
        found.append("msg_blocks_too_long")
    return found + _models(blocks)


def shown(blocks: list[dict]) -> str:
    """All text that a person sees in blocks, one line for each piece."""
    seen = (each.get("text", each.get("alt_text")) for each in objects(blocks))
    return "\n".join(text for text in seen if isinstance(text, str))


def _object(value: Any, path: str) -> Iterator[str]:
    kind = value.get("type")
    if kind not in KEYS:
        yield f"{path}: {kind!r} is no type of block or element"
        return
    if unknown := set(value) - KEYS[kind] - {"type", "block_id"}:
        yield f"{path}: unknown {sorted(unknown)}"
    for key, limit in LONGEST.items():
        if isinstance(value.get(key), str) and not 0 < len(value[key]) <= limit:
            yield f"{path}.{key}: empty or longer than {limit}"
    if isinstance(text := value.get("text"), dict):
        yield from _object(text, f"{path}.text")
        if len(text["text"]) > LONGEST_TEXT[kind] or (kind != "section" and text["type"] != "plain_text"):
            yield f"{path}.text: too long or of the wrong type for a {kind}"
    least, most = HOLDS.get(kind, (0, 100))
    parts = value.get("elements", value.get("options", []))
    if not least <= len(parts) <= most:
        yield f"{path}: holds {len(parts)} elements"
    for number, part in enumerate(parts):
        yield from _option(part, path) if kind == "overflow" else _object(part, f"{path}[{number}]")
    if "accessory" in value:
        yield from _object(value["accessory"], f"{path}.accessory")
    if value.get("style") not in (None, "primary", "danger") and kind == "button":
        yield f"{path}.style: {value['style']!r}"
    if kind in ("button", "overflow") and not value.get("action_id"):
        yield f"{path}: no action_id"


def _option(option: dict, path: str) -> Iterator[str]:
    if set(option) != {"text", "value"} or not 0 < len(option["value"]) <= 150:
        yield f"{path}: an option has other fields, no value or one over 150 characters"
    if option["text"]["type"] != "plain_text" or not 0 < len(option["text"]["text"]) <= 75:
        yield f"{path}: an option's text is not plain, empty or over 75 characters"


def _models(blocks: list[dict]) -> list[str]:
    try:
        for block in Block.parse_all(blocks):
            block.to_dict()
    except (SlackObjectFormationError, TypeError) as error:
        return [f"slack_sdk: {error}"]
    return []
