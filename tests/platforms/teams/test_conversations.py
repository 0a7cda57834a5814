"""People in Teams ask, command and press; the answers arrive where they asked, and only where they should."""

from dataclasses import replace
from datetime import datetime

import pytest

from bot.errors import UnavailableError
from bot.messages import (
    Button,
    Buttons,
    Citation,
    Message,
    Paragraph,
    Person,
    Place,
    Post,
    Press,
    Question,
    Receipt,
    Removal,
)
from bot.platforms.teams.route import LARGEST
from bot.platforms.teams.text import plain
from bot.text import OBJECT
from tests.conftest import NOON
from tests.fakes.teams_bot import TeamsDesk, running, says
from tests.fakes.teams_deliveries import BOT, TENANT, THREAD, sample

ANNA = Person("teams", TENANT, "29:anna")
GROUP = "19:group@thread.v2"
CHANNEL = Place("teams", TENANT, "19:general@thread.tacv2", THREAD)

shared = pytest.mark.parametrize("where", [GROUP, THREAD], ids=["group chat", "channel"])
clients = pytest.mark.parametrize("old", [False, True], ids=["execute", "submit"])


def with_button(label: str, action: str, *value: str) -> Message:
    return Message((Paragraph("Here."), Buttons((Button(label, action, value),))))


async def test_a_personal_message_is_answered_in_the_chat():
    """What somebody writes reaches the desk as it was meant, and the answer comes as a card that reads as text too."""
    async with running() as bot:
        reply = await bot.teams.write("does this affect my DMs")
        (answer,) = await bot.teams.until(bot.teams.said)
    conversation = bot.desk.asked[0].conversation
    place = Place("teams", TENANT, "a:anna")
    assert bot.desk.asked == [Question("does this affect my DMs", ANNA, place, conversation, "alone")]
    assert bot.desk.times == {NOON}
    assert (reply.status, reply.body) == (202, "")
    assert answer["summary"] == "Answer to: does this affect my DMs"
    assert answer["attachments"][0]["content"]["version"] == "1.5"


@pytest.mark.parametrize(
    ("citation", "document"),
    [
        (Citation("The title", "Who,\nwhen"), {"name": "The title", "abstract": "Who, when"}),
        (
            Citation("t" * 300, "a" * 300, "https://example.com/article"),
            {"name": "t" * 79 + "…", "abstract": "a" * 159 + "…", "url": "https://example.com/article"},
        ),
    ],
    ids=["usual", "long, with an address"],
)
async def test_an_answer_cites_its_source_as_teams_shows_it(citation: Citation, document: dict):
    """A mark beside the card leads to the source, in an entity that Teams takes; no model is said to be behind it."""
    script = {"hello": (Post(replace(says("It is on."), citation=citation)),)}
    async with running(TeamsDesk(script)) as bot:
        await bot.teams.write("hello")
        (answer,) = await bot.teams.until(bot.teams.said)
    assert (answer["text"], answer["textFormat"]) == ("From \\[the\\] article [1]", "markdown")
    claim = {"@type": "Claim", "position": 1, "appearance": {"@type": "DigitalDocument", **document}}
    root = {"type": "https://schema.org/Message", "@type": "Message", "@context": "https://schema.org"}
    assert answer["entities"] == [{**root, "citation": [claim]}]
    assert (answer["summary"], len(answer["attachments"])) == ("It is on.", 1)


@pytest.mark.parametrize(("text", "cited"), [("how do I opt out?", True), ("steps", True), ("help", False)])
async def test_what_rests_on_the_article_cites_it(desk, text: str, cited: bool):
    """With the real desk: answers and steps do, what the bot says of itself does not."""
    async with running(desk) as bot:
        await bot.teams.write(text)
        (answer,) = await bot.teams.until(bot.teams.said)
    assert ("LinkedIn Is Using Your Data" in str(answer.get("entities"))) == cited


