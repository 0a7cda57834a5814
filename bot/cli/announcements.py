"""The commands about announcements, from `optout announce` to `optout leave`, as they are typed.

Each imports what carries it out when it is called: a database and the content are slow to import.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


class PlacesOption(click.Option):
    """An option for places, whose help tells how those of each platform are written."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The option with its help, made when it is read: the platforms are slow to import, too."""
        from bot.announcements.plans import expected
        from bot.platforms.known import PLATFORMS

        self.help = f"Where to: {expected(PLATFORMS)}. Repeatable."
        return super().get_help_record(ctx)


NAME = click.argument("name")
AT = click.option("--at", metavar="'YYYY-MM-DD HH:MM'", default="", help="When to send it (default: now).")
ZONE = click.option("--zone", default="UTC", show_default=True, help="The time zone of --at, such as Europe/Berlin.")
TELL = click.option("--tell", metavar="PERSON", help="Whom the bot tells once it is done, such as slack:T012/U012.")


@click.command()
@NAME
@click.option("--to", "places", metavar="PLACE", multiple=True, cls=PlacesOption)
@AT
@ZONE
@click.option("--language", default="en", show_default=True, help="The language of places that no audience lists.")
@click.option("--again", is_flag=True, help="Send another copy to places that have one.")
@click.option("--mention-everyone", "everyone", is_flag=True, help="Notify everybody in the Slack channels (@channel).")
@click.option("--draft", is_flag=True, help="Only check every place; `optout send` sends it.")
@click.option("--try", "trial", metavar="PERSON", help="Send one copy to this person alone, to see it.")
@TELL
@click.option("--dry-run", is_flag=True, help="Show the message and the places, and send nothing.")
def announce(**wish: Any) -> None:
    """Send the announcement NAME to channels or people, each once."""
    from bot.cli import announcing

    announcing.announce(**wish)


@click.command()
@NAME
@AT
@ZONE
@TELL
def send(name: str, at: str, zone: str, tell: str | None) -> None:
    """Send your draft of the announcement NAME."""
    from bot.cli import announcing

    announcing.send(name, at, zone, tell)


@click.command()
@NAME
def duplicate(name: str) -> None:
    """Make a draft of the announcement NAME for the places that it went to."""
    from bot.cli import announcing

    announcing.do(name, "duplicate")


@click.command()
def announcements() -> None:
    """List every announcement that was sent or is to be."""
    from bot.cli import announcing

    announcing.announcements()


@click.command()
def due() -> None:
    """List what is scheduled, the next first."""
    from bot.cli import announcing

    announcing.due()


@click.command()
@NAME
@click.option("--csv", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write the table to this file.")
@click.option("--watch", is_flag=True, help="Show the totals until everything is done.")
def report(name: str, out: Path | None, watch: bool) -> None:
    """Show where the announcement NAME arrived, place by place, and why not."""
    from bot.cli import announcing

    announcing.report(name, out, watch=watch)


@click.command()
@NAME
def cancel(name: str) -> None:
    """Stop what has not been sent of the announcement NAME, and drop your draft of it."""
    from bot.cli import announcing

    announcing.do(name, "cancel")


@click.command()
@NAME
@click.option("--with", "other", metavar="NAME", default="", help="The announcement whose words to put in its place.")
@click.option("--posts", is_flag=True, help="Correct the posts of steps, link, Share and mentions on its topic, too.")
def correct(name: str, other: str, posts: bool) -> None:
    """Put today's words of the announcement NAME, or of another, in the place of every copy."""
    from bot.cli import announcing

    announcing.correct(name, other, posts=posts)


@click.command()
@NAME
def recall(name: str) -> None:
    """Delete every copy of the announcement NAME, and send no more."""
    from bot.cli import announcing

    announcing.do(name, "recall")


@click.command()
@NAME
@click.option("--unknown", is_flag=True, help="Send again what may have arrived, which can make two of it.")
def resend(name: str, unknown: bool) -> None:
    """Try again what failed of the announcement NAME."""
    from bot.cli import announcing

    announcing.do(name, "resend" if unknown else "retry")


@click.command()
@NAME
def leave(name: str) -> None:
    """Settle that copies of the announcement NAME which may have arrived stay as they are."""
    from bot.cli import announcing

    announcing.do(name, "leave")


@click.command()
@click.argument("name", required=False)
def audit(name: str | None) -> None:
    """Show who did what with announcements, or with the announcement NAME, oldest first."""
    from bot.cli import announcing

    announcing.audit(name)


COMMANDS = (announce, send, duplicate, announcements, due, report, cancel, correct, recall, resend, leave, audit)
"""Every command about announcements."""
