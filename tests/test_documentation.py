"""The documents stay true: what there is has its row, what they name exists, and every example gives what it shows."""

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bot import settings
from bot.cli.main import main
from bot.content import hearing, phrases
from bot.content import models as topics
from bot.desk.commands import COMMANDS
from bot.storage.tables import metadata
from tests.benchmarks import measuring
from tests.test_imports import BOT, ROOMS, named

ROOT = Path(__file__).parent.parent
DOCUMENTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted((*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "content" / "README.md"))
}
README, WRITING = DOCUMENTS["README.md"], DOCUMENTS["content/README.md"]
SETTINGS = set(re.findall(r'given\.get\(\s*"([A-Z_]+)"', Path(settings.__file__).read_text(encoding="utf-8")))


def rows(document: str, heading: str = "") -> list[list[str]]:
    """The cells of every row of the tables in a document, or under one of its headings."""
    text = DOCUMENTS[f"docs/{document}"]
    if heading:
        text = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = re.findall(r"^\| (?!-)(.+) \|$", text, re.MULTILINE)
    return [line.replace("\\|", "").split(" | ") for line in lines]


def first(document: str, heading: str = "") -> list[str]:
    """What is named in the first cell of each row as code."""
    return [found[1] for row in rows(document, heading) if (found := re.fullmatch(r"`([^`]+)`", row[0]))]


def anchors(text: str) -> set[str]:
    """The names by which the headings of a document are linked to."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.+?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def examples() -> Iterator[object]:
    """Each `optout ask` that a document shows with its answer."""
    for name, text in DOCUMENTS.items():
        for block in re.findall(r"```console\n(.+?)```", text, re.DOTALL):
            for command, shown in re.findall(r"^\$ optout (ask .+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
                yield pytest.param(shlex.split(command), shown, id=f"{name}: {command}")


@pytest.mark.parametrize(
    "model",
    [
        topics.TopicFacts,
        topics.TopicAnswers,
        topics.Source,
        topics.AnnouncedDate,
        topics.RegionGroup,
        topics.Contact,
        topics.StepList,
        topics.RegionWords,
        topics.EntryAnswer,
        topics.Fragment,
        topics.NotCoveredAnswer,
        topics.Announcement,
        topics.AnnouncementWords,
        topics.AudiencePlace,
        topics.Company,
        topics.Country,
        topics.TopicQuestions,
        topics.EntryQuestions,
        topics.NotCoveredQuestions,
        hearing.Hearing,
        hearing.AskerWords,
        hearing.SmallTalk,
        phrases.SmallTalkReply,
        phrases.ActWords,
        phrases.Counted,
    ],
    ids=lambda model: model.__name__,
)
def test_every_field_that_authors_write_is_described(model: type[topics.Model]):
    """A field that content/README.md does not name fails here."""
    written = (field.alias or name for name, field in model.model_fields.items())
    assert [name for name in written if f"`{name}`" not in WRITING] == []


def test_the_readme_is_a_door():
    """Whoever comes first is not met by everything at once; each other document is one step away."""
    assert README.count("\n") <= 150
    assert [name for name in DOCUMENTS if name != "README.md" and f"]({name}" not in README] == []


def test_every_setting_has_its_row_and_stands_in_the_example():
    """No setting is secret, and none that is described is unknown to the code."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(first("settings.md")) == SETTINGS
    assert {name for name in SETTINGS if name not in example} == set()


def test_every_command_is_described():
    """The words in chat and the commands of the terminal, each with all its options, have their rows."""
    assert first("commands.md", "In chat") == list(COMMANDS)
    described = {row[0].split()[1].strip("`"): " | ".join(row) for row in rows("commands.md", "In the terminal")[1:]}
    assert described.keys() == main.commands.keys()
    missing = [
        f"{name} {option.opts[0]}"
        for name, command in main.commands.items()
        for option in command.params
        if isinstance(option, click.Option) and not {*option.opts} & set(re.findall(r"--[a-z-]+", described[name]))
    ]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_document_names_a_command_or_an_option_that_there_is_none(document: str):
    """What stands in a document can be typed."""
    written = re.findall(r"(?<![\w/])optout ([a-z][^`\n]*)", "\n".join(_code(DOCUMENTS[document])))
    strange = []
    for name, *rest in (words.partition("#")[0].split() for words in written):
        command = main.commands.get(name, click.Command(name))
        known = {"--help", *(option for one in command.params for option in one.opts)}
        strange += [] if name in main.commands else [name]
        strange += [f"{name} {option}" for option in rest if option.startswith("--") and option not in known]
    assert strange == []