@shared
async def test_a_post_for_everyone_is_one_message_that_can_be_taken_back(desk, where: str):
    """Teams may part a text from its card and names neither, so where a post can be removed it is the card alone."""
    async with running(desk) as bot:
        await bot.teams.write("how do I opt out?", where)
        (post,) = await bot.teams.until(lambda: bot.teams.said(where))
        assert "text" not in post
        assert "LinkedIn Is Using Your Data" in post["summary"] + str(post["attachments"])


@shared
async def test_a_mention_is_answered_where_everyone_reads(where: str):
    """In a channel it is the thread, whose id is its own conversation; the post carries its own way back."""
    async with running() as bot:
        await bot.teams.write("how do I opt out?", where)
        (answer,) = await bot.teams.until(lambda: bot.teams.said(where))
        await bot.finish()
    (question,) = bot.desk.asked
    place = CHANNEL if where == THREAD else Place("teams", TENANT, GROUP)
    assert (question.text, question.voice, question.place) == ("how do I opt out?", "aloud", place)
    assert answer["summary"] == "Answer to: how do I opt out?\nRemovable."
    assert bot.desk.recorded[0][1] == Receipt(place, answer["id"])


async def test_a_follow_up_belongs_to_the_thread_and_the_person():
    """Everyone's turns in a thread are their own."""
    async with running() as bot:
        for text, person in (("one", "29:anna"), ("two", "29:anna"), ("three", "29:ben")):
            await bot.teams.write(text, THREAD, person)
        await bot.teams.until(lambda: len(bot.teams.said(THREAD)) == 3)
    turns = {question.text: question.conversation for question in bot.desk.asked}
    assert turns["one"] == turns["two"] != turns["three"]


@pytest.mark.parametrize(
    "text",
    [
        "<at>Opt-Out Bot</at>\u00a0steps",
        "<at>Opt-Out Bot</at>&nbsp;steps",
        "steps <at>Opt-Out Bot</at>",
        "\u00a0<at>Ben Ode</at> <at>Opt-Out Bot</at>  steps\n",
        "<p><at>Opt-Out Bot</at> <b>steps</b></p>",
        "<at>Opt-Out Bot</at> \x00\u202esteps\ufeff",
        '<at id="0">Opt-Out\u00a0Bot</at>steps',
    ],
    ids=["no-break space", "entity", "behind", "two people", "HTML", "invisible", "inside the name"],
)
async def test_every_mention_is_stripped_from_a_command(text: str):
    """A command is a command whoever is mentioned beside it, and with whatever spaces."""
    body = {**sample("message_channel"), "text": text}
    ben = {"type": "mention", "text": "<at>Ben Ode</at>", "mentioned": {"id": "29:ben", "name": "Ben Ode"}}
    async with running() as bot:
        await bot.teams.deliver({**body, "entities": [*body["entities"], ben]})
        await bot.teams.until(lambda: bot.teams.said(THREAD))
    assert bot.desk.asked[0].text.replace(OBJECT, "").strip() == "steps"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("<at>Opt-Out Bot</at> <at>Ben Ode</at> asks how do I opt out", "* asks how do I opt out"),
        ("how do I opt out? cc <at>Opt-Out Bot</at>", "how do I opt out? cc *"),
        ("is <at>Ben&nbsp;Ode</at> or <at>nobody here</at> affected", "is * or nobody here affected"),
        ("see [the setting](https://evil.example/x) now", "see the setting now"),
        ("see [https://evil.example/x](https://evil.example/x) now", "see * now"),
        ('see <a href="https://evil.example/x">the setting</a>', "see the setting"),
        ("see https://evil.example/x?y=z, or write a@evil.example.", "see *, or write *."),
        ("https://evil.example/x?y=z", "https://evil.example/x?y=z"),
        ("see https://linkedin.example/update/urn:li:activity:71 now :wave:", "see * now"),
        ("https://linkedin.example/update/urn:li:activity:71", "https://linkedin.example/update/urn:li:activity:71"),
        ('<a href="https://evil.example/x">how to opt out</a>', "https://evil.example/x"),
        ("&gt; is it on?<br><at>Opt-Out Bot</at> is that true", "> is it on?\nis that true"),
        ('is it on <emoji id="smile" alt="🙂" title="Smile"></emoji> 🙏 :blob:', "is it on 🙏"),
    ],
)
def test_markup_becomes_plain_words(written: str, words: str):
    """The desk sees what a person meant; a star stands for people and addresses, which are no words."""
    mentions = [
        {"type": "mention", "text": f"<at>{name}</at>", "mentioned": {"id": id_, "name": name}}
        for name, id_ in (("Opt-Out Bot", BOT), ("Ben Ode", "29:ben"))
    ]
    assert plain(written, mentions, BOT).replace(OBJECT, "*") == words


