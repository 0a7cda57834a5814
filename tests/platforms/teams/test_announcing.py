"""Announcements in Teams, through the real edge: who is reached, what is said of the rest, and what is pressed."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bot.announcements import notices, reports
from bot.announcements import plans as announcing
from bot.announcements.announcers import Announcers
from bot.announcements.copies import By, Delivery
from bot.announcements.deliveries import Deliveries
from bot.answering.deciding import Knowledge
from bot.content.topics import POSTS, Content
from bot.desk.desk import Desk
from bot.errors import PostponedError
from bot.messages import Address, Place
from bot.platforms.known import PLATFORMS
from bot.platforms.teams.connector import PAGE
from bot.settings import load as load_settings
from tests.cli.test_announcing import LAUNCH, done, me, noted, sending
from tests.conftest import NOON
from tests.fakes import teams_bot
from tests.fakes.adaptive_cards import actions, shown
from tests.fakes.connector import ANNA_IN_ENTRA
from tests.fakes.teams_bot import Bot
from tests.fakes.teams_deliveries import BOT, CHANNEL, TENANT, THREAD

GROUP, OTHER, PRIVATE = "19:group@thread.v2", "19:other@thread.tacv2", "19:private@thread.tacv2"
OPEN = "19:team@thread.tacv2"
NAME = "/".join(LAUNCH)


@asynccontextmanager
async def announcing_bot(content: Content, desk: Any = None) -> AsyncIterator[Bot]:
    """A bot that is in a team of the tenant and delivers what is announced."""
    async with teams_bot.running(desk) as bot:
        home = Place("teams", TENANT, OPEN)
        await bot.ledger.note_address(Address(home, "channel", f"{bot.teams.origin}/emea/"))
        courier = bot.edge.courier(partial(notices.copy, content))
        async with sending(Deliveries(bot.ledger.database), {"teams": courier}):
            yield bot


async def announce(
    bot: Bot, content: Content, *ids: str, language: str = "en", kept: Any = None, **options: Any
) -> dict[str, str]:
    """Sends the launch to conversations and people, or with `members:` before one to its members; gives the reasons."""
    names = [
        f"members:teams:{TENANT}/{one[8:]}" if one.startswith("members:") else f"teams:{TENANT}/{one}" for one in ids
    ]
    await Deliveries(bot.ledger.database).announce(
        noted(content, kept), announcing.targets(content, PLATFORMS, names, language), **options
    )
    return await outcome(bot)


async def outcome(bot: Bot) -> dict[str, str]:
    """Why each copy is not where it should be, by place, once nothing is on its way; empty for those that are."""
    await done(Deliveries(bot.ledger.database))
    return {copy.place.id: reports.reason(PLATFORMS, copy) for copy in await copies(bot)}


async def copies(bot: Bot) -> Sequence[Delivery]:
    """The copies of the launch."""
    return await Deliveries(bot.ledger.database).copies(NAME)


def people(*ids: str) -> list[dict[str, Any]]:
    """Members as Teams lists them."""
    return [{"id": one, "name": "Somebody", "tenantId": TENANT, "userRole": "user"} for one in ids]


# -- who is reached


async def test_a_check_tells_of_each_place_what_is_missing_by_a_glance(content: Content):
    """The app may be in one team of a tenant and not in another; a large team is not read to find that out."""
    nobody = "cccccccc-0000-4000-8000-000000000001"
    stranger = "dddddddd-0000-4000-8000-000000000001"
    async with announcing_bot(content) as bot:
        bot.teams.rosters[CHANNEL] = people(*(f"29:{number}" for number in range(2_000)))
        bot.teams.refusing[OTHER] = bot.teams.refusing[PRIVATE] = (403, "BotNotInConversationRoster")
        deliveries = Deliveries(bot.ledger.database)
        elsewhere = announcing.targets(content, PLATFORMS, [f"teams:{stranger}/{CHANNEL}"], "en")
        await deliveries.announce(noted(content), elsewhere, draft=True)
        ids = (CHANNEL, GROUP, OTHER, PRIVATE, "19:gone@thread.tacv2", "29:anna", ANNA_IN_ENTRA, "29:nobody", nobody)
        await announce(bot, content, *ids, draft=True)
        found = {
            (copy.lane, copy.place.id): (reports.state(copy), reports.reason(PLATFORMS, copy))
            for copy in await copies(bot)
        }
        assert (len(bot.teams.called("members")), bot.teams.called("more")) == (5, [])
        assert bot.teams.said(CHANNEL) == bot.teams.said(GROUP) == bot.teams.said() == []
    absent = "the app is not in this team or chat: add it there"
    no_person = "the app is not installed for this person: add it for them, or to a team of theirs"
    own = f"teams:{TENANT}"
    assert found == {
        (own, CHANNEL): ("ready", ""),
        (own, GROUP): ("ready", ""),
        (own, OTHER): ("not ready", absent),
        (own, PRIVATE): ("not ready", absent),
        (own, "19:gone@thread.tacv2"): ("not ready", "there is no such conversation any more"),
        (own, "29:anna"): ("ready", ""),
        (own, ANNA_IN_ENTRA): ("ready", ""),
        (own, "29:nobody"): ("not ready", no_person),
        (own, nobody): ("not ready", no_person),
        (f"teams:{stranger}", CHANNEL): ("not ready", "the app is not in this team: add it there"),
    }


async def test_a_team_without_the_app_is_named_and_the_others_get_theirs(content: Content):
    """An address of another team leads to the right service, which says that the bot is not there."""
    async with announcing_bot(content) as bot:
        bot.teams.refusing[OTHER] = (403, "BotNotInConversationRoster")
        assert await announce(bot, content, CHANNEL, OTHER) == {
            CHANNEL: "",
            OTHER: "the app is not in this team or chat: add it there",
        }
        assert len(bot.teams.said(CHANNEL)) == 1


async def test_each_member_gets_a_copy_of_their_own_that_is_corrected_and_recalled(content: Content):
    """The bot itself is left out; a personal chat is opened once, whatever is sent, corrected and recalled in it."""
    async with announcing_bot(content) as bot:
        bot.teams.rosters[CHANNEL] = people(BOT, "29:anna", "29:ben", "29:anna")
        assert await announce(bot, content, f"members:{CHANNEL}") == {"29:anna": "", "29:ben": ""}
        await announce(bot, content, "29:anna", again=True)
        assert (len(bot.teams.said("a:anna")), len(bot.teams.said("a:ben")), bot.teams.said(CHANNEL)) == (2, 1, [])
        assert [reports.link(PLATFORMS, copy) for copy in await copies(bot)] == ["", "", ""]
        kept = announcing.announced(content, LAUNCH, me().at.date())
        assert await Deliveries(bot.ledger.database).correct(NAME, kept.model_dump_json(), me()) == 3
        await outcome(bot)
        corrected = bot.teams.said("a:anna") + bot.teams.said("a:ben")
        assert ["Corrected on" in json.dumps(said) for said in corrected] == [True] * 3
        assert await Deliveries(bot.ledger.database).recall(NAME, me()) == 3
        await outcome(bot)
        assert bot.teams.said("a:anna") == bot.teams.said("a:ben") == []
        assert len(bot.teams.called("open")) == 2
        assert reports.totals(await copies(bot)) == "3 places: 3 recalled"


async def test_a_large_team_is_read_to_its_end(content: Content):
    """Page by page; a connector that is asked too often in between is waited for: another try would come no further."""
    async with teams_bot.running() as bot:
        await bot.ledger.note_address(Address(Place("teams", TENANT, CHANNEL), "channel", f"{bot.teams.origin}/emea/"))
        ids = [f"29:{number}" for number in range(2 * PAGE + 1)]
        bot.teams.rosters[CHANNEL] = people(*ids)
        bot.teams.fail("more", "limited", detail="7")
        courier = bot.edge.courier(partial(notices.copy, content))
        found = await courier.members(to(CHANNEL, "members"))
        assert (len(bot.teams.called("members")), len(bot.teams.called("more"))) == (1, 3)
        assert bot.pauses == [7]
        bot.teams.fail("members", "limited", detail="7")
        with pytest.raises(PostponedError, match="ratelimited") as error:
            await courier.members(to(CHANNEL, "members"))
    assert found == tuple(Place("teams", TENANT, one) for one in ids)
    assert (error.value.seconds, error.value.limited) == (7, True)


async def test_a_team_of_nobody_is_said_to_be_empty(content: Content):
    """What would go to nobody has failed."""
    async with announcing_bot(content) as bot:
        bot.teams.rosters[CHANNEL] = people(BOT)
        assert await announce(bot, content, f"members:{CHANNEL}") == {CHANNEL: "nobody is in this group"}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("MessageWritesBlocked", "somebody there has blocked the bot"),
        (
            "ConversationBlockedByUser",
            "somebody there has blocked the bot, or the channel is moderated: let apps post in it",
        ),
        ("BotDisabledByAdmin", "an administrator has blocked the app: allow it in the Teams admin center"),
    ],
)
async def test_who_blocks_the_bot_is_named_and_reached_once_they_let_it(content: Content, code: str, reason: str):
    """Their chat is forgotten and opened anew for another try; nobody else waits for them."""
    async with announcing_bot(content) as bot:
        bot.teams.refusing["a:ben"] = (403, code)
        assert await announce(bot, content, "29:anna", "29:ben") == {"29:anna": "", "29:ben": reason}
        bot.teams.refusing.clear()
        assert await Deliveries(bot.ledger.database).send_again(NAME, ("failed",), me()) == 1
        assert await outcome(bot) == {"29:anna": "", "29:ben": ""}
        assert [len(bot.teams.said(chat)) for chat in ("a:anna", "a:ben")] == [1, 1]
        assert len(bot.teams.called("open")) == 3


@pytest.mark.parametrize("call", ["open", "post"])
async def test_what_was_not_accepted_goes_out_again_and_the_chat_is_not_opened_again(content: Content, call: str):
    """A limit is waited out in its lane."""
    async with announcing_bot(content) as bot:
        bot.teams.fail(call, "limited", detail="0.01")
        assert await announce(bot, content, "29:anna") == {"29:anna": ""}
        assert len(bot.teams.said("a:anna")) == 1
        assert (len(bot.teams.called("open")), len(bot.teams.called("post"))) == ((2, 1) if call == "open" else (1, 2))


async def test_a_chat_of_which_nobody_knows_whether_it_was_opened_is_opened_again(content: Content):
    """Opening is no message, so the copy is not one that may have arrived."""
    async with announcing_bot(content) as bot:
        bot.teams.fail("open", "drop_after")
        assert await announce(bot, content, "29:anna") == {"29:anna": ""}
        assert (len(bot.teams.said("a:anna")), len(bot.teams.called("open"))) == (1, 2)


async def test_a_token_that_is_refused_twice_fails_the_copy_with_a_reason(content: Content):
    """The first refusal may be of a token that was withdrawn early; a second is of the bot."""
    async with announcing_bot(content) as bot:
        bot.teams.fail("post", "error", detail="401")
        assert await announce(bot, content, CHANNEL) == {CHANNEL: ""}
        bot.teams.fail("post", "error", "error", detail="401")
        reason = "Microsoft does not accept the bot's token: compare MICROSOFT_APP_ID and MICROSOFT_APP_TENANT_ID"
        assert await announce(bot, content, GROUP) == {CHANNEL: "", GROUP: reason}
        assert (len(bot.teams.said(CHANNEL)), bot.teams.said(GROUP)) == (1, [])


# -- what is pressed and asked

shared = pytest.mark.parametrize("where", [GROUP, CHANNEL], ids=["group chat", "channel"])
clients = pytest.mark.parametrize("old", [False, True], ids=["execute", "submit"])


@clients
@shared
@pytest.mark.parametrize(
    ("language", "label", "said"),
    [
        ("en", "Ask a question", "Only you can see this."),
        ("de", "Frage stellen", "Das siehst nur du."),
        ("en", "Show me how", "1. "),
        ("de", "So geht es", "1. "),
    ],
)
async def test_what_is_pressed_in_a_shared_place_goes_on_in_the_personal_chat(
    content: Content, knowledge: Knowledge, where: str, old: bool, language: str, label: str, said: str
):
    """In the language of the announcement, where nobody else reads it; the place has nothing but the announcement."""
    async with announcing_bot(content, partial(Desk, knowledge)) as bot:
        await announce(bot, content, where, language=language)
        (announcement,) = bot.teams.said(where)
        reply = await bot.teams.press(label, announcement, old=old)
        (answer,) = await bot.teams.until(lambda: bot.teams.said("a:anna"))
        await bot.settle()
        assert said in answer["summary"]
        assert (bot.teams.said(where), len(bot.teams.conversations)) == ([announcement], 6)
    told = {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Got it."}
    assert (reply.status, reply.json if reply.body else None) == ((202, None) if old else (200, told))


@clients
async def test_a_question_begun_in_a_personal_chat_goes_on_right_there(
    content: Content, knowledge: Knowledge, old: bool
):
    """Under a copy for one person; a suggested question is answered, and so is one in their own words."""
    async with announcing_bot(content, partial(Desk, knowledge)) as bot:
        await announce(bot, content, "29:anna", language="de")
        (announcement,) = bot.teams.said()
        await bot.teams.press("Frage stellen", announcement, old=old)
        (_, invitation) = await bot.teams.until(lambda: len(bot.teams.said()) == 2 and bot.teams.said())
        suggested = actions(invitation["attachments"][0]["content"])
        assert len(suggested) == 3
        await bot.teams.press(suggested[0]["title"], invitation, old=old)
        await bot.teams.until(lambda: len(bot.teams.said()) == 3)
        await bot.teams.write("does this affect my DMs")
        await bot.teams.until(lambda: len(bot.teams.said()) == 4)
        assert "private messages are left out" in bot.teams.texts()[3]
        assert len(bot.teams.called("open")) == 1


@clients
@shared
@pytest.mark.parametrize(("language", "label"), [("en", "Ask a question"), ("de", "Frage stellen")])
async def test_who_cannot_be_written_to_is_told_so_where_they_pressed(
    content: Content, knowledge: Knowledge, where: str, old: bool, language: str, label: str
):
    """In the announcement's own thread and language, and nothing that is theirs."""
    async with announcing_bot(content, partial(Desk, knowledge)) as bot:
        await announce(bot, content, where, language=language)
        (announcement,) = bot.teams.said(where)
        bot.teams.personal.clear()
        await bot.teams.press(label, announcement, old=old)
        there = f"{CHANNEL};messageid={announcement['id']}" if where == CHANNEL else where
        await bot.teams.until(
            lambda: bot.teams.texts(there)[where == GROUP :] if there in bot.teams.conversations else []
        )
        await bot.settle()
        assert bot.teams.texts(there)[where == GROUP :] == [content.spoken(language).phrases.tell_privately]
        assert bot.teams.said("a:anna") == []


