"""The pages on which announcements are written, tried, sent, followed, corrected and recalled, in pretence."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import quote

from aiohttp import web

from bot.announcements import acts, notices, reports
from bot.announcements import plans as announcing
from bot.announcements.acts import ACTS, Acting, Seen
from bot.announcements.copies import By
from bot.announcements.platform import Platforms
from bot.content.models import Announcement
from bot.content.topics import Content, Ref
from bot.errors import AnnouncingError
from bot.platforms.preview import forms, writing
from bot.platforms.preview.guard import Refusal
from bot.platforms.preview.newsroom import Newsroom, Speed, next_due, open_newsroom, pretended
from bot.platforms.preview.pages import NOT_KEPT, keyed, known, session_of, to
from bot.platforms.preview.pretending import PLACES, YOU, address
from bot.platforms.preview.progress import lines, progress
from bot.platforms.preview.rendering import render
from bot.platforms.preview.sessions import Session, Sessions
from bot.platforms.preview.talk import Talk

HOME = "/announcements"

MOST_FIELDS = 80
"""Fields that a form has at most: an announcement in every language, or all the places."""

STEPS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
"""How far the clock is moved at once."""

ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Paris",
    "Europe/Warsaw",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
)
"""Time zones that are suggested; any other can be written."""

ADDING = ("trial", "duplicate")
"""The acts that make one more announcement, of which a newsroom holds so many."""

MOVE_THE_CLOCK = "Move the clock to see it go out."
HAVE_IT = "All of these places have it, have it coming, or had it cancelled. Tick “another copy” to send it once more."


@dataclass
class Visit:
    """A request while it is served: whose it is, and when; a newsroom is there once something was done in it."""

    session: Session
    newsroom: Newsroom | None
    content: Content
    now: datetime
    key: str = ""


class Announcements:
    """The pages and forms of announcements; each form leads back to a page, or says what was wrong with it."""

    def __init__(self, talk: Talk, sessions: Sessions, speed: Speed) -> None:
        """Copies go into the conversations of `sessions`, as fast as `speed` says."""
        self._talk, self._sessions, self._speed = talk, sessions, speed

    # -- the pages

    async def overview(self, request: web.Request) -> web.Response:
        """What can be announced, and what was."""
        async with self._looking(request) as visit:
            made = await visit.newsroom.announcers.announcements() if visit.newsroom else ()
            files = sorted(visit.content.announcements.items())
            told = lines(made, visit.now, _by(visit).who)
            return await self._page(visit, "announcements.html", files=files, made=told)

    async def form(self, request: web.Request) -> web.Response:
        """The form in which an announcement is written, with the words of one to begin with."""
        async with self._looking(request) as visit:
            name = request.query.get("name", "")
            ref = _ref(visit.content, name) if name else (visit.content.topics[0].id, "")
            fields = writing.fields_of(visit.content, ref, visit.content.announcements.get(ref))
            return await self._form(visit, writing.checked(visit.content, fields), tell=False)

    async def file(self, request: web.Request) -> web.Response:
        """An announcement as the file that belongs into the content."""
        async with self._looking(request) as visit:
            ref = _ref(visit.content, request.query.get("name", ""))
            text = writing.file_of(visit.content.announcements[ref])
            return _download(text, "application/yaml", writing.file_name(ref))

    async def places(self, request: web.Request) -> web.Response:
        """The form in which it is said where an announcement is to go."""
        async with self._looking(request) as visit:
            return await self._places(visit, _ref(visit.content, request.query.get("name", "")))

    async def report(self, request: web.Request) -> web.Response:
        """How far an announcement is, place by place, and what can be done with it."""
        async with self._looking(request) as visit:
            return await self._report(visit, request.query.get("name", ""))

    async def table(self, request: web.Request) -> web.Response:
        """The report as a table for spreadsheets."""
        async with self._looking(request) as visit:
            name, origin = request.query.get("name", ""), f"http://{request.host}"
            copies = await visit.newsroom.announcers.copies(name, _by(visit).who) if visit.newsroom else ()
            if not copies:
                raise Refusal("gone")
            text = reports.as_csv(
                self._platforms, copies, lambda _, copy: f"{origin}{address(copy)}" if address(copy) else ""
            )
            return _download(text, "text/csv", "report.csv")

    # -- the forms

    async def write(self, request: web.Request) -> web.Response:
        """Shows what somebody wrote as others will see it, or keeps it if nothing is wrong with it."""
        given = dict(await forms.read_all(request, MOST_FIELDS))
        if forms.choice(given, "do", ("show", "keep")) == "show":
            async with self._looking(request) as visit:
                return await self._form(visit, _written(visit.content, given))
        async with self._acting(request) as (visit, newsroom):
            draft = _written(visit.content, given)
            if draft.problems or not draft.announcement:
                return await self._form(visit, draft, status=422)
            try:
                newsroom.keep(draft.ref, draft.announcement)
            except AnnouncingError as error:
                return await self._form(visit, draft, error.problems, status=422)
            newsroom.said = (
                f"{'/'.join(draft.ref)} is kept while the preview runs. Download its file to keep it for good."
            )
            return to(places_of("/".join(draft.ref)), visit.key)

    async def draft(self, request: web.Request) -> web.Response:
        """Drafts an announcement for some places, each of which is checked then."""
        given = await forms.read_all(request, MOST_FIELDS)
        fields, places = dict(given), tuple(value for name, value in given if name == "to")
        async with self._acting(request) as (visit, newsroom):
            ref, everyone = _ref(visit.content, fields.get("name", "")), "everyone" in fields
            try:
                await newsroom.check_room()
                plan = announcing.plan(
                    visit.content, self._platforms, "/".join(ref), places, "en", "", "UTC", visit.now, everyone=everyone
                )
                by, again = _by(visit), "again" in fields
                before = await newsroom.announcers.draft(plan.name, by.who)
                made = await newsroom.announcers.announce(plan, by, again=again, draft=True)
                if not made:
                    raise AnnouncingError([HAVE_IT])
            except AnnouncingError as error:
                return await self._places(visit, ref, places, fields, error.problems)
            have = len(plan.targets) - made
            newsroom.said = f"A draft was made for {reports.places(made)}, to be checked one by one."
            newsroom.said += f" {visit.content.phrases.joined_draft}" if before else ""
            newsroom.said += f" {acts.left_out(visit.content.phrases, have)}" if have else ""
            return to(report_of(plan.name), visit.key)

    async def act(self, request: web.Request) -> web.Response:
        """Does something with an announcement."""
        fields = await forms.read(request)
        act, name = forms.choice(fields, "do", ACTS), fields.get("name", "")
        async with self._acting(request) as (visit, newsroom):
            try:
                name = await newsroom.announcers.find(name)
                if act in ADDING:
                    await newsroom.check_room()
                done = await acts.carry_out(act, _acting(newsroom, act, name, fields, _by(visit)))
                if not done.result.found:
                    raise AnnouncingError([done.said])
                newsroom.said = f"{done.said} {MOVE_THE_CLOCK}" if act == "schedule" else done.said
            except AnnouncingError as error:
                return await self._report(visit, name, fields, error.problems)
            shown = await newsroom.announcers.newest(name, _by(visit).who)
            return to(report_of(name) if shown else HOME, visit.key)

    async def clock(self, request: web.Request) -> web.Response:
        """Moves the session's clock forward."""
        fields = await forms.read(request)
        step, name = forms.choice(fields, "step", (*STEPS, "next")), fields.get("name", "")
        async with self._acting(request) as (visit, newsroom):
            due = next_due(await newsroom.announcers.announcements(), visit.now)
            forward = STEPS[step] if step in STEPS else due - visit.now if due else timedelta()
            if (visit.now + forward).date() > forms.LAST_DAY:
                raise Refusal("form")
            visit.session.ahead += forward
            newsroom.said = f"It is {reports.shown(visit.now + forward, 'UTC')} (UTC) now."
            return to(report_of(name) if name else HOME, visit.key)

    # -- what the pages show

    async def _form(
        self,
        visit: Visit,
        draft: writing.Draft,
        more: Sequence[str] = (),
        *,
        tell: bool = True,
        status: int = 200,
    ) -> web.Response:
        """The form with what was written; `tell` says whether what is wrong with it is told."""
        shown = self._shown(visit, draft.ref[0], draft.announcement) if draft.can_be_shown else ()
        return await self._page(
            visit,
            "write.html",
            status,
            draft=draft if tell else replace(draft, problems=()),
            more=more,
            shown=shown,
            limits=writing.LIMITS,
            languages=writing.languages(visit.content),
            topics=[(topic.id, topic.words.title) for topic in visit.content.topics],
            path=writing.path_of(draft.ref),
        )

    async def _places(
        self,
        visit: Visit,
        ref: Ref,
        chosen: Sequence[str] = (),
        fields: Mapping[str, str] | None = None,
        problems: Sequence[str] = (),
    ) -> web.Response:
        homes: dict[str, list[tuple[str, Any]]] = {}
        for key, place in PLACES.items():
            homes.setdefault(place.home, []).append((key, place))
        return await self._page(
            visit,
            "places.html",
            422 if problems else 200,
            name="/".join(ref),
            homes=homes,
            chosen=chosen,
            fields=fields or {},
            problems=problems,
            shown=self._shown(visit, ref[0], visit.content.announcements[ref]),
        )

    async def _report(
        self, visit: Visit, name: str, fields: Mapping[str, str] | None = None, problems: Sequence[str] = ()
    ) -> web.Response:
        who = _by(visit).who
        newest = await visit.newsroom.announcers.newest(name, who) if visit.newsroom else None
        if not newest or not visit.newsroom:
            raise Refusal("gone")
        names = ["/".join(ref) for ref in sorted(visit.content.announcements)]
        copies = await visit.newsroom.announcers.copies(name, who)
        draft = await visit.newsroom.announcers.draft(name, who)
        drafts = await visit.newsroom.announcers.others_drafts(name, who)
        tomorrow = (visit.now + timedelta(days=1)).date().isoformat()
        return await self._page(
            visit,
            "report.html",
            422 if problems else 200,
            name=name,
            progress=progress(self._platforms, copies, newest.zone, visit.now),
            can=acts.fitting(Seen(draft, copies, name in names)),
            acts=ACTS,
            words=visit.content.phrases.acts,
            drafts=[reports.others_draft(draft, counts, draft.by) for draft, counts in drafts],
            due=reports.shown(newest.due_at, newest.zone) if newest.due_at > visit.now else "",
            others=[other for other in names if other != name],
            has_file=name in names,
            zones=ZONES,
            fields={"date": tomorrow, "time": "09:00", "zone": newest.zone, **(fields or {})},
            problems=problems,
        )

    def _shown(self, visit: Visit, topic_id: str, announcement: Announcement | None) -> list[tuple[str, Any, Any]]:
        """An announcement as others will see it: each language, its message and what the platforms are sent."""
        topic = visit.content.topic(topic_id)
        if not topic or not announcement:
            return []
        kept = announcing.as_sent(announcement, topic_id)
        said = [(name, code) for code, name, _ in writing.languages(visit.content) if code in announcement.words]
        messages = [(name, notices.announced(visit.content, topic, kept, code)) for name, code in said]
        return [(name, message, self._talk.drawings(visit.session, message)) for name, message in messages]

    async def _page(self, visit: Visit, template: str, status: int = 200, **values: Any) -> web.Response:
        newsroom, said = visit.newsroom, ""
        if newsroom:
            said, newsroom.said = newsroom.said, ""
        made = await newsroom.announcers.announcements() if newsroom else ()
        due = next_due(made, visit.now)
        clock = {"now": visit.now, "next": reports.shown(due, "UTC"), "ahead": bool(visit.session.ahead)}
        page = render(template, said=said, clock=clock, person=visit.session.person, **values)
        response = web.Response(text=page, status=status, content_type="text/html", headers=NOT_KEPT)
        return keyed(response, visit.key)

    # -- who is there

    @property
    def _platforms(self) -> Platforms:
        return self._talk.desk.announcers.platforms

    @cached_property
    def _content(self) -> Content:
        return pretended(self._talk.desk.content)

    @asynccontextmanager
    async def _looking(self, request: web.Request) -> AsyncIterator[Visit]:
        """Somebody who looks at a page; nothing is kept of somebody new."""
        session = known(request, self._sessions) or self._talk.open()
        async with session.lock:
            newsroom = session.newsroom
            content = newsroom.content if newsroom else self._content
            yield Visit(session, newsroom, content, self._talk.now(session))

    @asynccontextmanager
    async def _acting(self, request: web.Request) -> AsyncIterator[tuple[Visit, Newsroom]]:
        """Somebody who does something, in a newsroom of their own."""
        session, key = session_of(request, self._sessions, self._talk)
        async with session.lock:
            if session.gone:
                raise Refusal("gone")
            newsroom = session.newsroom or await self._open(session)
            session.newsroom = newsroom
            yield Visit(session, newsroom, newsroom.content, self._talk.now(session), key), newsroom

    async def _open(self, session: Session) -> Newsroom:
        talk = self._talk
        return await open_newsroom(
            self._content,
            self._platforms,
            session,
            lambda message: talk.drawings(session, message),
            lambda: talk.now(session),
            self._speed,
        )


