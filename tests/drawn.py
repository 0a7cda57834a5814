"""What is drawn on every platform: a message with all there is, and addresses that must not become links."""

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
