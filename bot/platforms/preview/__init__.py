"""The local preview: a page on this machine where one talks to the bot as in a direct message and in a channel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.desk.desk import Desk
from bot.messages import Message
from bot.platforms.preview.announcements import Announcements
from bot.platforms.preview.drawings import Drawing, Names, slack_drawing, teams_drawing
from bot.platforms.preview.guard import guarded
from bot.platforms.preview.newsroom import UNHURRIED, Speed
from bot.platforms.preview.pages import Pages, static
from bot.platforms.preview.sessions import Sessions
from bot.platforms.preview.talk import Talk
from bot.platforms.work import Work

__all__ = ["Preview", "Speed"]


class Preview:
    """Serves the page; it sends nothing anywhere, and what was said is forgotten when the program ends."""

    def __init__(
        self,
        desk: Desk,
        draw_blocks: Callable[[Message], dict[str, Any]],
        draw_card: Callable[[Message, Names], dict[str, Any]],
        clock: Callable[[], datetime],
        speed: Speed = UNHURRIED,
    ) -> None:
        """`draw_blocks` and `draw_card` give what Slack and Teams would be sent, and `clock` the present moment.

        `speed` is that of pretend deliveries.
        """

        def draw(message: Message, names: Names) -> tuple[Drawing, ...]:
            return slack_drawing(draw_blocks(message)), teams_drawing(draw_card(message, names))

        talk = Talk(desk, draw, clock)
        self._leaving = Work()
        self._sessions = Sessions(lambda session: self._leaving.begin(session.close()))
        self._pages = Pages(talk, self._sessions)
        self._announcements = Announcements(talk, self._sessions, speed)

    def add_routes(self, app: web.Application) -> None:
        """Adds the page, its forms and its files, each refusing everybody but a browser on this machine."""
        pages = self._pages
        app.router.add_get("/", guarded(pages.show))
        app.router.add_post("/ask", guarded(pages.ask))
        app.router.add_post("/press", guarded(pages.press))
        app.router.add_post("/region", guarded(pages.region))
        app.router.add_post("/look", guarded(pages.look))
        app.router.add_post("/date", guarded(pages.date))
        app.router.add_post("/reset", guarded(pages.reset))
        news = self._announcements
        app.router.add_get("/announcements", guarded(news.overview))
        app.router.add_get("/announcements/write", guarded(news.form))
        app.router.add_post("/announcements/write", guarded(news.write))
        app.router.add_get("/announcements/file", guarded(news.file))
        app.router.add_get("/announcements/places", guarded(news.places))
        app.router.add_post("/announcements/draft", guarded(news.draft))
        app.router.add_get("/announcements/report", guarded(news.report))
        app.router.add_get("/announcements/table", guarded(news.table))
        app.router.add_post("/announcements/act", guarded(news.act))
        app.router.add_post("/clock", guarded(news.clock))
        app.router.add_get("/static/{name}", guarded(static))
        app.on_cleanup.append(self._close)

    async def _close(self, _: web.Application) -> None:
        """Stops all that runs for sessions, also for those that are just going: each has a database to close."""
        await self._sessions.close()
        await self._leaving.finish()
