"""Every Message can be drawn as Slack's blocks: whole, within the limits, and inert."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messages import (
    Button,
    Buttons,
    Byline,
    Element,
    Link,
    Menu,
    Message,
    Note,
    Paragraph,
    Person,
    Steps,
    Title,
)
from bot.platforms.slack.blocks import draw, unpack
from bot.text import cut
from tests.fakes.block_kit import problems, shown
from tests.fakes.drawn import NO_ADDRESSES, SHARE, everything, objects

ANNA = Person("slack", "T1", "U1ANNA")
EVIL = "<!channel> <@U1ANNA> <https://evil.example|good> [good](https://evil.example) *bold* _x_ `y` & &lt;!here&gt;"


def text(words: str) -> dict:
    return {"type": "plain_text", "text": words, "emoji": False}


@pytest.mark.parametrize(
    ("element", "blocks"),
    [
        pytest.param(Title("The setting"), [{"type": "header", "text": text("The setting")}], id="title"),
        pytest.param(Paragraph("It is on."), [{"type": "section", "text": text("It is on.")}], id="paragraph"),
        pytest.param(Note("Source: us."), [{"type": "context", "elements": [text("Source: us.")]}], id="note"),
        pytest.param(
            Byline("Posted for {person} & others.", ANNA),
            [
                {
                    "type": "context",
                    "elements": [
                        {"type": "mrkdwn", "text": "Posted for <@U1ANNA> &amp; others.", "verbatim": True},
                    ],
                }
            ],
            id="byline",
        ),
        pytest.param(
            Link("Open the setting", "https://www.linkedin.com/x?a=b&c=d"),
            [
                {
                    "type": "section",
                    "text": text("Open the setting\nhttps://www.linkedin.com/x?a=b&c=d"),
                    "accessory": {
                        "type": "button",
                        "text": text("Open the setting"),
                        "action_id": "open:0",
                        "url": "https://www.linkedin.com/x?a=b&c=d",
                    },
                }
            ],
            id="link",
        ),
        pytest.param(
            Buttons((SHARE,)),
            [
                {
                    "type": "actions",
                    "elements": [
                        {
                            "type": "button",
                            "text": text("Share"),
                            "action_id": "press:0",
                            "value": '["share","linkedin-ai-training","dms"]',
                            "style": "primary",
                        }
                    ],
                }
            ],
            id="buttons",
        ),
        pytest.param(
            Menu("Posted.", (Button("Remove it", "remove", ("U1ANNA",)),)),
            [
                {
                    "type": "section",
                    "text": text("Posted."),
                    "accessory": {
                        "type": "overflow",
                        "action_id": "press:0",
                        "options": [{"text": text("Remove it"), "value": '["remove","U1ANNA"]'}],
                    },
                }
            ],
            id="menu",
        ),
    ],
)
def test_each_element_has_its_block(element: Element, blocks: list[dict]):
    """What is drawn is exactly this, and Slack would take it."""
    assert draw(Message((element,)))["blocks"] == blocks
    assert problems(blocks) == []


def test_steps_are_a_numbered_list_under_their_title_with_the_remark_below():
    """Slack numbers the list itself, so that screen readers know it as one."""
    drawn = draw(Message((Steps("On the desktop:", ("Click Me", "Turn it off"), "Labels may differ."),)))
    title, steps = drawn["blocks"][0]["elements"]
    assert title["elements"] == [{"type": "text", "text": "On the desktop:", "style": {"bold": True}}]
    assert (steps["style"], shown([steps])) == ("ordered", "Click Me\nTurn it off")
    assert drawn["blocks"][1] == {"type": "context", "elements": [text("Labels may differ.")]}
    assert drawn["text"] == "On the desktop:\n1. Click Me\n2. Turn it off\nLabels may differ."
    assert problems(drawn["blocks"]) == []


def test_nothing_a_person_wrote_can_act_as_markup():
    """All of it is plain text, except the escaped byline, whose only mention is the person it names."""
    drawn = draw(everything(EVIL, ANNA))
    marked = [each["text"] for each in objects(drawn["blocks"]) if each.get("type") == "mrkdwn"]
    for words in (*marked, drawn["text"]):
        assert words.replace("<@U1ANNA>", "").count("<") == words.replace("<@U1ANNA>", "").count(">") == 0
    assert marked[0].endswith("&amp;lt;!here&amp;gt; <@U1ANNA>")
    assert {each["url"] for each in objects(drawn["blocks"]) if "url" in each} == {
        "https://www.linkedin.com/mypreferences"
    }
    assert problems(drawn["blocks"]) == []


@pytest.mark.parametrize("name", ["", "u1", "U1> <!channel", "@here", "!channel", "U1|x", "W", "S123ABC"])
def test_only_a_users_id_becomes_a_mention(name: str):
    """Anything else in the person's place is left out."""
    drawn = draw(Message((Byline("Posted for {person}.", Person("slack", "T1", name)),)))
    assert drawn["blocks"][0]["elements"][0]["text"] == drawn["text"] == "Posted for ."


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_only_a_plain_https_address_becomes_a_button(url: str):
    """Others stay text, which does nothing."""
    drawn = draw(Message((Link("Open", url),)))
    assert "accessory" not in drawn["blocks"][0]
    assert problems(drawn["blocks"]) == []


