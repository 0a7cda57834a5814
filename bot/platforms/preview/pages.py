"""The page, its forms and its files."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

from bot.platforms.preview import forms
from bot.platforms.preview.guard import Refusal
from bot.platforms.preview.pretending import PLACES
from bot.platforms.preview.rendering import render
from bot.platforms.preview.sessions import Line, PlaceKey, Reply, Session, Sessions
from bot.platforms.preview.talk import Talk

COOKIE = "optout_preview"
FILES = {
    "preview.css": "text/css",
    "preview.js": "text/javascript",
    "announcements.css": "text/css",
    "announcements.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
NOT_KEPT = {"Cache-Control": "no-store"}
FOLDER = Path(__file__).parent / "static"


class Pages:
    """Shows a conversation, and carries on with it: each form leads back to the page."""

    def __init__(self, talk: Talk, sessions: Sessions) -> None:
        """Shows what `talk` says to each of the `sessions`."""
        self._talk = talk
        self._sessions = sessions

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The page for one place; somebody new is kept only once they do something."""
        where = forms.where(request.query.get("place", "direct"))
        session = self._known(request) or self._talk.open()
        place, now = PLACES[where], self._talk.now(session)
        own = where in ("direct", "channel")
        page = render(
            "page.html",
            where=where,
            own=own,
            place=place,
            lines=session.lines[where],
            thread=thread_of(session, where, request.query.get("thread", "")),
            person=session.person,
            look=session.look if own else place.platform,
            day=now.date() if session.ahead else None,
            today=now.date(),
            prompts=self._talk.desk.prompts(),
            first_day=forms.FIRST_DAY,
            last_day=forms.LAST_DAY,
        )
        return web.Response(text=page, content_type="text/html", headers=NOT_KEPT)

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Says something to the bot."""
        fields = await forms.read(request)
        where, text, thread = forms.where(fields.get("place", "")), forms.text(fields), fields.get("thread", "")
        session, key = self._session(request)
        if thread and not thread_of(session, where, thread):
            raise Refusal("gone")
        async with session.lock:
            ref = await self._talk.say(session, where, text, thread)
        return back(where, key, ref, thread)

    async def press(self, request: web.Request) -> web.StreamResponse:
        """Presses a button of a reply."""
        fields = await forms.read(request)
        where, value, action = forms.where(fields.get("place", "")), forms.value(fields), fields.get("action", "")
        session, key = self._session(request)
        reply = session.find(where, fields.get("post", ""))
        if not isinstance(reply, Reply):
            raise Refusal("gone")
        async with session.lock:
            ref = await self._talk.press(session, where, reply, action, value)
        return back(where, key, ref)

    async def region(self, request: web.Request) -> web.StreamResponse:
        """Tells the bot the person's region, in the bot's own words for it."""
        fields = await forms.read(request)
        where, region = forms.where(fields.get("place", "")), forms.text(fields, "region").strip()
        session, key = self._session(request)
        command = f"region {region}".strip()
        async with session.lock:
            ref = await self._talk.say(session, where, command if where == "direct" else f"/optout {command}")
        return back(where, key, ref)

    async def date(self, request: web.Request) -> web.StreamResponse:
        """Moves the person to another day, or back to today."""
        fields = await forms.read(request)
        where, day = forms.where(fields.get("place", "")), forms.day(fields)
        session, key = self._session(request)
        self._talk.live_on(session, day)
        return back(where, key)

    async def look(self, request: web.Request) -> web.StreamResponse:
        """Shows the replies as another platform does."""
        fields = await forms.read(request)
        where, platform = forms.where(fields.get("place", "")), forms.look(fields)
        session, key = self._session(request)
        session.look = platform
        return back(where, key)

    async def reset(self, request: web.Request) -> web.StreamResponse:
        """Starts over."""
        fields = await forms.read(request)
        where = forms.where(fields.get("place", ""))
        session, key = self._session(request)
        async with session.lock:
            self._talk.restart(session)
            await session.close_newsroom()
        return back(where, key)

    def _known(self, request: web.Request) -> Session | None:
        return known(request, self._sessions)

    def _session(self, request: web.Request) -> tuple[Session, str]:
        return session_of(request, self._sessions, self._talk)


def known(request: web.Request, sessions: Sessions) -> Session | None:
    """The session of a request."""
    return sessions.get(request.cookies.get(COOKIE, ""))


def session_of(request: web.Request, sessions: Sessions, talk: Talk) -> tuple[Session, str]:
    """The session of a request, and the key of a new one."""
    found = known(request, sessions)
    if found:
        return found, ""
    session = talk.open()
    return session, sessions.keep(session)


def thread_of(session: Session, where: PlaceKey, ref: str) -> Line | None:
    """The line whose thread is meant."""
    line = session.find(where, ref)
    return line if line and line.starts_thread else None


def back(where: PlaceKey, key: str, ref: str = "", thread: str = "") -> web.Response:
    """Sends the browser back to the page, at a line of it."""
    query = urlencode({"place": where} | ({"thread": thread} if thread else {}))
    return to(f"/?{query}" + (f"#{ref}" if ref else ""), key)


def to(path: str, key: str) -> web.Response:
    """Sends the browser to another page, with the key of a new session."""
    return keyed(web.Response(status=303, headers={"Location": path}), key)


def keyed(response: web.Response, key: str) -> web.Response:
    """The response with the key of a new session, if it is one."""
    if key:
        response.set_cookie(COOKIE, key, httponly=True, samesite="Strict", path="/")
    return response


async def static(request: web.Request) -> web.StreamResponse:
    """One of the page's own files."""
    kind = FILES.get(request.match_info["name"])
    if kind is None:
        return web.Response(status=404)
    headers = {"Content-Type": kind, "Cache-Control": "no-cache"}
    return web.FileResponse(FOLDER / request.match_info["name"], headers=headers)
