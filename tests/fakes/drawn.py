"""What every drawing is tested with: a message with all there is, addresses that are none, and what was drawn of it."""

from collections.abc import Iterator
from typing import Any

from bot.messages import Button, Buttons, Byline, Link, Menu, Message, Note, Paragraph, Person, Steps, Title

SHARE = Button("Share", "share", ("linkedin-ai-training", "dms"), "primary")
NO_ADDRESSES = (
    "http://www.linkedin.com/x",
    "javascript:alert(1)",
    "https://a b",
    "https://x|good",
    "https://x>",
    "mailto:a@b.c",
    "https://" + "a" * 3000,
)


def everything(words: str, person: Person) -> Message:
    """A message with every element, each with the same words."""
    buttons = (Button(words, "answer", (words[:50],)), Button(words, "share", (), "danger"))
    return Message(
        (
            Title(words),
            Paragraph(words),
            Steps(words, (words, words), words),
            Link(words, f"https://example.com/{words}"),
            Link(words, "https://www.linkedin.com/mypreferences"),
            Note(words),
            Byline(f"{words} {{person}}", person),
            Buttons(buttons),
            Menu(words, buttons),
        )
    )


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside blocks or a card, outermost first."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)
