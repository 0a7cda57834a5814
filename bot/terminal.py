"""The bot in a terminal: messages as plain text, one question, or a conversation with numbered buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from bot import answering, buttons, commands, explaining, replies
from bot.answering import Knowledge
from bot.decisions import Decision
from bot.messages import (
    Announce,
    Button,
    Buttons,
    Byline,
    Effect,
    Element,
    Forget,
    Link,
    Menu,
    Message,
    Note,
    Paragraph,
    Person,
    Picture,
    Place,
    Post,
    Press,
    Question,
    Remember,
    Reports,
    Steps,
    Title,
    Turn,
    pressable,
)

ME = Person("terminal", "", "you")
HERE = Place("terminal", "", "terminal")

ANNOUNCING = "In the terminal this has commands of its own: optout announce, optout announcements and optout report."


def draw(message: Message) -> str:
    """A message as plain text, readable aloud from top to bottom."""
    return "\n".join(line for element in message.elements for line in _lines(element))


def report(knowledge: Knowledge, decision: Decision) -> dict[str, Any]:
    """A decision and its reply as the record that `--json` prints."""
    return {
        "decision": decision.sort,
        "entries": [part.ref[1] for part in decision.parts if part.kind == "entry"],
        "not_covered": [part.ref[1] for part in decision.parts if part.kind == "not_covered"],
        "offered": [ref[1] for ref in decision.offered],
        "reply": draw(replies.reply(knowledge.content, decision)),
        "region": decision.region,
        "on": decision.on.isoformat(),
        "score": round(min(max(decision.score, 0.0), 1.0), 3),
    }


def why(knowledge: Knowledge, text: str, decision: Decision) -> str:
    """Why `text` was answered so, as the bot says it, with what only authors want to know of each part."""
    lines = [draw(explaining.why(knowledge, text, decision)), f"decision: {decision.sort}"]
    for part in decision.parts:
        if part.match:
            found = part.match
            lines.append(
                f"{part.ref[1]}: score {found.score:.2f}, share of the words known {found.cover:.0%}, "
                f"nearest phrasing “{found.phrasing.text}”"
            )
    return "\n".join(lines)


class Conversation:
    """A talk with the bot that remembers its last turn, its region and the buttons last shown."""

    def __init__(self, knowledge: Knowledge, today: date, region: str | None = None) -> None:
        self._knowledge, self._today, self._region = knowledge, today, region
        self._before: Turn | None = None
        self._shown: list[Button] = []

    def say(self, text: str) -> str:
        """The bot's reply to a line: a question, a command word or the number of a button."""
        text = text.strip()
        if text.isascii() and text.isdecimal() and len(text) < 3 and 0 < int(text) <= len(self._shown):
            return self._press(self._shown[int(text) - 1])
        question = Question(text, ME, HERE, "terminal")
        if command := commands.read(question, self._knowledge.content):
            return self._show(commands.COMMANDS[command.name](self._situation(), command))
        decision, turn = answering.answer(self._knowledge, text, self._today, self._before, self._region)
        reply = replies.reply(self._knowledge.content, decision)
        message, self._before = explaining.explained(self._knowledge, reply, turn, decision, "last")
        return self._show((Post(message),))

    def _situation(self) -> commands.Situation:
        return commands.Situation(self._knowledge.content, self._region, self._today, self._before)

    def _press(self, button: Button) -> str:
        press = Press(button.action, button.value, ME, HERE, "terminal")
        return self._show(buttons.ACTIONS[button.action](self._situation(), press))

    def _show(self, effects: Iterable[Effect]) -> str:
        texts = []
        for effect in effects:
            if isinstance(effect, Remember | Forget):
                self._region = effect.region if isinstance(effect, Remember) else None
                self._before = None
            if isinstance(effect, Announce | Reports):
                texts.append(ANNOUNCING)
            if isinstance(effect, Post):
                texts.append(draw(effect.message))
                self._shown = pressable(effect.message)
        numbers = [f"  {number}  {button.label}" for number, button in enumerate(self._shown, 1)]
        return "\n".join((*texts, *numbers))


def converse(conversation: Conversation, read: Callable[[], str], write: Callable[[str], None]) -> None:
    """Talks until the input ends."""
    while True:
        try:
            text = read()
        except (EOFError, KeyboardInterrupt):
            return
        write(conversation.say(text) + "\n")


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
