"""Every Message can be drawn as an Adaptive Card: whole, within Teams' limits, and inert; and as on Slack."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.answering.decisions import Decision, Part
from bot.messages import (
    Button,
    Buttons,
    Byline,
    Element,
    Link,
    Menu,
    Message,
    Note,
    Offer,
    Paragraph,
    Person,
    Picture,
    Steps,
    Title,
    Voice,
)
from bot.platforms.slack import blocks
from bot.platforms.teams import activities
from bot.platforms.teams.cards import SOMEBODY, draw, escape, fallback, unpack
from bot.text import clean
from bot.wording import plain_text, replies
from tests.conftest import TODAY
from tests.fakes import block_kit
from tests.fakes.adaptive_cards import LIST, PLAIN, actions, problems, read, shown
from tests.fakes.drawn import NO_ADDRESSES, SHARE, everything, objects

ANNA = Person("teams", "T1", "29:anna")
EVIL = (
    "<at>everyone</at> [good](https://evil.example) **bold** _x_ `y` ~~z~~ <https://evil.example> <b>b</b> &lt;i&gt; "
    "![i](https://evil.example/i.png) {{DATE(2026-01-01T00:00:00Z,SHORT)}} \\[a](b)\n# head\n- item\n1. one\n"
    "> quote\n---"
)
SHARED = {
    "type": "Action.Execute",
    "verb": "share",
    "title": "Share",
    "tooltip": "Share",
    "data": {"action": "share", "value": ["linkedin-ai-training", "dms"]},
    "fallback": {
        "type": "Action.Submit",
        "title": "Share",
        "tooltip": "Share",
        "data": {"action": "share", "value": ["linkedin-ai-training", "dms"]},
    },
}


def text(words: str, **looks: object) -> dict:
    return {"type": "TextBlock", "text": words, "wrap": True, **looks}


def small(words: str) -> dict:
    return text(words, size="Small", isSubtle=True, spacing="Small")


HEADING = {"style": "heading", "weight": "Bolder"}


@pytest.mark.parametrize(
    ("element", "body"),
    [
        pytest.param(Title("The setting"), [text("The setting", **HEADING, size="Large")], id="title"),
        pytest.param(Paragraph("It is on.\nStill."), [text("It is on.\n\nStill.")], id="paragraph"),
        pytest.param(
            Steps("On the desktop:", ("Click Me", "Turn it off"), "Labels may differ."),
            [
                text("On the desktop:", **HEADING),
                text("1. Click Me\n2. Turn it off", spacing="Small"),
                small("Labels may differ."),
            ],
            id="steps",
        ),
        pytest.param(
            Link("Open the setting", "https://www.linkedin.com/x?a=b&c_d=e"),
            [
                {
                    "type": "ActionSet",
                    "actions": [
                        {
                            "type": "Action.OpenUrl",
                            "title": "Open the setting",
                            "url": "https://www.linkedin.com/x?a=b&c_d=e",
                            "tooltip": "https://www.linkedin.com/x?a=b&c_d=e",
                        }
                    ],
                },
                small("https://www.linkedin.com/x?a=b&c_d=e"),
            ],
            id="link",
        ),
        pytest.param(
            Picture("https://example.com/switch.png", "The switch,\noff"),
            [
                {
                    "type": "Image",
                    "url": "https://example.com/switch.png",
                    "altText": "The switch, off",
                    "size": "Stretch",
                }
            ],
            id="picture",
        ),
        pytest.param(Note("Source: us."), [small("Source: us.")], id="note"),
        pytest.param(Byline("Posted for {person} & others.", ANNA), [small("Posted for Anna & others.")], id="byline"),
        pytest.param(Buttons((SHARE,)), [{"type": "ActionSet", "actions": [SHARED]}], id="buttons"),
        pytest.param(
            Menu("Posted.", (SHARE,)),
            [small("Posted."), {"type": "ActionSet", "actions": [{**SHARED, "mode": "secondary"}]}],
            id="menu",
        ),
    ],
)
def test_each_element_has_its_part_of_the_card(element: Element, body: list[dict]):
    """What is drawn is exactly this, and Teams would take it."""
    card = draw(Message((element,)), {ANNA.id: "Anna"})
    assert card["body"] == body
    assert problems(card) == []


ELEMENTS = {
    "Title": (Title("Heading"), "Heading"),
    "Paragraph": (Paragraph("It is on."), "It is on."),
    "Steps": (
        Steps("How to", ("Open it", "Turn it off"), "Labels differ."),
        "How to|Open it|Turn it off|Labels differ.",
    ),
    "Link": (Link("Open", "https://www.linkedin.com/x"), "Open|https://www.linkedin.com/x"),
    "Picture": (Picture("https://example.com/switch.png", "The switch, off"), "The switch, off"),
    "Note": (Note("Source: us."), "Source: us."),
    "Byline": (Byline("Posted for {person}.", ANNA), "Posted for |."),
    "Buttons": (Buttons((SHARE, Button("Remove", "remove"))), "Share|Remove"),
    "Menu": (Menu("For the poster:", (SHARE,)), "For the poster:|Share"),
}
DRAWINGS = {
    "blocks": lambda message: block_kit.shown(blocks.draw(message)["blocks"]),
    "card": lambda message: shown(draw(message, {ANNA.id: "Anna"})),
    "terminal": plain_text.draw,
}


@pytest.mark.parametrize("drawing", DRAWINGS)
@pytest.mark.parametrize("kind", ELEMENTS)
def test_no_platform_forgets_a_part(kind: str, drawing: str):
    """Whatever a message is made of is seen in Slack, in Teams and in the terminal, in its order."""
    element, parts = ELEMENTS[kind]
    seen, at = DRAWINGS[drawing](Message((element,))), 0
    for part in parts.split("|"):
        at = seen.find(part, at)
        assert at >= 0, f"{part!r} is not in {seen!r}"
        at += len(part)


def test_the_table_of_parts_is_whole():
    """A new kind of element has to be drawn everywhere before this passes."""
    assert [kind.__name__ for kind in get_args(Element)] == list(ELEMENTS)


def shipped(content) -> list[tuple[str, Message]]:
    """Every answer of the shipped content, by entry, region and voice, and everything else the bot says."""
    found = []
    for topic in content.topics:
        regions = [None, *topic.words.regions]
        for ref in [(topic.id, entry) for entry in topic.entries]:
            for region in regions:
                for voice in get_args(Voice):
                    decision = Decision("answer", TODAY, (Part(ref),), region=region)
                    found.append((f"{ref[1]} {region} {voice}", replies.reply(content, decision, voice)))
            found.append((f"{ref[1]} shared", replies.shared(content, [ref], TODAY, ANNA)))
        found += [("steps", replies.steps(content, topic)), ("link", replies.link(content, topic))]
    found += [
        ("help", replies.help_text(content)),
        ("privacy", replies.privacy(content, None)),
        ("unknown", replies.unknown(content)),
        ("region", replies.region(content, next(iter(content.topics[0].words.regions)))),
        ("posted before", replies.posted_before(content, 3, ("steps",))),
    ]
    return found


@pytest.mark.slow
def test_every_answer_is_whole_on_every_platform(content):
    """Each entry, for each region and voice: valid cards and blocks, with every word of the message."""
    wrong = []
    for name, message in shipped(content):
        card, slack = draw(message), blocks.draw(message)
        wrong += [f"{name}: {problem}" for problem in (*problems(card), *block_kit.problems(slack["blocks"]))]
        lines = [line for element in message.elements for line in words(element)]
        for seen in (" ".join(shown(card).split()), " ".join(block_kit.shown(slack["blocks"]).split())):
            wrong += [f"{name}: {line!r} is missing" for line in lines if " ".join(line.split()) not in seen]
    assert wrong == []
    assert len(shipped(content)) > 100


def words(element: Element) -> tuple[str, ...]:
    """The words of an element that have to be seen wherever it is drawn."""
    match element:
        case Steps(title, items, note):
            return (title, *items, note)
        case Link(label, url):
            return (label, url)
        case Byline(text, _):
            return tuple(text.split("{person}"))
        case Buttons(buttons):
            return tuple(button.label for button in buttons)
        case Menu(text, buttons):
            return (text, *(button.label for button in buttons))
        case Title(text) | Paragraph(text) | Note(text):
            return (text,)


def test_nothing_a_person_wrote_can_act_as_markup():
    """All of it is read as plain words, except the numbers before the steps; no mention, no address of its own."""
    card = draw(everything(EVIL, ANNA), {ANNA.id: EVIL})
    for block in (each for each in objects(card) if each.get("type") == "TextBlock"):
        kinds, _ = read(block["text"])
        assert kinds <= (PLAIN | LIST if block["text"].startswith("1. ") else PLAIN)
    assert read(card["fallbackText"])[0] <= PLAIN
    assert "<" not in card["speak"]
    assert "entities" not in card["msteams"]
    assert {each["url"] for each in objects(card) if "url" in each} == {"https://www.linkedin.com/mypreferences"}
    assert problems(card) == []


@settings(deadline=None)
@given(st.text(st.sampled_from(" \t\n\\`*_{}[]()<>#+-.!|~&;=:^\"'$@19abAT,Z") | st.characters(), max_size=60))
@example(EVIL)
@example("__0__")
def test_escaped_words_are_seen_as_they_were(words: str):
    """Teams' Markdown finds nothing in escaped text and shows exactly what was written."""
    kinds, seen = read(escape(words))
    assert kinds <= PLAIN
    assert seen == " ".join(clean(words).split())


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=60), st.integers(1, 2000))
def test_whatever_the_words_teams_takes_the_message(words: str, times: int):
    """Any characters, any length: a valid card within every limit, and a text beside it."""
    message = everything(words * times, ANNA)
    assert problems(draw(message, {ANNA.id: words * times})) == []
    assert 0 < len(fallback(message)) <= 3000


