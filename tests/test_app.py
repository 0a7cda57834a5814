"""The running process: what it says at the start, its health, and that it ends when told to."""

import asyncio
import gzip
import json
import os
import re
import signal
import sys
from contextlib import asynccontextmanager
from itertools import product
from pathlib import Path

import aiohttp
import pytest

from tests.fakes.teams_deliveries import sample

ROOT = Path(__file__).parent.parent

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("knowledge")]
"""What is learnt is kept by then, so that no bot that is started here has to learn it again."""


@asynccontextmanager
async def running(folder: Path, *arguments: str, **environ: str):
    """The real command in a process of its own, until the block ends; gives its lines so far and its address."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if name == "OPTOUT_CACHE" or not name.startswith(("SLACK_", "OPTOUT_", "MICROSOFT_"))
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        cwd=folder,
        env={**clean, "PYTHONPATH": str(ROOT), "PORT": "0", **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    lines: list[str] = []
    address = None
    try:
        async with asyncio.timeout(60):
            while address is None and (line := (await process.stdout.readline()).decode()):
                lines.append(line.strip())
                if found := re.search(r"http://[\w.]+:\d+", line):
                    address = found[0]
        if address is None:
            pytest.fail((await process.stderr.read()).decode())
        yield process, lines, address
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def get(address: str, **headers: str):
    async with aiohttp.ClientSession() as session, session.get(address, headers=headers) as response:
        return response.status, await response.text()


async def post(address: str, body: bytes):
    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession() as session, session.post(address, data=body, headers=headers) as response:
        return response.status, await response.text()


async def test_it_serves_its_health_and_says_what_is_off(tmp_path: Path):
    """Without a platform it runs on this machine, tells that Slack is off and why, and is ready."""
    async with running(tmp_path, "serve") as (process, lines, address):
        assert await get(f"{address}/healthz") == (200, '{"status": "ok"}')
        status, text = await get(f"{address}/readyz")
        assert (status, json.loads(text)) == (200, {"content": "ok", "database": "ok", "slack": "off", "teams": "off"})
        assert lines[0].startswith("Content: LinkedIn")
        assert "Slack: off, no SLACK_BOT_TOKEN" in (await process.stdout.readline()).decode()
    assert (tmp_path / "optout.db").is_file()


async def test_it_serves_teams_without_authentication_on_this_machine(tmp_path: Path):
    """For Microsoft's playground; the state says that Teams is on, and nobody can miss how."""
    async with running(tmp_path, "serve", OPTOUT_TEAMS_AUTH="off") as (process, _, address):
        status, text = await get(f"{address}/readyz")
        assert (status, json.loads(text)["teams"]) == (200, "ok")
        assert "Slack: off" in (await process.stdout.readline()).decode()
        assert "WITHOUT authentication" in (await process.stdout.readline()).decode()


@pytest.mark.parametrize("arguments", [("serve",), ("preview",), ()], ids=["serve", "preview", "bare"])
async def test_it_ends_when_told_to(tmp_path: Path, arguments: tuple[str, ...]):
    """SIGTERM ends each mode, with status 0."""
    async with running(tmp_path, *arguments) as (process, _, __):
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            assert await process.wait() == 0


async def test_the_bare_command_opens_the_preview_without_a_database_file(tmp_path: Path):
    """With no platform set, `optout` alone is the preview, which leaves nothing behind."""
    async with running(tmp_path) as (_, lines, address):
        status, text = await get(f"{address}/")
        assert status == 200
        assert "<html" in text
        assert any("preview" in line for line in lines)
    assert list(tmp_path.iterdir()) == []


async def test_the_preview_opens_beside_a_running_bot(tmp_path: Path):
    """A port that is taken makes the preview use the next one; serve says who is in the way."""
    async with running(tmp_path, "serve") as (_, __, address):
        port = address.rpartition(":")[2]
        async with running(tmp_path, "preview", PORT=port) as (_, __, second):
            assert second != address
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "serve", "--port", port),
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": "sqlite:///other.db"},
            stderr=asyncio.subprocess.PIPE,
        )
        _, error = await process.communicate()
        assert process.returncode == 2
        assert f"PORT {port}" in error.decode()