@settings(deadline=None)
@given(st.text(max_size=60), st.integers(1, 2000))
def test_whatever_the_words_slack_takes_the_message(words: str, times: int):
    """Any characters, any length: within every limit, and never half an entity."""
    drawn = draw(everything(words * times, ANNA))
    assert problems(drawn["blocks"]) == []
    assert len(json.dumps(drawn["blocks"], ensure_ascii=False)) < 13_000
    assert 0 < len(drawn["text"]) <= 3000
    assert drawn["text"].replace("&amp;", "").replace("&lt;", "").replace("&gt;", "").count("&") == 0


def test_a_message_that_is_too_long_keeps_its_buttons_and_says_that_it_is_cut():
    """Text is left out before buttons are, and an ellipsis stands for it."""
    long = Message((*(Paragraph("word " * 500) for _ in range(60)), Buttons((SHARE,))))
    blocks = draw(long)["blocks"]
    assert problems(blocks) == []
    assert [block["type"] for block in blocks[-2:]] == ["actions", "context"]
    assert shown(blocks).endswith("Share\n…")


def test_many_buttons_stand_in_rows_of_five():
    """Slack draws a longer row as it likes."""
    buttons = tuple(Button(str(number), "answer") for number in range(12))
    blocks = draw(Message((Buttons(buttons), Buttons(buttons))))["blocks"]
    assert [len(block["elements"]) for block in blocks] == [5, 5, 2, 5, 5, 2]
    assert problems(blocks) == []


@pytest.mark.parametrize(
    "buttons",
    [
        pytest.param(tuple(Button(str(number), "answer") for number in range(6)), id="six"),
        pytest.param((Button("Remove", "remove", ("x" * 150,)),), id="a long value"),
    ],
)
def test_a_menu_that_slack_cannot_hold_becomes_buttons(buttons: tuple[Button, ...]):
    """No action is lost for being one too many or carrying too much."""
    blocks = draw(Message((Menu("More", buttons),)))["blocks"]
    labels = [each["text"]["text"] for each in objects(blocks) if each.get("type") == "button"]
    assert labels == [button.label for button in buttons]
    assert problems(blocks) == []


def test_a_cut_label_is_read_out_to_the_limit():
    """Who hears the label instead of seeing it gets no ellipsis."""
    (button,) = draw(Message((Buttons((Button("word " * 20, "answer"),)),)))["blocks"][0]["elements"]
    assert button["text"]["text"].endswith("word…")
    assert button["accessibility_label"] == ("word " * 20)[:75]


def test_buttons_come_back_as_they_were():
    """The action and its value survive the way through Slack; anything else is nothing."""
    value = draw(Message((Buttons((Button("ü", "answer", ('"', "ß")),)),)))["blocks"][0]["elements"][0]["value"]
    assert unpack(value) == ("answer", '"', "ß")
    assert [unpack(odd) for odd in ("", "x", "{}", "[1]", "null", '"a"')] == [()] * 6


def test_an_empty_message_is_still_a_message():
    """Slack refuses a message without a word."""
    assert draw(Message(())) == {"text": "…", "blocks": []}
    assert draw(Message((Paragraph(" "), Note(""), Steps("", (), ""), Buttons(())))) == {"text": "…", "blocks": []}


@pytest.mark.parametrize(
    ("words", "limit", "short"),
    [("one two three", 20, "one two three"), ("one two three", 9, "one two…"), ("a" * 20, 5, "aaaa…"), (" x ", 1, "x")],
)
def test_text_is_cut_between_words(words: str, limit: int, short: str):
    """An ellipsis says that there was more; a word without end is cut anywhere."""
    assert cut(words, limit) == short
