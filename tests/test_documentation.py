"""The documents stay true: every setting, field and command is described, and every example gives what it shows."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import settings
from bot.cli.main import main
from bot.content import models as topics
from bot.content import phrases
from bot.desk.commands import COMMANDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
WRITING = (ROOT / "content" / "README.md").read_text(encoding="utf-8")
SETTINGS = set(re.findall(r'given\.get\(\s*"([A-Z_]+)"', Path(settings.__file__).read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "model",
    [
        topics.TopicFacts,
        topics.TopicWords,
        topics.Source,
        topics.AnnouncedDate,
        topics.RegionGroup,
        topics.Contact,
        topics.StepList,
        topics.RegionWords,
        topics.Entry,
        topics.Fragment,
        topics.NotCovered,
        topics.Announcement,
        topics.AnnouncementWords,
        topics.AudiencePlace,
        topics.Company,
        topics.Country,
        topics.TopicQuestions,
        topics.EntryQuestions,
        topics.NotCoveredQuestions,
        phrases.Heard,
        phrases.HeardTalk,
        phrases.SmallTalk,
    ],
    ids=lambda model: model.__name__,
)
def test_every_field_that_authors_write_is_described(model: type[topics.Model]):
    """A field that content/README.md does not name fails here."""
    written = (field.alias or name for name, field in model.model_fields.items())
    assert [name for name in written if f"`{name}`" not in WRITING] == []


def test_every_setting_has_its_row_in_the_readme_and_in_the_example():
    """No setting is secret, and none that is described is unknown to the code."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `([A-Z_]+)`", README, re.MULTILINE))
    assert described == SETTINGS
    assert {name for name in SETTINGS if name not in example} == set()


def test_every_command_is_described():
    """The terminal's commands and the words in chat all stand in the README."""
    assert [name for name in main.commands if f"optout {name}" not in README] == []
    assert [name for name in COMMANDS if f"`{name}`" not in README] == []


def test_the_example_of_the_first_screen_is_what_the_command_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The README's question has the answer that it shows."""
    monkeypatch.chdir(tmp_path)
    (question, shown) = re.search(r'optout ask "([^"]+)"\n(.+?)```', README, re.DOTALL).groups()
    assert CliRunner().invoke(main, ["ask", question]).output == shown