async def test_a_question_under_an_announcement_is_answered_in_its_thread(content: Content, knowledge: Knowledge):
    """A reply in a channel comes from a conversation whose id names the thread, and is answered in that."""
    async with announcing_bot(content, partial(Desk, knowledge)) as bot:
        await announce(bot, content, CHANNEL)
        (announcement,) = bot.teams.said(CHANNEL)
        thread = f"{CHANNEL};messageid={announcement['id']}"
        await bot.teams.write("does this affect my DMs", thread)
        (answer,) = await bot.teams.until(lambda: bot.teams.conversations.get(thread))
        await bot.settle()
        assert answer["conversation"] == {"id": thread}
        assert "private messages are left out" in answer["summary"]
        assert (bot.teams.said(CHANNEL), bot.teams.said()) == ([announcement], [])
        (receipt,) = await bot.ledger.receipts(NOON - timedelta(minutes=1))
        assert (receipt.place, receipt.ref) == (Place("teams", TENANT, CHANNEL, thread), answer["id"])


# -- what is corrected


async def test_a_post_in_a_thread_is_corrected_there_and_nothing_else_is_touched(
    content: Content, knowledge: Knowledge
):
    """The very message is edited, in the conversation of its thread; a post whose entry is the same is left alone."""
    changed = with_steps(content, "A step that was missing")
    async with announcing_bot(changed, partial(Desk, knowledge)) as bot:
        await bot.teams.write("steps", THREAD)
        (steps,) = await bot.teams.until(lambda: bot.teams.said(THREAD))
        await bot.teams.write("link", GROUP)
        await bot.teams.write("does this affect my DMs", GROUP)
        await bot.teams.until(lambda: len(bot.teams.said(GROUP)) == 2)
        await bot.settle()
        others = deepcopy(bot.teams.said(GROUP))
        before = deepcopy(steps)
        announcers = Announcers(changed, bot.ledger, PLATFORMS)
        assert await announcers.correct_posts(LAUNCH[0], By("teams t 29:anna", NOON)) == (1, 0)
        await edited(bot)
        (after,) = bot.teams.said(THREAD)
        assert len(bot.teams.called("put")) == 1
        assert await announcers.correct_posts(LAUNCH[0], By("teams t 29:anna", NOON)) == (0, 0)
        assert bot.teams.said(GROUP) == others
    assert (after["id"], after["conversation"]) == (before["id"], {"id": THREAD})
    seen = shown(after["attachments"][0]["content"])
    assert "A step that was missing" in seen
    assert "Corrected on 23 November 2026." in seen
    assert "A step that was missing" not in json.dumps(before)