def test_a_message_that_is_too_long_keeps_its_buttons_and_says_that_it_is_cut():
    """Text is left out before buttons are, and an ellipsis stands for it."""
    card = draw(Message((*(Paragraph("word " * 500) for _ in range(60)), Buttons((SHARE,)))))
    assert problems(card) == []
    assert [each["type"] for each in card["body"][-2:]] == ["ActionSet", "TextBlock"]
    assert shown(card).endswith("Share\n…")


def test_six_buttons_are_seen_and_the_rest_is_behind_the_dots():
    """Teams draws no more than six, wherever in the card they stand; none is lost."""
    buttons = tuple(Button(str(number), "answer") for number in range(5))
    card = draw(Message((Buttons(buttons), Link("Open", "https://example.com"), Buttons(buttons))))
    modes = [action.get("mode", "primary") for action in actions(card)]
    assert modes == ["primary"] * 6 + ["secondary"] * 5
    assert problems(card) == []


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_only_a_plain_https_address_becomes_a_button(url: str):
    """Others stay text, which does nothing."""
    card = draw(Message((Link("Open", url),)))
    assert actions(card) == []
    assert problems(card) == []


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_a_picture_without_a_plain_https_address_is_told_in_words(url: str):
    """Teams would refuse the card, or fetch who knows what."""
    card = draw(Message((Picture(url, "The switch, off"),)))
    assert card["body"] == [small("The switch, off")]
    assert problems(card) == []


