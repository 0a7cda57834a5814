"""The command line: one question, a conversation, a check, an evaluation, and what each exits with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.main import main

HERE = Path(__file__).parents[1]
QUESTIONS = HERE / "questions" / "linkedin-ai-training"


@pytest.fixture
def optout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepared: None):
    """Runs the command in an empty folder with no settings but the given ones."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("SLACK_", "OPTOUT_CONTENT", "OPTOUT_CONTACT", "HOST", "PORT", "DATABASE_URL", "LOG_LEVEL")):
            monkeypatch.delenv(name)

    def run(*arguments: str, given: str | None = None, **environ: str):
        return CliRunner().invoke(main, arguments, input=given, env=environ)

    return run


def test_a_question_gets_its_answer(optout):
    """The answer is printed with its link, steps and source."""
    result = optout("ask", "how do I opt out of the AI training?")
    assert result.exit_code == 0
    assert "linkedin.com/mypreferences/d/settings/data-for-ai-improvement" in result.output
    assert "Clients First, 24 October 2025" in result.output


@pytest.mark.parametrize("words", ["announce", "announcements", "report launch"])
def test_a_word_of_announcers_says_what_to_type_instead(optout, words):
    """The terminal has commands for announcing, and does not meet the words of chat with silence."""
    assert "optout announce" in optout("ask", words).output


def test_the_record_has_exactly_the_fields_that_are_promised(optout):
    """--json prints one record with fixed keys and types."""
    result = optout("ask", "does this affect my DMs", "--region", "uk", "--on", "2025-11-02", "--json")
    record = json.loads(result.output)
    assert list(record) == [
        *("decision", "entries", "topic", "not_covered", "offered", "reply", "region", "on", "score")
    ]
    assert record["decision"] == "answer"
    assert record["entries"] == ["private_messages_excluded"]
    assert record["topic"] == "linkedin-ai-training"
    assert (record["region"], record["on"]) == ("europe", "2025-11-02")
    assert 0 <= record["score"] <= 1
    assert record["reply"].startswith("No. ")


@pytest.mark.parametrize("place", ["uk", "UK", "Germany", "DE", "no", "europe", "Texas", "us"])
def test_a_region_is_given_by_name_code_or_group(optout, place: str):
    """--region takes what people write."""
    record = json.loads(optout("ask", "when does it start", "--region", place, "--json").output)
    assert record["region"] == ("elsewhere" if place in ("Texas", "us") else "europe")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("ask", "x", "--region", "Atlantis"), "Atlantis"),
        (("ask", "x", "--on", "tomorrow"), "tomorrow"),
        (("ask", "x", "--no-such-option"), "--no-such-option"),
        (("eval", "no-such-file.yaml"), "no-such-file.yaml"),
        (("no-such-command",), "no-such-command"),
    ],
)
def test_wrong_use_exits_with_2_and_names_what_is_wrong(optout, arguments: tuple[str, ...], named: str):
    """Somebody who mistypes learns what."""
    result = optout(*arguments)
    assert result.exit_code == 2
    assert named in result.output


def test_settings_that_cannot_be_used_exit_with_2(optout):
    """Half a platform stops the start and names the other half."""
    result = optout("serve", SLACK_BOT_TOKEN="xoxb-1")
    assert result.exit_code == 2
    assert "SLACK_SIGNING_SECRET" in result.output


def test_nothing_is_served_to_others_without_a_platform(optout):
    """A public address with nothing behind it is a mistake."""
    result = optout("serve", "--host", "0.0.0.0")  # noqa: S104
    assert result.exit_code == 2
    assert "HOST" in result.output


def test_broken_content_exits_with_1_and_lists_every_mistake(optout, small: Path, tmp_path: Path):
    """check, ask and serve all refuse content with mistakes."""
    (tmp_path / "mine" / "languages" / "en").mkdir(parents=True)
    (tmp_path / "mine" / "languages" / "en" / "says.yaml").write_text("surprise: a\nyes: ''\n")
    for arguments in (("check",), ("ask", "hi"), ("serve",), ("preview",)):
        result = optout(*arguments, OPTOUT_CONTENT="mine")
        assert result.exit_code == 1
        assert "mine/languages/en/says.yaml:1: surprise: expected" in result.output
        assert "mine/languages/en/says.yaml:2: yes: expected" in result.output


def test_one_mistake_in_a_topic_is_told_as_one(optout, small: Path, tmp_path: Path):
    """The announcements beside a topic with a mistake are not blamed for it."""
    (tmp_path / "mine" / "linkedin-ai-training").mkdir(parents=True)
    (tmp_path / "mine" / "linkedin-ai-training" / "en.yaml").write_text("surprise: a\n")
    output = optout("check", OPTOUT_CONTENT="mine").output
    assert "announcements" not in output
    assert "\n1 mistake in the content" in output


