"""What the benchmarks share: a bot in a process of its own, the memory it holds, and the table of the rounds."""

import asyncio
import os
import socket
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

QUESTION = "how can I switch this AI training thing off?"
ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def started(environ: Mapping[str, str], *module: str) -> AsyncIterator[tuple[str, int, float]]:
    """A bot in its own process; gives its address, its process id and the seconds from its start until it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    environ = {**os.environ, "PORT": address.rpartition(":")[2], "DATABASE_URL": "sqlite:///:memory:", **environ}
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *module, cwd=ROOT, env=environ, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        await _answers(f"{address}/{'readyz' if module[0] == 'bot' else 'healthz'}")
        yield address, process.pid, time.perf_counter() - begun
    finally:
        process.terminate()
        await process.wait()


def processor(pid: int) -> float:
    """Seconds of processor time that a process has used (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int, line: str = "VmRSS") -> float:
    """Megabytes that a process holds in memory, or held at the most (`VmHWM`)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(found for found in status.splitlines() if found.startswith(line)).split()[1]) / 1024


async def compare(measure: Callable[..., Awaitable[dict[str, float]]], reference: str, named: str, rounds: int) -> None:
    """Prints the medians of all rounds, and the ratio of the bot and its reference round by round."""
    both = [(await measure("bot", "serve"), await measure(reference)) for _ in range(rounds)]
    print(f"| figure | Opt-Out Bot | {named} | ratio |\n|---|---|---|---|")
    for figure in both[0][0]:
        ours, theirs = ([one[which][figure] for one in both] for which in (0, 1))
        ratio = statistics.median(a / b if b else float("nan") for a, b in zip(ours, theirs, strict=True))
        print(f"| {figure} | {statistics.median(ours):.2f} | {statistics.median(theirs):.2f} | {ratio:.2f} |")


async def _answers(url: str) -> None:
    async with asyncio.timeout(20), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.01)
