"""The running bot: the one place that knows every concrete part and puts them together."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from aiohttp import web

from bot.announcements import notices
from bot.announcements.copies import Delivery
from bot.announcements.dispatcher import Courier, Dispatcher
from bot.announcements.lanes import Lanes
from bot.answering.deciding import Knowledge
from bot.answering.preparing import prepared
from bot.content.loading import due
from bot.content.topics import Content
from bot.desk.desk import Desk
from bot.errors import SettingsError
from bot.messages import Message
from bot.platforms import server
from bot.platforms.known import PLATFORMS
from bot.platforms.work import Work
from bot.settings import Settings, ignore_netrc
from bot.storage.database import IN_MEMORY, file_of
from bot.storage.ledger import Ledger, open_ledger
from bot.wording import pages

log = logging.getLogger(__name__)

STOPPING = 9.5
"""Seconds after which the process ends whatever it is doing, once it is told to stop."""

OTHER_PORTS = 10
"""Ports that the preview tries after the one it was given, when that one is taken by a running bot."""

OFF = {
    "slack": "Slack: off, no SLACK_BOT_TOKEN. docs/slack.md lists the steps.",
    "teams": "Teams: off, no MICROSOFT_APP_ID. docs/teams.md lists the steps.",
}
"""The platforms, and what is said of one that is not set up."""

Say = Callable[[str], None]


class Edge(Protocol):
    """A platform, as far as running it goes."""

    @property
    def state(self) -> str:
        """`ok`, or why people there are not answered."""

    def add_routes(self, application: web.Application) -> None:
        """Opens the door for the platform's requests."""

    def start(self) -> None:
        """Begins to listen, and waits for nobody."""

    async def lines(self) -> tuple[str, ...]:
        """What the operator should know, as soon as the platform has answered or has let a little time pass."""

    def courier(self, say: Callable[[Delivery], Message]) -> Courier:
        """What brings announcements to the platform, in the words that `say` gives, while the edge is started."""

    async def stop(self) -> None:
        """Finishes what was begun."""


def run(settings: Settings, *, preview: bool, say: Say) -> None:
    """Serves the platforms, or the preview, until the process is told to stop.

    Raises ContentError or SettingsError before anything is opened.
    """
    if not preview and not settings.slack and not settings.teams and not settings.loopback:
        raise SettingsError(
            [
                f"HOST is {settings.host}, but no platform is set up, so there is nothing to serve to others. "
                "Set SLACK_BOT_TOKEN with SLACK_APP_TOKEN or SLACK_SIGNING_SECRET, or MICROSOFT_APP_ID with what "
                "belongs to it, or leave HOST out."
            ]
        )
    if settings.teams and not settings.teams.auth and not settings.loopback:
        raise SettingsError(
            [
                f"OPTOUT_TEAMS_AUTH is off, so anybody who reaches HOST {settings.host} could pretend to be Teams. "
                "Leave HOST out (127.0.0.1), or unset OPTOUT_TEAMS_AUTH."
            ]
        )
    if preview and not settings.loopback:
        raise SettingsError([f"HOST is {settings.host}, but the preview is for this machine only. Leave HOST out."])
    knowledge = prepared(settings, say)
    knowledge.readers[0].make_ready()
    ignore_netrc()
    gc.collect()
    gc.freeze()  # the content never goes, and walking through it at each collection would hold up every answer
    gc.enable()
    asyncio.run(_preview(settings, knowledge, say) if preview else _serve(settings, knowledge, say))


async def _learn_other_languages(desk: Desk) -> None:
    """Makes the other languages ready behind the start; who asks in one meanwhile has it learnt next."""
    for reader in desk.knowledge.readers:
        await desk.make_ready(reader)
    gc.freeze()
    log.debug("languages.ready languages=%s", ",".join(reader.code for reader in desk.knowledge.readers))


@asynccontextmanager
async def open_desk(
    knowledge: Knowledge, database_url: str, announcers: frozenset[str] = frozenset()
) -> AsyncIterator[tuple[Desk, Ledger]]:
    """A desk over the ledger at a database address, with the ids of the people who may announce."""
    async with open_ledger(database_url) as ledger:
        yield Desk(knowledge, ledger, announcers, PLATFORMS), ledger


async def _serve(settings: Settings, knowledge: Knowledge, say: Say) -> None:
    stop, delivering, dispatcher = _stop_event(), Work(), None
    opened = open_desk(knowledge, settings.database_url, settings.announcers)
    async with _alone(settings.database_url), opened as (desk, ledger):
        app = server.application()
        edges = _edges(settings, desk, ledger)
        _add_health(app, ledger, edges)
        _add_pages(app, knowledge.content)
        for edge in edges.values():
            edge.add_routes(app)
        runner = server.runner(app)
        port = await server.listen(runner, settings.host, settings.port)
        try:
            for edge in edges.values():
                edge.start()
            words = partial(notices.copy, knowledge.content)
            couriers = {name: edge.courier(words) for name, edge in edges.items()}
            limits = {name: platform.limits for name, platform in PLATFORMS.items()}
            dispatcher = Dispatcher(Lanes(ledger.database), couriers, _clock, limits)
            delivering.begin(dispatcher.run())
            for line in _content_lines(knowledge):
                say(line)
            say(f"Listening on http://{_shown(settings.host)}:{port} (/healthz, /readyz)")
            for line in await _platform_lines(edges):
                say(line)
            delivering.begin(_learn_other_languages(desk))
            await stop.wait()
        finally:
            log.info("bot.stopping")
            if dispatcher:
                await dispatcher.stop()
            await delivering.finish(0)
            await asyncio.gather(*(edge.stop() for edge in edges.values()))
            await runner.cleanup()