async def test_a_post_that_is_gone_is_not_corrected_and_says_why(content: Content, knowledge: Knowledge):
    """Somebody may have deleted it, and an administrator removed the bot from the other place."""
    changed = with_steps(content, "A step that was missing")
    async with announcing_bot(changed, partial(Desk, knowledge)) as bot:
        await bot.teams.write("steps", THREAD)
        await bot.teams.write("steps", GROUP)
        await bot.teams.until(lambda: bot.teams.said(THREAD) and bot.teams.said(GROUP))
        await bot.settle()
        bot.teams.said(THREAD).clear()
        bot.teams.refusing[GROUP] = (403, "BotNotInConversationRoster")
        announcers = Announcers(changed, bot.ledger, PLATFORMS)
        assert await announcers.correct_posts(LAUNCH[0], By("teams t 29:anna", NOON)) == (2, 0)
        found = {copy.place.id: (reports.state(copy), reports.reason(PLATFORMS, copy)) for copy in await edited(bot)}
    assert found == {
        THREAD: ("not corrected", "the message is not there any more"),
        GROUP: ("not corrected", "the app is not in this team or chat: add it there"),
    }


def with_steps(content: Content, item: str) -> Content:
    """The content with one more step."""
    (topic, *rest) = content.topics
    steps = topic.words.steps.model_copy(update={"items": (*topic.words.steps.items, item)})
    words = topic.words.model_copy(update={"steps": steps})
    return replace(content, topics=(replace(topic, words=words), *rest))


