"""The bot of today over what an earlier version left behind, with both platforms as they were then.

`tests/left_behind` holds it; its README says of which version it is and how it came about.
"""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import bot
from bot.announcements import notices
from bot.announcements.dispatcher import Dispatcher
from bot.announcements.lanes import Lanes
from bot.announcements.pacing import Limits
from bot.answering.deciding import Knowledge
from bot.app import open_desk
from bot.desk.desk import Desk
from bot.platforms.slack.edge import SlackEdge
from bot.platforms.teams.edge import TeamsEdge
from bot.settings import SlackSettings
from bot.storage.database import async_url, file_of
from bot.storage.ledger import Ledger
from bot.storage.tables import deliveries
from tests.conftest import NOON
from tests.fakes.block_kit import shown
from tests.fakes.connector import FakeConnector
from tests.fakes.delivering import TICK
from tests.fakes.drawn import objects
from tests.fakes.scripted_bot import served
from tests.fakes.service import Reply
from tests.fakes.slack import Channel, FakeSlack
from tests.fakes.slack_deliveries import BOT
from tests.fakes.slack_deliveries import sample as slack_sample
from tests.fakes.teams_bot import SETTINGS
from tests.fakes.teams_deliveries import sample as teams_sample

LEFT = Path(__file__).parents[1] / "left_behind"
VERSION = "0004"
"""The migration up to which the ledger was brought then."""

SERVICE = "https://smba.trafficmanager.net/emea/"
"""Where the ledger says that Teams is."""

DUE = datetime(2026, 11, 24, 8, tzinfo=UTC)
"""When what was scheduled is to be sent."""

SCOPES = {"channels:history", "channels:read", "im:write", "users:read"}
"""The optional ones that the app in Slack was given."""

FAST = {name: Limits(1e6, 1e6, 1e6) for name in ("slack", "teams")}


def presses(platform: str) -> dict[str, dict[str, Any]]:
    """What a platform sends when somebody presses what was posted then, by what it does and where it stands."""
    found: dict[str, dict[str, Any]] = json.loads((LEFT / f"{platform}.json").read_text(encoding="utf-8"))
    return found


