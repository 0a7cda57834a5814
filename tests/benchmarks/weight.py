"""What the bot weighs beside the libraries that it stands on: `python -m tests.benchmarks.weight` writes the table.

Every processor time is set beside that of importing those libraries, measured in the same round, so that it holds on
any machine. `--without-installed` leaves out what takes a minute: installing everything into an empty folder.
"""

import asyncio
import compileall
import json
import os
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import slack as slack_benchmark
from tests.benchmarks.measuring import ROOT, memory, processor, rows, started, write_table
from tests.fakes.slack import FakeSlack

ROUNDS = 5
SETTLING = 12
"""Seconds after which a bot that is ready holds what it holds from then on."""

BASE = ("-c", "import numpy, pydantic, aiohttp, sqlalchemy, yaml")
ASK = ("-m", "bot", "ask", "does this affect my DMs")
EIGHT = {
    "de": "wie schalte ich das KI-Training aus?",
    "en": "how can I switch this AI training thing off?",
    "es": "¿cómo desactivo el entrenamiento de la IA?",
    "fr": "comment désactiver l'entraînement de l'IA ?",
    "it": "come disattivo l'addestramento dell'IA?",
    "nl": "hoe zet ik de AI-training uit?",
    "pl": "jak wyłączyć trenowanie AI?",
    "sv": "hur stänger jag av AI-träningen?",
}
"""A question in each language of the content."""

INSTALLED = "installed, without extras"
HEAD = ("figure", "measured", "ratio to base", "asked")
ASKED = {
    "*base* (CPU)": "",
    "`optout ask` (CPU)": "1.6 x base",
    "`optout ask` (VmHWM)": "120 MB",
    "first `optout ask`, cache empty (CPU)": "8 x base",
    "first `optout ask`, cache empty (VmHWM)": "400 MB",
    "`optout preview` until ready (wall)": "2.8 x base",
    "`optout preview` until ready (CPU)": "",
    "`optout serve` until ready (wall)": "2.8 x base",
    "`optout serve` until ready (CPU)": "",
    "`optout preview` until ready, cache empty (CPU)": "9 x base",
    "`optout preview` until ready, cache empty (VmHWM)": "450 MB",
    f"`optout serve` {SETTLING} s after it is ready (VmRSS)": "160 MB",
    "the same, asked in eight languages (VmRSS)": "200 MB",
    "`optout --version` (CPU)": "0.35 x base",
    INSTALLED: "260 MB",
}
"""Every figure in the order of the table, and the most that was asked for."""

LAUNCHER = """
import json, os, sys, time
begun, quiet = time.perf_counter(), (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[quiet])
_, status, used = os.wait4(process, 0)
print(json.dumps([status, used.ru_utime + used.ru_stime, time.perf_counter() - begun, used.ru_maxrss / 1024]))
"""
"""Runs a command and tells what it used. The kernel counts the memory of whoever starts a process as if it were the
process's own, so that has to be something small."""


def used(*command: str, **environ: str) -> tuple[float, float, float]:
    """The seconds of processor time and of the clock that a Python command takes, and the most memory it holds."""
    launcher = [sys.executable, "-I", "-S", "-c", LAUNCHER, sys.executable, *command]
    done = subprocess.run(launcher, env={**os.environ, **environ}, cwd=ROOT, check=True, capture_output=True, text=True)
    status, *figures = json.loads(done.stdout)
    if status:
        raise ChildProcessError(f"{' '.join(command)} ended with {status}: {done.stderr}")
    return tuple(figures)


async def previewed(cache: str) -> tuple[float, float, float]:
    """The seconds of processor time and of the clock until the preview is ready, and the most memory it held."""
    async with started({"OPTOUT_CACHE": cache}, "bot", "preview") as (_, pid, seconds):
        return processor(pid), seconds, memory(pid, "VmHWM")


async def served() -> tuple[float, float, float, float]:
    """The seconds of processor time and of the clock until Slack is served, and the memory then and after questions."""
    async with FakeSlack() as slack, slack_benchmark.running(slack, "bot", "serve") as (pid, seconds):
        taken = processor(pid)
        await asyncio.sleep(SETTLING)
        settled = memory(pid)
        for number, question in enumerate(EIGHT.values(), 1):
            await slack.write(question)
            await slack.until(lambda number=number: len(slack.said("D1")) == number, 60)
        return taken, seconds, settled, memory(pid)


async def measure() -> tuple[tuple[float, float], ...]:
    """One round of every figure but what is installed: seconds with those of the base, megabytes with nothing."""
    cpu, wall, _ = used(*BASE)
    ask, _, ask_most = used(*ASK)
    with TemporaryDirectory() as empty:
        first, _, first_most = used(*ASK, OPTOUT_CACHE=empty)
    preview, preview_wall, _ = await previewed(os.environ["OPTOUT_CACHE"])
    with TemporaryDirectory() as empty:
        cold, _, cold_most = await previewed(empty)
    serve, serve_wall, settled, questioned = await served()
    version, _, _ = used("-m", "bot", "--version")
    return (
        (cpu, cpu),
        (ask, cpu),
        (ask_most, 0),
        (first, cpu),
        (first_most, 0),
        (preview_wall, wall),
        (preview, cpu),
        (serve_wall, wall),
        (serve, cpu),
        (cold, cpu),
        (cold_most, 0),
        (settled, 0),
        (questioned, 0),
        (version, cpu),
    )


def installed() -> float:
    """The megabytes on disk of everything that the bot needs, without its extras."""
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    with TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "install", "-qq", "--target", folder, *needed], check=True)
        return sum(path.lstat().st_blocks for path in Path(folder).rglob("*")) * 512 / 1024**2


def line(figure: str, asked: str, rounds: Sequence[tuple[float, float]]) -> tuple[str, ...]:
    """A line of the table: the median of all rounds, and of what it is to the base round by round."""
    middle, timed = statistics.median(amount for amount, _ in rounds), rounds[0][1]
    ratio = f"{statistics.median(amount / base for amount, base in rounds):.2f}" if timed else ""
    return figure, f"{middle:.2f} s" if timed else f"{middle:.0f} MB", ratio, asked


async def main() -> None:
    """Measures every round with a cache of its own and bytecode in place, and writes the table."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall.compile_dir(ROOT / "bot", quiet=1)
    with TemporaryDirectory() as cache:
        os.environ["OPTOUT_CACHE"] = cache
        await previewed(cache)  # fills the cache
        rounds = [await measure() for _ in range(ROUNDS)]
    found = dict(zip(ASKED, zip(*rounds, strict=True), strict=False))  # what is installed comes last
    if "--without-installed" not in sys.argv:
        found[INSTALLED] = ((installed(), 0),)
    table = rows(HEAD, [line(figure, ASKED[figure], amounts) for figure, amounts in found.items()])
    write_table("weight", table, "python -m tests.benchmarks.weight")


if __name__ == "__main__":
    asyncio.run(main())
