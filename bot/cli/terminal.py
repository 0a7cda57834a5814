"""The bot in a terminal: messages as plain text, one question, or a conversation with numbered buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from bot.answering import deciding as answering
from bot.answering.deciding import Knowledge
from bot.answering.decisions import Decision
from bot.desk import actions as buttons
from bot.desk import commands
from bot.messages import (
    Announce,
    Button,
    Effect,
    Forget,
    Person,
    Place,
    Post,
    Press,
    Question,
    Remember,
    Reports,
    Turn,
    pressable,
)
from bot.wording import replies
from bot.wording.plain_text import draw

ME = Person("terminal", "", "you")
HERE = Place("terminal", "", "terminal")

LAST = "last"
"""What the button under the last answer asks about: there is no other."""

ANNOUNCING = "In the terminal this has commands of its own: optout announce, optout announcements and optout report."


def why(knowledge: Knowledge, decision: Decision) -> str:
    """Why a question was answered so, as the bot says it, with what only authors want to know of each part."""
    lines = [draw(replies.why(knowledge.content, answering.turn_of(decision))), f"decision: {decision.sort}"]
    for part in decision.parts:
        if part.match:
            found = part.match
            lines.append(
                f"{part.ref[1]}: score {found.score:.2f}, share of the words known {found.cover:.0%} "
                f"({', '.join(found.words)}), nearest phrasing “{found.phrasing.text}”"
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
        decision, _ = answering.answer(self._knowledge, text, self._today, self._before, self._region)
        mark = LAST if decision.is_clear else ""
        self._before = answering.remembered_turn(decision, self._before, mark)
        return self._show((Post(replies.reply(self._knowledge.content, decision, mark=mark)),))

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
