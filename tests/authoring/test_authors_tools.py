"""What authors are told about their content: rivals, confusions, damage, and entries that are not reached."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from bot.answering.deciding import Knowledge
from bot.authoring import damage
from bot.authoring import neighbours as rivals
from bot.authoring import reach as reaching
from bot.authoring.evaluation import EvalQuestion, Facts, confusions, evaluate
from bot.authoring.neighbours import Second
from bot.authoring.reach import Asked
from bot.cli.main import main
from bot.content.topics import Content
from tests.conftest import TODAY

TOPIC = "linkedin-ai-training"
STEPS = (TOPIC, "steps")
TITLE = "How do I opt out of AI training on LinkedIn?"


def test_what_was_taken_for_what_is_counted(knowledge: Knowledge):
    """The commonest confusion stands first; what was answered rightly is none."""
    wanted = (("steps",), ("steps",), ("who_owns_linkedin",), ())
    questions = [
        EvalQuestion(id=str(number), kind="a", turns=("who owns LinkedIn",), accept=accept)
        for number, accept in enumerate(wanted)
    ]
    result = evaluate(knowledge, questions, Facts(everywhere=(), of_fact={}), TODAY)
    assert list(confusions(result, questions)) == [
        "  2  steps -> who_owns_linkedin",
        "  1  no answer -> who_owns_linkedin",
    ]


def test_the_rival_of_an_entry_is_what_comes_second(knowledge: Knowledge):
    """It is another one, and behind."""
    found = rivals.second(knowledge, STEPS, TITLE)
    assert found
    assert found.rival not in (STEPS, ("", "greeting"))
    assert 0 < found.behind < 1.2


def test_a_phrasing_nearer_to_another_entry_lets_that_one_lead(knowledge: Knowledge):
    """Below zero the rival is ahead."""
    found = rivals.second(knowledge, STEPS, "who owns LinkedIn")
    assert found
    assert found.rival == (TOPIC, "who_owns_linkedin")
    assert found.behind < 0


def test_the_closest_rivals_stand_first():
    """One line for each entry, with its worst phrasing and how often that rival comes second."""
    a, b, c = ((TOPIC, name) for name in "abc")
    found = [Second(a, b, 0.5, "x"), Second(a, b, 0.4, "y"), Second(a, c, 0.9, "z"), Second(b, c, 0.1, "w")]
    first, second = rivals.lines(found)
    assert first.split()[:3] == ["b", "c", "0.10"]
    assert second.split()[:3] == ["a", "b", "0.40"]
    assert second.endswith("behind in 'y'; second to 2 of 3 phrasings")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("capitals", "IT'S ON, ISN'T IT?"),
        ("no punctuation", "its on isnt it"),
        ("text around", "Hi all, hope you are well! it's on, isn't it? Thanks in advance!"),
    ],
)
def test_damage_without_chance_is_plain(name: str, expected: str):
    """Capitals, punctuation and surroundings."""
    assert damage.damages()[name]("it's on, isn't it?", Random(1)) == expected  # noqa: S311


@pytest.mark.parametrize("seed", range(20))
def test_damage_by_chance_keeps_what_it_does_not_touch(seed: int):
    """Typos keep the words' number, word order the words, numbers and emoji the text."""
    done = {name: make("where is the setting", Random(seed)) for name, make in damage.damages().items()}  # noqa: S311
    assert len(done["typos"].split()) == 4
    assert sorted(done["word order"].split()) == ["is", "setting", "the", "where"]
    assert done["word order"] != "where is the setting"
    for name in ("numbers added", "emoji"):
        assert "where is the setting" in done[name]
        assert done[name] != "where is the setting"


@pytest.mark.parametrize("text", ["", "x", "?", "DM", "a bc", "{n}", "{text} {"])
def test_the_shortest_phrasing_can_be_damaged(text: str):
    """Nothing to change is no error, nor are braces."""
    for make in damage.damages().values():
        assert isinstance(make(text, Random(1)), str)  # noqa: S311


def test_damage_is_the_same_every_time_and_judged_by_the_entry(knowledge: Knowledge):
    """A phrasing goes through all damages; asked for another entry, the same replies are wrong ones."""
    records = list(damage.rehearse(knowledge, STEPS, TITLE, TODAY))
    assert records == list(damage.rehearse(knowledge, STEPS, TITLE, TODAY))
    assert [record["damage"] for record in records] == ["as written", *damage.damages()]
    assert records[0] == {
        "entry": "steps", "damage": "as written", "text": TITLE, "outcome": "right", "entries": ["steps"]
    }  # fmt: skip
    other = next(damage.rehearse(knowledge, (TOPIC, "overview"), TITLE, TODAY))
    assert other["outcome"] == "wrong"


def record(name: str, text: str, outcome: str) -> dict:
    return {"entry": "a", "damage": name, "text": text, "outcome": outcome, "entries": ["b"]}


