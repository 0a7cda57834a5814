"""What each command loads: nothing that it does not use, since whoever calls it would wait for it."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[2]
MICROSOFT = ("botbuilder", "botframework", "msal", "bot.platforms.teams.edge")
SLACK = ("slack_bolt", "slack_sdk")
SERVER = ("aiohttp", "ssl")
DATABASE = ("sqlalchemy", "alembic")

COMMAND = """
from bot.cli.main import main
try: main({!r})
except SystemExit as end: assert not end.code
"""
STARTED = """
from bot import app, settings
class Started(Exception): pass
def say(line):
    if line.startswith(("The preview is on", "Listening on")): raise Started
try: app.run(settings.load(), preview={!r}, say=say)
except Started: pass
else: raise AssertionError("it never started")
"""
LOADED = "\nimport sys; print(*sys.modules)"


def loaded(folder: Path, code: str, packages: Sequence[str], **environ: str) -> list[str]:
    """Those of the packages that some code loads, in a process and a folder of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "MICROSOFT_", "HOST"))}
    environ = {**kept, "PYTHONPATH": str(ROOT), "DATABASE_URL": f"sqlite:///{folder}/optout.db", **environ}
    run = [sys.executable, "-c", code + LOADED]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=folder, env=environ)  # noqa: S603
    modules = done.stdout.splitlines()[-1].split()
    return [package for package in packages if package in modules]


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_what_can_be_told_without_loading_anything_is(tmp_path: Path, option: str):
    """Neither the engine nor the content, nor a library but that of the command line itself."""
    rest = ("numpy", "pydantic", "yaml", "babel", "jinja2", "dotenv", "asyncio", "bot.content", "bot.answering")
    assert loaded(tmp_path, COMMAND.format([option]), (*rest, *DATABASE, *SERVER, *SLACK, *MICROSOFT)) == []


def test_a_question_loads_no_platform(tmp_path: Path):
    """A question stays quick: neither a platform, nor a web server, nor a database is imported for it."""
    rest = ("asyncio", "jinja2", "bot.cli.announcing")
    code = COMMAND.format(["ask", "how do I opt out?"])
    assert loaded(tmp_path, code, (*rest, *DATABASE, *SERVER, *SLACK, *MICROSOFT)) == []


def test_a_database_in_order_is_opened_without_alembic(tmp_path: Path):
    """Neither for a new one nor for one that has today's tables; announcing loads no platform and no encoder."""
    for _ in range(2):
        code, rest = COMMAND.format(["announcements"]), ("alembic", "aiohttp", "tokenizers", "jinja2")
        assert loaded(tmp_path, code, (*rest, *SLACK, *MICROSOFT)) == []


def test_the_preview_loads_no_platforms_library(tmp_path: Path):
    """It draws for both without them, and its database is a new one."""
    assert loaded(tmp_path, STARTED.format(True), ("alembic", *SLACK, *MICROSOFT), PORT="0") == []


def test_slack_alone_loads_nothing_of_microsofts_or_the_previews(tmp_path: Path):
    """Who serves one platform does not wait for the other."""
    slack = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5"}
    api = "http://127.0.0.1:9/api/"  # where nobody listens
    rest = ("alembic", "bot.platforms.preview", *MICROSOFT)
    assert loaded(tmp_path, STARTED.format(False), rest, PORT="0", SLACK_API_URL=api, **slack) == []
