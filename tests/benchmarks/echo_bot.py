"""The reference for the Teams benchmark: botbuilder's own echo bot, as its samples have it.

It needs `pip install 'optout[benchmark]'`.
"""

import os

from aiohttp import web
from botbuilder.core import ActivityHandler, MessageFactory, TurnContext
from botbuilder.core.integration import aiohttp_error_middleware
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication


class Config:
    """What the samples call a configuration."""

    APP_ID = os.environ["MICROSOFT_APP_ID"]
    APP_PASSWORD = os.environ["MICROSOFT_APP_PASSWORD"]
    APP_TYPE = "SingleTenant"
    APP_TENANTID = os.environ["MICROSOFT_APP_TENANT_ID"]


class EchoBot(ActivityHandler):
    """Repeats what it hears."""

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """Repeats a message."""
        await turn_context.send_activity(MessageFactory.text(f"Echo: {turn_context.activity.text}"))


adapter = CloudAdapter(ConfigurationBotFrameworkAuthentication(Config()))
bot = EchoBot()


async def messages(request: web.Request) -> web.Response:
    """Hands a request to the adapter."""
    return await adapter.process(request, bot)


async def healthz(_: web.Request) -> web.Response:
    """Says that it runs."""
    return web.Response()


def main() -> None:
    """Serves on the port given by the environment."""
    app = web.Application(middlewares=[aiohttp_error_middleware])
    app.router.add_post("/api/messages", messages)
    app.router.add_get("/healthz", healthz)
    web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)


if __name__ == "__main__":
    main()
