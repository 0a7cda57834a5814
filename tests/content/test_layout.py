"""Which kind a content file is follows from where it lies; one thing that somebody got wrong is one mistake."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from bot.content import layout
from bot.content.files import write
from bot.content.layout import SHIPPED
from bot.content.loading import load
from bot.content.models import TopicWords
from bot.errors import ContentError

SECOND = Path(__file__).parents[1] / "second_topic"
TOPIC, LARGE = "chathelper-training", "linkedin-ai-training"

STEPS = """
entries:
  - id: opt_out
    title: How do we opt out here?
    section: Your choice
    answer: [Follow the Acme guide.]
"""
WAYS = """
entries:
  - id: opt_out
    ask: [how do we opt out at Acme]
"""
ANSWERS = """
title: Der Helfer
covers: den Helfer
link_label: Öffnen
steps: {title: So geht es, section: Your choice, items: [Öffne ihn.], note: Mehr nicht.}
entries:
  - id: opt_out
    title: Wie schalte ich es ab?
    section: Your choice
    answer: [So geht es.]
"""
ASKED = """
entries:
  - id: opt_out
    ask: [wie schalte ich den Helfer ab]
"""


def written(folder: Path, **files: str) -> Path:
    """A folder of content: `a__b="text"` is its file a/b.yaml."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/').replace('TOPIC', TOPIC)}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def mistakes(*folders: Path) -> list[str]:
    """Every mistake in these folders, with paths inside the last."""
    with pytest.raises(ContentError) as error:
        load(folders)
    return [str(problem).replace(f"{(layout.SHIPPED, *folders)[-1]}/", "") for problem in error.value.problems]