@asynccontextmanager
async def _alone(database_url: str) -> AsyncIterator[None]:
    """Keeps every other process from serving over the same SQLite file: two would announce everything twice."""
    from filelock import FileLock, Timeout

    file = file_of(database_url)
    if file is None or not file.parent.is_dir():  # a folder that is missing is said by whoever opens the file
        yield
        return
    lock = FileLock(f"{file}.lock", blocking=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise SettingsError(
            [f"Another process serves over {file} already. Stop it first, or give this one a DATABASE_URL of its own."]
        ) from error
    except OSError as error:
        raise SettingsError(
            [f"DATABASE_URL cannot be used: {lock.lock_file} cannot be made ({error.strerror})."]
        ) from error
    try:
        yield
    finally:
        lock.release()


async def _preview(settings: Settings, knowledge: Knowledge, say: Say) -> None:
    from bot.platforms.preview import Preview
    from bot.platforms.slack.blocks import draw as draw_blocks
    from bot.platforms.teams.cards import draw as draw_card

    stop = _stop_event()
    learning = Work()
    async with open_desk(knowledge, IN_MEMORY) as (desk, _):
        app = server.application()
        Preview(desk, draw_blocks, draw_card, _clock).add_routes(app)
        runner = server.runner(app)
        tries = range(settings.port, settings.port + OTHER_PORTS) if settings.port else (0,)
        port = await server.listen(runner, settings.host, *tries)
        try:
            for line in _content_lines(knowledge):
                say(line)
            say(f"The preview is on http://{_shown(settings.host)}:{port}")
            say("It is for this machine only, and nothing is sent anywhere.")
            say("Ctrl-C ends it. docs/slack.md and docs/teams.md tell how to put the bot into Slack or Teams.")
            learning.begin(_learn_other_languages(desk))
            await stop.wait()
        finally:
            await learning.finish(0)
            await runner.cleanup()


def _edges(settings: Settings, desk: Desk, ledger: Ledger) -> dict[str, Edge]:
    """The platforms that are set up; each is imported only then, which for Teams takes a second."""
    tls = trusted(settings)
    edges: dict[str, Edge] = {}
    if settings.slack:
        from bot.platforms.slack.edge import SlackEdge

        edges["slack"] = SlackEdge(settings.slack, desk, _clock, tls=tls)
    if settings.teams:
        from bot.platforms.teams.edge import TeamsEdge

        edges["teams"] = TeamsEdge(settings.teams, desk, ledger, _clock, tls=tls)
    return edges


def _add_health(app: web.Application, ledger: Ledger, edges: dict[str, Edge]) -> None:
    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_: web.Request) -> web.Response:
        database = await ledger.database.answers()
        state = {
            "content": "ok",
            "database": "ok" if database else "does not answer",
            **{name: edges[name].state if name in edges else "off" for name in OFF},
        }
        ready = all(value in ("ok", "off") for value in state.values())
        return web.json_response(state, status=200 if ready else 503)

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)


def _add_pages(app: web.Application, content: Content) -> None:
    """Adds what stands on `pages`, made once: the content does not change while the bot runs."""
    made = pages.pages(content)

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=made[request.path], content_type="text/html", headers=pages.HEADERS)

    for path in made:
        app.router.add_get(path, page)


def trusted(settings: Settings) -> ssl.SSLContext:
    """TLS that trusts the certificates of the system, or those that the settings name instead."""
    bundle = settings.ca_bundle
    try:
        if bundle is None:
            return ssl.create_default_context()
        folder = bundle.is_dir()
        return ssl.create_default_context(cafile=None if folder else bundle, capath=bundle if folder else None)
    except ssl.SSLError as error:
        raise SettingsError([f"{bundle} holds no certificates that can be read (REQUESTS_CA_BUNDLE)."]) from error


def _content_lines(knowledge: Knowledge) -> tuple[str, ...]:
    content = knowledge.content
    topics = ", ".join(topic.words.title for topic in content.topics)
    return (f"Content: {topics} (version {content.version})", *due(content, _clock().date()))


async def _platform_lines(edges: Mapping[str, Edge]) -> tuple[str, ...]:
    """What each platform says of its start, in the same order whichever answers first."""
    said = dict(zip(edges, await asyncio.gather(*(edge.lines() for edge in edges.values())), strict=True))
    return tuple(line for name, off in OFF.items() for line in said.get(name, (off,)))


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _stop_event() -> asyncio.Event:
    """An event that is set once the process is told to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def told() -> None:
        stop.set()
        last = threading.Timer(STOPPING, os._exit, (1,))  # for what holds a thread, such as a database that is locked
        last.daemon = True
        last.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, told)
        except NotImplementedError:  # Windows has no signal handlers in its loop
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(told))
    return stop


def _clock() -> datetime:
    return datetime.now(UTC)
