"""Carries what the pretend person says and presses to the desk, and what the bot posts back into the conversation."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.desk.desk import Desk
from bot.messages import (
    Announce,
    Invitation,
    Message,
    Post,
    Press,
    Question,
    Receipt,
    Removal,
    Reports,
    Voice,
    pressable,
)
from bot.platforms.exchange import Exchange, Heard
from bot.platforms.preview.drawings import Draw, Drawing
from bot.platforms.preview.sessions import MOST_SHOWN, PlaceKey, Reply, Session, Utterance

log = logging.getLogger(__name__)

NAME = "Your Name"
"""What the pretend person is called where a platform names people."""

COMMAND = re.compile(r"\s*/optout(?:\s+|$)", re.IGNORECASE)
MENTION = re.compile(r"@opt-?out(?:[ -]?bot)?(?!\w)[,:]?", re.IGNORECASE)


class Talk:
    """The preview's side of the conversation with the desk."""

    def __init__(self, desk: Desk, draw: Draw, clock: Callable[[], datetime]) -> None:
        """Speaks with `desk`, keeps what `draw` makes of each reply, and takes the time of day from `clock`."""
        self.desk = desk
        self._draw = draw
        self._clock = clock

    def open(self) -> Session:
        """A new person, welcomed."""
        session = Session()
        self._welcome(session)
        return session

    def restart(self, session: Session) -> None:
        """Begins anew with the same person."""
        session.restart()
        self._welcome(session)

    def now(self, session: Session) -> datetime:
        """The present moment of that person."""
        return self._clock() + session.ahead

    def live_on(self, session: Session, day: date | None) -> None:
        """Sets the person's clock to a day, at the real time of day; none is today."""
        session.ahead = day - self._clock().date() if day else timedelta()

    def drawings(self, session: Session, message: Message) -> tuple[Drawing, ...]:
        """What the platforms would be sent."""
        return self._draw(message, {session.person.id: NAME})

    async def say(self, session: Session, where: PlaceKey, text: str, thread: str = "") -> str:
        """Says something in a place or one of its threads, and gives the id of that line."""
        voice, words = hear(where, text)
        ref, now, said = session.next_ref(), self.now(session), text.strip()
        thread = "" if voice in ("alone", "aside") else thread
        session.add(where, Utterance(ref, thread, voice, now, said[:MOST_SHOWN], max(0, len(said) - MOST_SHOWN)))
        if voice is not None:
            place = session.place(where, (thread or ref) if voice == "aloud" else "")
            question = Question(words, session.person, place, f"{place.id}:{place.thread}", voice)
            log.info("preview.asked place=%s voice=%s", place.id, voice)
            await self._answer(session, where, question, now)
        return ref

    async def press(self, session: Session, where: PlaceKey, reply: Reply, action: str, value: tuple[str, ...]) -> str:
        """Presses a button of a reply, and gives the id of what came of it, if anything did."""
        now, place = self.now(session), session.place(where, reply.thread)
        # As in Slack, what a button does in a channel is for the one who pressed it.
        voice: Voice = "alone" if where == "direct" and reply.voice != "aside" else "aside"
        shown = any((button.action, button.value) == (action, value) for button in pressable(reply.post.message))
        press = Press(action, value, session.person, place, f"{place.id}:{reply.thread}", voice, shown)
        log.info("preview.pressed place=%s post=%s", place.id, reply.ref)
        return await self._answer(session, where, press, now, reply.ref if shown else "")

    async def _answer(
        self, session: Session, where: PlaceKey, asked: Question | Press, now: datetime, pressed: str = ""
    ) -> str:
        """Answers what was said or pressed, and gives the id of the first line that came of it, if any did."""
        way = PreviewWay(self, session, where, asked, now, pressed)
        await Exchange("preview", self.desk, lambda: now).answer(Heard(asked, ()), way)
        return next(iter(way.shown), "")

    def _welcome(self, session: Session) -> None:
        message = self.desk.welcome()
        session.add(
            "direct", Reply("welcome", "", "alone", self.now(session), Post(message), self.drawings(session, message))
        )


@dataclass
class PreviewWay:
    """How something is answered in the preview: as lines of the conversation."""

    talk: Talk
    session: Session
    where: PlaceKey
    asked: Question | Press
    now: datetime
    pressed: str
    """The id of the line whose button was pressed, if it has that button."""
    shown: list[str] = field(default_factory=list)

    async def send(self, post: Post) -> Receipt:
        """Puts a post at the end of the conversation."""
        alone = self.asked.voice == "alone"
        voice: Voice = "alone" if alone else "aloud" if post.to == "everyone" else "aside"
        drawn = self.talk.drawings(self.session, post.message)
        reply = Reply(self.session.next_ref(), self.asked.place.thread, voice, self.now, post, drawn)
        self.session.add(self.where, reply)
        self.shown.append(reply.ref)
        # What answers a slash command has no id in Slack either: such a post is taken back by its own menu.
        return Receipt(self.asked.place, "" if self.asked.voice == "aside" else reply.ref)

    async def tell(self, post: Post) -> None:
        """Shows something to the person alone."""
        await self.send(post)

    async def remove(self, removal: Removal) -> None:
        """Takes a line away."""
        self.session.remove(self.where, {removal.ref, self.pressed})

    async def grant(self, wish: Invitation | Announce | Reports) -> None:
        """Says in words what a window would have shown."""
        await self.send(await self.talk.desk.grant(wish, self.asked.person, self.now))


def hear(where: PlaceKey, text: str) -> tuple[Voice | None, str]:
    """How the bot is spoken to, and the words it hears; no voice for what is said in a channel to others."""
    command = COMMAND.match(text)
    if command:
        return "aside", text[command.end() :]
    if where == "direct":
        return "alone", text
    return ("aloud", MENTION.sub(" ", text).strip()) if MENTION.search(text) else (None, "")
