"""Delivers announcements at full size, through faults and for speed: `python -m tests.benchmarks.delivery`.

The deliverer is a process of its own with the real ledger, dispatcher and couriers; the platforms are fakes on this
machine that enforce the limits (with shorter seconds in the runs with faults) and count every copy by its id. The run
`unheard` takes the PostgreSQL server that OPTOUT_TEST_POSTGRES names.
"""

import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import asynccontextmanager
from itertools import cycle, islice
from pathlib import Path

import click

from bot.announcements.copies import Counts
from bot.announcements.deliveries import Deliveries
from bot.announcements.dispatcher import TICK
from bot.content.topics import RESULT
from bot.storage.ledger import open_ledger
from tests.benchmarks.measuring import processor, rows, write_table
from tests.benchmarks.measuring import started as started_bot
from tests.benchmarks.slack import acknowledged
from tests.fakes import slack as fake_slack
from tests.fakes.delivering import announcement, targets, told
from tests.fakes.platforms import FakePlatforms, Faults
from tests.fakes.postgres import BreakingLine, new_database
from tests.fakes.slack import FakeSlack

NAME = "topic/launch"
PATIENCE = 2.0
SCALE = 0.05
"""How long a second of the limits is in the fault runs."""


HEAD = ["run", "places", "lost", "twice", "may have arrived", "429", "took", ""]
Line = list[str]


async def report(what: str, deliveries: Deliveries, platforms: FakePlatforms, began: float, extra: str = "") -> Line:
    """A line of the table: lost, twice and uncertain copies."""
    copies = await deliveries.copies(NAME)
    lost = sum(copy.state not in ("unknown", "failed") and not platforms.arrived[copy.id] for copy in copies)
    twice = sum(number > 1 for number in platforms.arrived.values())
    unknown = [copy for copy in copies if copy.state == "unknown"]
    slack = sum(copy.place.platform == "slack" for copy in unknown)
    uncertain = f"{slack} Slack, {len(unknown) - slack} Teams"
    took = f"{time.perf_counter() - began:.0f} s"
    return [what, f"{len(copies):,}", str(lost), str(twice), uncertain, str(platforms.refused.total()), took, extra]


@asynccontextmanager
async def fan_out(lanes: int, places: int, **options):
    """An empty ledger with an announcement to so many places in so many lanes, and the platforms."""
    with tempfile.TemporaryDirectory() as folder:
        url = os.environ.get("OPTOUT_BENCHMARK_DATABASE") or f"sqlite:///{Path(folder) / 'optout.db'}"
        async with open_ledger(url) as ledger, FakePlatforms(**options) as platforms:
            await Deliveries(ledger.database).announce(announcement(), targets(lanes, places))
            yield url, Deliveries(ledger.database), platforms


async def started(url: str, platforms: FakePlatforms, scale: float, tick: float = SCALE):
    """A deliverer in a process of its own."""
    arguments = (url, platforms.origin, str(scale), str(PATIENCE), str(tick))
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.fakes.delivering", *arguments)


async def until(deliveries: Deliveries, condition: Callable[[Counts], bool], seconds: float = 900.0) -> None:
    """Waits until the counts are as wanted."""
    async with asyncio.timeout(seconds):
        while not condition((await deliveries.announcements())[0][1]):
            await asyncio.sleep(0.1)


async def settled(deliveries: Deliveries) -> None:
    """Waits until nothing is waiting, on its way or to be looked for."""
    await until(deliveries, lambda counts: not counts.of("pending", "sending"))
    while any(copy.state == "unknown" and copy.not_before for copy in await deliveries.copies(NAME)):
        await asyncio.sleep(0.2)
    await until(deliveries, lambda counts: not counts.of("pending", "sending"))