@contextmanager
def ledger_of_then() -> Iterator[sqlite3.Connection]:
    """The ledger as it was left, in memory."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript((LEFT / "ledger.sql").read_text(encoding="utf-8"))
        yield database


def leave(url: str) -> None:
    """Puts the ledger as it was left into an empty database."""
    with ledger_of_then() as then:
        if file := file_of(url):
            with closing(sqlite3.connect(file)) as database:
                then.backup(database)
        else:
            _copy(sa.create_engine("sqlite://", creator=lambda: then), sa.create_engine(async_url(url)))


def _copy(old: sa.Engine, new: sa.Engine) -> None:
    """Makes the tables of then in another database, and puts the rows into them."""
    config, then, now = Config(), sa.MetaData(), sa.MetaData()
    config.set_main_option("script_location", str(Path(bot.__file__).parent / "storage" / "migrations"))
    with old.connect() as source, new.begin() as target:
        target.execute(sa.text("SET TIME ZONE 'UTC'"))
        config.attributes["connection"] = target
        command.upgrade(config, VERSION)
        then.reflect(source)
        now.reflect(target)
        for table in now.sorted_tables:
            rows = [dict(row._mapping) for row in source.execute(sa.select(then.tables[table.name]))]
            if table.name != "alembic_version":
                target.execute(sa.insert(table), rows)
        for numbered in ("receipts", "audit"):
            last = sa.select(sa.func.max(now.tables[numbered].c.id)).scalar_subquery()
            target.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(numbered, "id"), last)))
    new.dispose()


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        """What it shows."""
        return self.now


@dataclass(frozen=True)
class Said:
    """Something that the bot says: where, whether others can read it, and all of its text."""

    where: str
    public: bool
    text: str


@dataclass(frozen=True)
class Pressed:
    """What came of a press: what the bot says now that it did not say before, and what it does not say any more."""

    reply: Reply
    said: tuple[Said, ...]
    gone: tuple[Said, ...]

    @property
    def text(self) -> str:
        """All that it says now."""
        return "\n".join(said.text for said in self.said)

    @property
    def public(self) -> bool:
        """Whether others see any of it."""
        return any(said.public for said in self.said)


@dataclass
class Office:
    """The running bot and everything around it."""

    slack: FakeSlack
    teams: FakeConnector
    desk: Desk
    ledger: Ledger
    clock: Clock
    edges: tuple[SlackEdge, TeamsEdge]

    def said(self) -> dict[str, Said]:
        """Everything that can be seen of what the bot said, by the platform's name for it."""
        return {**dict(_seen_in_slack(self.slack)), **dict(_seen_in_teams(self.teams))}

    async def quiet(self) -> None:
        """Waits until everybody is answered."""
        for edge in self.edges:
            await edge._exchange.work.finish(5)

    async def copies(self, name: str) -> dict[str, str]:
        """The task of each copy of an announcement and how far it is, by its place."""
        return {row.place: f"{row.task} {row.state}" for row in await self._rows(name)}

    async def delivered(self, name: str) -> dict[str, str]:
        """The same once none of them can be brought on now."""
        async with asyncio.timeout(60):
            while any(self._moves(row) for row in await self._rows(name)):
                await asyncio.sleep(0.01)
        return await self.copies(name)

    async def resumed(self, name: str) -> dict[str, str]:
        """The same once it is found out, too, what became of those that were on their way."""
        for minutes in (1, 5):
            self.clock.now = NOON + timedelta(minutes=minutes)
            await self.delivered(name)
        return await self.copies(name)

    async def _rows(self, name: str) -> Sequence[Any]:
        columns = (deliveries.c.place, deliveries.c.task, deliveries.c.state, deliveries.c.not_before)
        async with self.ledger.database.engine.connect() as connection:
            return (await connection.execute(sa.select(*columns).where(deliveries.c.name == name))).all()

    def _moves(self, row: Any) -> bool:
        due = row.not_before is not None and row.not_before <= self.clock.now
        return row.state == "sending" or (row.state in ("pending", "unknown") and due)

    # -- what people press

    async def press(self, platform: str, recorded: dict[str, Any]) -> Pressed:
        """Delivers a press as it was recorded, of something that is there, and waits until it is answered."""
        deliver = (self._in_slack if platform == "slack" else self._in_teams)(recorded)
        before = self.said()
        reply = await deliver()
        await self.quiet()
        now = self.said()
        said = tuple(one for name, one in now.items() if before.get(name) != one)
        gone = tuple(one for name, one in before.items() if name not in now)
        return Pressed(reply, (*said, *self._told_at_once(reply)), gone)

    def _told_at_once(self, reply: Reply) -> tuple[Said, ...]:
        """What Teams shows of the answer to a press itself, but for the word that it arrived."""
        told = json.loads(reply.body or "{}").get("value", "")
        return (Said("beside the button", False, told),) if told not in ("", self.desk.phrases().received) else ()

    def _in_slack(self, recorded: dict[str, Any]) -> Callable[[], Awaitable[Reply]]:
        slack, user = self.slack, recorded["user"]["id"]
        body = {**slack_sample(recorded["type"]), **recorded, "trigger_id": slack._trigger(user)}
        if "view" in recorded:
            view = recorded["view"]
            slack.views[view["id"]] = {**view, "user": user, "blocks": []}
            slack.entered[view["id"]] = view["state"]["values"]
            return lambda: self._in_window({key: body[key] for key in body if key not in ("response_url", "channel")})
        pressed_on = _pressed_on(slack, recorded["container"])
        body["response_url"] = slack.hook(pressed_on["channel"], user, pressed_on)
        return lambda: slack._interact(body)

    async def _in_window(self, body: dict[str, Any]) -> Reply:
        slack, view = self.slack, body["view"]
        async with slack.changing:  # what a submission is answered with is shown before any change of it
            reply = await slack._interact(body)
            answer = json.loads(reply.body or "{}")
            if answer.get("response_action") == "update":
                slack.put_up(view["id"], answer["view"], body["user"]["id"])
        return reply

    def _in_teams(self, recorded: dict[str, Any]) -> Callable[[], Awaitable[Reply]]:
        sample = teams_sample("press" if recorded["type"] == "invoke" else "submit")
        conversation, pressed_on = recorded["conversation"]["id"], recorded["replyToId"]
        channel, _, root = conversation.partition(";messageid=")
        kept = self.teams.conversations.setdefault(channel if root == pressed_on else conversation, [])
        if pressed_on not in [message["id"] for message in kept]:
            kept.append({"id": pressed_on})
        return lambda: self.teams.deliver({**sample, **recorded})


def _pressed_on(slack: FakeSlack, container: dict[str, Any]) -> dict[str, Any]:
    """The message of the bot on which something is pressed, which is there."""
    channel, ts = slack.channels[container["channel_id"]], container["message_ts"]
    kept = channel.whispers if container["is_ephemeral"] else channel.messages
    for message in kept:
        if message["ts"] == ts:
            return message
    kept.append(_post(container["channel_id"], ts, container.get("thread_ts", "")))
    return kept[-1]


