"""Measures the bot in Teams beside botbuilder's echo bot: `python -m tests.benchmarks.teams` writes the table.

Both run unmodified in processes of their own and call Microsoft's addresses, which lead through a proxy on this machine
to a fake with certificates of its own; in turn and several times, so that their ratio holds on a machine whose speed
drifts. Nothing but this machine is spoken to.
"""

import asyncio
import ssl
import statistics
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import trustme
from aiohttp import web

from tests.benchmarks.measuring import QUESTION, compare, memory, started, write_table
from tests.fakes.connector import PASSWORD, FakeConnector
from tests.fakes.teams_deliveries import APP, TENANT, sample

ROUNDS = 3
BURST, AT_ONCE = 600, 60
QUESTIONS, PARALLEL = 400, 20
MESSAGES = 200
HOSTS = ("login.botframework.com", "login.microsoftonline.com", "smba.trafficmanager.net")
OTHERS = "127.0.0.1,localhost"


class Microsoft(FakeConnector):
    """All of Microsoft that a bot calls, behind a proxy; it notes when something is posted where, and checks little."""

    service = "https://smba.trafficmanager.net/emea/"

    def __init__(self, authority: trustme.CA) -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(*HOSTS).configure_cert(context)
        super().__init__(context)
        self.arrived: dict[str, asyncio.Future[float]] = {}

    async def __aenter__(self) -> "Microsoft":
        await super().__aenter__()
        self._server = await asyncio.start_server(self._proxy, "127.0.0.1", 0)
        self.proxy = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self.origin = "https://login.botframework.com"
        return self

    async def __aexit__(self, *details: object) -> None:
        self._server.close()
        await super().__aexit__(*details)

    def routes(self, app: web.Application) -> None:
        """What botbuilder's own clients call besides."""
        super().routes(app)
        app.router.add_get("/{tenant}/v2.0/.well-known/openid-configuration", self._on("discovery", self._discovery))
        path = "/emea/v3/conversations/{id}/activities/{to}"
        app.router.add_post(path, self._on("post", self._post))

    async def _proxy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        inward, outward = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.gather(_pipe(reader, outward), _pipe(inward, writer))

    def _discovery(self, request: web.Request, _: Any) -> dict[str, str]:
        base = f"https://login.microsoftonline.com/{request.match_info['tenant']}"
        ends = {"authorization_endpoint": f"{base}/oauth2/v2.0/authorize", "issuer": f"{base}/v2.0"}
        return {**ends, "token_endpoint": f"{base}/oauth2/v2.0/token"}

    def _token(self, request: web.Request, form: dict[str, str]) -> dict[str, Any]:
        return {"token_type": "Bearer", "expires_in": 3600, "access_token": self._new_token()}

    def _post(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        if body["type"] == "message":
            self.arrived[request.match_info["id"]].set_result(time.perf_counter())
        return {"id": "1"}

    async def ask(self, conversation: str) -> float:
        """Somebody asks; gives the milliseconds until the answer is there."""
        self.arrived[conversation] = asyncio.get_running_loop().create_future()
        body = sample("message_personal")
        body["text"], body["conversation"]["id"] = QUESTION, conversation
        begun = time.perf_counter()
        reply = await self.deliver(body)
        assert reply.status < 300, reply
        return (await asyncio.wait_for(self.arrived[conversation], 60) - begun) * 1000

    async def ask_many(self, number: int, at_once: int, name: str) -> tuple[list[float], float]:
        """Many ask, with so many waiting at once; gives the milliseconds of each and the seconds of all."""
        slots, begun = asyncio.Semaphore(at_once), time.perf_counter()

        async def one(which: int) -> float:
            async with slots:
                return await self.ask(f"a:{name}{which}")

        taken = await asyncio.gather(*(one(which) for which in range(number)))
        return sorted(taken), time.perf_counter() - begun


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def running(microsoft: Microsoft, bundle: Path, *module: str):
    """A bot in its own process; gives its process id and the seconds from its start until it answers."""
    environ = {"MICROSOFT_APP_ID": APP, "MICROSOFT_APP_PASSWORD": PASSWORD, "MICROSOFT_APP_TENANT_ID": TENANT}
    environ |= {"HTTPS_PROXY": microsoft.proxy, "NO_PROXY": OTHERS, "REQUESTS_CA_BUNDLE": str(bundle)}
    async with started({**environ, "LOG_LEVEL": "ERROR"}, *module) as (address, pid, seconds):
        microsoft.bot_url = f"{address}/api/messages"
        yield pid, seconds


async def slowest_health(microsoft: Microsoft, seconds: float) -> float:
    """The slowest answer of the health check in milliseconds while it is asked for some seconds."""
    slowest, url = 0.0, microsoft.bot_url.replace("api/messages", "healthz")
    end = time.perf_counter() + seconds
    async with aiohttp.ClientSession() as session:
        while (begun := time.perf_counter()) < end:
            async with session.get(url) as response:
                await response.read()
            slowest = max(slowest, (time.perf_counter() - begun) * 1000)
            await asyncio.sleep(0.02)
    return slowest


async def measure(*module: str) -> dict[str, float]:
    """One round of every figure for one bot."""
    authority = trustme.CA()
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "ca.pem"
        authority.cert_pem.write_to_path(bundle)
        async with Microsoft(authority) as microsoft, running(microsoft, bundle, *module) as (pid, start):
            await microsoft.ask("a:first")
            before = len(microsoft.called("token"))
            await microsoft.ask_many(MESSAGES, PARALLEL, "counted")
            fetched = len(microsoft.called("token")) - before
            taken, _ = await microsoft.ask_many(QUESTIONS, PARALLEL, "timed")
            (_, seconds), health = await asyncio.gather(
                microsoft.ask_many(BURST, AT_ONCE, "burst"), slowest_health(microsoft, 1.0)
            )
            return {
                f"messages answered a second, {AT_ONCE} at once": BURST / seconds,
                f"question to answer, median, {PARALLEL} at once (ms)": statistics.median(taken),
                f"question to answer, p99, {PARALLEL} at once (ms)": taken[int(len(taken) * 0.99)],
                f"tokens fetched for {MESSAGES} messages": fetched,
                "slowest health check meanwhile (ms)": health,
                "start to ready (s)": start,
                "memory (MB)": memory(pid),
            }


if __name__ == "__main__":
    compared = asyncio.run(compare(measure, "tests.benchmarks.echo_bot", "botbuilder's echo bot", ROUNDS))
    write_table("teams", compared, "python -m tests.benchmarks.teams")
