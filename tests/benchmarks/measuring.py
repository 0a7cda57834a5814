"""What the benchmarks share: a bot in a process of its own, the memory it holds, and the tables that they write."""

import asyncio
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

QUESTION = "how can I switch this AI training thing off?"
ROOT = Path(__file__).parents[2]
TABLES = ROOT / "docs" / "measurements.md"
"""The document that holds every table, each between two marks of its name."""

PATIENCE = 60
"""Seconds that a bot may take to answer, which with an empty cache on a busy machine is long."""


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
    ready = {("bot", "serve"): "readyz", ("bot", "preview"): ""}.get(module, "healthz")
    try:
        await _answers(f"{address}/{ready}")
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


def rows(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [f"| {' | '.join(line)} |" for line in (head, *body)]
    return "\n".join((lines[0], "|---" * len(head) + "|", *lines[1:]))


def write_table(name: str, table: str, command: str, path: Path = TABLES) -> None:
    """Prints a table and puts it between the marks of its name, with the command, the commit and the day.

    Raises ValueError where the document has no such marks.
    """
    print(table, end="\n\n", flush=True)
    marks = f"<!-- {name} -->", f"<!-- end of {name} -->"
    between = re.compile(f"(?<={re.escape(marks[0])}\n).*?(?={re.escape(marks[1])})", re.DOTALL)
    text = path.read_text(encoding="utf-8")
    note = f"Measured on {_commit()} ({datetime.now(UTC):%Y-%m-%d}): `{command}`."
    written, found = between.subn(lambda _: f"\n{table}\n\n{note}\n\n", text)
    if not found:
        raise ValueError(f"{path} has no {marks[0]} with {marks[1]} after it.")
    path.write_text(written, encoding="utf-8")


async def compare(measure: Callable[..., Awaitable[dict[str, float]]], reference: str, named: str, rounds: int) -> str:
    """The table of the medians of all rounds, and of the ratios of the bot and its reference round by round."""
    both = [(await measure("bot", "serve"), await measure(reference)) for _ in range(rounds)]
    body = []
    for figure in both[0][0]:
        ours, theirs = ([one[which][figure] for one in both] for which in (0, 1))
        ratio = statistics.median(a / b if b else float("nan") for a, b in zip(ours, theirs, strict=True))
        body.append([figure, *(f"{one:.2f}" for one in (statistics.median(ours), statistics.median(theirs), ratio))])
    return rows(["figure", "Opt-Out Bot", named, "ratio"], body)


def _commit() -> str:
    """The commit that is measured, and whether something in the tree differs from it."""
    git = lambda *words: subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: E731, S607
    changed = git("status", "--porcelain", "--untracked-files=no", "--", "bot", "content", "tests")
    return f"`{git('rev-parse', '--short', 'HEAD').strip()}`{' with changes' if changed else ''}"


async def _answers(url: str) -> None:
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.01)
