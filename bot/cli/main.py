"""The command `optout`: ask, check, eval, preview, serve, teams-package, and those about announcements.

Each command imports what it uses when it is called, so that none waits for what another one needs.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from bot.cli.announcements import COMMANDS
from bot.errors import ContentError, EncoderError, SettingsError

if TYPE_CHECKING:
    from bot.answering.deciding import Knowledge
    from bot.cli.terminal import Conversation
    from bot.settings import Settings

ON = click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), help="The day it is taken to be, as YYYY-MM-DD (default: today)."
)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="optout")
@click.pass_context
def main(context: click.Context) -> None:
    """Opt-Out Bot: tells people that a service trains AI on what they share, and how to stop it.

    Without a command it serves the platforms whose settings are present, or opens the preview when there are none.
    """
    gc.disable()  # what a command reads stays, and looking for garbage in it would take a tenth of its time
    context.call_on_close(gc.enable)
    if context.invoked_subcommand is None:
        settings = _settings()
        _run(settings, preview=settings.slack is None and settings.teams is None)


@main.command()
@click.argument("question", required=False)
@click.option("--region", metavar="PLACE", help="Where you are, such as uk, Texas or DE.")
@ON
@click.option("--why", is_flag=True, help="Show the evidence behind the answer.")
@click.option("--json", "as_json", is_flag=True, help="Print a record instead of text.")
def ask(question: str | None, region: str | None, on: datetime | None, why: bool, as_json: bool) -> None:
    """Answer a QUESTION, or talk when there is none."""
    from bot.answering import deciding as answering
    from bot.cli import terminal
    from bot.desk import commands
    from bot.messages import Question
    from bot.wording import plain_text, replies

    knowledge, _ = _knowledge()
    today, group = _day(on), _region(knowledge, region)
    if question is None:
        return _converse(terminal.Conversation(knowledge, today, group))
    asked = Question(question, terminal.ME, terminal.HERE, "terminal")
    if not as_json and commands.read(asked, knowledge.content):
        return click.echo(terminal.Conversation(knowledge, today, group).say(question))
    with _mending():
        decision, _ = answering.answer(knowledge, question, today, region=group)
    if as_json:
        click.echo(json.dumps(plain_text.record(knowledge, decision), ensure_ascii=False, indent=2))
    else:
        click.echo(plain_text.draw(replies.reply(knowledge.content, decision)))
    if why:
        click.echo("\n" + terminal.why(knowledge, decision), err=as_json)
    return None


@main.command()
@ON
@click.option("--strict", is_flag=True, help="Fail, too, when an entry is not reached by its held-out questions.")
@click.option(
    "--questions",
    "folders",
    metavar="DIR",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="With --strict: a folder with questions of your own, as <topic>/*.yaml, beside those on the shipped topics.",
)
@click.option(
    "--rate",
    type=click.FloatRange(0, 1),
    default=0.4,
    show_default=True,
    help="With --strict: the share of an entry's questions that have to be answered with it (or with another that "
    "the question accepts) or to which it has to be offered.",
)
def check(on: datetime | None, strict: bool, folders: tuple[Path, ...], rate: float) -> None:
    """Check every content file and list all mistakes."""
    from bot.content.loading import due

    knowledge, settings = _knowledge()
    content = knowledge.content
    for topic in content.topics:
        phrasings = sum(len(entry.ask) + len(entry.yes) + len(entry.no) for entry in topic.words.entries)
        click.echo(
            f"{topic.id}: {len(topic.words.entries)} entries, {phrasings} phrasings, "
            f"{len(topic.words.not_covered)} not covered"
        )
    for warning in due(content, _day(on)):
        click.echo(f"warning: {warning}", err=True)
    click.echo(f"The content is in order (version {content.version}{_overlays(settings)}).")
    if strict:
        _reach(knowledge, folders, rate, _day(on))


@main.command("eval")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@ON
@click.option(
    "--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write every outcome to this file."
)
@click.option("--rivals", "show_rivals", is_flag=True, help="Show the nearest rival of every entry of the content.")
@click.option("--damage", "show_damage", is_flag=True, help="Show what becomes of each phrasing written carelessly.")
def evaluate(file: Path, on: datetime | None, out: Path | None, show_rivals: bool, show_damage: bool) -> None:
    """Ask every question of FILE and print each miss, what was taken for what, and the totals by kind."""
    from bot.authoring import damage, evaluation, rates
    from bot.authoring import neighbours as rivals

    knowledge, _ = _knowledge()
    with _mending():
        questions, facts = evaluation.read_questions(file)
    result = evaluation.evaluate(knowledge, questions, facts, _day(on))
    for line in evaluation.misses(result, questions):
        click.echo(line)
    _section("Wanted -> given:", evaluation.confusions(result, questions))
    _section("", [evaluation.table(result)])
    _section("Counted so that nothing flatters:", [rates.table(result["rates"])])
    written = damage.phrasings(knowledge)
    if show_rivals:
        seconds = [rivals.second(knowledge, ref, text) for ref, text in _counted("Rivals", written)]
        _section("Entry, nearest rival, and how close:", rivals.lines(one for one in seconds if one))
    if show_damage:
        records = [
            record
            for ref, text in _counted("Damage", written)
            for record in damage.rehearse(knowledge, ref, text, _day(on))
        ]
        result = {**result, "damage": records}
        _section("Led to another entry by damage:", damage.led_astray(records))
        _section("", [damage.table(records)])
    if out:
        try:
            out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise click.BadParameter(f"{out} cannot be written: {error.strerror}.", param_hint="--json") from error


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), help="The port of the page (default: PORT, or 3000).")
def preview(port: int | None) -> None:
    """Open a page on this machine where one can try the bot; nothing is sent anywhere."""
    _run(_settings(), preview=True, port=port)


@main.command()
@click.option("--host", help="The address to listen on (default: HOST, or 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="The port to listen on (default: PORT, or 3000).")
def serve(host: str | None, port: int | None) -> None:
    """Serve every platform whose settings are present."""
    _run(_settings(), preview=False, host=host, port=port)


@main.command("teams-package")
@click.option("--app-id", metavar="GUID", required=True, help="The Microsoft App ID of your Azure Bot.")
@click.option("--domain", metavar="HOST", required=True, help="The host at which Teams reaches the bot.")
@click.option("--out", metavar="FILE.zip", required=True, type=click.Path(path_type=Path), help="Where to put it.")
def teams_package(app_id: str, domain: str, out: Path) -> None:
    """Make the app package that an administrator uploads to Microsoft Teams."""
    from bot.platforms.teams import package

    for option, checked, value in (("--app-id", package.registration, app_id), ("--domain", package.host, domain)):
        try:
            checked(value)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint=option) from error
    try:
        out.write_bytes(package.package(app_id, domain))
    except OSError as error:
        raise click.BadParameter(f"{out} cannot be written ({error.strerror}).", param_hint="--out") from error
    click.echo(f"{out} is ready. Upload it in the Teams admin center, or in Teams under Apps, Manage your apps.")


for _command in COMMANDS:
    main.add_command(_command)


def _run(settings: Settings, *, preview: bool, host: str | None = None, port: int | None = None) -> None:
    import logging
    from dataclasses import replace

    from bot import app

    settings = replace(settings, host=host or settings.host, port=settings.port if port is None else port)
    logging.basicConfig(
        level=settings.log_level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    for name in ("alembic", "aiosqlite", "sqlalchemy"):  # at DEBUG they write what is kept about people
        logging.getLogger(name).setLevel(logging.WARNING)
    with _mending():
        app.run(settings, preview=preview, say=click.echo)


def _settings() -> Settings:
    from bot import settings

    with _mending():
        return settings.load()


def _knowledge() -> tuple[Knowledge, Settings]:
    from bot.answering.preparing import prepared

    settings = _settings()
    with _mending():
        return prepared(settings, lambda text: click.echo(text, err=True)), settings


_Item = TypeVar("_Item")


def _counted(label: str, items: Sequence[_Item]) -> Iterator[_Item]:
    """The items, with a bar on the error stream where somebody watches it."""
    with click.progressbar(items, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield from bar


def _section(title: str, lines: Iterable[str]) -> None:
    shown = list(lines)
    if shown:
        click.echo("\n".join(("", *((title,) if title else ()), *shown)))


def _reach(knowledge: Knowledge, folders: tuple[Path, ...], rate: float, today: date) -> None:
    """Prints which entries their held-out questions do not reach, and leaves with 1 if there are any."""
    from bot.authoring import reach as reaching

    content = knowledge.content
    shipped = (reaching.QUESTIONS,) if reaching.QUESTIONS.is_dir() else ()
    with _mending():
        if not (shipped or folders):
            raise SettingsError(["There are no questions here to check with. Name a folder of them: --questions DIR."])
        paths = reaching.files(content, (*shipped, *folders))
        asked = list(reaching.ask(knowledge, _counted("Questions", paths), today))
    for ref in reaching.unasked(content, asked):
        click.echo(f"warning: {'/'.join(ref)}: no held-out question asks for it", err=True)
    strangers = list(reaching.unknown(content, asked))
    missed = list(reaching.unreached(content, asked, rate))
    for line in strangers:
        click.echo(line, err=True)
    for ref, number, misses in missed:
        click.echo(
            f"{'/'.join(ref)}: reached by {number - len(misses)} of {number} questions, fewer than {rate:.0%}", err=True
        )
        for miss in misses:
            click.echo(f"  {miss}", err=True)
    if strangers or missed:
        sys.exit(1)
    click.echo(f"Every entry is reached by {rate:.0%} or more of its {len(asked)} questions.")


def _region(knowledge: Knowledge, place: str | None) -> str | None:
    if place is None:
        return None
    from bot.content.places import group_named

    groups = knowledge.content.regions
    known = {group.id for group in groups}
    group = place if place in known else group_named(place, knowledge.content.gazetteer, groups)
    if group is None:
        raise click.BadParameter(
            f"{place!r} is no place that is known. Use a country or its code, or one of "
            f"{', '.join(group.id for group in groups)}.",
            param_hint="--region",
        )
    return group


def _converse(conversation: Conversation) -> None:
    from bot.cli.terminal import converse

    if sys.stdin.isatty():
        click.echo("Ask in your own words; a number presses a button; an empty line with Ctrl-D ends.\n")
    converse(conversation, lambda: input("> " if sys.stdin.isatty() else ""), click.echo)


def _day(on: datetime | None) -> date:
    return on.date() if on else datetime.now(UTC).date()


def _overlays(settings: Settings) -> str:
    from bot.content.files import show

    return f", with {', '.join(show(folder) for folder in settings.content)}" if settings.content else ""


@contextmanager
def _mending() -> Iterator[None]:
    """Prints what somebody can mend and leaves with 1 for content, 2 for settings and 130 for Ctrl-C."""
    try:
        yield
    except ContentError as error:
        click.echo(error, err=True)
        count = len(error.problems)
        click.echo(f"{count} {'mistake' if count == 1 else 'mistakes'} in the content; nothing was loaded.", err=True)
        sys.exit(1)
    except (SettingsError, EncoderError) as error:
        click.echo(error, err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