def test_check_counts_the_content(optout):
    """Good content is summed up."""
    result = optout("check")
    assert result.exit_code == 0
    assert "linkedin-ai-training: 33 entries" in result.output


def test_a_conversation_remembers_its_turns_and_presses_buttons(optout):
    """Without a question one talks: a follow-up is understood and a number presses a button."""
    result = optout("ask", given="When does it start in Germany?\nand in Texas?\nhelp\n2\n")
    assert result.exit_code == 0
    assert "Answered for the EU" in result.output
    assert "Answered for the US" in result.output
    assert result.output.count("linkedin.com/mypreferences") >= 1


def test_why_shows_the_evidence(optout):
    """--why names what it was taken for, the runner-up, the confidence and, for authors, the words that counted."""
    output = optout("ask", "is it on by default?", "--why").output
    assert "I took your question as “Is LinkedIn's AI setting on by default?”." in output
    for part in ("Next in line was “", "Confidence: ", "Region: ", "Date used: ", "Version of the content: "):
        assert part in output
    assert "share of the words known 100% (on_by_default, is, it), nearest phrasing “is it on by default”" in output


def test_why_goes_beside_the_record(optout):
    """With --json the reasons are told apart from what a program reads."""
    result = optout("ask", "xyzzy plugh", "--json", "--why")
    assert json.loads(result.stdout)["decision"] == "unknown"
    assert "Confidence: " in result.stderr


EVAL = """
version: 1
questions:
  - {id: right, kind: a, lang: en, turns: [who owns LinkedIn], accept: [who_owns_linkedin]}
  - {id: wrong, kind: a, lang: en, turns: [who owns LinkedIn], accept: [steps]}
  - {id: banned, kind: a, lang: en, turns: [who owns LinkedIn], accept: [who_owns_linkedin], must_not: ["microSOFT"]}
  - {id: fact, kind: a, lang: en, turns: [how long does opting out take], accept: [time_needed]}
  - {id: refused, kind: b, lang: en, turns: [xyzzy plugh], accept: [steps]}
  - {id: fine, kind: b, lang: en, turns: [xyzzy plugh], accept: [steps], refusal_ok: true}
  - {id: none, kind: b, lang: en, turns: [xyzzy plugh], accept: []}
  - {id: said, kind: b, lang: en, turns: [who owns LinkedIn], accept: []}
  - {id: turns, kind: b, turns: [When does it start in Oslo?, and in Texas?], accept: [already_started_elsewhere]}
"""


def test_an_evaluation_judges_each_question_by_the_rules(optout, tmp_path: Path):
    """The table, the misses and the record agree; facts.yaml beside the file counts."""
    (tmp_path / "q.yaml").write_text(EVAL)
    (tmp_path / "facts.yaml").write_text(
        "global_must_not: [xoxb-]\nfacts:\n  - {id: time_needed, must_not: ['30 seconds']}\n"
    )
    result = optout("eval", "q.yaml", "--on", "2026-01-01", "--json", "out.json")
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / "out.json").read_text())
    outcomes = {question["id"]: question["outcome"] for question in record["questions"]}
    assert outcomes == {
        "right": "right",
        "wrong": "wrong",
        "banned": "wrong",
        "fact": "wrong",
        "refused": "refused",
        "fine": "right",
        "none": "right",
        "said": "wrong",
        "turns": "right",
    }
    assert record["on"] == "2026-01-01"
    assert record["totals"]["a"] == {"n": 4, "right": 1, "clarified": 0, "refused": 0, "wrong": 3}
    assert set(record["questions"][0]) >= {"decision", "entries", "reply", "id", "kind", "lang", "outcome"}
    assert "wanted steps" in result.output


@pytest.mark.parametrize("text", ["", "questions: 5\n", "questions: [{id: a}]\n", "a: [\n", "questions: [[]]\n"])
def test_a_file_that_holds_no_questions_is_named(optout, tmp_path: Path, text: str):
    """A wrong file is wrong use, not a crash."""
    (tmp_path / "q.yaml").write_text(text)
    result = optout("eval", "q.yaml")
    assert result.exit_code == 2
    assert "q.yaml" in result.output


@pytest.mark.process
def test_a_question_loads_no_platform():
    """A question stays quick: neither a platform, nor a web server, nor a database is imported for it."""
    code = (
        "import sys; from bot.__main__ import main\n"
        "try: main(['ask', 'how do I opt out?'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('slack_bolt', 'slack_sdk', 'aiohttp', 'sqlalchemy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HERE.parent)  # noqa: S603
    assert done.stdout.splitlines()[-1] == "[]"
