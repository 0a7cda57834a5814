"""The one door into the middle: what people ask, command and press goes in, what the bot posts comes out."""

from __future__ import annotations

from datetime import datetime

from bot.messages import Message, Outcome, Person, Post, Press, Question, Receipt


class Desk:
    """Answers questions, runs commands and acts on presses, with what the ledger remembers."""

    async def ask(self, question: Question, now: datetime) -> tuple[Outcome, ...]:
        """What to post for something a person wrote: the answer, or what the command it was says."""
        raise NotImplementedError

    async def press(self, press: Press, now: datetime) -> tuple[Outcome, ...]:
        """What to do for a pressed button."""
        raise NotImplementedError

    async def posted(self, question: Question | Press, post: Post, receipt: Receipt, now: datetime) -> tuple[Post, ...]:
        """Records a post that arrived for everyone, and gives what only the person who caused it is told about it."""
        raise NotImplementedError

    def welcome(self) -> Message:
        """What the bot says when it is met for the first time."""
        raise NotImplementedError

    def prompts(self) -> tuple[str, ...]:
        """Up to four questions to suggest to somebody who has written nothing yet."""
        raise NotImplementedError

    def apology(self) -> Message:
        """What the bot says when something failed that the person cannot mend."""
        raise NotImplementedError
