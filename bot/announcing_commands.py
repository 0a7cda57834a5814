"""The commands `optout announce`, `announcements`, `report`, `due`, `cancel`, `correct`, `recall`, `resend`, `leave`.

They write their wish into the ledger; the running bot carries it out.
"""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from bot import announcing, replies
from bot import settings as settings_module
from bot.content import Content, load
from bot.copies import Announcement, By, new_id
from bot.errors import AnnouncingError, ContentError, SettingsError
from bot.terminal import draw

if TYPE_CHECKING:
    from bot.deliveries import Deliveries

T = TypeVar("T")

WATCHED = 1.0
"""Seconds between two looks at an announcement that is on its way."""

NAME = click.argument("name")


@click.command()
@NAME
@click.option("--to", "places", metavar="PLACE", multiple=True, help=f"Where to: {announcing.PLACES}. Repeatable.")
@click.option("--at", metavar="'YYYY-MM-DD HH:MM'", help="When to send it (default: now).")
@click.option("--zone", default="UTC", show_default=True, help="The time zone of --at, such as Europe/Berlin.")
@click.option("--language", default="en", show_default=True, help="The language of places that no audience lists.")
@click.option("--again", is_flag=True, help="Send another copy to places that have one.")
@click.option("--dry-run", is_flag=True, help="Show the message and the places, and send nothing.")
def announce(
    name: str, places: tuple[str, ...], at: str | None, zone: str, language: str, again: bool, dry_run: bool
) -> None:
    """Send the announcement NAME to channels, each once."""
    content, url = _content()
    now = datetime.now(UTC)
    with _explaining():
        ref = announcing.find(content, name)
        targets = announcing.targets(content, places, language)
        announcing.time_zone(zone)
        due = announcing.moment(at, zone, now) if at else now
    kept = announcing.announced(content, ref)
    full = "/".join(ref)
    if dry_run:
        for code in dict.fromkeys(target.language for target in targets):
            topic = content.topic(ref[0]) or content.topics[0]
            click.echo(f"--- {code}\n{draw(replies.announced(content, topic, kept, code))}\n")
        for target in targets:
            click.echo(f"{target.place.platform}:{target.place.tenant}/{target.place.id}  {target.language}")
        return click.echo(
            f"{announcing.places(len(targets))}, due {announcing.shown(due, zone)} ({zone}). Nothing was sent."
        )
    announcement = Announcement(new_id(), full, content.version, kept.model_dump_json(), _me(), now, due, zone)

    async def note(deliveries: Deliveries) -> int:
        return await deliveries.announce(announcement, targets, again=again)

    found = _in_ledger(url, note)
    if found < len(targets):
        click.echo(f"Have it, or have it coming already: {len(targets) - found} (--again sends another copy).")
    if found:
        when = f"due {announcing.shown(due, zone)} ({zone})"
        click.echo(f"{full} goes to {announcing.places(found)}, {when}. The running bot sends it.")
        click.echo(f"Follow it with: optout report {name} --watch")
    return None


@click.command()
def announcements() -> None:
    """List every announcement that was sent or is to be."""
    _, url = _content()
    now = datetime.now(UTC)
    found = _in_ledger(url, lambda deliveries: deliveries.announcements())
    for announcement, counts in found:
        click.echo(announcing.overview(announcement, counts, now))
    if not found:
        click.echo("Nothing was announced yet.")


@click.command()
def due() -> None:
    """List what is scheduled, the next first."""
    _, url = _content()
    now = datetime.now(UTC)
    found = _in_ledger(url, lambda deliveries: deliveries.announcements())
    waiting = [(one, counts) for one, counts in found if one.due_at > now and counts.of("pending")]
    for announcement, counts in sorted(waiting, key=lambda pair: pair[0].due_at):
        click.echo(announcing.overview(announcement, counts, now))
    if not waiting:
        click.echo("Nothing is scheduled.")


