"""The local preview: a page on this machine where one talks to the bot as in a direct message and in a channel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.desk import Desk
from bot.messages import Message
from bot.preview.drawings import Drawing, Names, slack_drawing, teams_drawing
from bot.preview.guard import guarded
from bot.preview.pages import Pages, static
from bot.preview.sessions import Sessions
from bot.preview.talk import Talk

__all__ = ["Preview"]


class Preview:
    """Serves the page; it sends nothing anywhere, and what was said is forgotten when the program ends."""

    def __init__(
        self,
        desk: Desk,
        draw_blocks: Callable[[Message], dict[str, Any]],
        draw_card: Callable[[Message, Names], dict[str, Any]],
        clock: Callable[[], datetime],
    ) -> None:
        """`draw_blocks` and `draw_card` give what Slack and Teams would be sent, and `clock` the present moment."""

        def draw(message: Message, names: Names) -> tuple[Drawing, ...]:
            return slack_drawing(draw_blocks(message)), teams_drawing(draw_card(message, names))

        talk = Talk(desk, draw, clock)
        self._pages = Pages(talk, Sessions())

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
        app.router.add_get("/static/{name}", guarded(static))