async def killed(history: bool, kills: int = 30) -> Line:
    """Kill -9 at random instants, over 5,000 places in 10 workspaces and tenants."""
    began, chance = time.perf_counter(), random.Random(1)
    async with fan_out(10, 500, scale=SCALE, history=history) as (url, deliveries, platforms):
        for _ in range(kills):
            process = await started(url, platforms, SCALE)
            before = platforms.arrived.total()
            while platforms.arrived.total() < min(before + 20, 4_990):
                await asyncio.sleep(0.005)
            await asyncio.sleep(chance.uniform(0.0, 0.3))
            process.send_signal(signal.SIGKILL)
            await process.wait()
        process = await started(url, platforms, SCALE)
        await settled(deliveries)
        process.terminate()
        await process.wait()
        return await report(f"killed {kills} times, look-up {'on' if history else 'off'}", deliveries, platforms, began)


async def frozen() -> Line:
    """Stopped for longer than a request may take, and woken."""
    began = time.perf_counter()
    async with fan_out(10, 100, scale=SCALE) as (url, deliveries, platforms):
        process = await started(url, platforms, SCALE)
        await until(deliveries, lambda counts: counts.of("done") >= 200)
        process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(60 * SCALE)
        process.send_signal(signal.SIGCONT)
        await settled(deliveries)
        process.terminate()
        await process.wait()
        return await report("stopped for a minute", deliveries, platforms, began)


async def faulty(what: str, faults: Faults, seconds: float) -> Line:
    """Faults for a while after the first, or throughout where `seconds` is 0."""
    began = time.perf_counter()
    async with fan_out(10, 100, scale=SCALE, faults=faults) as (url, deliveries, platforms):
        process = await started(url, platforms, SCALE)
        if seconds:
            while not platforms.failed:
                await asyncio.sleep(SCALE)
            await asyncio.sleep(seconds * SCALE)
            platforms.faults = Faults()
        await settled(deliveries)
        process.terminate()
        await process.wait()
        return await report(what, deliveries, platforms, began)


async def unheard(breaks: int = 100) -> Line:
    """The line to PostgreSQL breaks at one COMMIT in eight: before it, after it, and while it is on its way."""
    began = time.perf_counter()
    async with (
        new_database(os.environ["OPTOUT_TEST_POSTGRES"]) as url,
        open_ledger(url) as ledger,
        BreakingLine(url) as line,
        FakePlatforms(scale=SCALE) as platforms,
    ):
        deliveries = Deliveries(ledger.database)
        await deliveries.announce(told(), targets(10, 200))
        moments = islice(cycle(("before", "after", "meanwhile")), breaks)
        line.breaks = (each for moment in moments for each in (*[None] * 7, moment))
        process = await started(line.url, platforms, SCALE)
        async with asyncio.timeout(900):
            while [copy.state for copy in await deliveries.copies(f"{NAME}{RESULT}")] != ["done"]:
                await asyncio.sleep(0.1)
        process.terminate()
        await process.wait()
        sending = sum(copy.state == "sending" for copy in await deliveries.copies(NAME))
        extra = f"line broken {line.broken} times; {sending} left being sent; the sender was told"
        return await report("line to PostgreSQL broken", deliveries, platforms, began, extra)


async def restarted() -> Line:
    """A graceful stop in the middle, and another process after it."""
    began = time.perf_counter()
    async with fan_out(10, 100, scale=SCALE) as (url, deliveries, platforms):
        process = await started(url, platforms, SCALE)
        await until(deliveries, lambda counts: counts.of("done") >= 300)
        stopping = time.perf_counter()
        process.terminate()
        await process.wait()
        took = time.perf_counter() - stopping
        process = await started(url, platforms, SCALE)
        await settled(deliveries)
        process.terminate()
        await process.wait()
        return await report("stopped gracefully", deliveries, platforms, began, f"stopped in {took:.1f} s")


