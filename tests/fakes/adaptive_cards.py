"""Teams' rules for cards: Microsoft's schema of Adaptive Cards 1.5, and what Teams asks for beyond it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
from markdown_it import MarkdownIt

from tests.fakes.drawn import objects

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "schemas" / "teams" / "adaptive-card.1.5.0.json").read_text(encoding="utf-8")
)
VALIDATOR = jsonschema.Draft6Validator(SCHEMA)
# The renderer of Teams on the desktop and in browsers reads text blocks with markdown-it, without HTML.
MARKDOWN = MarkdownIt("js-default")
PLAIN = {"inline", "text", "softbreak", "paragraph_open", "paragraph_close"}
LIST = {"ordered_list_open", "ordered_list_close", "list_item_open", "list_item_close"}


def problems(card: dict[str, Any]) -> list[str]:
    """What is wrong with a card; empty when Teams would show it as it is meant."""
    # `msteams` is Teams' own addition to cards, which the schema does not know.
    found = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in VALIDATOR.iter_errors({key: value for key, value in card.items() if key != "msteams"})
    ]
    if card.get("version") != "1.5" or not card.get("body") or not card.get("fallbackText"):
        found.append("no version 1.5, nothing in it, or no text for clients that show no cards")
    if len(json.dumps(card, ensure_ascii=False).encode("utf-16-le")) > 28 * 1024:
        found.append("larger than 28 KB")
    if len([each for each in actions(card) if each.get("mode") != "secondary"]) > 6:
        found.append("more than six visible buttons")
    return found + [problem for action in actions(card) for problem in _action(action)]


def actions(card: dict[str, Any]) -> list[dict[str, Any]]:
    """The buttons of a card, without those that stand in for them in older clients."""
    return [action for each in objects(card) if each.get("type") == "ActionSet" for action in each["actions"]]


def shown(card: dict[str, Any]) -> str:
    """All that a person reads in a card, a line for each piece."""
    return "\n".join(_piece(each) for each in objects(card["body"]) if _piece(each))


def read(text: str) -> tuple[set[str], str]:
    """What a text block's Markdown is made of, and the words that are seen."""
    tokens = MARKDOWN.parse(text)
    inner = [part for token in tokens for part in token.children or ()]
    words = " ".join("".join(_seen(part) for part in token.children or ()) for token in tokens if token.children)
    return {token.type for token in (*tokens, *inner)}, " ".join(words.split())


def _seen(part: Any) -> str:
    return " " if part.type == "softbreak" else part.content


def _piece(each: dict[str, Any]) -> str:
    if each.get("type") == "TextBlock":
        return read(each["text"])[1] if not each["text"].startswith("1. ") else each["text"]
    if each.get("type") == "Image":
        return str(each["altText"])
    return "" if each.get("type") == "Action.Submit" else str(each.get("title", ""))


def _action(action: dict[str, Any]) -> Iterator[str]:
    if not action.get("title") or not action.get("tooltip"):
        yield "a button without a name"
    if "style" in action:
        yield "Teams has no styles of buttons"
    if action["type"] == "Action.OpenUrl" and not action["url"].startswith("https://"):
        yield f"{action['url']} is no https address"
    if action["type"] == "Action.Execute":
        instead = action.get("fallback", {})
        same = all(instead.get(key) == action.get(key) for key in ("title", "tooltip", "data"))
        if instead.get("type") != "Action.Submit" or not same or action["verb"] != action["data"]["action"]:
            yield "older clients are shown another button"
