"""What the commands about announcements do: they write a wish into the ledger, and the running bot carries it out."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import click

from bot import settings as settings_module
from bot.announcements import acts, plans, reports
from bot.announcements.acts import Acting
from bot.announcements.announcers import Announcers
from bot.announcements.copies import By, Counts
from bot.content.loading import load
from bot.content.topics import Content
from bot.errors import AnnouncingError, ContentError, SettingsError
from bot.messages import Person
from bot.platforms.known import PLATFORMS
from bot.storage.ledger import open_ledger
from bot.wording.plain_text import draw

T = TypeVar("T")

WATCHED = 1.0
"""Seconds between two looks at an announcement that is on its way."""


def announce(
    name: str,
    places: tuple[str, ...],
    at: str,
    zone: str,
    language: str,
    again: bool,
    everyone: bool,
    draft: bool,
    trial: str | None,
    tell: str | None,
    dry_run: bool,
) -> None:
    """Sends an announcement to channels or people, each once."""
    now = datetime.now(UTC)
    if trial:
        return _try(name, trial, language, everyone)

    async def note(announcers: Announcers) -> None:
        plan = plans.plan(announcers.content, PLATFORMS, name, places, language, at, zone, now, everyone=everyone)
        if dry_run:
            return _show(announcers, plan)
        by, told = By(_me(), now), _person(tell)
        before = draft and await announcers.draft(plan.name, by.who)
        found = await announcers.announce(plan, by, again=again, draft=draft, report_to=told)
        if found < len(plan.targets):
            have = len(plan.targets) - found
            click.echo(f"Have it, or have it coming already: {have} (--again sends another copy).")
        if found and draft:
            click.echo(f"{plan.name} is a draft for {reports.places(found)}, which the running bot checks.")
            if before:
                click.echo(announcers.content.phrases.joined_draft)
            await _tell_drafts(announcers, plan.name)
            click.echo(f"See them with: optout report {name}, and send it with: optout send {name}")
        elif found:
            due = f"due {reports.shown(plan.due_at, zone)} ({zone})"
            click.echo(f"{plan.name} goes to {reports.places(found)}, {due}. The running bot sends it.")
            click.echo(f"Follow it with: optout report {name} --watch")
        return None

    return _with_announcers(note)


def send(name: str, at: str, zone: str, tell: str | None) -> None:
    """Sends the draft of an announcement."""

    async def release(announcers: Announcers) -> None:
        full, by = await announcers.find(name), By(_me(), datetime.now(UTC))
        done = await acts.carry_out("send", Acting(announcers, full, by, at, zone, _person(tell)))
        click.echo(f"{full}: {done.said}")
        if done.result.found:
            click.echo(f"The running bot sends it. Follow it with: optout report {name} --watch")
        elif not done.result.left:
            click.echo(f"Make a draft with: optout announce {name} --to PLACE --draft")
        await _tell_drafts(announcers, full)

    _with_announcers(release)


def do(name: str, act: str, other: str = "") -> None:
    """Does something with an announcement, and says what came of it."""

    async def carry(announcers: Announcers) -> None:
        full = await announcers.find(name)
        done = await acts.carry_out(act, Acting(announcers, full, By(_me(), datetime.now(UTC)), other=other))
        click.echo(f"{full}: {done.said}")

    _with_announcers(carry)


def announcements() -> None:
    """Lists every announcement that was sent or is to be."""
    _list(lambda counts, due: True, "Nothing was announced yet.")


def due() -> None:
    """Lists what is scheduled, the next first."""
    _list(lambda counts, due: due and reports.is_waiting(counts), "Nothing is scheduled.", by_due=True)


def report(name: str, out: Path | None, *, watch: bool) -> None:
    """Shows where an announcement arrived, place by place, and why not."""

    async def look(announcers: Announcers) -> None:
        full = await announcers.find(name)
        copies = await announcers.copies(full, _me())
        while watch and any(copy.state in ("pending", "sending") for copy in copies):
            click.echo(reports.totals(copies))
            await asyncio.sleep(WATCHED)
            copies = await announcers.copies(full, _me())
        if out:
            _write(out, reports.as_csv(PLATFORMS, copies))
        click.echo(reports.totals(copies) if out else reports.table(PLATFORMS, copies))
        await _tell_drafts(announcers, full)

    _with_announcers(look)


def correct(name: str, other: str, *, posts: bool) -> None:
    """Puts today's words of an announcement, or of another, in the place of every copy; and of posts on its topic."""
    do(name, "correct", other)
    if posts:

        async def correct_posts(announcers: Announcers) -> None:
            topic = (await announcers.find(name)).partition("/")[0]
            found, lost = await announcers.correct_posts(topic, By(_me(), datetime.now(UTC)))
            click.echo(f"{topic}/posts: {found} posts whose entry has changed will be corrected.")
            if lost:
                click.echo(f"{lost} cannot be: Slack does not tell which message the post of a slash command became.")

        _with_announcers(correct_posts)


