"""Content folders: laid over each other, every mistake named by file and line, nothing half-loaded."""

import re
from datetime import date
from pathlib import Path

import pytest

from bot.answering.deciding import Knowledge, answer
from bot.cache import Cache
from bot.content import layout
from bot.content.layout import SHIPPED
from bot.content.loading import due, load
from bot.content.models import AnnouncedDate, Contact
from bot.errors import ContentError
from bot.wording.plain_text import draw
from bot.wording.replies import reply
from tests.conftest import TODAY

TOPIC = "linkedin-ai-training"

pytestmark = pytest.mark.usefixtures("small")
"""What is laid over content is the same whether that is much or little."""


def overlay(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("TOPIC", TOPIC).replace("SAYS", "languages/en/says")
        path = path.with_suffix(".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(ContentError) as error:
        load([folder])
    return [str(problem).replace(f"{folder}/", "") for problem in error.value.problems]


ENTRY = """
entries:
  - id: steps
    title: How do we opt out here?
    section: "Step-by-Step Instructions:"
    ask: [how do we opt out at Acme]
    answer: [Follow the Acme guide.]
"""


def test_an_overlay_replaces_single_entries_phrases_and_links(tmp_path: Path):
    """A company changes what it names and keeps everything else."""
    section = load().topics[0].entries["steps"].section
    folder = overlay(
        tmp_path,
        TOPIC__en=ENTRY.replace("Step-by-Step Instructions:", section),
        TOPIC__topic="link: https://intranet.acme.example/opt-out\n",
        SAYS="unknown: No idea.\n",
        company="name: Acme\ncontact: {person: Data office, channel: '#privacy', mail: privacy@acme.example}\n",
    )
    shipped, changed = load(), load([folder])
    topic = changed.topics[0]
    assert topic.entries["steps"].title == "How do we opt out here?"
    assert topic.entries["deep_link"] == shipped.topics[0].entries["deep_link"]
    assert topic.facts.link == "https://intranet.acme.example/opt-out"
    assert changed.phrases.unknown == "No idea."
    assert changed.contact(topic) == Contact(person="Data office", channel="#privacy", mail="privacy@acme.example")
    assert changed.version != shipped.version


def test_a_later_overlay_wins(tmp_path: Path):
    """Of two overlays the later one is in force."""
    first = overlay(tmp_path / "a", SAYS="unknown: First.\nyes: Indeed.\n")
    second = overlay(tmp_path / "b", SAYS="unknown: Second.\n")
    phrases = load([first, second]).phrases
    assert (phrases.unknown, phrases.yes) == ("Second.", "Indeed.")


def test_the_contact_setting_stands_for_the_company(content):
    """OPTOUT_CONTACT names whom to ask without any overlay."""
    loaded = load([], "#ask-privacy")
    assert loaded.contact(loaded.topics[0]) == Contact(person="#ask-privacy")
    assert content.contact(content.topics[0]) == content.topics[0].facts.contact


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {"SAYS": "unknown: a\nunknown: b\n"},
            ["languages/en/says.yaml:2: unknown: expected each field once, found it again (first in line 1)"],
            id="duplicate-key",
        ),
        pytest.param(
            {"SAYS": "unknown: [\n"},
            ["languages/en/says.yaml:2: (file): expected well-formed YAML"],
            id="broken",
        ),
        pytest.param(
            {"SAYS": "surprise: a\n"},
            ["languages/en/says.yaml:1: surprise: expected one of"],
            id="unknown-field",
        ),
        pytest.param(
            {"SAYS": "did_you_mean: Hello {name}\n"},
            ["languages/en/says.yaml:1: did_you_mean: expected text with nothing in braces, found 'Hello {name}'"],
            id="slot",
        ),
        pytest.param({"SAYS": "unknown: &a x\nno: *a\n"}, ["expected every value written out"], id="alias"),
        pytest.param({"SAYS": "unknown: !!python/name:os.system\n"}, ["(tag): expected plain values"], id="tag"),
        pytest.param(
            {"SAYS": "- a\n"},
            ["languages/en/says.yaml:1: (file): expected fields with values, found a list"],
            id="list",
        ),
        pytest.param(
            {"TOPIC__topic": "link: ''\n"}, [f"{TOPIC}/topic.yaml:1: link: expected an address"], id="no-link"
        ),
        pytest.param({"TOPIC__topic": "\nlink: http://x\n"}, [f"{TOPIC}/topic.yaml:2: link: expected"], id="not-https"),
        pytest.param(
            {"company": "contact: {mail: nobody}\n"},
            ["company.yaml:1: contact.mail: expected a mail address"],
            id="mail",
        ),
        pytest.param({"compny": "name: Acme\n"}, ["compny.yaml:1: (file): expected company.yaml"], id="stray-file"),
        pytest.param({"TOPIC__eng": "title: x\n"}, [f"{TOPIC}/eng.yaml:1: (file): expected"], id="stray-language"),
        pytest.param(
            {"other__topic": "service: X\n"}, ["other:1: (folder): expected topic.yaml and en.yaml"], id="half-a-topic"
        ),
        pytest.param(
            {"TOPIC__en": ENTRY.replace("Step-by-Step Instructions:", "Nowhere")},
            [f"{TOPIC}/en.yaml:5: entries[steps].section: expected one of"],
            id="unknown-section",
        ),
        pytest.param(
            {"TOPIC__en": ENTRY.replace("how do we opt out at Acme", "x1, X1!")},
            ["entries[steps].ask[2]: expected a phrasing of its own, found 'X1!' (also in steps)"],
            id="same-question-twice",
        ),
        pytest.param(
            {"TOPIC__en": ENTRY + "    not: [how do we opt out of Acme lunch, How do we opt out at Acme?]\n"},
            ["entries[steps].not[2]: expected a phrasing of its own, found 'How do we opt out at Acme?'"],
            id="asked-and-not",
        ),
        pytest.param(
            {"TOPIC__en": ENTRY + "    not: how do we opt out of lunch\n"},
            ["entries[steps].not: expected a list, found 'how do we opt out of lunch'"],
            id="no-list",
        ),
        pytest.param(
            {"TOPIC__en": ENTRY + "    near: [x]\n"},
            ["entries[steps].near: expected a field of this list, found an unknown field"],
            id="name-in-the-code",
        ),
        pytest.param(
            {"TOPIC__en": ENTRY.replace("[Follow the Acme guide.]", "[{say: A, region: mars}]")},
            ["entries[steps].answer[1].region: expected one of europe, elsewhere, unknown, found 'mars'"],
            id="unknown-region",
        ),
        pytest.param(
            {"TOPIC__en": ENTRY.replace("[Follow the Acme guide.]", "[{say: A, dates: {someday: passed}}]")},
            ["entries[steps].answer[1].dates: expected one of europe_start, found 'someday'"],
            id="unknown-date",
        ),
        pytest.param(
            {"TOPIC__en": ENTRY.replace("[Follow the Acme guide.]", "[{say: A, region: europe}]")},
            ["entries[steps].answer: expected 1 to 500 characters, found 0 (region unknown"],
            id="no-answer-for-a-region",
        ),
        pytest.param(
            {"TOPIC__topic": "dates:\n  europe_start:\n    confirmed_on: 2025-11-04\n"},
            ["dates.europe_start.source: expected the address that confirms the date"],
            id="confirmed-without-source",
        ),
        pytest.param(
            {"TOPIC__topic": "also_answers:\n  steps: [deep_link, nowhere]\n"},
            [f"{TOPIC}/topic.yaml:2: also_answers.steps[2]: expected an entry of this topic, found 'nowhere'"],
            id="serves-for-no-entry",
        ),
        pytest.param(
            {"TOPIC__topic": "owner: Acme\nalso_answers:\n  nobody: [steps]\n"},
            [f"{TOPIC}/topic.yaml:3: also_answers.nobody: expected an entry of this topic, found 'nobody'"],
            id="no-entry-serves",
        ),
        pytest.param(
            {"TOPIC__topic": "after:\n  steps:\n    deep_link: nowhere\n"},
            [f"{TOPIC}/topic.yaml:3: after.steps.deep_link: expected an entry of this topic, found 'nowhere'"],
            id="after-an-entry-no-entry",
        ),
        pytest.param(
            {"TOPIC__topic": "other_services:\n  - steps\n"},
            [f"{TOPIC}/topic.yaml:2: other_services[1]: expected a gap of this topic, found 'steps'"],
            id="another-service-that-is-no-gap",
        ),
    ],
)
def test_each_mistake_is_named_by_file_line_and_field(tmp_path: Path, files: dict[str, str], expected: list[str]):
    """An author reads where the mistake is, what belongs there and what was found."""
    found = mistakes(overlay(tmp_path, **files))
    assert all(any(part in line for line in found) for part in expected), found


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As every other mistake is: it belongs to another user, or its disk fails."""
    cache, folder = Cache(tmp_path / "cache"), overlay(tmp_path / "own", company="", places="")
    load([folder], cache=cache)  # read once, it is not taken for what it was then

    def read(path: Path, *_: object, **__: object) -> bytes:
        if path.name == "company.yaml":
            raise PermissionError(13, "Permission denied")
        with path.open("rb") as file:
            return file.read()

    monkeypatch.setattr(Path, "read_bytes", read)
    monkeypatch.setattr(Path, "read_text", lambda path, **_: read(path).decode())
    with pytest.raises(ContentError, match=r"company\.yaml:1: \(file\): .* that can be read, found Permission denied"):
        load([folder], cache=cache)


def test_mistakes_in_several_files_are_named_at_once(tmp_path: Path):
    """Nobody has to run the check twice to learn of the second mistake."""
    found = mistakes(overlay(tmp_path, SAYS="surprise: a\n", company="colour: red\n"))
    assert {line.partition(":")[0] for line in found} == {"languages/en/says.yaml", "company.yaml"}


def test_words_that_yaml_would_read_as_something_else_stay_words(tmp_path: Path):
    """`no`, `on`, 12:30 and a bare date are the text that somebody wrote."""
    phrases = load([overlay(tmp_path, SAYS="yes: no\nno: 'on'\nunknown: 12:30\napology: 2025-11-03\n")]).phrases
    assert (phrases.yes, phrases.no, phrases.unknown, phrases.apology) == ("no", "on", "12:30", "2025-11-03")


def test_an_announced_date_counts_as_a_fact_only_once_confirmed():
    """A day that has passed is still only what was announced, until the owner confirms it."""
    announced = AnnouncedDate(on=date(2025, 11, 3))
    confirmed = announced.model_copy(update={"confirmed_on": date(2025, 12, 1), "source": "https://example.com"})
    days = [date(2025, 11, 2), date(2025, 11, 3), date(2025, 12, 1)]
    assert [announced.phase(day) for day in days] == ["upcoming", "passed", "passed"]
    assert [confirmed.phase(day) for day in days] == ["upcoming", "passed", "confirmed"]


def test_an_overdue_review_is_said(content):
    """The owner learns that the topic wants reading again, from the day after review_by."""
    review_by = content.topics[0].facts.review_by
    assert due(content, review_by) == ()
    assert "read it again" in due(content, review_by.replace(year=review_by.year + 1))[0]


@pytest.mark.slow
def test_the_examples_for_authors_are_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The files that content/README.md shows load as an overlay, and the question in them is answered."""
    monkeypatch.setattr(layout, "SHIPPED", SHIPPED)
    text = (Path(__file__).parents[2] / "content" / "README.md").read_text(encoding="utf-8")
    examples = dict(re.findall(r"```yaml\n# acme/(\S+)\n(.+?)```", text, re.DOTALL))
    assert set(examples) == {"company.yaml", f"{TOPIC}/en.yaml", f"{TOPIC}/en/answers.yaml"}
    for name, example in examples.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(example, encoding="utf-8")
    content = load([tmp_path])
    decision, _ = answer(Knowledge(content), "does Acme want me to opt out?", TODAY)
    assert [part.ref[1] for part in decision.parts] == ["acme_policy"]
    assert "privacy@acme.example" in draw(reply(content, decision))
    changed = content.topics[0].entries["default_on"]
    assert changed.answer[0].say.endswith("Acme asks everybody to decide for themselves.")
    assert changed.ask == load().topics[0].entries["default_on"].ask
