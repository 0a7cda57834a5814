"""The first start: it says what takes its time, can be ended, and what it keeps is trusted only while it is whole."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.process, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
ASK = (sys.executable, "-m", "bot", "ask", "does this affect my DMs")


def begin(cache: Path, *command: str) -> subprocess.Popen[str]:
    """A command on its way, with a cache of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "MICROSOFT_", "HOST"))}
    environ = {**kept, "OPTOUT_CACHE": str(cache), "PYTHONUNBUFFERED": "1", "PORT": "0"}
    return subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_two_first_starts_at_once_and_damage_after_them_change_no_answer(tmp_path: Path):
    """Each says what it does, leaves no half file, and the next says nothing; what is damaged is made again."""
    both = [begin(tmp_path, *ASK) for _ in range(2)]
    ended = [process.communicate() for process in both]
    answer, said = ended[0]
    assert [one for one, _ in ended] == [answer, answer]
    assert "private messages are left out" in answer
    assert [line.split(":")[0].split(" about ")[0] for line in said.splitlines()] == [
        "Reading the content",
        "Learning how people ask",
    ]
    files = sorted(tmp_path.iterdir())
    assert {path.suffix for path in files} == {".arrays"}
    assert begin(tmp_path, *ASK).communicate() == (answer, "")
    for path in files:
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 1]) + whole[len(whole) // 2 + 1 :])
    again, said = begin(tmp_path, *ASK).communicate()
    assert again == answer
    assert said.count("cache.unreadable") >= 4
    assert begin(tmp_path, *ASK).communicate() == (answer, "")


def test_a_first_start_can_be_ended_at_once(tmp_path: Path):
    """Ctrl-C while it learns: one line, no traceback, and nothing half-written."""
    process = begin(tmp_path, sys.executable, "-m", "bot", "preview")
    lines = [process.stdout.readline() for _ in range(2)]
    assert [line.split()[0] for line in lines] == ["Reading", "Learning"]
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate(timeout=10)
    assert (said, errors.strip(), process.returncode) == ("", "Stopped.", 130)
    assert {path.suffix for path in tmp_path.iterdir()} == {".arrays"}