@pytest.mark.parametrize("part", ["<at>", "&lt;at&gt;", "</at>", "<a", "a.", "a://", "[", "[a](", "&"])
def test_no_text_holds_up_the_bot(part: str):
    """However it is made, the longest that a request can hold is read in one pass; a second pass would take hours."""
    assert len(plain((part * LARGEST)[:LARGEST])) <= LARGEST


@pytest.mark.parametrize("digits", ["9" * 5000, "0" * 5000 + "9" * 8, "x" + "f" * 5000, "0" * 5000 + "65", "٣" * 5000])
@pytest.mark.parametrize("around", ["{}", "<at>{}</at>", "&amp;{}"])
def test_no_number_of_a_character_is_too_long(digits: str, around: str):
    """Python refuses to read numbers of thousands of digits; what is written beside one is read all the same."""
    written = around.format(f"&#{digits};")
    mention = {"type": "mention", "text": f"<at>&#{digits};</at>", "mentioned": {"id": "29:ben", "name": "Ben"}}
    assert plain(f"{written} opt out", [mention], BOT).endswith("opt out")


async def test_what_is_not_said_to_the_bot_is_not_heard():
    """In a shared place only a mention of the bot is for it, even if the app may read more."""
    body = sample("message_group")
    other = {"type": "mention", "text": "<at>Ben</at>", "mentioned": {"id": "29:ben", "name": "Ben"}}
    async with running() as bot:
        for entities in ([], [other], [{"type": "mention"}], None):
            reply = await bot.teams.deliver({**body, "entities": entities})
            assert reply.status == 202
        await bot.finish()
    assert bot.desk.asked == []


@shared
async def test_what_is_private_goes_to_the_personal_chat(where: str):
    """Teams shows nothing to one person alone in a shared place, so the answer comes where nobody else reads."""
    desk = TeamsDesk({"privacy": (Post(says("What I keep.")),)})
    async with running(desk) as bot:
        await bot.teams.write("privacy", where)
        await bot.teams.until(bot.teams.said)
        await bot.finish()
        assert (bot.teams.texts(), bot.teams.texts(where)) == (["What I keep."], [])


@shared
async def test_what_is_private_is_never_said_aloud(where: str):
    """Where there is no personal chat, everyone reads only that it would be told there."""
    desk = TeamsDesk({"privacy": (Post(says("What I keep.")),)})
    async with running(desk) as bot:
        bot.teams.personal.clear()
        await bot.teams.write("privacy", where)
        await bot.teams.until(lambda: bot.teams.said(where))
        await bot.finish()
        assert (bot.teams.texts(), bot.teams.texts(where)) == ([], ["Write to me alone."])


@shared
async def test_what_is_harmless_is_said_where_it_was_asked(where: str):
    """Help is no secret."""
    async with running(TeamsDesk({"help": (Post(says("I can help."), harmless=True),)})) as bot:
        await bot.teams.write("help", where)
        await bot.teams.until(lambda: bot.teams.said(where))
        assert bot.teams.texts(where) == ["I can help."]


