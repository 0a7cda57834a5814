"""The ledger: what it keeps survives a restart, and it keeps no more than it says, on SQLite and on PostgreSQL."""

import asyncio
import os
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine

import bot
from bot.announcements.copies import By
from bot.announcements.deliveries import Deliveries
from bot.announcements.lanes import RETENTION, Lanes
from bot.errors import SettingsError
from bot.messages import Address, Person, Place, Receipt, Withdraw
from bot.storage import tables
from bot.storage.database import MIGRATIONS, async_url, newest
from bot.storage.ledger import open_ledger
from tests.conftest import NOON
from tests.fakes.postgres import new_database

ANNA = Person("slack", "T1", "U1")
BEN = Person("slack", "T1", "U2")
GENERAL = Place("slack", "T1", "C1", "17.1")
STEPS = ("steps",)


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path: Path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/optout.db"
        return
    server = os.environ.get("OPTOUT_TEST_POSTGRES")
    if not server:
        if os.environ.get("CI"):
            pytest.fail("OPTOUT_TEST_POSTGRES names no PostgreSQL, and on CI this test may not be skipped")
        pytest.skip("OPTOUT_TEST_POSTGRES names no PostgreSQL")
    async with new_database(server) as made:
        yield made


async def test_a_region_is_remembered_until_it_is_changed_or_forgotten(url: str):
    """One person's region survives a restart, changes, goes, and touches nobody else's."""
    async with open_ledger(url) as ledger:
        await ledger.remember_region(ANNA, "elsewhere")
        await ledger.remember_region(ANNA, "europe")
        await ledger.remember_region(BEN, "elsewhere")
    async with open_ledger(url) as ledger:
        assert await ledger.region_of(ANNA) == "europe"
        await ledger.forget(ANNA)
        assert [await ledger.region_of(person) for person in (ANNA, BEN)] == [None, "elsewhere"]


async def test_a_post_is_found_by_place_and_subject_for_as_long_as_asked(url: str):
    """Only the same thing in the same place counts, and only if it is recent."""
    async with open_ledger(url) as ledger:
        await ledger.record(Receipt(GENERAL, "17.2"), STEPS, "v1", NOON)
        since = NOON - timedelta(minutes=10)
        assert await ledger.last_posted(GENERAL, STEPS, since) == NOON
        assert await ledger.last_posted(Place("slack", "T1", "C1"), STEPS, since) == NOON
        assert await ledger.last_posted(GENERAL, ("link",), since) is None
        assert await ledger.last_posted(Place("slack", "T1", "C2"), STEPS, since) is None
        assert await ledger.last_posted(GENERAL, STEPS, NOON) is None


async def test_a_withdrawn_post_is_not_found(url: str):
    """Taking back the newest post leaves the one before."""
    async with open_ledger(url) as ledger:
        await ledger.record(Receipt(GENERAL), STEPS, "v1", NOON - timedelta(hours=1))
        await ledger.record(Receipt(GENERAL), STEPS, "v1", NOON)
        newest = await ledger.receipt_of(GENERAL, Withdraw(subject=STEPS))
        await ledger.withdraw(newest.id)
        assert await ledger.last_posted(GENERAL, STEPS, NOON - RETENTION) == NOON - timedelta(hours=1)


async def test_receipts_go_after_ninety_days(url: str):
    """Whether or not anything is posted then."""
    async with open_ledger(url) as ledger:
        await ledger.record(Receipt(GENERAL), STEPS, "v1", NOON - RETENTION - timedelta(days=1))
        await ledger.record(Receipt(GENERAL), ("link",), "v1", NOON)
        await Lanes(ledger.database).let_go(NOON)
        kept = await ledger.receipts(NOON - 2 * RETENTION)
        assert [receipt.subject for receipt in kept] == [("link",)]


async def test_an_address_is_new_once_and_until_it_is_dropped(url: str):
    """Noting it again brings it up to date; one that was dropped is new again, and others stay."""
    group = Address(Place("teams", "T1", "19:group"), "groupChat", "https://smba.trafficmanager.net/emea/")
    anna = Address(Place("teams", "T1", "a:anna"), "personal", "https://smba.trafficmanager.net/emea/")
    moved = Address(anna.place, "personal", "https://smba.trafficmanager.net/amer/")
    async with open_ledger(url) as ledger:
        assert [await ledger.note_address(address) for address in (anna, group, moved)] == [True, True, False]
        assert await ledger.addresses("teams") == (group, moved)
        await ledger.drop_address(anna.place)
    async with open_ledger(url) as ledger:
        assert await ledger.addresses("teams") == (group,)
        assert await ledger.addresses("slack") == ()
        assert await ledger.note_address(anna)


async def test_many_can_use_a_ledger_in_memory_at_once():
    """Nobody's record is rolled back with that of somebody who came at the same moment."""
    async with open_ledger("sqlite:///:memory:") as ledger:
        places = [Address(Place("teams", "T1", f"a:{number:03}"), "personal", "https://x") for number in range(50)]
        assert all(await asyncio.gather(*(ledger.note_address(place) for place in places)))
        assert await ledger.addresses("teams") == tuple(places)


