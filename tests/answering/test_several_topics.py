"""A second topic beside the first one: whose answer a question gets, and whose steps a command shows."""

from pathlib import Path

import pytest

from bot.answering.deciding import Knowledge, answer
from bot.answering.encoders import encoder
from bot.cache import Cache
from bot.content import layout
from bot.content.loading import load
from bot.content.topics import Content
from bot.desk import commands
from bot.desk.actions import ACTIONS
from bot.desk.commands import Situation
from bot.errors import ContentError
from bot.messages import Buttons, Link, Message, Paragraph, Person, Place, Post, Press, Question, Voice
from bot.wording import replies
from bot.wording.pages import pages
from tests.conftest import TODAY

SECOND = Path(__file__).parents[1] / "second_topic"
PERSON, PLACE = Person("slack", "T1", "U1"), Place("slack", "T1", "C1")
FIRST_STEPS, SECOND_STEPS = ("linkedin-ai-training", "steps"), ("chathelper-training", "opt_out")


@pytest.fixture(autouse=True)
def only_small(small: Path) -> None:
    """Of the shipped topic a few entries are enough."""


@pytest.fixture(scope="module")
def both(small_content: Path, cache_folder: Path) -> Knowledge:
    """A small topic with a second one beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "SHIPPED", small_content)
        return Knowledge(load([SECOND]), encoder("wordllama"), Cache(cache_folder))


@pytest.mark.parametrize(
    ("question", "ref"),
    [
        ("how do I opt out of LinkedIn", FIRST_STEPS),
        ("how do I opt out of linkdin?", FIRST_STEPS),
        ("how do I opt out of ChatHelper", SECOND_STEPS),
        ("How do I opt out of chathelpr?", SECOND_STEPS),
        ("I use ChatHelper at work. How do I opt out?", SECOND_STEPS),
        ("are my custom instructions used", ("chathelper-training", "custom_instructions")),
    ],
)
def test_a_question_that_names_a_service_is_answered_for_it(both: Knowledge, question: str, ref: tuple[str, str]):
    """The named service decides, misspelt too; where only one topic knows of something nothing need be named."""
    decision, _ = answer(both, question, TODAY)
    assert (decision.sort, [part.ref for part in decision.parts]) == ("answer", [ref])


def test_a_question_that_names_no_service_is_asked_back(both: Knowledge):
    """Each title stands under its service, and a press answers for that one."""
    decision, _ = answer(both, "how do I opt out", TODAY)
    assert decision.sort == "clarify"
    labels = [label for label, _ in _buttons(replies.reply(both.content, decision))]
    assert "ChatHelper: How do I opt out of the training?" in labels
    assert any(label.startswith("LinkedIn: ") for label in labels)


def test_a_conversation_stays_with_its_service(both: Knowledge):
    """What is open by itself is meant for the service of the turn before."""
    _, turn = answer(both, "does ChatHelper train on my chats?", TODAY)
    decision, _ = answer(both, "how do I opt out", TODAY, turn)
    assert [part.ref for part in decision.parts] == [SECOND_STEPS]


@pytest.mark.parametrize(
    ("asked", "turned"),
    [
        ("how do I opt out of LinkedIn?", "and for ChatHelper?"),
        ("how do I opt out of LinkedIn?", "What about ChatHelper in Brazil?"),
        ("how do I opt out", "and for ChatHelper?"),
        ("how do I opt out", "ChatHelper"),
    ],
)
def test_naming_a_service_alone_asks_the_same_of_it(both: Knowledge, asked: str, turned: str):
    """A service's name after an answer, or after the question which one is meant, asks again."""
    _, turn = answer(both, asked, TODAY)
    decision, _ = answer(both, turned, TODAY, turn)
    assert [part.ref for part in decision.parts] == [SECOND_STEPS]


def test_a_gap_of_one_topic_does_not_stand_in_the_way_of_the_topic_about_it(tmp_path: Path, cache_folder: Path):
    """A name that means "not covered" in one topic is the other's service: the question goes there."""
    words = tmp_path / "linkedin-ai-training" / "en.yaml"
    words.parent.mkdir()
    words.write_text(
        "not_covered:\n  - id: other_helper\n    title: ChatHelper\n    ask: [what about that helper thing]\n"
        "    words: [ChatHelper]\n    answer: The article is about LinkedIn.\n",
        encoding="utf-8",
    )
    question = "does ChatHelper train on my chats"
    cache = Cache(cache_folder)
    alone, beside = (Knowledge(load(folders), cache=cache) for folders in ([tmp_path], [SECOND, tmp_path]))
    assert answer(alone, question, TODAY)[0].sort == "not_covered"
    assert answer(beside, question, TODAY)[0].parts[0].ref == ("chathelper-training", "chats_used")


@pytest.mark.parametrize(
    ("region", "said"), [("brazil", "off until"), ("europe", "on by default"), ("elsewhere", "on by default")]
)
def test_a_region_of_one_topic_is_understood_by_the_other(both: Knowledge, region: str, said: str):
    """Somebody who is in Europe for one topic is in the rest of the world for one that has no Europe."""
    decision, _ = answer(both, "is ChatHelper training on by default?", TODAY, region=region)
    assert said in str(replies.reply(both.content, decision))


