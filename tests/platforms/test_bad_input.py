"""What asks nothing, or only in somebody else's words: the asker alone is told, and never answered from those words."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from bot.answering.deciding import Knowledge, answer, decide
from bot.content.topics import Content
from bot.desk import commands
from bot.desk.desk import Desk
from bot.messages import Question
from bot.platforms.slack import incoming as slack
from bot.platforms.teams import incoming as teams
from bot.text import MEANINGFUL, in_one_writing, quoted
from tests.conftest import TODAY
from tests.fakes import slack_bot, slack_deliveries, teams_bot, teams_deliveries
from tests.fakes.block_kit import shown
from tests.fakes.teams_deliveries import THREAD

ASKED = "how do I opt out of LinkedIn's AI training?"
SAID = "LinkedIn does not use private messages for its AI training."
MEGAN = {"type": "mention", "text": "<at>Megan Roe</at>", "mentioned": {"id": "29:megan", "name": "Megan Roe"}}
NAMED = '<span itemtype="http://schema.skype.com/Mention" itemscope="" itemid="0">Opt-Out Bot</span>&nbsp;'
REPLY = (
    '<blockquote itemscope itemtype="http://schema.skype.com/Reply" itemid="1764000000000">'
    '<strong itemprop="mri" itemid="8:orgid:1">Megan Roe</strong><span itemprop="time" itemid="1764000000000"></span>'
    '<p itemprop="preview">{quote}</p></blockquote>\n<p>{own}</p>'
)
FORWARD = '<p>{own}&nbsp;</p>\n<blockquote itemtype="http://schema.skype.com/Forward">\n<p>{quote}</p>\n</blockquote>'


def html(content: str) -> dict[str, Any]:
    """What Teams sends beside the text of a message: the message as it was written."""
    return {"attachments": [{"contentType": "text/html", "content": content}]}


def forwarded(text: str) -> list[dict[str, Any]]:
    """What Slack sends with a message that forwards another."""
    url = "https://acme.slack.com/archives/C2/p1764000000000100"
    return [{"is_share": True, "is_msg_unfurl": True, "author_id": "U2", "text": text, "from_url": url}]


EMPTY = {
    "emoji": "🙏🏽 :blob-help:",
    "nothing": "",
    "mention": "<@U2> <#C1|general> <!here>",
    "link": "<https://news.example/how-to-opt-out-of-linkedin-ai-training>",
    "link with a title": "<https://news.example/1|How do I opt out of LinkedIn's AI training?>",
    "page of the same site": "<https://www.linkedin.com/pulse/opt-out-of-ai-training>",
    "quote": f"&gt; {ASKED}\n&gt; is it on by default?",
    "quote of the bot": f"&gt; <@UBOT> {ASKED}",
    "code": f"```\n{ASKED}\n```",
    "link in code": "```get(https://linkedin.com/mypreferences/d/settings/data-for-ai-improvement)```",
    "open code": f"```{ASKED}",
    "padding": "pls",
    "tag": "right?",
    "lead": "so ...",
    "paddings": "um, so pls, right?",
    "paddings of two languages": "so bitte, right?",
    "all of it": f"so 🙏 <@U2> <https://news.example/opt-out>\n&gt; {ASKED}\n```steps```",
}


@pytest.mark.parametrize("text", EMPTY.values(), ids=EMPTY)
async def test_what_asks_nothing_in_a_slack_channel_is_answered_to_the_asker_alone(
    desk: Desk, content: Content, text: str
):
    """Nobody else reads anything, and nothing comes of the words of a link, a quote or code."""
    async with slack_bot.running(desk) as bot:
        await bot.slack.mention(text)
        (whisper,) = await bot.slack.until(lambda: bot.slack.whispered("C1"))
        await bot.finish()
    assert whisper["to"] == "U1"
    assert shown(whisper["blocks"]) in {content.spoken(code).phrases.empty for code in ("en", "de")}
    assert bot.slack.said("C1") == []


@pytest.mark.parametrize("text", ["", "fyi"], ids=["without a word", "for information"])
async def test_what_is_forwarded_asks_nothing_by_itself(desk: Desk, text: str):
    """A forwarded question was not put to the bot."""
    body = slack_deliveries.sample("app_mention")
    body["event"] |= {"text": f"<@UBOT> {text}", "attachments": forwarded(ASKED)}
    async with slack_bot.running(desk) as bot:
        await bot.slack.event(body)
        await bot.slack.until(lambda: bot.slack.whispered("C1"))
        await bot.finish()
    assert bot.slack.said("C1") == []


ASKING_NOTHING: dict[str, tuple[str, dict[str, Any]]] = {
    "emoji": ("🙏🏽", {}),
    "nothing": ("", {}),
    "mention": ("<at>Megan Roe</at>", {}),
    "link": ("https://news.example/how-to-opt-out-of-linkedin-ai-training", {}),
    "link with a title": (f'<a href="https://news.example/1">{ASKED}</a>', {}),
    "quote": (f"&gt; {ASKED}", {}),
    "reply": (f"Megan Roe{ASKED}", html(REPLY.format(quote=ASKED, own=NAMED))),
    "forward": (f"\r\n\r\n{ASKED}", html(FORWARD.format(quote=ASKED, own=NAMED))),
    "quote in a quote": (
        f"{ASKED}{ASKED}",
        html(f"<blockquote><blockquote><p>{ASKED}</p></blockquote><p>{ASKED}</p></blockquote><p>{NAMED}</p>"),
    ),
    "code": (ASKED, html(f"<p>{NAMED}</p><codeblock class='Plain'><code>{ASKED}<br>steps</code></codeblock>")),
    "padding": ("pls", {}),
    "tag": ("right?", {}),
    "paddings": ("um, so pls, right?", {}),
}


@pytest.mark.parametrize(("text", "more"), ASKING_NOTHING.values(), ids=ASKING_NOTHING)
@pytest.mark.parametrize("where", [THREAD, "19:group@thread.v2"], ids=["channel", "group chat"])
async def test_what_asks_nothing_in_teams_is_answered_in_the_asker_s_own_chat(
    desk: Desk, content: Content, where: str, text: str, more: dict[str, Any]
):
    """Teams shows nothing to one person in a shared place, so the line comes where they are alone with the bot."""
    entities = [*teams_deliveries.sample("message_group")["entities"], MEGAN]
    async with teams_bot.running(desk) as bot:
        await bot.teams.write(text, where, entities=entities, **more)
        await bot.teams.until(bot.teams.said)
        await bot.finish()
        assert (bot.teams.texts(), bot.teams.texts(where)) == ([content.phrases.empty], [])


NOT_UNDERSTOOD = pytest.mark.parametrize("text", ["how tall is the moon?", "thanks", "", "zyxwv vwxyz"])


@NOT_UNDERSTOOD
async def test_what_is_not_understood_in_a_slack_channel_is_said_to_the_asker_alone(desk: Desk, text: str):
    """Only answers and titles are for everyone."""
    async with slack_bot.running(desk) as bot:
        await bot.slack.mention(text)
        await bot.slack.until(lambda: bot.slack.whispered("C1"))
        await bot.finish()
    assert bot.slack.said("C1") == []


@NOT_UNDERSTOOD
async def test_what_is_not_understood_in_teams_is_said_nowhere_else(desk: Desk, text: str):
    """Where there is no personal chat, nobody reads anything: a line for everyone would be for no one."""
    async with teams_bot.running(desk) as bot:
        await bot.teams.write(text, THREAD)
        await bot.teams.until(bot.teams.said)
        bot.teams.personal.clear()
        await bot.teams.write(text, THREAD)
        await bot.teams.until(lambda: len(bot.teams.called("open")) == 2)
        await bot.finish()
        assert (len(bot.teams.said()), bot.teams.said(THREAD)) == (1, [])


def in_slack(text: str, attachments: list[dict[str, Any]]) -> Question:
    body = slack_deliveries.sample("app_mention")
    body["event"] |= {"text": text, "attachments": attachments}
    heard = slack.mention(body, slack_deliveries.BOT)
    assert heard
    assert isinstance(heard.asked, Question)
    return heard.asked


def in_teams(text: str, **more: Any) -> Question:
    body = teams_deliveries.sample("message_group")
    entities = [*body["entities"], *more.pop("entities", ())]
    heard = teams.message({**body, "text": text, "entities": entities, **more})
    assert heard
    assert isinstance(heard.asked, Question)
    return heard.asked


def replied(quote: str, own: str) -> Question:
    """A quoted reply with the entity that Teams sends with it, and without the HTML."""
    entity = {"type": "quotedReply", "quotedReply": {"messageId": "1764", "senderName": "Megan Roe", "preview": quote}}
    return in_teams(f'<quoted messageId="1764"/><at>Opt-Out Bot</at> {own}', entities=[entity])


beside = pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda quote, own: in_slack(f"&gt; {quote}\n<@UBOT> {own}", []), id="Slack, quoted"),
        pytest.param(lambda quote, own: in_slack(f"<@UBOT> {own}", forwarded(quote)), id="Slack, forwarded"),
        pytest.param(
            lambda quote, own: in_teams(
                f"Megan Roe{quote}<at>Opt-Out Bot</at> {own}", **html(REPLY.format(quote=quote, own=NAMED + own))
            ),
            id="Teams, quoted",
        ),
        pytest.param(
            lambda quote, own: in_teams(
                f"<at>Opt-Out Bot</at> {own}\r\n\r\n{quote}", **html(FORWARD.format(quote=quote, own=NAMED + own))
            ),
            id="Teams, forwarded",
        ),
        pytest.param(replied, id="Teams, quoted without HTML"),
    ],
)


@beside
@pytest.mark.parametrize(
    ("quote", "own", "entry"),
    [
        pytest.param(SAID, "does this affect us?", "who_is_affected", id="own words that are clear"),
        pytest.param(SAID, "what does that mean for me?", "private_messages_excluded", id="own words that point"),
        pytest.param(SAID, "what does that mean for me", "private_messages_excluded", id="without a question mark"),
        pytest.param(SAID, "is this true?", "private_messages_excluded", id="own words that otherwise only pad"),
        pytest.param(SAID, "is the canteen open today?", "", id="another question"),
        pytest.param(SAID, "fyi", "", id="no question"),
        pytest.param("The canteen is closed on Friday.", "what does that mean for me?", "", id="another quote"),
    ],
)
def test_a_quote_is_what_the_own_words_may_mean(
    knowledge: Knowledge, ask: Callable[[str, str], Question], quote: str, own: str, entry: str
):
    """They are read first; what is quoted helps where they ask about it and are not understood."""
    decision = decide(knowledge, ask(quote, own).text, TODAY)
    assert [part.ref[1] for part in decision.parts] == ([entry] if entry else [])
    assert (decision.sort == "unknown") == (not entry)


def test_a_quote_is_nearer_than_what_was_answered_before(knowledge: Knowledge):
    """A few words that point mean what stands beside them."""
    _, before = answer(knowledge, "is it on by default?", TODAY)
    decision = decide(knowledge, f"> {SAID}\nis this true?", TODAY, before)
    assert [part.ref[1] for part in decision.parts] == ["private_messages_excluded"]


@beside
def test_a_question_about_a_quote_is_answered_as_its_asker_speaks(
    knowledge: Knowledge, ask: Callable[[str, str], Question]
):
    """The language is theirs, and a place in the quote is not where they are."""
    quote = "In Germany, LinkedIn does not use private messages for its AI training."
    decision = decide(knowledge, ask(quote, "was heißt das für mich?").text, TODAY)
    assert (decision.language, decision.named) == ("de", False)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("&gt; steps\n<@UBOT> thanks", ""),
        ("<@UBOT>\n&gt; steps", ""),
        ("<@UBOT> ```steps```", ""),
        ("<@UBOT> <https://steps>", ""),
        ("&gt; thanks\n<@UBOT> steps", "steps"),
    ],
)
def test_a_command_is_the_person_s_own(content: Content, text: str, name: str):
    """A word that somebody else wrote does nothing."""
    command = commands.read(in_slack(text, []), content)
    assert (command.name if command else "") == name


LONG = {
    "emoji": "🙏🤔",
    "codes of emoji": ":pray: ",
    "people": "\ufffc ",
    "links": "https://news.example/how-to-opt-out ",
    "one link": "a/b?c=",
    "paddings": "pls so hey right? ",
    "places": "I live in Germany and my colleague in Texas, ",
    "a question": "is it on by default? ",
    "two languages": "how do I opt out und wie kann ich widersprechen, ",
    "many scripts": "как отказаться 如何退出 كيف أوقف ",
    "one word": "x",
    "white space": " ",
    "brackets": "([<",
    "ligatures": "\ufdfa",
}


@pytest.mark.parametrize("part", LONG.values(), ids=LONG)
def test_of_a_long_message_no_more_is_read_than_of_a_short_one(part: str):
    """The question at its end is; so are the words before a quote or code, however much of that there is."""
    long = part * (40_000 // len(part))
    read = in_one_writing(f"{long} \nhow do I opt out?")
    assert len(read) <= MEANINGFUL
    assert read.endswith("how do I opt out?")
    assert len(quoted(f"> {long}")) <= MEANINGFUL // 2


@pytest.mark.parametrize("part", ["> how do I opt out?\n", "```steps```", "```steps\n```\n"])
def test_nothing_of_a_long_quote_or_of_much_code_is_read(part: str):
    """It costs no more than to leave it out."""
    long = part * (40_000 // len(part))
    assert in_one_writing(f"is it on?\n{long}\nfor me?") == "is it on?\nfor me?"


@pytest.mark.parametrize("before", ["x" * 3_000, "https://news.example/" + "opt-out/" * 400])
def test_no_word_and_no_address_is_read_in_part(before: str):
    """Half of an address would be words."""
    assert in_one_writing(f"{before} is it on?") == "is it on?"


@pytest.mark.parametrize("part", [", ", "- ", "...! ", "so, um pls ", "so bitte, proszę ", "and "])
def test_what_stands_around_a_question_is_told_in_time_that_grows_with_it(knowledge: Knowledge, part: str):
    """However often the same mark or padding is repeated; each took ten times as long as may pass here."""

    def taken() -> float:
        began = time.process_time()
        knowledge.is_padding(part * (MEANINGFUL // len(part)))
        knowledge.readers[0].unframed(f"{part * (MEANINGFUL // len(part))}how do I opt out?")
        return time.process_time() - began

    assert min(taken() for _ in range(5)) < 0.01