async def test_the_tables_hold_nothing_that_was_asked(url: str):
    """No column could hold a question, a name or a mail address of a person."""
    async with open_ledger(url) as ledger, ledger.database.engine.connect() as connection:
        columns = await connection.run_sync(
            lambda sync: {
                table: {column["name"] for column in sa.inspect(sync).get_columns(table)}
                for table in ("people", "receipts", "addresses", "keys")
            }
        )
    assert columns == {
        "people": {"platform", "tenant", "person", "region"},
        "keys": {"name", "value"},
        "addresses": {"platform", "tenant", "place", "kind", "service"},
        "receipts": {
            *("id", "platform", "tenant", "place", "thread", "ref"),
            *("subject", "content_version", "posted_at", "language", "digest", "number"),
        },
    }


async def test_the_migrations_lead_to_the_tables_that_a_new_database_gets(url: str):
    """A database made by the migrations, all of them back and forth, and one made from the tables are the same."""
    async with open_ledger(url) as ledger, ledger.database.engine.begin() as connection:
        new = await connection.run_sync(_shape)
        await connection.run_sync(_migrate_to, "base")
        await connection.run_sync(_migrate_to, "head")
        assert await connection.run_sync(_shape) == new
        assert await connection.run_sync(_revision) == newest()


def test_the_newest_revision_is_the_head_of_the_migrations():
    """What is read off their names is what Alembic reads in them."""
    assert newest() == ScriptDirectory(str(MIGRATIONS)).get_current_head()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_several_processes_may_start_over_a_new_database_at_once(url: str):
    """One makes the tables, and the others find them made."""
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        opened = [group.create_task(stack.enter_async_context(open_ledger(url))) for _ in range(4)]
        for ledger in [await one for one in opened]:
            assert await ledger.region_of(ANNA) is None


def _shape(connection: sa.Connection) -> dict[str, list[str]]:
    """Whatever a database is made of, but for the order of its columns and the brackets around a default."""
    found = sa.inspect(connection)
    asked = (found.get_columns, found.get_indexes, found.get_foreign_keys, found.get_unique_constraints)
    shape = {
        table: sorted(str(one).replace("\"('')\"", "\"''\"") for ask in asked for one in ask(table))
        for table in found.get_table_names()
    }
    keys = {f"{table}: key": [str(found.get_pk_constraint(table))] for table in shape}
    return shape | keys | {"triggers": sorted(connection.scalars(TRIGGERS[connection.dialect.name]))}


TRIGGERS = {
    "sqlite": sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger'"),
    "postgresql": sa.text(
        "SELECT pg_get_triggerdef(t.oid) || p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE NOT tgisinternal"
    ),
}


async def test_receipts_of_an_older_version_are_kept_and_have_no_number(url: str):
    """A post that is there already is corrected as before; no button names it."""
    from alembic import command
    from alembic.config import Config

    def back(connection: sa.Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(bot.__file__).parent / "storage" / "migrations"))
        config.attributes["connection"] = connection
        command.downgrade(config, "0004")

    async with open_ledger(url) as ledger:
        await ledger.record(Receipt(GENERAL, "17.2"), STEPS, "v1", NOON, number="1")
        async with ledger.database.engine.begin() as connection:
            await connection.run_sync(back)
    async with open_ledger(url) as ledger:
        (kept,) = await ledger.receipts(NOON - RETENTION)
        assert (kept.place, kept.ref, kept.subject) == (GENERAL, "17.2", STEPS)
        assert await ledger.receipt_of(GENERAL, Withdraw("1")) is None
        assert await ledger.receipt_of(GENERAL, Withdraw(subject=STEPS)) is None, "it has an id, so it needs a number"


async def test_drafts_of_the_version_before_go_on_as_those_of_whoever_made_them(url: str):
    """Two people's places that were one draft then are two; what was sent or cancelled is nobody's draft."""
    engine = create_async_engine(async_url(url))
    async with engine.begin() as connection:
        await connection.run_sync(_migrate_to, "0004")
        for number, by in enumerate(("slack T1 U1", "slack T1 U2")):
            values = {"id": f"a{number}", "name": "t/n", "by": by, "at": NOON}
            await connection.execute(ANNOUNCED, values)
        await connection.execute(sa.text("INSERT INTO lanes VALUES ('slack:T1', 0)"))
        rows = (("C1", 0, "check", "done"), ("C2", 1, "check", "failed"), ("C3", 0, "post", "done"))
        for place, number, task, state in (*rows, ("C4", 1, "post", "cancelled")):
            values = {"announcement": f"a{number}", "place": place, "task": task, "state": state, "at": NOON}
            await connection.execute(DELIVERED, values)
    await engine.dispose()
    async with open_ledger(url) as ledger:
        mine, theirs = (By(f"slack T1 {person}", NOON) for person in ("U1", "U2"))
        for by, places in ((mine, {"C1", "C3", "C4"}), (theirs, {"C2", "C3", "C4"})):
            assert {copy.place.id for copy in await Deliveries(ledger.database).copies("t/n", by.who)} == places
        assert await Deliveries(ledger.database).send("t/n", NOON, "UTC", theirs) == (1, 0)
        states = {copy.place.id: (copy.task, copy.state) for copy in await Deliveries(ledger.database).copies("t/n")}
        sent = {"C3": ("post", "done"), "C4": ("post", "cancelled")}
        assert states == {"C1": ("check", "done"), "C2": ("post", "pending"), **sent}