@click.command()
@NAME
@click.option("--csv", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write the table to this file.")
@click.option("--watch", is_flag=True, help="Show the totals until everything is done.")
def report(name: str, out: Path | None, watch: bool) -> None:
    """Show where the announcement NAME arrived, place by place, and why not."""
    content, url = _content()
    full = _full(content, name)

    async def look(deliveries: Deliveries) -> None:
        copies = await deliveries.copies(full)
        while watch and any(copy.state in ("pending", "sending") for copy in copies):
            click.echo(announcing.totals(copies))
            await asyncio.sleep(WATCHED)
            copies = await deliveries.copies(full)
        if out:
            out.write_text(announcing.as_csv(copies), encoding="utf-8")
        click.echo(announcing.totals(copies) if out else announcing.table(copies))

    _in_ledger(url, look)


@click.command()
@NAME
def cancel(name: str) -> None:
    """Stop what has not been sent of the announcement NAME."""
    _act(name, "copies will not be sent", lambda ledger, full, by: ledger.cancel(full, by))


@click.command()
@NAME
@click.option("--with", "other", metavar="NAME", help="The announcement whose words to put in its place.")
def correct(name: str, other: str | None) -> None:
    """Put today's words of the announcement NAME, or of another, in the place of every copy."""
    content, _ = _content()
    with _explaining():
        ref = announcing.find(content, other or name)
    words = announcing.announced(content, ref, datetime.now(UTC).date()).model_dump_json()
    _act(name, "copies will be corrected", lambda ledger, full, by: ledger.correct(full, words, by))


@click.command()
@NAME
def recall(name: str) -> None:
    """Delete every copy of the announcement NAME, and send no more."""
    _act(name, "copies will be deleted", lambda ledger, full, by: ledger.recall(full, by))


@click.command()
@NAME
@click.option("--unknown", is_flag=True, help="Send again what may have arrived, which can make two of it.")
def resend(name: str, unknown: bool) -> None:
    """Try again what failed of the announcement NAME."""
    states = ("failed", "unknown") if unknown else ("failed",)
    _act(name, "copies are tried again", lambda ledger, full, by: ledger.send_again(full, states, by))


@click.command()
@NAME
def leave(name: str) -> None:
    """Settle that copies of the announcement NAME which may have arrived stay as they are."""
    _act(name, "copies stay as they are", lambda ledger, full, by: ledger.leave(full, by))


COMMANDS = (announce, announcements, due, report, cancel, correct, recall, resend, leave)
"""Every command about announcements."""


def _act(name: str, told: str, carry_out: Callable[[Deliveries, str, By], Awaitable[int]]) -> None:
    """Does something with an announcement, and says how much it was."""
    content, url = _content()
    full, by = _full(content, name), By(_me(), datetime.now(UTC))
    click.echo(f"{full}: {_in_ledger(url, lambda deliveries: carry_out(deliveries, full, by))} {told}.")


def _full(content: Content, name: str) -> str:
    """The whole name of an announcement, of one that has no file any more as it was given."""
    if "/" in name:
        return name
    with _explaining():
        return "/".join(announcing.find(content, name))


def _content() -> tuple[Content, str]:
    try:
        settings = settings_module.load()
        return load(settings.content, settings.contact), settings.database_url
    except (SettingsError, ContentError) as error:
        raise _Told(error) from error


def _in_ledger(url: str, act: Callable[[Deliveries], Awaitable[T]]) -> T:
    from bot.ledger import open_ledger  # a database is slow to import, and most commands need none

    async def run() -> T:
        async with open_ledger(url) as ledger:
            return await act(ledger.deliveries)

    try:
        return asyncio.run(run())
    except SettingsError as error:
        raise _Told(error) from error


def _me() -> str:
    """Who sits at the terminal."""
    return f"terminal {getpass.getuser()}"


class _Told(click.ClickException):
    """An error that is complete as it is."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))


@contextmanager
def _explaining() -> Iterator[None]:
    """Says what was wrong with a wish, and leaves with 1."""
    try:
        yield
    except AnnouncingError as error:
        raise _Told(error) from error
