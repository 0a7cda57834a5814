"""Draws a Message as an Adaptive Card, within Teams' limits and with nothing in it that could act as markup."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from bot.messages import Button, Buttons, Byline, Element, Link, Menu, Message, Note, Paragraph, Picture, Steps, Title
from bot.text import clean, cut

Card = dict[str, Any]

CARD = "application/vnd.microsoft.card.adaptive"
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
VERSION, LANGUAGE = "1.5", "en"
HEADING, TEXT, LABEL, NAME = 300, 3000, 75, 80
# Teams shows six buttons of a card; more belong into the menu behind its three dots.
VISIBLE = 6
# Teams counts UTF-16; 28 KB is what every way into Teams takes, and some of it is kept for the text that is read out.
TOTAL, READ_OUT = 28 * 1024, 4 * 1024

SOMEBODY = "someone here"
LEFT_OUT: Card = {"type": "TextBlock", "text": "…"}

_ADDRESS = re.compile(r"https://[^\s<>|\"\\]+")
# What Markdown, HTML or the card's own {{DATE(…)}} could be made of; underscores inside a word are harmless.
_MARKUP = re.compile(r"[\\*`~\[\]<>|]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|(?<=\{)\{")
_START_OF_LINE = re.compile(r"^(?:[-+#=]|\d+(?=[.)]))")


def draw(message: Message, names: Mapping[str, str] | None = None) -> Card:
    """The card of a message; `names` are the display names of people by their ids, where they are known."""
    names = names or {}
    visible = count()
    body = [drawn for element in message.elements for drawn in _drawn(element, names, visible) if drawn]
    card = {
        "$schema": SCHEMA,
        "type": "AdaptiveCard",
        "version": VERSION,
        "lang": LANGUAGE,
        "msteams": {"width": "Full"},
        "body": _fit(body) or [LEFT_OUT],
    }
    return _with_words(card, fallback(message, names))


def fallback(message: Message, names: Mapping[str, str] | None = None) -> str:
    """A message as plain text: for notifications, and where no card is shown."""
    lines = (line for element in message.elements for line in _lines(element, names or {}))
    return cut("\n".join(line for line in map(clean, lines) if line.strip()), TEXT) or "…"


def unpack(data: object) -> tuple[str, ...]:
    """The action and its value as a button carries them; empty when no button of ours could have sent this."""
    match data:
        case {"action": str(action), "value": list(value)} if action and all(isinstance(part, str) for part in value):
            return (action, *value)
    return ()


def escape(text: str) -> str:
    """Text that a card shows as it is: whatever could start markup is taken out of play."""
    lines = (_MARKUP.sub(r"\\\g<0>", line.strip()) for line in clean(text).split("\n"))
    return "\n\n".join(_inert_start(line) for line in lines if line)


def _drawn(element: Element, names: Mapping[str, str], visible: Iterator[int]) -> Iterator[Card | None]:
    match element:
        case Title(text):
            yield _heading(text, size="Large")
        case Paragraph(text):
            yield _text(text)
        case Steps(title, items, note):
            yield _heading(title)
            yield _numbered(items)
            yield _small_print(note)
        case Link(label, url):
            yield from _link(label, url, visible)
        case Picture(url, alt):
            yield _picture(url, alt)
        case Note(text):
            yield _small_print(text)
        case Byline():
            yield _small_print(_signed(element, names))
        case Buttons(buttons):
            yield _actions(*(_execute(button, visible) for button in buttons))
        case Menu(text, buttons):
            yield _small_print(text)
            yield _actions(*(_execute(button, None) for button in buttons))


def _text(text: str, **looks: Any) -> Card | None:
    words = escape(cut(text, TEXT))
    return {"type": "TextBlock", "text": words, "wrap": True, **looks} if words else None


def _heading(text: str, **looks: Any) -> Card | None:
    return _text(_one_line(text, HEADING), style="heading", weight="Bolder", **looks)


def _small_print(text: str) -> Card | None:
    return _text(text, size="Small", isSubtle=True, spacing="Small")


def _numbered(items: tuple[str, ...]) -> Card | None:
    """One Markdown list, which screen readers know as a list."""
    lines = [escape(line) for item in items if (line := _one_line(item, TEXT))]
    text = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
    return {"type": "TextBlock", "text": text, "wrap": True, "spacing": "Small"} if text else None


def _link(label: str, url: str, visible: Iterator[int]) -> Iterator[Card | None]:
    title = _one_line(label, LABEL)
    if title and len(url) <= TEXT and _ADDRESS.fullmatch(url):
        yield _actions({"type": "Action.OpenUrl", "title": title, "url": url, "tooltip": url, **_mode(visible)})
        yield _small_print(url)
    else:
        yield _text(f"{label}\n{url}")


def _picture(url: str, alt: str) -> Card | None:
    """The picture, or its words alone where Teams would not take its address."""
    if len(url) <= TEXT and _ADDRESS.fullmatch(url):
        return {"type": "Image", "url": url, "altText": _one_line(alt, HEADING), "size": "Stretch"}
    return _small_print(alt)


def _execute(button: Button, visible: Iterator[int] | None) -> Card | None:
    """A button of the card, and the one that older clients show in its place; both come back with the same data."""
    title = _one_line(button.label, LABEL)
    if not title:
        return None
    looks = {"title": title, "tooltip": _one_line(button.label, HEADING)}
    data = {"action": button.action, "value": list(button.value)}
    mode = _mode(visible) if visible else {"mode": "secondary"}
    submit = {"type": "Action.Submit", **looks, "data": data}
    return {"type": "Action.Execute", "verb": button.action, **looks, "data": data, **mode, "fallback": submit}


def _mode(visible: Iterator[int]) -> Card:
    return {"mode": "secondary"} if next(visible) >= VISIBLE else {}


def _actions(*actions: Card | None) -> Card | None:
    drawn = [action for action in actions if action]
    return {"type": "ActionSet", "actions": drawn} if drawn else None


def _signed(byline: Byline, names: Mapping[str, str]) -> str:
    name = _one_line(names.get(byline.person.id, ""), NAME)
    return byline.text.replace("{person}", name or SOMEBODY)


def _one_line(text: str, limit: int) -> str:
    return cut(" ".join(clean(text).split()), limit)


def _inert_start(line: str) -> str:
    """A line that Markdown takes for no list, heading or rule."""
    start = _START_OF_LINE.match(line)
    if not start:
        return line
    return f"{start[0]}\\{line[start.end() :]}" if start[0].isdigit() else f"\\{line}"


def _fit(body: list[Card]) -> list[Card]:
    """As many elements as a card holds, buttons first, in their order; an ellipsis stands for what was left out."""
    room = TOTAL - READ_OUT - 512
    kept: set[int] = set()
    for index in sorted(range(len(body)), key=lambda index: body[index]["type"] != "ActionSet"):
        size = weight(body[index]) + 4
        if size <= room:
            kept.add(index)
            room -= size
    fitting = [element for index, element in enumerate(body) if index in kept]
    return fitting if len(fitting) == len(body) else [*fitting, LEFT_OUT]


def _with_words(card: Card, words: str) -> Card:
    """The card with its text for screen readers and for clients that show no cards, as long as there is room."""
    spoken = words.translate({ord("<"): " ", ord(">"): " "})
    for limit in (TEXT, TEXT // 2, TEXT // 6, 100):
        whole = {**card, "fallbackText": escape(cut(words, limit)) or "…", "speak": cut(spoken, limit)}
        if weight(whole) <= TOTAL:
            return whole
    return card


def weight(card: Card) -> int:
    """The bytes of a card as Teams counts them."""
    return len(json.dumps(card, ensure_ascii=False).encode("utf-16-le", "surrogatepass"))


def _lines(element: Element, names: Mapping[str, str]) -> tuple[str, ...]:
    match element:
        case Steps(title, items, note):
            return title, *(f"{number}. {item}" for number, item in enumerate(items, 1)), note
        case Link(label, url):
            return (f"{label}: {url}",)
        case Byline():
            return (_signed(element, names),)
        case Buttons():
            return ()
        case Title(text) | Paragraph(text) | Note(text) | Menu(text, _) | Picture(_, text):
            return (text,)