async def speed(what: str, lanes: int, places: int, scale: float) -> Line:
    """How fast copies go: the share of what the limits allow, or without limits copies a second."""
    began = time.perf_counter()
    async with fan_out(lanes, places, scale=scale or 1.0, limited=bool(scale)) as (url, deliveries, platforms):
        process = await started(url, platforms, scale, TICK)
        await settled(deliveries)
        cpu = processor(process.pid)
        times = sorted(moment for each in platforms.times.values() for moment in each)
        rate = len(times) / (times[-1] - times[0])
        if scale:
            shares = {
                lane: platforms.rate(lane) * scale / (8 if lane.startswith("slack") else 50) for lane in platforms.times
            }
            extra = f"{min(shares.values()):.1%} to {max(shares.values()):.1%} of each lane's limit"
        else:
            extra = f"{rate:.0f} a second, {len(times) / cpu:.0f} for a second of CPU"
        idle = processor(process.pid)
        await asyncio.sleep(10)
        extra += f"; then idle {(processor(process.pid) - idle) / 10:.1%} of a core"
        process.terminate()
        await process.wait()
        return await report(what, deliveries, platforms, began, extra)


async def acknowledging() -> Line:
    """Slash commands, ten at once, while the same process brings copies to 10 lanes at their limits."""
    began = time.perf_counter()
    fake_slack.problems = lambda _blocks: []  # checking blocks costs the fake more than an answer costs the bot
    async with FakePlatforms() as platforms, FakeSlack() as slack:
        environ = {"SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": slack.token, "SLACK_SIGNING_SECRET": slack.secret}
        environ |= {"FAKE_PLATFORMS": platforms.origin, "LOG_LEVEL": "WARNING"}
        with tempfile.TemporaryDirectory() as folder:
            environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / 'optout.db'}"
            async with started_bot(environ, "tests.benchmarks.busy_bot") as (address, _, _):
                slack.bot_url = f"{address}/slack/events"
                while platforms.arrived.total() < 500:
                    await asyncio.sleep(0.1)
                before, asked = platforms.arrived.total(), time.perf_counter()
                taken = sorted(await acknowledged(slack))
                rate = (platforms.arrived.total() - before) / (time.perf_counter() - asked)
    at = [taken[int(len(taken) * share)] for share in (0.5, 0.99)]
    refused, took = str(platforms.refused.total()), f"{time.perf_counter() - began:.0f} s"
    extra = f"median {at[0]:.0f} ms, p99 {at[1]:.0f} ms"
    return ["slash commands acknowledged meanwhile", f"{rate:.0f} a second", "", "", "", refused, took, extra]


RUNS = {
    "killed": lambda: killed(history=True),
    "killed-blind": lambda: killed(history=False),
    "frozen": frozen,
    "cut-after": lambda: faulty("cut after acceptance, 5 %", Faults(cut_after=0.05), 0),
    "lost-reply": lambda: faulty("502 after acceptance, 5 %", Faults(error_after=0.05), 0),
    "storm": lambda: faulty("429 to all for a minute", Faults(storm=True), 60),
    "down": lambda: faulty("500 to all for a minute", Faults(error=1.0), 60),
    "errors": lambda: faulty("1 % errors of each kind", Faults(0.01, 0.01, 0.01, 0.01), 0),
    "unheard": unheard,
    "restarted": restarted,
    "limits": lambda: speed("as fast as the limits allow", 10, 1_000, 1.0),
    "no-limits": lambda: speed("without limits", 10, 1_000, 0.0),
    "acknowledging": acknowledging,
}


@click.command()
@click.argument("runs", nargs=-1, type=click.Choice(list(RUNS)))
def main(runs: tuple[str, ...]) -> None:
    """Prints a line for each of these runs, or writes the table of all."""
    lines = []
    for run in runs or RUNS:
        lines.append(asyncio.run(RUNS[run]()))
        click.echo(" | ".join(lines[-1]), err=True)
    if runs:
        click.echo(rows(HEAD, lines))
    else:
        write_table("delivery", rows(HEAD, lines), "python -m tests.benchmarks.delivery")


if __name__ == "__main__":
    main()
