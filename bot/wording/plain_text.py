"""A message as plain text, for the terminal and for whoever reads a reply as a record."""

from __future__ import annotations

from typing import Any

from bot.answering.deciding import Knowledge
from bot.answering.decisions import Decision
from bot.messages import (
    Buttons,
    Byline,
    Element,
    Link,
    Menu,
    Message,
    Note,
    Paragraph,
    Picture,
    Steps,
    Title,
)
from bot.wording import replies


def draw(message: Message) -> str:
    """A message as plain text, readable aloud from top to bottom."""
    return "\n".join(line for element in message.elements for line in _lines(element))


def record(knowledge: Knowledge, decision: Decision) -> dict[str, Any]:
    """A decision and its reply as the record that `--json` prints."""
    return {
        "decision": decision.sort,
        "entries": [part.ref[1] for part in decision.parts if part.kind == "entry"],
        "topic": next((part.ref[0] for part in decision.parts if part.ref[0]), None),
        "not_covered": [part.ref[1] for part in decision.parts if part.kind == "not_covered"],
        "offered": [ref[1] for ref in decision.offered],
        "reply": draw(replies.reply(knowledge.content, decision)),
        "region": decision.region,
        "on": decision.on.isoformat(),
        "score": round(min(max(decision.score, 0.0), 1.0), 3),
    }


def _lines(element: Element) -> list[str]:
    match element:
        case Title(text) | Paragraph(text) | Note(text):
            return [text]
        case Picture(url, alt):
            return [f"[Picture: {alt}] {url}"]
        case Byline(text, person):
            return [text.replace("{person}", person.id)]
        case Link(label, url):
            return [f"{label}: {url}"]
        case Steps(title, items, note):
            return [title, *(f"{number}. {item}" for number, item in enumerate(items, 1)), note]
        case Buttons(shown):
            return [" ".join(f"[{button.label}]" for button in shown)] if shown else []
        case Menu(text, shown):
            return [f"{text} " + " ".join(f"[{button.label}]" for button in shown)]
