"""Reads an Adaptive Card as Teams does, so that the page can draw what people will see; not only what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.messages import Button, Link

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_NUMBER = re.compile(r"\d+\. ")

Action = Link | Button


@dataclass(frozen=True)
class CardPart:
    """One piece of a card: its lines of text, or its buttons and those that stand behind three dots.

    The lines of a picture are its words and its address.
    """

    kind: Literal["title", "heading", "text", "note", "list", "picture", "actions"]
    lines: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    more: tuple[Action, ...] = ()


def parts(card: Mapping[str, Any]) -> tuple[CardPart, ...]:
    """What a card shows, from top to bottom."""
    return tuple(part for element in card["body"] for part in _parts(element))


def _parts(element: Mapping[str, Any]) -> Iterator[CardPart]:
    if element["type"] == "ActionSet":
        seen, more = (
            [a for a in element["actions"] if (a.get("mode") == "secondary") is aside] for aside in (False, True)
        )
        yield CardPart("actions", actions=tuple(map(_action, seen)), more=tuple(map(_action, more)))
        return
    if element["type"] == "Image":
        yield CardPart("picture", (element["altText"], element["url"]))
        return
    lines = element["text"].split("\n")
    if all(map(_NUMBER.match, lines)):
        yield CardPart("list", tuple(_plain(_NUMBER.sub("", line, count=1)) for line in lines))
        return
    yield CardPart(_kind(element), tuple(_plain(line) for line in lines if line))


def _kind(element: Mapping[str, Any]) -> Literal["title", "heading", "text", "note"]:
    if element.get("style") == "heading":
        return "title" if element.get("size") == "Large" else "heading"
    return "note" if element.get("isSubtle") else "text"


def _action(action: Mapping[str, Any]) -> Action:
    if action["type"] == "Action.OpenUrl":
        return Link(action["title"], action["url"])
    return Button(action["title"], action["data"]["action"], tuple(action["data"]["value"]))


def _plain(line: str) -> str:
    """A line of Markdown in which everything that could be markup is escaped."""
    return _ESCAPED.sub(r"\1", line)