def report_of(name: str) -> str:
    """The address of an announcement's report."""
    return f"{HOME}/report?name={quote(name, safe='/')}"


def places_of(name: str) -> str:
    """The address at which it is said where an announcement is to go."""
    return f"{HOME}/places?name={quote(name, safe='/')}"


def _written(content: Content, given: Mapping[str, str]) -> writing.Draft:
    """What somebody wrote into the form."""
    return writing.checked(content, {name: forms.text(dict(given), name) for name in writing.names(content)})


def _by(visit: Visit) -> By:
    return By(f"preview {visit.session.person.id}", visit.now)


def _acting(newsroom: Newsroom, act: str, name: str, fields: Mapping[str, str], by: By) -> Acting:
    """What somebody asked for by a button, with the fields beside it."""
    at = f"{fields.get('date', '')} {fields.get('time', '')}" if act == "schedule" else None
    zone = fields.get("zone", "").strip()
    return Acting(newsroom.announcers, name, by, at=at, zone=zone, me=YOU, other=fields.get("with", ""))


def _ref(content: Content, name: str) -> Ref:
    """The announcement of that name."""
    topic, _, own = name.partition("/")
    if (topic, own) not in content.announcements:
        raise Refusal("gone")
    return topic, own


def _download(text: str, kind: str, name: str) -> web.Response:
    headers = {**NOT_KEPT, "Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(text=text, content_type=kind, charset="utf-8", headers=headers)