def _post(channel: str, ts: str, thread: str = "") -> dict[str, Any]:
    within = {"thread_ts": thread} if thread else {}
    return {"channel": channel, "ts": ts, "user": BOT, "text": "", "blocks": [], **within}


def _seen_in_slack(slack: FakeSlack) -> Iterator[tuple[str, Said]]:
    for name, channel in slack.channels.items():
        for public, kept in ((not name.startswith("D"), slack.said(name)), (False, channel.whispers)):
            for message in kept:
                said = shown(message.get("blocks", [])) or message.get("text", "")
                yield f"{name} {message['ts']} {public}", Said(name, public, said)
    for view in slack.views.values():
        yield view["id"], Said("a window", False, shown(view["blocks"]))


def _seen_in_teams(teams: FakeConnector) -> Iterator[tuple[str, Said]]:
    for name, messages in teams.conversations.items():
        for message in messages:
            cards = objects(message.get("attachments", []))
            texts = [message.get("text", ""), *(each.get("text", each.get("title", "")) for each in cards)]
            yield f"{name} {message['id']}", Said(name, name.startswith("19:"), "\n".join(texts).replace("\\", ""))


def as_it_was(slack: FakeSlack, teams: FakeConnector) -> None:
    """Makes the two platforms what they were: who is where, and the posts of which the ledger knows."""
    slack._last = int(NOON.timestamp())
    slack.scopes |= SCOPES
    slack.users["U3"] = {"tz": "Europe/Oslo"}
    slack.channels |= {name: Channel({"U1", "U2", BOT}) for name in ("C3", "C4", "C5", "C6")}
    slack.channels |= {"C7": Channel({"U1", "U2", "U3", BOT}), "D3": Channel({"U3", BOT})}
    for name in ("munich@thread.tacv2", "oslo@thread.tacv2", "lost@thread.tacv2", "held@thread.v2"):
        teams.conversations[f"19:{name}"] = []
    for platform, place, thread, ref in posts():
        inner, _, name = ref.rpartition("/")
        if platform == "teams":
            teams.conversations[inner or thread or place].append({"id": name})
        else:
            kept = slack.channels[inner or place].messages
            kept += [{"ts": thread, "user": "U1"}] if thread else []
            kept.append(_post(inner or place, name, thread))


def posts() -> Iterable[tuple[str, str, str, str]]:
    """Every post and copy that the bot had made by then: its platform, place and thread, and its name there."""
    receipts = "SELECT platform, place, thread, ref FROM receipts WHERE ref <> ''"
    copies = "SELECT platform, place, '', ref FROM deliveries WHERE ref <> '' AND task <> 'delete'"
    with ledger_of_then() as then:
        return then.execute(f"{receipts} UNION ALL {copies}").fetchall()


@asynccontextmanager
async def upgraded(url: str, knowledge: Knowledge, *, delivering: bool = False) -> AsyncIterator[Office]:
    """The bot over the ledger at an address, listening to both platforms and perhaps delivering."""
    clock = Clock()

    async def pause(seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.005) if seconds != 0.5 else 0.02)

    opened = open_desk(knowledge, url, frozenset({"U1"}))
    async with FakeSlack() as slack, FakeConnector() as teams, opened as (desk, ledger):
        as_it_was(slack, teams)
        await _move(ledger, teams.service)
        settings = SlackSettings(slack.token, signing_secret=slack.secret, api_url=slack.api_url)
        in_slack = SlackEdge(settings, desk, clock, pause=pause)
        in_teams = TeamsEdge(SETTINGS, desk, ledger, clock, services=teams.services, pause=pause)
        async with served(in_slack, slack, "/slack/events"), served(in_teams, teams, "/api/messages"):
            words = partial(notices.copy, knowledge.content)
            couriers = {"slack": in_slack.courier(words), "teams": in_teams.courier(words)} if delivering else {}
            dispatcher = Dispatcher(Lanes(ledger.database), couriers, clock, FAST, TICK)
            running = asyncio.create_task(dispatcher.run())
            try:
                yield Office(slack, teams, desk, ledger, clock, (in_slack, in_teams))
            finally:
                await dispatcher.stop()
                await running
        assert teams.problems == []


async def _move(ledger: Ledger, service: str) -> None:
    """Teams is on this machine."""
    for address in await ledger.addresses("teams"):
        if address.service == SERVICE:
            await ledger.note_address(replace(address, service=service))
