"""Slack's rules for blocks, as strict as Slack: what it would answer `invalid_blocks` to, named one by one."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from tests.fakes.drawn import objects

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
    "input": {"label", "element", "hint", "optional", "dispatch_action"},
    "plain_text_input": {"action_id", "initial_value", "multiline", "min_length", "max_length", "placeholder"},
    "static_select": {"action_id", "options", "initial_option", "placeholder"},
    "multi_static_select": {"action_id", "options", "initial_options", "max_selected_items", "placeholder"},
    "multi_users_select": {"action_id", "initial_users", "max_selected_items", "placeholder"},
    "multi_conversations_select": {"action_id", "initial_conversations", "max_selected_items", "placeholder", "filter"},
    "datepicker": {"action_id", "initial_date", "placeholder"},
    "timepicker": {"action_id", "initial_time", "placeholder", "timezone"},
    "checkboxes": {"action_id", "options", "initial_options"},
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
HOLDS = {
    "actions": (1, 25), "context": (1, 10), "overflow": (1, 5), "rich_text_list": (1, 100), "rich_text": (1, 100),
    "static_select": (1, 100), "multi_static_select": (1, 100), "checkboxes": (1, 10),
}  # fmt: skip
CHOICES = ("overflow", "static_select", "multi_static_select", "checkboxes")
FIELDS = (
    "plain_text_input", "static_select", "multi_static_select", "multi_users_select", "multi_conversations_select",
    "datepicker", "timepicker", "checkboxes",
)  # fmt: skip
# https://docs.slack.dev/reference/views/modal-views and .../methods/views.open: 250 KB
VIEW_KEYS = {"type", "callback_id", "title", "close", "submit", "blocks", "private_metadata"}
CONFIRM = {"title": 100, "text": 300, "confirm": 30, "deny": 30}


def problems(blocks: Any) -> list[str]:
    """What is wrong with the blocks of one message; empty when Slack would take them."""
    if not isinstance(blocks, list) or len(blocks) > 50:
        return ["blocks have to be a list of at most 50"]
    found = _blocks(blocks)
    if any(block.get("type") == "input" for block in blocks):
        found.append("a message with a field to fill in")
    if len(json.dumps(blocks, ensure_ascii=False)) > 13_200:
        found.append("msg_blocks_too_long")
    return found


def view_problems(view: Any) -> list[str]:
    """What is wrong with a window; empty when Slack would take it."""
    if not isinstance(view, dict) or view.get("type") != "modal" or "title" not in view:
        return ["a view has to be a modal with a title"]
    blocks = view.get("blocks")
    if not isinstance(blocks, list) or not 0 < len(blocks) <= 100:
        return ["blocks have to be a list of 1 to 100"]
    found = _blocks(blocks)
    if unknown := set(view) - VIEW_KEYS:
        found.append(f"view: unknown {sorted(unknown)}")
    for key in ("title", "close", "submit"):
        text = view.get(key)
        if text and (text.get("type") != "plain_text" or not 0 < len(text["text"]) <= 24):
            found.append(f"view.{key}: not plain, empty or over 24 characters")
    if any(block.get("type") == "input" for block in blocks) and "submit" not in view:
        found.append("view: fields to fill in, and nothing to submit them with")
    if len(view.get("private_metadata", "")) > 3000 or len(view.get("callback_id", "")) > 255:
        found.append("view: private_metadata or callback_id too long")
    if len(json.dumps(view)) > 250_000:
        found.append("view_too_large")
    return found + _models(lambda: View(**view).to_dict())


def _blocks(blocks: list[dict]) -> list[str]:
    found = [problem for block in blocks for problem in _object(block, block.get("type", "?"))]
    for key in ("action_id", "block_id"):
        ids = [each[key] for each in objects(blocks) if key in each]
        if len(ids) != len(set(ids)):
            found.append(f"two elements have the same {key}")
    return found + _models(lambda: [block.to_dict() for block in Block.parse_all(blocks)])


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
    if kind == "input":
        yield from _input(value, path)
    if "confirm" in value:
        yield from _confirm(value["confirm"], f"{path}.confirm")
    if not 0 < len(value.get("block_id", "x")) <= 255:
        yield f"{path}.block_id: empty or over 255 characters"
    least, most = HOLDS.get(kind, (0, 100))
    parts = value.get("elements", value.get("options", []))
    if not least <= len(parts) <= most:
        yield f"{path}: holds {len(parts)} elements"
    for number, part in enumerate(parts):
        yield from _option(part, path) if kind in CHOICES else _object(part, f"{path}[{number}]")
    if "accessory" in value:
        yield from _object(value["accessory"], f"{path}.accessory")
    if value.get("style") not in (None, "primary", "danger") and kind == "button":
        yield f"{path}.style: {value['style']!r}"
    if kind in ("button", "overflow", *FIELDS) and not value.get("action_id"):
        yield f"{path}: no action_id"
    if "initial_option" in value and value["initial_option"] not in parts:
        yield f"{path}: begins with what is no option"


def _input(block: dict, path: str) -> Iterator[str]:
    for key in ("label", "hint"):
        text = block.get(key, {"type": "plain_text", "text": "x"} if key == "hint" else None)
        if not text or text["type"] != "plain_text" or not 0 < len(text["text"]) <= 2000:
            yield f"{path}.{key}: missing, not plain, empty or over 2,000 characters"
    element = block.get("element", {})
    if element.get("type") not in FIELDS:
        yield f"{path}: {element.get('type')!r} cannot be filled in"
        return
    yield from _object(element, f"{path}.element")
    if not 0 < element.get("max_length", 1) <= 3000 or element.get("max_selected_items", 1) < 1:
        yield f"{path}: a limit that is none"
    if "filter" in element and not set(element["filter"].get("include", ["im"])) <= {"im", "mpim", "private", "public"}:
        yield f"{path}: a filter for what there is not"


def _confirm(value: dict, path: str) -> Iterator[str]:
    if set(value) - set(CONFIRM) - {"style"} or set(CONFIRM) - set(value):
        yield f"{path}: other fields than {sorted(CONFIRM)}"
        return
    for key, limit in CONFIRM.items():
        if value[key]["type"] != "plain_text" or not 0 < len(value[key]["text"]) <= limit:
            yield f"{path}.{key}: not plain, empty or over {limit} characters"


def _option(option: dict, path: str) -> Iterator[str]:
    if set(option) != {"text", "value"} or not 0 < len(option["value"]) <= 150:
        yield f"{path}: an option has other fields, no value or one over 150 characters"
    if option["text"]["type"] != "plain_text" or not 0 < len(option["text"]["text"]) <= 75:
        yield f"{path}: an option's text is not plain, empty or over 75 characters"


def _models(build: Callable[[], Any]) -> list[str]:
    try:
        build()
    except (SlackObjectFormationError, TypeError) as error:
        return [f"slack_sdk: {error}"]
    return []