def test_a_picture_that_cannot_be_seen_is_read():
    """In the notification, by a screen reader, in a client without cards and where the message extension finds it."""
    message = Message((Title("The setting"), Picture("https://example.com/switch.png", "The switch, off")))
    said, (found,) = (
        activities.card(message, {}),
        activities.results([Offer("The setting", message)])["composeExtension"]["attachments"],
    )
    drawn = said["attachments"][0]["content"]
    assert said["summary"] == drawn["speak"] == "The setting\nThe switch, off"
    assert drawn["fallbackText"] == "The setting\n\nThe switch, off"
    assert found["preview"]["content"] == {"title": "The setting", "text": "The switch, off"}
    assert found["content"] == drawn
    assert [each["altText"] for each in objects(drawn) if each.get("type") == "Image"] == ["The switch, off"]


def test_a_message_for_everyone_is_as_any_other():
    """Teams lets no bot mention everyone, so nothing of a card changes."""
    message = Message((Title("The setting"), Paragraph("It is on.")))
    assert activities.card(replace(message, everyone=True), {}) == activities.card(message, {})


@pytest.mark.parametrize(
    "words",
    [
        "<at>everyone</at> now",
        "<at>team</at>",
        "@channel and @everyone",
        "<!channel> <!here>",
        "&lt;at&gt;all&lt;/at&gt;",
    ],
)
def test_text_that_looks_like_a_mention_is_text(words: str):
    """Shown as it was written; a mention needs an entity, and there is none."""
    said = activities.card(
        Message((Title(words), Paragraph(words), Picture("https://example.com/a.png", words)), everyone=True), {}
    )
    drawn = said["attachments"][0]["content"]
    assert {key for key in said if key not in ("type", "summary", "attachments")} == set()
    assert drawn["msteams"] == {"width": "Full"}
    for block in (each["text"] for each in objects(drawn["body"]) if each.get("type") == "TextBlock"):
        assert read(block) == (read(block)[0] & PLAIN, words)
    assert problems(drawn) == []


