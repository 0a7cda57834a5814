"""The bot on Slack over HTTP while it delivers at the platforms' limits: `python -m tests.benchmarks.busy_bot`.

`FAKE_PLATFORMS` names the fakes that it delivers to; everything else comes from the bot's own settings.
"""

import asyncio
import os
import signal
from datetime import UTC, datetime

from aiohttp import web

from bot import settings as settings_module
from bot.announcements.deliveries import Deliveries
from bot.announcements.dispatcher import TICK
from bot.answering.preparing import prepared
from bot.app import open_desk
from bot.platforms.slack.edge import SlackEdge
from tests.fakes.delivering import announcement, dispatching, targets


async def main() -> None:
    """Answers and delivers until it is told to stop."""
    stop, settings = asyncio.Event(), settings_module.load()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    knowledge = prepared(settings, lambda _: None)
    knowledge.readers[0].make_ready()
    async with open_desk(knowledge, settings.database_url) as (desk, ledger):
        edge, app = SlackEdge(settings.slack, desk, lambda: datetime.now(UTC)), web.Application()
        edge.add_routes(app)
        app.router.add_get("/healthz", lambda _: _ready())
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, settings.host, settings.port).start()
        edge.start()
        await Deliveries(ledger.database).announce(announcement(), targets(lanes=10, places=1_000))
        async with dispatching(Deliveries(ledger.database), os.environ["FAKE_PLATFORMS"], 1.0, tick=TICK):
            await stop.wait()
        await edge.stop()
        await runner.cleanup()


async def _ready() -> web.Response:
    return web.Response()


if __name__ == "__main__":
    asyncio.run(main())