@clients
async def test_a_press_in_a_personal_chat_is_answered_there(old: bool):
    """A button carries its action and value back, in new clients and in old ones; the answer is one more message."""
    script = {"hello": (Post(with_button("When?", "answer", "linkedin-ai-training", "start")),)}
    async with running(TeamsDesk(script)) as bot:
        await bot.teams.write("hello")
        (greeting,) = await bot.teams.until(bot.teams.said)
        reply = await bot.teams.press("When?", greeting, old=old)
        await bot.teams.until(lambda: len(bot.teams.said()) == 2)
    (press,) = bot.desk.pressed
    place = Place("teams", TENANT, "a:anna")
    assert press == Press("answer", ("linkedin-ai-training", "start"), ANNA, place, press.conversation, "alone")
    assert press.conversation == bot.desk.asked[0].conversation
    assert bot.teams.texts()[1] == "Pressed: answer"
    if not old:
        told = {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Received."}
        assert (reply.status, reply.json) == (200, told)


@clients
@shared
async def test_a_press_in_a_shared_place_is_aloud(where: str, old: bool):
    """What the desk means for one person goes to them alone, whoever posted the card."""
    script = {"hello": (Post(with_button("When?", "answer"), "everyone"),)}
    async with running(TeamsDesk(script)) as bot:
        await bot.teams.write("hello", where)
        (greeting,) = await bot.teams.until(lambda: bot.teams.said(where))
        await bot.teams.press("When?", greeting, old=old)
        await bot.teams.until(bot.teams.said)
        await bot.finish()
        assert bot.desk.pressed[0].voice == "aloud"
        assert bot.teams.texts() == ["Pressed: answer"]


@clients
async def test_a_post_is_taken_back(old: bool):
    """The desk decides who may and which; the post goes, and the desk is told so."""
    desk = TeamsDesk({"steps": (Post(with_button("Remove it", "remove"), "everyone"),)})
    async with running(desk) as bot:
        await bot.teams.write("steps", THREAD)
        (post,) = await bot.teams.until(lambda: bot.teams.said(THREAD))
        removal = Removal(CHANNEL, post["id"])
        desk.script["remove"] = (removal,)
        await bot.teams.press("Remove it", post, old=old)
        await bot.settle()
        assert (bot.teams.said(THREAD), bot.teams.deleted, desk.gone) == ([], [(THREAD, post["id"])], [removal])


async def test_what_is_done_is_not_apologised_for_when_the_database_is_away(caplog):
    """Everyone would read the apology under the answer that they see, or in the place of what was removed."""

    class Away(TeamsDesk):
        async def posted(self, post: Post, receipt: Receipt, now: datetime) -> tuple[Post, ...]:
            raise UnavailableError("locked")

        async def removed(self, removal: Removal) -> None:
            raise UnavailableError("locked")

    desk = Away({"steps": (Post(says("Six steps."), "everyone"),)})
    async with running(desk) as bot:
        await bot.teams.write("steps", THREAD)
        (post,) = await bot.teams.until(lambda: bot.teams.said(THREAD))
        await bot.settle()
        assert bot.teams.said(THREAD) == [post]
        desk.script["remove it"] = (Removal(CHANNEL, post["id"]),)
        await bot.teams.write("remove it", THREAD)
        await bot.settle()
        assert post not in bot.teams.said(THREAD)
        assert "Sorry, that failed." not in bot.teams.texts(THREAD)
    events = [record.getMessage().split()[0] for record in caplog.records if record.levelname == "ERROR"]
    assert events == ["teams.receipt_failed", "teams.receipt_kept"]


async def test_a_post_that_is_gone_already_is_no_error():
    """Two people may press at once."""
    desk = TeamsDesk({"steps": (Post(with_button("Remove it", "remove"), "everyone"),)})
    async with running(desk) as bot:
        await bot.teams.write("steps", THREAD)
        (post,) = await bot.teams.until(lambda: bot.teams.said(THREAD))
        desk.script["remove"] = (Removal(CHANNEL, post["id"]),)
        for _ in range(2):
            await bot.teams.press("Remove it", post)
        await bot.teams.until(lambda: len(bot.teams.called("delete")) == 2)
        await bot.finish()
        assert bot.teams.said(THREAD) == bot.teams.said() == []


async def test_a_card_put_into_the_chat_without_a_word_is_no_question():
    """The message extension lets people send its cards to the bot itself, too; with words it is what they say."""
    card = {"contentType": "application/vnd.microsoft.card.adaptive", "content": {"type": "AdaptiveCard"}}
    async with running() as bot:
        for text in ("", "  ", '<span itemtype="http://schema.skype.com/InputExtension"></span>', "hello"):
            await bot.teams.write(text, attachments=[card])
        await bot.teams.write("", attachments=[{"contentType": "image/png"}])
        await bot.finish()
        assert sorted(question.text for question in bot.desk.asked) == ["", "hello"]


async def test_the_same_activity_delivered_again_is_answered_once():
    """Teams repeats what it thinks was not received."""
    async with running() as bot:
        for name in ("message_personal", "press", "submit"):
            body = {**sample(name), "serviceUrl": bot.teams.service, "id": name}
            for _ in range(3):
                await bot.teams.repeat(body)
        await bot.finish()
        assert len(bot.teams.said()) == len(bot.desk.asked) + len(bot.desk.pressed) == 3


async def test_the_search_of_the_message_extension_finds_cards_to_post():
    """Each result is the card itself with a small one to choose it by; nothing is posted by the bot."""
    async with running() as bot:
        replies = [await bot.teams.deliver(sample(name)) for name in ("search", "search_opened")]
        await bot.finish()
        assert bot.teams.called("post") == []
    assert bot.desk.searched == ["direct messages", ""]
    found = replies[0].json["composeExtension"]
    (result,) = found["attachments"]
    assert (found["type"], found["attachmentLayout"]) == ("result", "list")
    assert result["content"]["type"] == "AdaptiveCard"
    preview = {"title": "The steps", "text": "Six steps."}
    assert result["preview"] == {"contentType": "application/vnd.microsoft.card.thumbnail", "content": preview}


async def test_the_small_card_of_a_result_says_more_than_its_name(desk):
    """With the real desk: there is room for a few words, and those of the name stand above them."""
    async with running(desk) as bot:
        found = (await bot.teams.deliver(sample("search"))).json["composeExtension"]["attachments"]
    previews = [result["preview"]["content"] for result in found]
    assert len(previews) > 3
    assert [each for each in previews if not each["text"] or each["text"].startswith(each["title"])] == []


@pytest.mark.parametrize(
    "events",
    [
        ("installation_add", "bot_added"),
        ("bot_added", "installation_add"),
        ("bot_added",),
        ("installation_add", "installation_upgrade", "installation_add"),
    ],
    ids=["usual", "other way round", "one only", "upgraded"],
)
async def test_there_is_one_welcome_for_an_installation(events: tuple[str, ...]):
    """Teams tells of one installation by two events."""
    async with running() as bot:
        for event in events:
            assert (await bot.teams.deliver(sample(event))).status == 202
        await bot.finish()
        (welcome,) = bot.teams.said()
    actions = [
        {"type": "imBack", "title": prompt, "value": prompt}
        for prompt in ("How do I opt out?", "Are my messages used?")
    ]
    assert (welcome["text"], welcome["suggestedActions"]["actions"]) == ("Hello.", actions)


async def test_a_team_is_welcomed_without_suggestions_and_people_who_join_are_not():
    """A suggestion in a channel would be posted by whoever taps it."""
    async with running() as bot:
        for event in ("bot_added_to_team", "person_added", "channel_renamed"):
            await bot.teams.deliver(sample(event))
        await bot.finish()
        (welcome,) = bot.teams.said("19:team@thread.tacv2")
        assert bot.teams.said(GROUP) == bot.teams.said(THREAD) == []
    assert "suggestedActions" not in welcome


async def test_addresses_are_kept_until_the_bot_is_removed():
    """Where it is installed, and where somebody wrote to it alone; a second installation is welcomed again."""
    async with running() as bot:
        for event in ("installation_add", "bot_added_to_team", "message_group"):
            await bot.teams.deliver(sample(event))
        await bot.teams.write("hi", "a:ben", "29:ben")
        await bot.settle()
        kept = await bot.ledger.addresses("teams")
        assert [(address.place.id, address.kind) for address in kept] == [
            ("19:team@thread.tacv2", "channel"),
            ("a:anna", "personal"),
            ("a:ben", "personal"),
        ]
        assert {address.service for address in kept} == {bot.teams.service}
        for event in ("installation_remove", "bot_removed"):
            await bot.teams.deliver(sample(event))
        await bot.settle()
        assert [address.place.id for address in await bot.ledger.addresses("teams")] == ["a:ben"]
        await bot.teams.deliver(sample("installation_add"))
        await bot.teams.until(lambda: len(bot.teams.said()) == 2)


async def test_typing_is_shown_when_an_answer_takes_a_while():
    """And only then, since it counts against the limits of the conversation."""
    async with running() as bot:
        await bot.teams.write("quick")
        await bot.teams.until(bot.teams.said)
        assert bot.teams.typing == []
        bot.teams.fail("post", "slow")
        await bot.teams.write("slow")
        await bot.teams.until(lambda: len(bot.teams.called("post")) == 2)
        bot.impatient.set()
        assert await bot.teams.until(lambda: bot.teams.typing) == ["a:anna"]
        bot.teams.released.set()
        await bot.teams.until(lambda: len(bot.teams.said()) == 2)


async def test_a_public_post_is_signed_pointed_at_and_taken_back_by_its_poster_alone(desk):
    """With the real desk: steps for everyone, not twice, and gone when the person who asked for them says so."""
    async with running(desk) as bot:
        await bot.teams.write("steps", THREAD)
        (post,) = await bot.teams.until(lambda: bot.teams.said(THREAD))
        assert "at the request of Anna Berg" in str(post["attachments"])
        await bot.settle()
        await bot.teams.write("steps", THREAD, "29:ben")
        pointer = (await bot.teams.until(lambda: len(bot.teams.said(THREAD)) == 2 and bot.teams.said(THREAD)))[1]
        assert "was posted here" in pointer["summary"]
        refusal = await bot.teams.press("Remove it", post, person="29:ben")
        assert refusal.json["value"] == "Only the person who posted this can remove it."
        await bot.teams.press("Remove it", post)
        await bot.teams.until(lambda: post not in bot.teams.said(THREAD))
        await bot.teams.press("Post it again", pointer, person="29:ben")
        await bot.teams.until(lambda: len(bot.teams.said(THREAD)) == 2)


@shared
async def test_a_region_is_told_and_used_where_nobody_else_reads(desk, where: str):
    """With the real desk: set by a mention, confirmed in the personal chat, used there, and never said aloud."""
    async with running(desk) as bot:
        await bot.teams.write("region Norway", where)
        await bot.teams.until(bot.teams.said)
        for place in ("a:anna", where):
            await bot.teams.write("how do I opt out?", place)
            await bot.teams.write("when does it start?", place)
        await bot.teams.until(lambda: len(bot.teams.said()) == 3 and len(bot.teams.said(where)) == 2)
        await bot.finish()
        assert any("Answered for" in text for text in bot.teams.texts())
        assert [text for text in bot.teams.texts(where) if "Answered for" in text or "Noted" in text] == []


def test_the_samples_are_of_this_bot():
    """A recorded activity names the bot as its recipient."""
    assert sample("message_personal")["recipient"]["id"] == BOT
