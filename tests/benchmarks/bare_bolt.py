"""The reference for the Slack benchmark: a bare slack-bolt AsyncApp that replies a constant."""

import os

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

client = AsyncWebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
app = AsyncApp(client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"])


@app.event("message")
async def message(say) -> None:
    """Replies the constant."""
    await say("Open Settings & Privacy, then Data Privacy.")


@app.command("/optout")
async def command(ack, respond) -> None:
    """Acknowledges the command and replies the constant."""
    await ack()
    await respond("Open Settings & Privacy, then Data Privacy.")


async def events(request: web.Request) -> web.Response:
    """Hands a request to Bolt."""
    return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))


async def healthz(_: web.Request) -> web.Response:
    """Says that it runs."""
    return web.Response()


def main() -> None:
    """Serves on the port given by the environment."""
    web_app = web.Application()
    web_app.router.add_post("/slack/events", events)
    web_app.router.add_get("/healthz", healthz)
    web.run_app(web_app, host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)


if __name__ == "__main__":
    main()