async def edited(bot: Bot) -> Sequence[Delivery]:
    """The posts that were to be corrected, once none is to be any more."""
    async with asyncio.timeout(60):
        while True:
            found = await Deliveries(bot.ledger.database).copies(f"{LAUNCH[0]}/{POSTS}")
            if found and all(copy.state in ("done", "failed") for copy in found):
                return found
            await asyncio.sleep(0.01)


# -- what announcers ask


@pytest.mark.parametrize("where", ["a:anna", THREAD], ids=["personal chat", "channel"])
@pytest.mark.parametrize("named", [False, True], ids=["anybody", "announcer"])
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("announcements", f"{NAME}  "),
        ("report launch", "1 place: 1 sent\nsent  "),
        (f"report {NAME}", "1 place: 1 sent\nsent  "),
        ("report lunch/lunch", "'lunch/lunch' is no announcement."),
        ("announce", "Announcements are written and sent in Slack"),
        ("announce launch", "Announcements are written and sent in Slack"),
    ],
)
async def test_announcers_are_told_in_their_personal_chat_and_others_get_a_clear_no(
    content: Content, knowledge: Knowledge, where: str, named: bool, words: str, said: str
):
    """An announcer is named by the id that Microsoft Entra has for them, however it is written."""
    ids = load_settings({"OPTOUT_ANNOUNCERS": ANNA_IN_ENTRA.upper()}).announcers if named else frozenset()
    async with announcing_bot(content, partial(Desk, knowledge, announcers=ids)) as bot:
        await announce(bot, content, OPEN)
        await bot.teams.write(words, where)
        (answer,) = await bot.teams.until(bot.teams.said)
        await bot.settle()
        assert where == "a:anna" or bot.teams.said(where) == []
    refusal = f"Whoever looks after me can add your id: {ANNA_IN_ENTRA}"
    assert (said in answer["summary"], refusal in answer["summary"]) == (named, not named)