def changed(folder: Path, name: str, old: str, new: str) -> Path:
    """A folder in which one shipped file stands with something else in it."""
    text = (SHIPPED / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def apart(topic: Path) -> None:
    """Puts what a topic says and what it asks into files of their own."""
    one = topic / "en.yaml"
    words = yaml.load(one.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506
    one.unlink()
    lists = {kind: words.pop(kind) for kind in ("entries", "not_covered")}

    def half(*, asked: bool) -> dict[str, list[dict[str, object]]]:
        ways = {"ask", "yes", "no", "not", "words"}
        return {
            kind: [{key: item[key] for key in item if key == "id" or (key in ways) == asked} for item in items]
            for kind, items in lists.items()
        }

    written(topic, en__answers=write({**words, **half(asked=False)}), en__asked=write(half(asked=True)))


@pytest.fixture(params=["folder"])
def house(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is shipped, but for a small topic: its words in a folder, or in one file."""
    folder = tmp_path / "house"
    shutil.copytree(SHIPPED / "languages", folder / "languages")
    shutil.copy(SHIPPED / "places.yaml", folder)
    shutil.copytree(SECOND, folder, dirs_exist_ok=True)
    if request.param == "folder":
        apart(folder / TOPIC)
    monkeypatch.setattr(layout, "SHIPPED", folder)
    return folder


both_forms = pytest.mark.parametrize("house", ["folder", "one file"], indirect=True)


def test_a_topic_may_stand_in_one_file_or_in_several(house: Path):
    """Both forms are the same content."""
    several = load().topic(TOPIC)
    shutil.rmtree(house / TOPIC / "en")
    shutil.copy(SECOND / TOPIC / "en.yaml", house / TOPIC)
    assert load().topic(TOPIC) == several


@both_forms
def test_synonyms_may_have_a_file_of_their_own(house: Path, tmp_path: Path):
    """What means the same counts wherever it is listed, and an overlay adds to it."""
    first = written(tmp_path / "a", TOPIC__en__synonyms="training: [schooling]\n")
    second = written(tmp_path / "b", TOPIC__en="synonyms: {chat: [talk]}\n")
    assert load([first, second]).topics[0].words.synonyms == {"training": ("schooling",), "chat": ("talk",)}


@both_forms
def test_the_fields_of_an_entry_may_stand_in_either_file(house: Path, tmp_path: Path):
    """A company's new entry is whole in answers.yaml, with its questions beside its answer."""
    entry = STEPS.replace("id: opt_out", "id: acme") + "    ask: [what does Acme say]\n"
    added = load([written(tmp_path / "acme", TOPIC__en__answers=entry)]).topics[0].entries["acme"]
    assert (added.ask, added.title) == (("what does Acme say",), "How do we opt out here?")


@both_forms
def test_one_file_of_an_overlay_stands_for_an_entry_as_a_whole(house: Path, tmp_path: Path):
    """What `en.yaml` leaves out of an entry is gone, whichever files the shipped one stands in."""
    text = STEPS + "    ask: [how do we opt out at Acme]\n"
    entry = load([written(tmp_path / "acme", TOPIC__en=text)]).topics[0].entries["opt_out"]
    assert (entry.ask, entry.yes, entry.shows) == (("how do we opt out at Acme",), (), ())


@both_forms
@pytest.mark.parametrize("file", ["answers", "asked"])
def test_either_file_of_an_overlay_stands_for_its_own_half(house: Path, tmp_path: Path, file: str):
    """A new answer keeps the shipped ways to ask it, and new ways keep the answer."""
    shipped = load().topics[0].entries["opt_out"]
    half = {"answers": STEPS, "asked": WAYS}[file]
    entry = load([written(tmp_path / "acme", **{f"TOPIC__en__{file}": half})]).topics[0].entries["opt_out"]
    assert (entry.title == shipped.title, entry.ask == shipped.ask) == (file == "asked", file == "answers")


@both_forms
@pytest.mark.parametrize(
    ("files", "spoken"),
    [
        pytest.param({"TOPIC__de__asked": ASKED}, False, id="questions"),
        pytest.param({"TOPIC__de__asked": ASKED, "TOPIC__de__answers": ANSWERS}, True, id="both"),
        pytest.param({"TOPIC__de": ANSWERS + "    ask: [wie schalte ich den Helfer ab]\n"}, True, id="one-file"),
    ],
)
def test_a_topic_is_spoken_where_answers_stand(house: Path, tmp_path: Path, files: dict[str, str], spoken: bool):
    """It is only read where just questions do: the names of the files tell."""
    content = load([written(tmp_path / "acme", **files)])
    words = next(one for one in content.languages if one.code == "de").words[TOPIC]
    assert words.entries[0].ask == ("wie schalte ich den Helfer ab",)
    assert isinstance(words, TopicWords) == ((TOPIC, "opt_out") in content.spoken("de").translated) == spoken


def test_one_file_holds_the_questions_alone_in_a_language_that_is_only_read(house: Path, tmp_path: Path):
    """French has no says.yaml, and so `fr.yaml` no answers."""
    content = load([written(tmp_path / "acme", TOPIC__fr=ASKED)])
    assert next(one for one in content.languages if one.code == "fr").words[TOPIC].entries[0].id == "opt_out"


@both_forms
@pytest.mark.parametrize(
    ("key", "typed"),
    [("title", "titel"), ("covers", "cover"), ("entries", "entires"), ("not_covered", "not_coverd")],
)
def test_a_mistyped_field_is_one_mistake(house: Path, key: str, typed: str):
    """It is named where it stands, together with the field that was meant."""
    name = next(name for name in ("en.yaml", "en/answers.yaml") if (house / TOPIC / name).exists())
    path = house / TOPIC / name
    text = path.read_text(encoding="utf-8")
    line = 1 + next(at for at, one in enumerate(text.splitlines()) if one.startswith(f"{key}:"))
    path.write_text(re.sub(rf"^{key}:", f"{typed}:", text, flags=re.MULTILINE), encoding="utf-8")
    expected = f"{TOPIC}/{name}:{line}: {typed}: expected a known field (did you mean {key}?), found an unknown one"
    assert mistakes() == [expected]


@pytest.mark.parametrize(
    ("name", "old", "new", "field"),
    [
        (f"{LARGE}/de/answers.yaml", "title:", "titel:", "titel"),
        (f"{LARGE}/de/answers.yaml", "    title:", "    titel:", "entries[overview].titel"),
        (f"{LARGE}/en/asked.yaml", "entries:", "entrys:", "entrys"),
        (f"{LARGE}/en/asked.yaml", "    ask:", "    aks:", "entries[overview].aks"),
        (f"{LARGE}/topic.yaml", "service:", "servise:", "servise"),
        (f"{LARGE}/announcements/launch.yaml", "sender:", "sendr:", "sendr"),
        ("languages/de/says.yaml", "welcome:", "wellcome:", "wellcome"),
        ("languages/fr/hears.yaml", "small_talk:", "smalltalk:", "smalltalk"),
        ("languages/fr/hears.yaml", "openers:", "opener:", "opener"),
    ],
)
def test_a_mistyped_field_of_shipped_content_is_one_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, old: str, new: str, field: str
):
    """In a topic of ninety entries, too, one wrong key is told as one."""
    shipped = Path(shutil.copytree(SHIPPED, tmp_path / "content"))
    changed(shipped, name, old, new)
    monkeypatch.setattr(layout, "SHIPPED", shipped)
    (found,) = mistakes()
    assert found.startswith(f"{name}:")
    assert f": {field}: expected a known field (did you mean {old.strip(' :')}?)" in found


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {"TOPIC__en": STEPS.replace("title:", "titel:") + "    ask: [how at Acme]\n"},
            f"{TOPIC}/en.yaml:4: entries[opt_out].titel: expected a known field (did you mean title?)",
            id="field-of-an-entry-in-one-file",
        ),
        pytest.param(
            {"TOPIC__en": STEPS + "    aks: [how at Acme]\n"},
            f"{TOPIC}/en.yaml:7: entries[opt_out].aks: expected a known field (did you mean ask?)",
            id="questions-of-an-entry-in-one-file",
        ),
        pytest.param(
            {"TOPIC__fr": ANSWERS + "    ask: [comment faire]\n"},
            f"{TOPIC}/fr.yaml:2: title: expected the questions alone, or {TOPIC}/fr/answers.yaml for this",
            id="answers-in-a-language-that-is-only-read",
        ),
        pytest.param(
            {"TOPIC__de": ASKED},
            f"{TOPIC}/de.yaml:2: (file): expected what is said, too, or {TOPIC}/de/asked.yaml for this",
            id="questions-alone-where-all-belongs",
        ),
        pytest.param(
            {"TOPIC__de__answers": ANSWERS},
            f"{TOPIC}/de/answers.yaml:2: (file): expected asked.yaml beside it, found nothing",
            id="answers-without-questions",
        ),
        pytest.param(
            {"TOPIC__de__answers": ANSWERS, "TOPIC__de__asked": ASKED.replace("opt_out", "optout")},
            f"{TOPIC}/de/asked.yaml:3: entries[optout].id: expected an id of {TOPIC}/de/answers.yaml (did you mean",
            id="mistyped-id",
        ),
        pytest.param(
            {"TOPIC__de__answers": ANSWERS, "TOPIC__de__asked": "entries: []\n"},
            f"{TOPIC}/de/answers.yaml:7: entries[opt_out].id: expected the ways to ask it in {TOPIC}/de/asked.yaml",
            id="answer-that-nobody-asks-for",
        ),
        pytest.param(
            {"TOPIC__fr__asked": ASKED.replace("opt_out", "nothing")},
            f"{TOPIC}/fr/asked.yaml:3: entries[nothing].id: expected an id that en has too",
            id="entry-of-no-id",
        ),
        pytest.param(
            {"TOPIC__en__asked": WAYS + WAYS.replace("\nentries:\n", "").replace("Acme", "us")},
            f"{TOPIC}/en/asked.yaml:5: entries[opt_out].id: expected each id once, found 'opt_out'",
            id="entry-twice-in-a-file",
        ),
        pytest.param(
            {"TOPIC__en__asked": WAYS, "TOPIC__en__answers": STEPS + "    ask: [how at Acme]\n"},
            f"{TOPIC}/en/asked.yaml:4: ask: expected each field once, found it again (first in ",
            id="field-in-both-files",
        ),
        pytest.param(
            {"TOPIC__en__answer": STEPS},
            f"{TOPIC}/en/answer.yaml:1: (file): expected answers.yaml, asked.yaml or synonyms.yaml, found another name",
            id="stray-beside-answers",
        ),
        pytest.param(
            {"TOPIC__pt__asked": WAYS},
            f"{TOPIC}/pt/asked.yaml:1: (file): expected a folder announcements, en, de",
            id="language-that-is-not-read",
        ),
        pytest.param(
            {"languages__en__sayz": "unknown: No idea.\n"},
            "languages/en/sayz.yaml:1: (file): expected languages/CODE/hears.yaml or languages/CODE/says.yaml",
            id="stray-of-a-language",
        ),
        pytest.param(
            {"languages__pt__hears": "small_talk: []\n"},
            "languages/pt/hears.yaml:1: in_english: expected a value, found nothing",
            id="read-without-saying-so",
        ),
        pytest.param(
            {"languages__pt__hears": "in_english: Em inglês.\nsmall_talk: [{id: weather, ask: [que calor]}]\n"},
            "languages/pt/hears.yaml:2: small_talk[weather].id: expected an id that says.yaml has a reply to",
            id="small-talk-without-a-reply",
        ),
        pytest.param(
            {"languages__en__says": "small_talk: [{id: weather, say: Lovely.}]\n"},
            "languages/en/says.yaml:1: small_talk[weather].id: expected an id of hears.yaml, found 'weather'",
            id="reply-to-nothing",
        ),
    ],
)
def test_what_one_got_wrong_is_one_mistake(house: Path, tmp_path: Path, files: dict[str, str], expected: str):
    """The file and the line are those where it stands, and what belongs there is said."""
    (found,) = mistakes(written(tmp_path / "acme", **files))
    assert found.startswith(expected)


def test_what_a_company_wrote_under_the_names_of_before_is_read_all_the_same(house: Path, tmp_path: Path):
    """An upgrade asks nobody to rename files; a mistake in one is told by the name that it has."""
    folder = written(tmp_path / "acme", phrases__en="unknown: No idea.\n", regions="AD: {names: [Andorra]}\n")
    content = load([folder])
    assert content.phrases.unknown == "No idea."
    assert "AD" in content.gazetteer.codes
    (found,) = mistakes(written(tmp_path / "other", phrases__en="unknwon: No idea.\n"))
    assert found.startswith("phrases/en.yaml:1: unknwon: expected ")


def test_what_is_hidden_or_lies_elsewhere_is_no_content(house: Path, tmp_path: Path):
    """A folder of content may have tests and workflows of its own."""
    folder = written(
        tmp_path / "acme", **{".github__workflows__test": "on: push\n", f"tests__{TOPIC}__mine": "questions: []\n"}
    )
    assert load([folder]).topics == load().topics