async def test_only_one_process_serves_over_a_file(tmp_path: Path):
    """A second one says so and does not start; the first goes on, and when it has ended another may."""
    async with running(tmp_path, "serve") as (_, __, address):
        second = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "serve"),
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PORT": "0"},
            stderr=asyncio.subprocess.PIPE,
        )
        _, error = await second.communicate()
        assert second.returncode == 2
        assert "Another process serves over optout.db" in error.decode()
        assert (await get(f"{address}/healthz"))[0] == 200
    async with running(tmp_path, "serve") as (_, __, address):
        assert (await get(f"{address}/healthz"))[0] == 200


async def test_a_wrong_database_address_is_explained(tmp_path: Path):
    """An address that cannot be opened is a setting to mend, not a traceback."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "serve"),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PORT": "0", "DATABASE_URL": "sqlite:////no/such/folder/optout.db"},
        stderr=asyncio.subprocess.PIPE,
    )
    _, error = await process.communicate()
    assert process.returncode == 2
    assert "DATABASE_URL" in error.decode()
    assert "Traceback" not in error.decode()


async def test_a_slack_that_hangs_does_not_keep_teams_deaf(tmp_path: Path):
    """Whoever writes in Teams is heard once the port is open, and the operator reads of Slack first, as always."""
    hung = asyncio.Event()

    async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hung.wait()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        slack = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "SLACK_API_URL": f"{origin}/api/"}
        async with running(tmp_path, "serve", OPTOUT_TEAMS_AUTH="off", **slack) as (process, _, address):
            body = {**sample("message_personal"), "channelId": "emulator", "serviceUrl": origin}
            status, _ = await post(f"{address}/api/messages", json.dumps(body).encode())
            hung.set()
            lines = [(await process.stdout.readline()).decode() for _ in range(4)]
    assert status == 202
    assert [line.partition(":")[0] for line in lines] == ["Slack", "Slack", "Slack", "Teams"]


@pytest.mark.parametrize("mode", ["serve", "preview"])
async def test_nothing_is_ever_unpacked(tmp_path: Path, mode: str):
    """A packed body gets 415 on every path, and the next request on the same connection its answer: nobody looked."""
    platforms = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "SLACK_API_URL": "http://127.0.0.1:9/api/"}
    paths = ("/healthz", "/slack/events", "/api/messages", "/nowhere", "/ask")
    bodies = (b"would break the connection", gzip.compress(bytes(100 * 1024 * 1024)))
    async with running(tmp_path, mode, OPTOUT_TEAMS_AUTH="off", **platforms) as (process, _, address):
        for path, coding, body in product(paths, ("gzip", "deflate", "br", "zstd"), bodies):
            head = f"Host: {address.removeprefix('http://')}\r\nContent-Length:"
            packed = f"POST {path} HTTP/1.1\r\n{head} {len(body)}\r\nContent-Encoding: {coding}\r\n\r\n"
            after = f"GET / HTTP/1.1\r\n{head} 0\r\nConnection: close\r\n\r\n"
            reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
            writer.write(packed.encode() + body + after.encode())
            answers = (await reader.read()).decode()
            writer.close()
            assert re.findall(r"HTTP/1\.1 (\d+)", answers) == ["415", "200"], (path, coding, answers)
        process.terminate()
        assert "Traceback" not in (await process.stderr.read()).decode()


async def test_a_slack_that_cannot_be_reached_is_no_readiness(tmp_path: Path):
    """The bot starts all the same, says why it is not ready, and answers its health."""
    slack = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "SLACK_API_URL": "http://127.0.0.1:9/api/"}
    async with running(tmp_path, "serve", **slack) as (_, __, address):
        status, text = await get(f"{address}/readyz")
        assert status == 503
        assert json.loads(text)["slack"] not in ("ok", "off")
        assert (await get(f"{address}/healthz"))[0] == 200