@pytest.mark.parametrize("where", ["a:anna", GROUP, THREAD], ids=["personal chat", "group chat", "channel"])
async def test_people_are_told_the_id_by_which_they_can_be_named(knowledge: Knowledge, where: str):
    """Microsoft Entra's, which their administrator knows, and to them alone."""
    async with teams_bot.running(partial(Desk, knowledge)) as bot:
        await bot.teams.write("whoami", where)
        await bot.teams.until(bot.teams.said)
        await bot.settle()
        assert bot.teams.texts() == [f"Your id, for the setting OPTOUT_ANNOUNCERS: {ANNA_IN_ENTRA}"]
        assert where == "a:anna" or bot.teams.said(where) == []


# -- what a report shows


@pytest.mark.parametrize(
    ("place", "link"),
    [
        (CHANNEL, "https://teams.microsoft.com/l/message/19%3Ageneral%40thread.tacv2/17"),
        (
            f"{CHANNEL};messageid=16",
            "https://teams.microsoft.com/l/message/19%3Ageneral%40thread.tacv2/17?parentMessageId=16",
        ),
        (
            GROUP,
            "https://teams.microsoft.com/l/message/19%3Agroup%40thread.v2/17?context=%7B%22contextType%22%3A%22chat%22%7D",
        ),
    ],
    ids=["channel", "thread", "group chat"],
)
def test_a_copy_is_linked_as_teams_opens_it(place: str, link: str):
    """In a channel, in a thread of one, and in a chat."""
    assert reports.link(PLATFORMS, to(place, "channel", ref="17")) == link


def to(place: str, kind: Any, ref: str = "") -> Delivery:
    """A copy for a place."""
    where = Place("teams", TENANT, place)
    return Delivery("1", "1", NAME, f"teams:{TENANT}", where, kind, "en", "post", "sending", 1, 1, ref, "")