def test_shares_are_counted_by_damage_and_what_was_led_astray_is_named():
    """What was wrong as written has not been led astray by anything."""
    records = [
        record("as written", "x", "wrong"), record("emoji", "x 🙏", "right"), record("typos", "x", "wrong"),
        record("as written", "y", "right"), record("emoji", "y 🙏", "wrong"), record("typos", "y", "refused"),
    ]  # fmt: skip
    rows = {line[:16].strip(): line.split() for line in damage.table(records).splitlines()}
    assert rows["emoji"][1:] == ["2", "50.0%", "0.0%", "0.0%", "50.0%"]
    assert rows["as written"][2:] == ["2", "50.0%", "0.0%", "0.0%", "50.0%"]
    assert list(damage.led_astray(records)) == ["emoji           a -> b: 'y 🙏'"]


@pytest.fixture
def strict(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Checks strictly, in an empty folder, with a folder of questions of one's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPTOUT_CONTENT", raising=False)
    folder = tmp_path / "mine" / TOPIC
    folder.mkdir(parents=True)
    (tmp_path / "acme" / TOPIC).mkdir(parents=True)
    (tmp_path / "acme" / TOPIC / "en.yaml").write_text(
        "entries:\n  - id: acme_mascot\n    title: What is the name of the Acme mascot?\n"
        "    section: Introduction\n    ask: [the mascot's name]\n    answer: [Its name is in the article.]\n"
    )

    def run(questions: str, *arguments: str, overlay: bool = True, shipped: str = ""):
        monkeypatch.setattr(reaching, "QUESTIONS", tmp_path / "theirs")  # which an installed package does not have
        if shipped:
            (tmp_path / "theirs" / TOPIC).mkdir(parents=True)
            (tmp_path / "theirs" / TOPIC / "q.yaml").write_text("questions:\n" + shipped)
        (folder / "q.yaml").write_text("questions:\n" + questions)
        environ = {"OPTOUT_CONTENT": "acme"} if overlay else {}
        return CliRunner().invoke(main, ("check", "--strict", "--questions", "mine", *arguments), env=environ)

    return run


@pytest.mark.slow
def test_the_shipped_entries_are_reached(content: Content, asked: Callable[[str], list[Asked]]):
    """Each by its own held-out questions, of which there are some for every entry."""
    files = sorted(path.stem for path in (reaching.QUESTIONS / TOPIC).glob("*.yaml") if path.name != "facts.yaml")
    found = [one for name in files for one in asked(name)]
    assert list(reaching.unknown(content, found)) == []
    assert list(reaching.unreached(content, found, 0.4)) == []
    assert reaching.unasked(content, found) == []


def test_the_questions_of_a_checkout_are_asked_beside_those_of_an_overlay(strict):
    """They come with it, and need not be named."""
    questions = "  - {id: a, kind: a, turns: [how is the Acme mascot called], accept: [acme_mascot]}\n"
    theirs = "  - {id: b, kind: a, turns: [who owns LinkedIn], accept: [who_owns_linkedin]}\n"
    result = strict(questions, shipped=theirs)
    assert result.exit_code == 0, result.output
    assert "Every entry is reached by 40% or more of its 2 questions." in result.output
    assert "who_owns_linkedin: no held-out question" not in result.output


def test_an_entry_that_is_not_reached_fails_the_check(strict):
    """File, question, what was wanted and what was given."""
    result = strict("  - {id: a, kind: a, turns: [who owns LinkedIn], accept: [acme_mascot]}\n")
    assert result.exit_code == 1
    assert "linkedin-ai-training/acme_mascot: reached by 0 of 1 questions, fewer than 40%" in result.output
    line = f"mine/{TOPIC}/q.yaml: 'who owns LinkedIn': wanted acme_mascot, got answer: who_owns_linkedin"
    assert line in result.output


def test_the_rate_is_an_option(strict):
    """What is enough for one is too little for another."""
    questions = (
        "  - {id: a, kind: a, turns: [how is the Acme mascot called], accept: [acme_mascot]}\n"
        "  - {id: b, kind: a, turns: [who owns LinkedIn], accept: [acme_mascot]}\n"
    )
    assert strict(questions).exit_code == 0
    result = strict(questions, "--rate", "0.6")
    assert result.exit_code == 1
    assert "acme_mascot: reached by 1 of 2 questions, fewer than 60%" in result.output


def test_an_entry_without_a_question_is_a_warning(strict):
    """Nobody knows whether it is reached."""
    result = strict("  - {id: a, kind: a, turns: [who owns LinkedIn], accept: [who_owns_linkedin]}\n")
    assert result.exit_code == 0, result.output
    assert "warning: linkedin-ai-training/acme_mascot: no held-out question asks for it" in result.output


def test_a_question_for_an_entry_that_nobody_wrote_fails_the_check(strict):
    """A slip in an id would otherwise go unnoticed."""
    result = strict("  - {id: a, kind: a, turns: [hello], accept: [setps]}\n", overlay=False)
    assert result.exit_code == 1
    assert "wanted setps, which is no entry" in result.output


def test_a_folder_without_questions_is_wrong_use(strict, tmp_path: Path):
    """The error names the folder and what is expected in it."""
    (tmp_path / "empty").mkdir()
    result = strict("  - {id: a, kind: a, turns: [hello], accept: []}\n", "--questions", "empty", overlay=False)
    assert result.exit_code == 2
    assert "empty holds no questions" in result.output
    assert TOPIC in result.output
