"""Measures the bot on Slack beside a bare slack-bolt app: `python -m tests.benchmarks.slack` writes the table.

Both run in processes of their own against the same fake Slack, in turn and several times, so that their ratio holds
on a machine whose speed drifts. Nothing but this machine is spoken to.
"""

import asyncio
import statistics
import time
from contextlib import asynccontextmanager

from tests.benchmarks.measuring import QUESTION, compare, memory, processor, started, write_table
from tests.fakes import slack as fake_slack
from tests.fakes.slack import FakeSlack

ROUNDS = 5
MESSAGES = 200
HELP = "help"
"""A message for which nothing is looked up: what it costs is the way in and out."""
BURST = 300
PARALLEL = 20
COMMANDS = 300
COMMANDS_AT_ONCE = 10


@asynccontextmanager
async def running(slack: FakeSlack, *module: str):
    """A bot in its own process; gives its process id and the seconds from its start until it answers."""
    environ = {"SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": slack.token, "SLACK_SIGNING_SECRET": slack.secret}
    async with started({**environ, "LOG_LEVEL": "WARNING"}, *module) as (address, pid, seconds):
        slack.bot_url = f"{address}/slack/events"
        yield pid, seconds


async def latency(slack: FakeSlack, pid: int, text: str) -> tuple[float, float]:
    """Milliseconds from a direct message to its posted answer, one after the other: the median, and of the processor.

    The processor's are the mean: what others on the machine do lengthens the wait, but not the work.
    """
    taken, used = [], processor(pid)
    for _ in range(MESSAGES):
        before, begun = len(slack.said("D1")), time.perf_counter()
        await slack.write(text)
        await slack.until(lambda before=before: len(slack.said("D1")) > before)
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken), (processor(pid) - used) * 1000 / MESSAGES


async def throughput(slack: FakeSlack) -> float:
    """Answered messages a second, with several on their way at once."""
    before, begun = len(slack.said("D1")), time.perf_counter()
    slots = asyncio.Semaphore(PARALLEL)

    async def one() -> None:
        async with slots:
            await slack.write(QUESTION)

    await asyncio.gather(*(one() for _ in range(BURST)))
    await slack.until(lambda: len(slack.said("D1")) >= before + BURST, 60)
    return BURST / (time.perf_counter() - begun)


async def acknowledged(slack: FakeSlack) -> list[float]:
    """Milliseconds until a slash command is acknowledged, with ten at once, each answered before the next."""
    taken: list[float] = []

    async def one() -> None:
        begun = time.perf_counter()
        reply = await slack.command(QUESTION)
        taken.append((time.perf_counter() - begun) * 1000)
        assert reply.status == 200

    for sent in range(COMMANDS_AT_ONCE, COMMANDS + 1, COMMANDS_AT_ONCE):
        await asyncio.gather(*(one() for _ in range(COMMANDS_AT_ONCE)))
        await slack.until(lambda sent=sent: len(slack.whispered("C1")) >= sent, 60)
    return taken


async def measure(*module: str) -> dict[str, float]:
    """One round of every figure for one bot."""
    async with FakeSlack() as slack, running(slack, *module) as (pid, start):
        await slack.write(QUESTION)
        await slack.until(lambda: len(slack.said("D1")) > 0)
        (asked, work), (helped, help_work) = [await latency(slack, pid, text) for text in (QUESTION, HELP)]
        rate = await throughput(slack)
        commands = sorted(await acknowledged(slack))
        return {
            "direct message to answer, median (ms)": asked,
            "processor for a direct message (ms)": work,
            "`help` to answer, median (ms)": helped,
            "processor for `help` (ms)": help_work,
            "direct messages answered a second": rate,
            "slash command acknowledged, p99 (ms)": commands[int(len(commands) * 0.99)],
            "start to ready (s)": start,
            "memory (MB)": memory(pid),
        }


async def main() -> None:
    """Writes the medians of all rounds, and the ratio of the two bots round by round."""
    fake_slack.problems = lambda _blocks: []  # checking blocks costs the fake more than an answer costs the bot
    table = await compare(measure, "tests.benchmarks.bare_bolt", "bare slack-bolt", ROUNDS)
    write_table("slack", table, "python -m tests.benchmarks.slack")


if __name__ == "__main__":
    asyncio.run(main())
