"""Draws a Message as Slack's blocks, within Slack's limits and with nothing in it that could act as markup."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

from bot.messages import Button, Buttons, Byline, Element, Link, Menu, Message, Note, Paragraph, Picture, Steps, Title
from bot.platforms.slack.mrkdwn import escape
from bot.text import clean, cut

Block = dict[str, Any]

# https://docs.slack.dev/reference/block-kit: the limits of Slack's blocks.
HEADER, TEXT, LABEL, VALUE, OPTION_VALUE, URL, ALT, ROW, MENU, BLOCKS = 150, 3000, 75, 2000, 150, 3000, 2000, 5, 5, 50
# https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object
CONFIRM_TITLE, CONFIRM_TEXT, CONFIRM_LABEL = 100, 300, 30
BACK = "Go back"
"""What stands on the button that leaves everything as it is; only announcers are asked."""
# All blocks of a message together fail above about 13,200 characters: https://github.com/slackapi/bolt-js/issues/2509
TOTAL = 12_000

_USER = re.compile(r"[UW][A-Z0-9]+")
_ADDRESS = re.compile(r"https://[^\s<>|\"\\]+")


def draw(message: Message) -> dict[str, Any]:
    """The blocks of a message, and its text for notifications and screen readers."""
    numbers = count()
    blocks = [block for element in message.elements for block in _blocks(element, numbers) if block]
    if message.everyone:
        # https://docs.slack.dev/messaging/formatting-message-text: only mrkdwn notifies, so nothing else stands in it.
        blocks.insert(0, {"type": "section", "text": {"type": "mrkdwn", "text": "<!channel>"}})
    return {"text": _fallback(message), "blocks": fit(blocks)}


def unpack(value: str) -> tuple[str, ...]:
    """The action and its value as a button carries them; empty when no button of ours could have sent this."""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return ()
    return tuple(found) if isinstance(found, list) and all(isinstance(part, str) for part in found) else ()


def _blocks(element: Element, numbers: Iterator[int]) -> Iterator[Block | None]:
    match element:
        case Title(text):
            yield _text_block("header", cut(text, HEADER))
        case Paragraph(text):
            yield _text_block("section", cut(text, TEXT))
        case Steps(title, items, note):
            yield _list(title, items)
            yield _small_print(note)
        case Link(label, url):
            yield _link(label, url, next(numbers))
        case Picture(url, alt):
            yield _picture(url, alt)
        case Note(text):
            yield _small_print(text)
        case Byline():
            named = _named(element)
            yield _context({"type": "mrkdwn", "text": named, "verbatim": True}) if named else None
        case Buttons(buttons):
            drawn = [drawn for button in buttons if (drawn := _button(button, next(numbers)))]
            for start in range(0, len(drawn), ROW):
                yield {"type": "actions", "elements": drawn[start : start + ROW]}
        case Menu(text, buttons):
            yield from _menu(text, buttons, numbers)


def _text_block(kind: str, text: str) -> Block | None:
    return {"type": kind, "text": plain_text(text)} if text else None


def plain_text(text: str) -> Block:
    """Text in which nothing is markup."""
    return {"type": "plain_text", "text": text, "emoji": False}


def _small_print(text: str) -> Block | None:
    short = cut(text, TEXT)
    return _context(plain_text(short)) if short else None


def _context(element: Block) -> Block:
    return {"type": "context", "elements": [element]}


def _list(title: str, items: tuple[str, ...]) -> Block | None:
    heading = cut(title, TEXT)
    lines = [_line(cut(item, TEXT)) for item in items if clean(item).strip()]
    elements = [_line(heading, bold=True)] if heading else []
    if lines:
        elements.append({"type": "rich_text_list", "style": "ordered", "elements": lines})
    return {"type": "rich_text", "elements": elements} if elements else None


def _line(text: str, *, bold: bool = False) -> Block:
    style = {"style": {"bold": True}} if bold else {}
    return {"type": "rich_text_section", "elements": [{"type": "text", "text": text, **style}]}


def _link(label: str, url: str, number: int) -> Block:
    block = {"type": "section", "text": plain_text(cut(f"{label}\n{url}", TEXT))}
    if (short := cut(label, LABEL)) and len(url) <= URL and _ADDRESS.fullmatch(url):
        button = {"type": "button", "text": plain_text(short), "action_id": f"open:{number}", "url": url}
        return {**block, "accessory": button}
    return block


def _picture(url: str, alt: str) -> Block | None:
    """The picture, or its words alone where Slack would not take its address."""
    words = cut(alt, ALT)
    if len(url) <= URL and _ADDRESS.fullmatch(url):
        return {"type": "image", "image_url": url, "alt_text": words}
    return _small_print(words)


def _button(button: Button, number: int) -> Block | None:
    value = _pack(button)
    label = cut(button.label, LABEL)
    if len(value) > VALUE or not label:
        return None
    drawn = {"type": "button", "text": plain_text(label), "action_id": f"press:{number}", "value": value}
    if label.endswith("…"):
        drawn["accessibility_label"] = clean(button.label)[:LABEL]
    if button.style:
        drawn["style"] = button.style
    if button.confirm:
        drawn["confirm"] = {
            "title": plain_text(cut(button.label, CONFIRM_TITLE)),
            "text": plain_text(cut(button.confirm, CONFIRM_TEXT)),
            "confirm": plain_text(cut(button.label, CONFIRM_LABEL)),
            "deny": plain_text(BACK),
        }
    return drawn


def _menu(text: str, buttons: tuple[Button, ...], numbers: Iterator[int]) -> Iterator[Block | None]:
    """A folded menu beside the text, or a row of buttons under it when they are more than a menu holds."""
    buttons = tuple(button for button in buttons if clean(button.label).strip())
    values = [_pack(button) for button in buttons]
    if not 0 < len(buttons) <= MENU or max(map(len, values)) > OPTION_VALUE:
        yield _text_block("section", cut(text, TEXT))
        yield from _blocks(Buttons(buttons), numbers)
        return
    options = [
        {"text": plain_text(cut(button.label, LABEL)), "value": value}
        for button, value in zip(buttons, values, strict=True)
    ]
    menu = {"type": "overflow", "action_id": f"press:{next(numbers)}", "options": options}
    yield {"type": "section", "text": plain_text(cut(text, TEXT) or "…"), "accessory": menu}


def _pack(button: Button) -> str:
    return json.dumps([button.action, *button.value], ensure_ascii=False, separators=(",", ":"))


def _named(byline: Byline) -> str:
    name = f"<@{byline.person.id}>" if _USER.fullmatch(byline.person.id) else ""
    return escape(cut(byline.text, TEXT - 200)).replace("{person}", name)


def fit(blocks: list[Block]) -> list[Block]:
    """As many blocks as Slack takes, buttons first, in their order; an ellipsis stands for what was left out."""
    room, places = TOTAL, BLOCKS - 1
    kept: set[int] = set()
    for index in sorted(range(len(blocks)), key=lambda index: blocks[index]["type"] != "actions"):
        size = len(json.dumps(blocks[index], ensure_ascii=False))
        if size <= room and places:
            kept.add(index)
            room, places = room - size, places - 1
    fitting = [block for index, block in enumerate(blocks) if index in kept]
    return fitting if len(fitting) == len(blocks) else [*fitting, _context(plain_text("…"))]


def _fallback(message: Message) -> str:
    """As many whole lines as fit: a line that is cut after escaping could end in half an entity."""
    fitting: list[str] = []
    room = TEXT
    for line in (line for element in message.elements for line in _lines(element) if line):
        if len(line) < room:
            fitting.append(line)
            room -= len(line) + 1
    return "\n".join(fitting) or "…"


def _lines(element: Element) -> tuple[str, ...]:
    match element:
        case Steps(title, items, note):
            lines: tuple[str, ...] = title, *(f"{number}. {item}" for number, item in enumerate(items, 1)), note
        case Link(label, url):
            lines = (f"{label}: {url}",)
        case Byline():
            return (_named(element),)
        case Buttons():
            return ()
        case Title(text) | Paragraph(text) | Note(text) | Menu(text, _) | Picture(_, text):
            lines = (text,)
    return tuple(escape(cut(line, TEXT // 2)) for line in lines)
