"""What chat adds to a question: emoji, people, channels and addresses are no words, and change no answer."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.answering.deciding import Knowledge, answer
from bot.authoring.evaluation import EvalQuestion, evaluate, read_questions
from bot.content.topics import Content
from bot.desk import commands
from bot.desk.desk import Desk
from bot.messages import Post, Question
from bot.platforms.slack import incoming as slack
from bot.platforms.teams import incoming as teams
from bot.text import OBJECT, spoken
from bot.wording import replies
from bot.wording.plain_text import draw
from tests.conftest import NOON, TODAY
from tests.fakes import slack_deliveries, teams_deliveries

QUESTIONS = Path(__file__).parents[1] / "questions" / "linkedin-ai-training"
LOST = 0.005
"""Share of the questions whose answer what is added may cost."""
NEWS = "https://www.nytimes.com/2025/10/24/technology/linkedin-ai-training.html"
MEGAN = {"type": "mention", "text": "<at>Megan Roe</at>", "mentioned": {"id": "29:megan", "name": "Megan Roe"}}


def in_slack(text: str) -> Question:
    """A direct message as Slack delivers it and the bot reads it."""
    body = slack_deliveries.sample("message_im")
    body["event"]["text"] = slack_deliveries.delivered(text)
    heard = slack.message(body, slack_deliveries.BOT)
    assert heard
    assert isinstance(heard.asked, Question)
    return heard.asked


def in_teams(text: str) -> Question:
    """A message that mentions the bot in a group chat as Teams delivers it and the bot reads it."""
    body = teams_deliveries.sample("message_group")
    body |= {"text": f"<at>Opt-Out Bot</at> {text}", "entities": [*body["entities"], MEGAN]}
    heard = teams.message(body)
    assert heard
    assert isinstance(heard.asked, Question)
    return heard.asked


@pytest.fixture(scope="module")
def shares(knowledge: Knowledge):
    """What share of a sample of questions is answered rightly and what share wrongly; nothing is asked twice."""
    files = [read_questions(QUESTIONS / f"{name}.yaml") for name in ("heldout", "plain", "fresh")]
    plain = [one for found, _ in files for one in found if one.lang == "en" and len(one.turns) == 1 and one.accept]
    sample, facts = plain[::2], files[0][1]
    known: dict[tuple[str, str], str] = {}

    def outcome(question: EvalQuestion, text: str) -> str:
        if (question.id, text) not in known:
            put = question.model_copy(update={"turns": (text,)})
            known[question.id, text] = evaluate(knowledge, [put], facts, TODAY)["questions"][0]["outcome"]
        return known[question.id, text]

    def shared(read: Callable[[str], Question], decoration: str = "{}") -> tuple[float, float]:
        found = [outcome(question, read(decoration.format(question.turns[0])).text) for question in sample]
        return found.count("right") / len(found), found.count("wrong") / len(found)

    return shared


@pytest.mark.slow
@pytest.mark.parametrize(
    "decoration",
    [
        pytest.param("{} 🤔", id="emoji"),
        pytest.param("{} 🙏🏼", id="emoji with a skin tone"),
        pytest.param("{} :blob-help:", id="custom emoji"),
        pytest.param("👋 hi, {}", id="waving"),
        pytest.param("{} cc <@U0BOB0001>", id="copy to somebody"),
        pytest.param("<@U0BOB0001> and I wonder: {}", id="asked with somebody"),
        pytest.param(f"{{}} <{NEWS}>", id="address"),
        pytest.param("{} (asked in <#C0GENERAL|general>)", id="channel"),
    ],
)
def test_what_slack_adds_to_a_question_changes_no_answer(shares, decoration: str):
    """The right answers stay but for half a point, and there are no more wrong ones."""
    (right, wrong), (plainly_right, plainly_wrong) = shares(in_slack, decoration), shares(in_slack)
    assert right >= plainly_right - LOST
    assert wrong <= plainly_wrong


@pytest.mark.slow
@pytest.mark.parametrize(
    "decoration",
    [
        pytest.param("{} 🤔", id="emoji"),
        pytest.param('<p>{} <emoji id="smile" alt="🙂" title="Smile"></emoji></p>', id="drawn emoji"),
        pytest.param("<at>Megan Roe</at> asks {}", id="asked by somebody"),
        pytest.param("{}<br>fyi&nbsp;<at>Megan Roe</at>", id="for somebody to know"),
        pytest.param(f"{{}} {NEWS}", id="address"),
        pytest.param(f'{{}} <a href="{NEWS}">{NEWS}</a>', id="link to an address"),
        pytest.param(f"{{}} [{NEWS}]({NEWS})", id="address in Markdown"),
    ],
)
def test_what_teams_adds_to_a_question_changes_no_answer(shares, decoration: str):
    """The same holds for mentions, drawn emoji and links of Teams."""
    (right, wrong), (plainly_right, plainly_wrong) = shares(in_teams, decoration), shares(in_teams)
    assert right >= plainly_right - LOST
    assert wrong <= plainly_wrong


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("how do I opt out :thinking_face:", "how do I opt out"),
        ("opt out:pray::pray::skin-tone-3: :+1: :e-mail: :日本: :flag-de: now", "opt out now"),
        (":100: :8ball: since 2025:pray:", "since 2025"),
        ("note: at 12:30:45 or 9:30am: is it on? ratio 1:2:3", "note: at 12:30:45 or 9:30am: is it on? ratio 1:2:3"),
        ("see https://x.example/a?b=c, (www.x.example/a).", f"see {OBJECT}, ({OBJECT})."),
        ("ask a.b@x.example, tel:+49123 or linkedin.com/in/anna?", f"ask {OBJECT}, {OBJECT} or {OBJECT}?"),
        ("is linkedin.com and/or Node.js meant, e.g. v1.2", "is linkedin.com and/or Node.js meant, e.g. v1.2"),
        ("https://www.linkedin.com/mypreferences/d?x=1 :pray:", OBJECT),
    ],
)
def test_codes_of_emoji_and_addresses_are_no_words(written: str, words: str):
    """Times and names of sites are words."""
    assert " ".join(spoken(written).split()) == words


@pytest.mark.parametrize(
    ("language", "written", "question"),
    [
        ("en", "how do I opt out cc *", "how do I opt out"),
        ("en", "* asked in *: how do I opt out", "how do I opt out"),
        ("en", "*, * and * want to know how to opt out", "how to opt out"),
        ("en", "hi * how do I opt out", "hi how do I opt out"),
        ("en", "how do I opt out? (as * said yesterday, sorry)", "how do I opt out?"),
        ("en", "My colleague * from London wants to know: is it on by default?", "is it on by default?"),
        ("en", "How can * opt out: in the app?", "How can opt out: in the app?"),
        ("en", "is it on?\ncc *\nhow do I opt out", "is it on?\n \nhow do I opt out"),
        ("en", "fyi @bob: is my data used", "is my data used"),
        ("en", "@LinkedIn is my data used", "@LinkedIn is my data used"),
        ("en", "cc *", "cc"),
        ("en", "in from by cc", "in from by cc"),
        ("de", "* fragt, wie ich das abschalte (gesehen in *)", "wie ich das abschalte"),
        ("es", "cómo lo desactivo, visto en *", "cómo lo desactivo,"),
        ("fr", "* et moi aimerions savoir : c'est activé ?", "c'est activé ?"),
        ("it", "come lo disattivo secondo *", "come lo disattivo"),
        ("nl", "* wil weten hoe ik dit uitzet", "hoe ik dit uitzet"),
        ("pl", "dw * jak to wyłączyć", "jak to wyłączyć"),
        ("sv", "hur stänger jag av det, undrar *", "hur stänger jag av det,"),
    ],
)
def test_what_only_goes_with_a_tag_is_left_out(knowledge: Knowledge, language: str, written: str, question: str):
    """What remains reads like a plain question; where nothing remains, it stays as it is."""
    said = knowledge.reads(language).untagged(written.replace("*", OBJECT))
    assert re.sub(" +", " ", said) == question


@pytest.mark.parametrize(
    ("written", "entry"),
    [
        pytest.param("is <@U2> affected?", "who_is_affected", id="somebody in the middle"),
        pytest.param("how can <@U2> turn it off 🙏 on the phone?", "mobile_and_desktop", id="emoji in the middle"),
        pytest.param("how do I <https://evil.example/x|opt out>", "steps", id="words of a link"),
        pytest.param(
            "is <https://x.example/y> the right link for opting out?", "deep_link", id="address in the middle"
        ),
        pytest.param(
            "<https://www.linkedin.com/mypreferences/d/settings/data-for-ai-improvement>",
            "deep_link",
            id="only the link",
        ),
        pytest.param("<http://linkedin.com|linkedin.com>", "deep_link", id="only the site"),
        pytest.param("<@U2> in Germany asks when it starts", "start_date_eu", id="place beside somebody"),
        pytest.param("@megan asks how do I opt out https://x.example/y :pray:", "steps", id="as it is typed"),
    ],
)
def test_the_question_beside_it_is_answered(knowledge: Knowledge, written: str, entry: str):
    """In the middle of a sentence too; what a link is called is said, and a link alone is asked about."""
    decision, _ = answer(knowledge, in_slack(written).text, TODAY)
    assert [part.ref[1] for part in decision.parts] == [entry]


def test_the_name_of_a_site_is_said_and_not_its_address(knowledge: Knowledge):
    """Slack makes a link of every name of a site; it may be what is asked about."""
    decision, _ = answer(knowledge, in_slack("is <http://facebook.com|facebook.com> doing this too?").text, TODAY)
    assert [part.ref[1] for part in decision.parts] == ["meta_platforms"]


@pytest.mark.parametrize("text", ["🙏", "👋🏽 ❤️", ":blob-help:", "<@U2>", "<@U2> <#C1|general>", "<!here>"])
async def test_what_holds_no_words_is_told_so(desk: Desk, content: Content, text: str):
    """An emoji or a mention alone asks nothing, so the bot says what it can read."""
    (post,) = await desk.ask(in_slack(text), NOON)
    assert isinstance(post, Post)
    assert draw(post.message) == content.phrases.empty


@pytest.mark.parametrize(
    ("written", "name", "argument"),
    [
        ("steps 🙏", "steps", ""),
        ("<@U2> steps", "steps", ""),
        ("steps <@UBOT>", "steps", ""),
        ("<@U2> region Germany 🇩🇪", "region", "Germany"),
        ("report launch :eyes:", "report", "launch"),
    ],
)
def test_a_command_is_one_beside_an_emoji_or_a_mention(content: Content, written: str, name: str, argument: str):
    """A word that does something does so whoever is mentioned with it."""
    command = commands.read(in_slack(written), content)
    assert command
    assert (command.name, command.argument) == (name, argument)


def test_what_is_no_word_is_never_said_back(knowledge: Knowledge):
    """An explanation shows the content's own words for it, and nothing that somebody had in it."""
    text = in_slack("<@U2> asks: hwo do I opt out 🙏 see <https://evil.example/x>").text
    _, turn = answer(knowledge, text, TODAY)
    said = draw(replies.why(knowledge.content, turn))
    assert "How do I opt out" in said
    assert OBJECT not in said
    assert "evil" not in said


def test_a_follow_up_is_read_without_what_the_turn_before_tagged(knowledge: Knowledge):
    """Two turns are put together as their questions are."""
    _, before = answer(knowledge, in_slack("<@U2> asks when it starts 🙏").text, TODAY)
    decision, _ = answer(knowledge, in_slack("cc <@U3>: and in Texas?").text, TODAY, before)
    assert [part.ref[1] for part in decision.parts] == ["already_started_elsewhere"]