AT = sa.bindparam("at", type_=tables.Moment())
ANNOUNCED = sa.text("""INSERT INTO announcements (id, name, version, words, "by", made_at, due_at, zone, report_to)
    VALUES (:id, :name, 'v', '{}', :by, :at, :at, 'UTC', '')""").bindparams(AT)
DELIVERED = sa.text("""INSERT INTO deliveries (id, announcement, name, round, position, lane, platform, tenant, place,
    kind, language, task, state, epoch, attempts, not_before, ref, error)
    VALUES (:place, :announcement, 't/n', 1, 0, 'slack:T1',
    'slack', 'T1', :place, 'channel', 'en', :task, :state, 0, 0, :at, '', '')""").bindparams(AT)


@pytest.mark.parametrize("down", [False, True], ids=["up", "up, down and up again"])
async def test_the_tables_of_drafts_are_made_and_taken_back(url: str, down: bool):
    """Whatever is in them, on both databases."""
    engine = create_async_engine(async_url(url))
    async with engine.begin() as connection:
        await connection.run_sync(_migrate_to, "head")
        for back in ("0004", "head") if down else ():
            await connection.run_sync(_migrate_to, back)
    async with engine.connect() as connection:
        once = await connection.run_sync(lambda sync: sa.inspect(sync).get_unique_constraints("deliveries"))
        indexes = await connection.run_sync(lambda sync: sa.inspect(sync).get_indexes("deliveries"))
    await engine.dispose()
    assert [one["column_names"] for one in once] == [["name", "round", "draft", "platform", "tenant", "place"]]
    assert {"deliveries_due", "deliveries_of", "deliveries_in_place"} <= {one["name"] for one in indexes}


def _migrate_to(connection: sa.Connection, revision: str) -> None:
    """Brings a database to a version of its tables."""
    config = Config()
    config.set_main_option("script_location", str(Path(tables.__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    back = revision == "base" or revision < _revision(connection)
    (command.downgrade if back else command.upgrade)(config, revision)


def _revision(connection: sa.Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


async def test_a_database_that_cannot_be_asked_is_said_so(tmp_path: Path):
    """A file that has become something else is no working ledger."""
    async with open_ledger(f"sqlite:///{tmp_path}/optout.db") as ledger:
        assert await ledger.database.answers()
        await ledger.database.engine.dispose()
        (tmp_path / "optout.db").write_text("this was a database once")
        assert not await ledger.database.answers()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("./optout.db", "sqlite+aiosqlite:///./optout.db"),
        ("sqlite:///a.db", "sqlite+aiosqlite:///a.db"),
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
    ],
)
def test_the_usual_database_addresses_are_understood(given: str, expected: str):
    """Hosts write postgres://, people write a path."""
    assert async_url(given).render_as_string() == expected


async def test_a_ledger_in_memory_keeps_what_is_written_at_once():
    """Writes that overlap take turns on the one connection, and none is lost."""
    everyone = [Person("preview", "T", f"U{number}") for number in range(60)]
    async with open_ledger("sqlite:///:memory:") as ledger:
        await asyncio.gather(*(ledger.remember_region(person, "europe") for person in everyone))
        assert [await ledger.region_of(person) for person in everyone] == ["europe"] * 60


async def test_who_is_forgotten_is_in_none_of_the_files(tmp_path: Path):
    """Neither the database nor the file beside it holds the id of somebody who asked to be forgotten."""
    person = Person("slack", "T1", "U-REMARKABLE")
    async with open_ledger(f"sqlite:///{tmp_path}/optout.db") as ledger:
        await ledger.remember_region(person, "europe")
        assert any(b"REMARKABLE" in path.read_bytes() for path in tmp_path.iterdir())
        await ledger.forget(person)
        assert not any(b"REMARKABLE" in path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.parametrize("url", ["mysql://x", "postgresql://u:secret@h:abc/d", "sqlite:////no/such/folder/a.db"])
async def test_an_address_that_cannot_be_used_is_explained_without_its_password(url: str):
    """The setting is named with what it should be, and no secret is repeated."""
    with pytest.raises(SettingsError, match="DATABASE_URL") as error:
        async with open_ledger(url):
            pass
    assert "secret" not in str(error.value)