def test_a_country_is_found_in_whichever_topic_has_it(both: Knowledge):
    """Brazil is a group of the second topic and one of all others for the first."""
    assert answer(both, "is ChatHelper training on by default in Brazil?", TODAY)[0].region == "brazil"
    assert answer(both, "is ChatHelper training on by default in France?", TODAY)[0].region == "europe"
    assert both.content.topics[1].group("brazil") == "elsewhere"
    labels = [label for label, _ in _buttons(replies.region(both.content, None))]
    assert labels.count("Brazil") == 1
    assert "EU, EEA, CH, UK" in labels


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (
            "[{id: europe, codes: [FR]}, {id: elsewhere, codes: rest}]",
            "the codes that europe has in alpha/topic.yaml, found others",
        ),
        ("[{id: france, codes: [FR]}, {id: elsewhere, codes: rest}]", "no code of france in"),
        ("[{id: brazil, codes: [BR]}, {id: others, codes: rest}]", "no code of others in"),
    ],
)
def test_regions_that_would_mean_two_things_are_refused(tmp_path: Path, codes: str, expected: str):
    """The mistake names both files and what to write."""
    topic, words = ((SECOND / "chathelper-training" / name).read_text("utf-8") for name in ("topic.yaml", "en.yaml"))
    start, end = topic.index("regions:"), topic.index("owner:")
    (tmp_path / "alpha").mkdir()
    (tmp_path / "alpha" / "topic.yaml").write_text(f"{topic[:start]}regions: {codes}\n{topic[end:]}", encoding="utf-8")
    (tmp_path / "alpha" / "en.yaml").write_text(words, encoding="utf-8")
    with pytest.raises(ContentError, match=expected):
        load([tmp_path])


@pytest.mark.parametrize("word", ["steps", "link"])
@pytest.mark.parametrize("voice", ["alone", "aside", "aloud"])
def test_a_command_for_one_of_several_services(both: Knowledge, word: str, voice: Voice):
    """With the service's name it shows that one; without, it asks privately, and each button shows its own."""
    named = _run(both.content, f"{word} ChatHelper", voice)
    assert "chathelper.example" in _links(named.message)
    assert (named.to, named.subject) == (
        ("asker", ()) if voice == "alone" else ("everyone", (word, "chathelper-training"))
    )
    asked = _run(both.content, word, voice)
    assert (asked.to, asked.subject, _links(asked.message)) == ("asker", (), "")
    assert [label for label, _ in _buttons(asked.message)] == ["ChatHelper", "LinkedIn"]
    pressed = _press(both.content, "command", _buttons(asked.message)[1][1], voice)
    assert "linkedin.com" in _links(pressed.message)


def test_a_post_for_everyone_is_made_again_for_its_own_service(both: Knowledge):
    """The button under "posted before" carries the service."""
    subject = _run(both.content, "steps ChatHelper", "aside").subject
    again = _buttons(replies.posted_before(both.content, 3, subject))[0][1]
    assert "chathelper.example" in _links(_press(both.content, "post_again", again, "aside").message)


def test_a_command_of_no_known_service_is_a_question_and_a_forged_button_is_stale(both: Knowledge):
    """Nothing but a topic's name or id counts."""
    assert commands.read(_question("steps towards a better world", "alone"), both.content) is None
    stale = _press(both.content, "command", ("steps", "no-such-topic"), "alone")
    assert stale.message == replies.sentence(both.content.phrases.stale_button)


def test_what_is_said_about_all_topics_names_each(both: Knowledge):
    """A refusal, the suggestions and the page about the bot leave no topic out, and name each contact once."""
    said = replies.unknown(both.content)
    text = " ".join(element.text for element in said.elements if isinstance(element, Paragraph))
    assert all(topic.words.covers in text for topic in both.content.topics)
    assert "the example team" in text
    labels = [label for label, _ in _buttons(said)]
    assert labels[0].startswith("ChatHelper: ")
    assert labels[1].startswith("LinkedIn: ")
    about = pages(both.content)["/"]
    assert "the example team" in about
    assert "LinkedIn" in about


@pytest.mark.parametrize(
    "question",
    [
        "how do I opt out of LinkedIn and how do I opt out of ChatHelper?",
        "How do I opt out of LinkedIn and ChatHelper?",
        "How do I opt out of LinkedIn? And of ChatHelper?",
    ],
)
def test_an_answer_from_two_topics_names_both_sources(both: Knowledge, question: str):
    """Each part brings its own link, steps and source."""
    decision, _ = answer(both, question, TODAY)
    said = replies.reply(both.content, decision)
    assert {part.ref for part in decision.parts} == {FIRST_STEPS, SECOND_STEPS}
    assert "linkedin.com" in _links(said)
    assert "chathelper.example" in _links(said)
    assert "Amy Servi" in str(said)
    assert "Alex Example" in str(said)


def _question(text: str, voice: Voice) -> Question:
    return Question(text, PERSON, PLACE, "c", voice)


def _run(content: Content, text: str, voice: Voice) -> Post:
    command = commands.read(_question(text, voice), content)
    assert command
    return _post(commands.COMMANDS[command.name](_situation(content), command))


def _press(content: Content, action: str, value: tuple[str, ...], voice: Voice) -> Post:
    return _post(ACTIONS[action](_situation(content), Press(action, value, PERSON, PLACE, "c", voice)))


def _post(effects: tuple[object, ...]) -> Post:
    (post,) = effects
    assert isinstance(post, Post)
    return post


def _situation(content: Content) -> Situation:
    return Situation(content, None, TODAY)


def _buttons(message: Message) -> list[tuple[str, tuple[str, ...]]]:
    rows = (element.buttons for element in message.elements if isinstance(element, Buttons))
    return [(button.label, button.value) for row in rows for button in row]


def _links(message: Message) -> str:
    return " ".join(element.url for element in message.elements if isinstance(element, Link))