def audit(name: str | None) -> None:
    """Shows who did what with announcements, or with one, oldest first."""

    async def look(announcers: Announcers) -> None:
        full = await announcers.find(name) if name else ""
        for line in (found := await announcers.audit(full)):
            click.echo(f"{reports.shown(line.at, 'UTC')}  {line.by}  {line.act}  {line.subject}  {line.detail}")
        if not found:
            click.echo("Nobody did anything yet.")

    _with_announcers(look)


def _show(announcers: Announcers, plan: plans.Plan) -> None:
    """Shows what would be sent, and where to."""
    for code in dict.fromkeys(target.language for target in plan.targets):
        click.echo(f"--- {code}\n{draw(announcers.preview(plan.ref, code, everyone=plan.everyone))}\n")
    for target in plan.targets:
        each = "each member of " if target.kind == "members" else ""
        place = target.place
        click.echo(f"{each}{place.platform}:{place.tenant}/{place.id}  {target.language}")
    due = reports.shown(plan.due_at, plan.zone)
    click.echo(f"{reports.places(len(plan.targets))}, due {due} ({plan.zone}). Nothing was sent.")


def _try(name: str, person: str, language: str, everyone: bool) -> None:
    async def note(announcers: Announcers) -> None:
        ref, target = plans.find(announcers.content, name), plans.target(PLATFORMS, person, language)
        named = await announcers.trial(ref, target, By(_me(), datetime.now(UTC)), everyone=everyone)
        click.echo(f"The running bot sends one copy to {person}. See how it went with: optout report {named}")

    _with_announcers(note)


def _list(wanted: Callable[[Counts, bool], bool], otherwise: str, *, by_due: bool = False) -> None:
    """Shows announcements in a line each: those `wanted` by their counts and whether they are still to come."""
    now = datetime.now(UTC)

    async def look(announcers: Announcers) -> None:
        found = [(one, counts) for one, counts in await announcers.announcements() if wanted(counts, one.due_at > now)]
        for announcement, counts in sorted(found, key=lambda pair: pair[0].due_at) if by_due else found:
            click.echo(reports.overview(announcement, counts, now, _me()))
        if not found:
            click.echo(otherwise)

    _with_announcers(look)


async def _tell_drafts(announcers: Announcers, name: str) -> None:
    """Says who else has a draft of an announcement."""
    for draft, counts in await announcers.others_drafts(name, _me()):
        click.echo(reports.others_draft(draft, counts, draft.by))


def _with_announcers(act: Callable[[Announcers], Awaitable[T]]) -> T:
    """Opens the ledger and does something with it; leaves with a text about whatever cannot be done."""

    async def run(content: Content, url: str) -> T:
        async with open_ledger(url) as ledger:
            return await act(Announcers(content, ledger, PLATFORMS))

    with _explaining():
        settings = settings_module.load()
        return asyncio.run(run(load(settings.content, settings.contact), settings.database_url))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from error


def _person(text: str | None) -> Person | None:
    """The person whom a text names; raises AnnouncingError for one that names nobody."""
    if not text:
        return None
    target = plans.target(PLATFORMS, text, "en")
    if target.kind != "person":
        raise AnnouncingError([f"{text!r} is no person. Expected one such as slack:T012AB3C/U012AB3CD."])
    return Person(target.place.platform, target.place.tenant, target.place.id)


def _me() -> str:
    """Who sits at the terminal."""
    return f"terminal {getpass.getuser()}"


@contextmanager
def _explaining() -> Iterator[None]:
    """Says what was wrong with a wish, with the content or the settings, and leaves with 1."""
    try:
        yield
    except (SettingsError, ContentError) as error:
        raise click.ClickException(str(error)) from error
