"""The log of both platforms: what happened, in one line each."""

import logging

import pytest

from bot.desk.desk import Desk
from tests.fakes import slack_bot, teams_bot
from tests.fakes.teams_deliveries import THREAD


@pytest.fixture
def events(caplog: pytest.LogCaptureFixture):
    """The names of what the log of an operator holds, once the bot has started."""
    caplog.set_level(logging.INFO, "bot")
    return lambda: [
        record.getMessage().partition(" ")[0] for record in caplog.records if record.name.startswith("bot.")
    ]


@pytest.mark.parametrize("text", ["does this affect my DMs?", "help", "hello"])
async def test_a_message_that_is_answered_in_private_is_one_line(desk: Desk, events, text: str):
    """What was posted for the person alone follows from what was asked; what everyone sees has a line of its own."""
    asked = "command.run" if text == "help" else "question.answered"
    async with slack_bot.running(desk) as bot:
        before = len(events())
        await bot.slack.write(text)
        await bot.settle()
        await bot.slack.command(text)
        await bot.settle()
        assert events()[before:] == [asked, asked]
    async with teams_bot.running(desk) as bot:
        before = len(events())
        await bot.teams.write(text)
        await bot.teams.until(bot.teams.said)
        await bot.settle()
        assert events()[before:] == [asked]
        await bot.teams.write(text, THREAD)
        await bot.teams.until(lambda: bot.teams.said(THREAD) or len(bot.teams.said()) == 2)
        await bot.settle()
        public = ["teams.posted"] if "?" in text else []
        assert events()[before + 1 :] == [asked, *public]
