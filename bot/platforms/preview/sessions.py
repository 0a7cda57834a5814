"""What the preview remembers: who is talking, by which clock, what was said where; in memory, and not without end."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.messages import Person, Place, Post, Title, Voice
from bot.platforms.preview.drawings import Drawing, Look

if TYPE_CHECKING:
    from bot.platforms.preview.newsroom import Newsroom

PlaceKey = str
"""The key of a pretend place."""

MOST_SESSIONS = 50
MOST_LINES = 200
MOST_SHOWN = 2_000


@dataclass(frozen=True)
class Utterance:
    """Something the person wrote: its beginning, and how much `more` there was; no voice if not meant for the bot."""

    ref: str
    thread: str
    voice: Voice | None
    at: datetime
    text: str
    more: int

    @property
    def starts_thread(self) -> bool:
        """Whether the bot answers this in a thread of its own."""
        return self.voice == "aloud" and not self.thread


@dataclass(frozen=True)
class Reply:
    """Something the bot posted."""

    ref: str
    thread: str
    voice: Voice
    at: datetime
    post: Post
    drawings: tuple[Drawing, ...]
    announced: bool = False
    """Whether it is a copy of an announcement, which nobody asked for."""

    @property
    def starts_thread(self) -> bool:
        """Whether one may reply to it in a thread of its own."""
        return self.announced and self.voice == "aloud"

    @property
    def text(self) -> str:
        """What it is called."""
        return next((part.text for part in self.post.message.elements if isinstance(part, Title)), "")


Line = Utterance | Reply


@dataclass
class Session:
    """One pretend person: how far ahead their clock is, the look of replies, and what was said where."""

    person: Person = field(default_factory=lambda: Person("preview", "preview", f"U{secrets.token_hex(5).upper()}"))
    ahead: timedelta = timedelta()
    look: Look = "slack"
    lines: dict[PlaceKey, list[Line]] = field(default_factory=lambda: defaultdict(list))
    newsroom: Newsroom | None = None
    gone: bool = False
    """Whether the session is over."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _refs: int = 0
    _round: int = 0

    def place(self, where: PlaceKey, thread: str = "") -> Place:
        """Where they are, as the desk knows it; every new conversation happens in a new place."""
        return Place("preview", "preview", f"{where}-{self.person.id}-{self._round}", thread)

    def next_ref(self) -> str:
        """An id for the next line, unlike all before it."""
        self._refs += 1
        return f"m{self._refs}"

    def add(self, where: PlaceKey, line: Line) -> None:
        """Puts a line at the end, or at the end of its thread; the oldest line goes when there are too many."""
        lines = self.lines[where]
        ends = [i for i, other in enumerate(lines) if line.thread and line.thread in (other.thread, other.ref)]
        lines.insert(ends[-1] + 1 if ends else len(lines), line)
        del lines[:-MOST_LINES]

    def find(self, where: PlaceKey, ref: str) -> Line | None:
        """The line with that id, if it is still there."""
        return next((line for line in self.lines[where] if line.ref == ref), None)

    def change(self, where: PlaceKey, line: Reply) -> None:
        """Puts a line in the place of the one with its id."""
        self.lines[where] = [line if other.ref == line.ref else other for other in self.lines[where]]

    def remove(self, where: PlaceKey, refs: Collection[str]) -> None:
        """Takes lines away."""
        self.lines[where] = [line for line in self.lines[where] if line.ref not in refs]

    def restart(self) -> None:
        """Forgets what was said and begins new conversations."""
        self._round += 1
        self.lines = defaultdict(list)

    async def close_newsroom(self) -> None:
        """Stops what brings this session's announcements to their places, and forgets them."""
        newsroom, self.newsroom = self.newsroom, None
        if newsroom:
            await newsroom.close()

    async def close(self) -> None:
        """Ends the session for good."""
        self.gone = True
        async with self.lock:
            await self.close_newsroom()


class Sessions:
    """The sessions by their secret keys; the one unused for longest goes when there are too many."""

    def __init__(self, leave: Callable[[Session], object] = lambda _: None) -> None:
        """`leave` is told of each session that goes."""
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._leave = leave

    def get(self, key: str) -> Session | None:
        """The session with that key."""
        if key in self._sessions:
            self._sessions.move_to_end(key)
        return self._sessions.get(key)

    def keep(self, session: Session) -> str:
        """Keeps a new session and gives its key."""
        key = secrets.token_urlsafe(24)
        self._sessions[key] = session
        if len(self._sessions) > MOST_SESSIONS:
            self._leave(self._sessions.popitem(last=False)[1])
        return key

    async def close(self) -> None:
        """Ends every session."""
        await asyncio.gather(*(session.close() for session in self._sessions.values()))
        self._sessions.clear()