def test_every_library_has_its_row():
    """What is installed is said, with its licence and what it is for, and nothing else is."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    libraries = {re.match(r"[\w-]+", one)[0].lower() for one in asked} - {project["name"]}
    described = [row for row in rows("libraries.md") if row[0] != "library"]
    assert sorted(row[0].lower() for row in described) == sorted(libraries)
    assert [row for row in described if len(row) != 3 or not all(row)] == []


def test_every_room_stands_in_the_architecture_in_its_order():
    """The table that a newcomer reads is the order that imports keep."""
    assert first("architecture.md", "The rooms") == list(ROOMS)


def test_every_table_is_described_with_what_lets_it_go():
    """Nobody finds out later that something grows without end."""
    described = {row[0].strip("`"): row[-1] for row in rows("architecture.md", "What the database keeps")[1:]}
    assert described.keys() == metadata.tables.keys()
    assert [name for name, lets_go in described.items() if not lets_go.strip()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_a_document_names_exists(document: str):
    """A module that moves takes the documents with it."""
    paths = re.findall(
        r"`((?:bot|tests|docs)/[\w./-]*\w/?|content/[\w-]+/[\w./-]+|content/\w+\.yaml)`", DOCUMENTS[document]
    )
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_of_a_document_leads_somewhere(document: str):
    """Files, pictures and headings that are linked to are there."""
    dead = []
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", DOCUMENTS[document]):
        path, _, anchor = link.partition("#")
        target = (ROOT / document).parent / path if path else ROOT / document
        if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize(("command", "shown"), tuple(examples()))
def test_an_example_is_what_the_command_prints(
    command: list[str], shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepared: None
):
    """A question in a document has the answer that is shown."""
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, command).output == shown


def test_every_number_of_the_engine_has_its_row():
    """The table tells all numbers by which questions are understood, with the values that they have."""
    modules = (*(BOT / "answering").glob("*.py"), BOT / "cache.py", BOT / "text.py", BOT / "content" / "places.py")
    there = {(f"bot/{named(path)}", name): value for path in modules for name, value in _numbers(path)}
    told = {
        (row[0].strip("`"), row[1].strip("`")): ast.literal_eval(row[2])
        for row in rows("answering.md", "Every number")[1:]
    }
    assert told.keys() == there.keys()
    assert {key: value for key, value in told.items() if value != pytest.approx(there[key], rel=1e-3)} == {}


def test_every_number_of_the_engine_says_where_it_comes_from():
    """A benchmark that there is gives it, or somebody set it by hand and says why."""
    source = re.compile(r"\*set by hand\*: \S.+|`python -m tests\.benchmarks\.\w+[^`]*`: .+")
    told = {(row[0], row[1]): row[-1] for row in rows("answering.md", "Every number")[1:]}
    assert [number for number, said in told.items() if not source.fullmatch(said)] == []
    named = {name for document in DOCUMENTS.values() for name in re.findall(r"-m tests\.benchmarks\.(\w+)", document)}
    assert {name for name in named if not (ROOT / "tests" / "benchmarks" / f"{name}.py").exists()} == set()


def test_every_table_of_figures_says_what_was_measured_and_how():
    """Each stands between its two marks with a commit and a command, and some benchmark writes it."""
    text = DOCUMENTS["docs/measurements.md"]
    tables = re.findall(r"<!-- (\w+) -->\n(.+?)<!-- end of \1 -->", text, re.DOTALL)
    benchmarks = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "benchmarks").glob("*.py"))
    assert len(tables) == text.count("<!-- end of") == len(re.findall(r"^\|---", text, re.MULTILINE))
    told = re.compile(r"\| *\n\nMeasured .*`[0-9a-f]{7,}`.*`python -m tests\.benchmarks\..+`\.\n")
    assert [name for name, table in tables if not told.search(table) or f'"{name}"' not in benchmarks] == []


def test_a_benchmark_puts_its_table_between_the_marks(tmp_path: Path):
    """What was there goes, what is around it stays, and the commit and command stand below."""
    document = tmp_path / "measurements.md"
    document.write_text("before\n<!-- speed -->\n\nold\n\n<!-- end of speed -->\nafter\n", encoding="utf-8")
    table = measuring.rows(["figure", "value"], [["speed", "1"]])
    measuring.write_table("speed", table, "python -m this", document)
    start, shown, note, end = document.read_text(encoding="utf-8").split("\n\n")
    assert (start, shown, end) == ("before\n<!-- speed -->", table, "<!-- end of speed -->\nafter\n")
    assert re.fullmatch(r"Measured on `[0-9a-f]{7,}`( with changes)? \(\d{4}-\d\d-\d\d\): `python -m this`\.", note)
    with pytest.raises(ValueError, match="<!-- pace -->"):
        measuring.write_table("pace", table, "python -m this", document)


def _code(text: str) -> Iterator[str]:
    """What a document shows as code: blocks, and words between backticks."""
    blocks = re.split(r"^```.*$", text, flags=re.MULTILINE)
    for prose, block in zip(blocks[::2], [*blocks[1::2], ""], strict=True):
        yield from re.findall(r"`([^`\n]+)`", prose)
        yield re.sub(r"^(?!\$ optout|optout|\.venv).*$", "", block, flags=re.MULTILINE)


def _numbers(path: Path) -> Iterator[tuple[str, object]]:
    """The numbers that a module names, but for those that only tell its own versions apart."""
    module = import_module(".".join(("bot", *path.relative_to(BOT).with_suffix("").parts)))
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        for target in ast.walk(ast.Tuple(node.targets)) if isinstance(node, ast.Assign) else ():
            if isinstance(target, ast.Name) and re.fullmatch(r"[A-Z][A-Z_]*", target.id) and target.id != "VERSION":
                value = getattr(module, target.id)
                if all(isinstance(one, int | float) for one in (value if isinstance(value, tuple) else (value,))):
                    yield target.id, value