@pytest.mark.parametrize(("name", "named"), [("Anna", "Anna"), ("", SOMEBODY), (" \n", SOMEBODY), ("A\nB", "A B")])
def test_a_person_is_named_where_the_name_is_known(name: str, named: str):
    """Nobody's id is shown in place of a name."""
    byline = Message((Byline("Posted for {person}.", ANNA),))
    assert shown(draw(byline, {ANNA.id: name})) == fallback(byline, {ANNA.id: name}) == f"Posted for {named}."
    assert shown(draw(byline)) == f"Posted for {SOMEBODY}."


def test_a_cut_label_is_whole_in_its_tooltip():
    """Who points at the button, or hears it, gets all of it."""
    (button,) = actions(draw(Message((Buttons((Button("word " * 20, "answer"),)),))))
    assert button["title"].endswith("word…")
    assert button["tooltip"] == ("word " * 20).strip()


def test_buttons_come_back_as_they_were():
    """The action and its value survive the way through Teams, by either kind of button; anything else is nothing."""
    (button,) = actions(draw(Message((Buttons((Button("ü", "answer", ('"', "ß")),)),))))
    assert unpack(button["data"]) == unpack(button["fallback"]["data"]) == ("answer", '"', "ß")
    odd = (None, "", [], {}, {"action": "a"}, {"action": "", "value": []}, {"action": "a", "value": [1]}, {"value": []})
    assert [unpack(data) for data in odd] == [()] * len(odd)


def test_an_empty_message_is_still_a_message():
    """Teams refuses a message without a word."""
    for message in (Message(()), Message((Paragraph(" "), Note(""), Steps("", (), ""), Buttons(())))):
        card = draw(message)
        assert (shown(card), card["fallbackText"], fallback(message)) == ("…", "…", "…")
        assert problems(card) == []


def test_the_text_beside_a_card_reads_from_top_to_bottom():
    """Notifications and clients without cards get the steps with their numbers and the address."""
    steps = Steps("How to", ("Open it", "Turn it off"), "")
    message = Message((Title("A"), steps, Link("Open", "https://example.com/x"), Buttons((SHARE,))))
    assert fallback(message) == "A\nHow to\n1. Open it\n2. Turn it off\nOpen: https://example.com/x"
    assert draw(message)["speak"] == fallback(message)


def test_the_check_notices_mistakes():
    """The schema and the rules beyond it can fail."""
    card = draw(Message((Paragraph("a"), Buttons((SHARE,)))))
    card["body"][0]["wrap"] = "yes"
    card["body"][1]["actions"][0]["style"] = "positive"
    del card["body"][1]["actions"][0]["fallback"]
    assert len(problems(card)) == 3
