"""Carries what the pretend person says and presses to the desk, and what the bot posts back into the conversation."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from bot.desk.desk import Desk
from bot.errors import origin
from bot.messages import Message, Post, Press, Question, Receipt, Removal, Voice, pressable
from bot.platforms.preview.drawings import Draw, Drawing
from bot.platforms.preview.sessions import MOST_SHOWN, Reply, Said, Session, Where

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

    async def say(self, session: Session, where: Where, text: str, thread: str = "") -> str:
        """Says something in a place or one of its threads, and gives the id of that line."""
        voice, words = hear(where, text)
        ref, now, said = session.next_ref(), self.now(session), text.strip()
        thread = "" if voice in ("alone", "aside") else thread
        session.add(where, Said(ref, thread, voice, now, said[:MOST_SHOWN], max(0, len(said) - MOST_SHOWN)))
        if voice is not None:
            place = session.place(where, (thread or ref) if voice == "aloud" else "")
            question = Question(words, session.person, place, f"{place.id}:{place.thread}", voice)
            log.info("preview.asked place=%s voice=%s", place.id, voice)
            await self._carry_out(session, where, question, now)
        return ref

    async def press(self, session: Session, where: Where, reply: Reply, action: str, value: tuple[str, ...]) -> str:
        """Presses a button of a reply, and gives the id of what came of it, if anything did."""
        now, place = self.now(session), session.place(where, reply.thread)
        # As in Slack, what a button does in a channel is for the one who pressed it.
        voice: Voice = "alone" if where == "direct" and reply.voice != "aside" else "aside"
        shown = any((button.action, button.value) == (action, value) for button in pressable(reply.post.message))
        press = Press(action, value, session.person, place, f"{place.id}:{reply.thread}", voice, shown)
        log.info("preview.pressed place=%s post=%s", place.id, reply.ref)
        return await self._carry_out(session, where, press, now, reply.ref if shown else "")

    async def _carry_out(
        self, session: Session, where: Where, cause: Question | Press, now: datetime, pressed: str = ""
    ) -> str:
        shown: list[str] = []
        try:
            asked = self.desk.press(cause, now) if isinstance(cause, Press) else self.desk.ask(cause, now)
            for outcome in await asked:
                match outcome:
                    case Removal():
                        session.remove(where, {outcome.ref, pressed})
                        await self.desk.removed(outcome)
                    case Post():
                        shown += await self._post(session, where, cause, outcome, now)
                    case _:
                        granted = await self.desk.grant(outcome, cause.person, now)
                        shown += await self._post(session, where, cause, granted, now)
        except Exception as error:  # the outer door: one bad question must not stop the page
            log.error("preview.failed error=%s at=%s place=%s", type(error).__name__, origin(error), cause.place.id)
            shown.append(self._show(session, where, cause, Post(self.desk.apology()), now))
        return next(iter(shown), "")

    async def _post(
        self, session: Session, where: Where, cause: Question | Press, post: Post, now: datetime
    ) -> list[str]:
        refs = [self._show(session, where, cause, post, now)]
        if post.to == "everyone":
            # What answers a slash command has no id in Slack either: such a post is taken back by its own menu.
            receipt = Receipt(cause.place, "" if cause.voice == "aside" else refs[0])
            told = await self.desk.posted(post, receipt, now)
            refs += [self._show(session, where, cause, private, now) for private in told]
        return refs

    def _show(self, session: Session, where: Where, cause: Question | Press, post: Post, now: datetime) -> str:
        voice: Voice = "alone" if cause.voice == "alone" else "aloud" if post.to == "everyone" else "aside"
        reply = Reply(session.next_ref(), cause.place.thread, voice, now, post, self.drawings(session, post.message))
        session.add(where, reply)
        return reply.ref

    def _welcome(self, session: Session) -> None:
        message = self.desk.welcome()
        session.add(
            "direct", Reply("welcome", "", "alone", self.now(session), Post(message), self.drawings(session, message))
        )


def hear(where: Where, text: str) -> tuple[Voice | None, str]:
    """How the bot is spoken to, and the words it hears; no voice for what is said in a channel to others."""
    command = COMMAND.match(text)
    if command:
        return "aside", text[command.end() :]
    if where == "direct":
        return "alone", text
    return ("aloud", MENTION.sub(" ", text).strip()) if MENTION.search(text) else (None, "")
