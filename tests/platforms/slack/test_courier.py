"""Copies of announcements in Slack: to channels and to people, checked first, corrected, recalled and looked up."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from bot.announcements import notices, reports
from bot.announcements import plans as announcing
from bot.announcements.copies import Delivery, new_id
from bot.announcements.dispatcher import NoLookUpError
from bot.content.topics import Content
from bot.errors import PostponedError, RefusedError, UnconfirmedError
from bot.messages import Message, Paragraph, Place, Title
from bot.platforms.slack.blocks import draw
from bot.platforms.slack.courier import SlackCourier
from bot.platforms.slack.facts import SLACK
from tests.conftest import NOON
from tests.fakes.block_kit import shown
from tests.fakes.drawn import objects
from tests.fakes.slack import Channel, FakeSlack
from tests.fakes.slack_bot import running

LAUNCH = ("linkedin-ai-training", "launch")
SCOPES = {
    "channels:read",
    "groups:read",
    "usergroups:read",
    "users:read",
    "im:write",
    "channels:history",
    "groups:history",
}
LIVE = ("<!channel>", "<!here>", "<!everyone>", "<@U1>", "<!subteam^S1>", "@channel", "@here")


@asynccontextmanager
async def courier(
    content: Content, *lacking: str, slack: FakeSlack | None = None, early: bool = False
) -> AsyncIterator[tuple[FakeSlack, SlackCourier]]:
    """The real courier of a running bot that has every optional scope but the lacking ones."""
    slack = slack or FakeSlack()
    slack.scopes = (slack.scopes | SCOPES) - set(lacking)
    slack.channels["C3"] = Channel({"U1", "UBOT"}, private=True)
    async with running(slack=slack, early=early) as bot:
        yield bot.slack, bot.edge.courier(partial(notices.copy, content))


def copy(content: Content, place: str = "C1", kind: Any = "channel", **changed: Any) -> Delivery:
    """A copy of the launch on its way."""
    words = announcing.announced(content, LAUNCH, everyone=changed.pop("everyone", False)).model_dump_json()
    fields = {"ref": "", "claimed_at": None, "words": words, "language": "en", "task": "post", **changed}
    return Delivery(
        new_id(), "a", "t/launch", "slack:T1", Place("slack", "T1", place), kind,
        state="sending", epoch=1, attempts=1, error="", **fields,
    )  # fmt: skip


async def refusal(asking: Any) -> str:
    """The word with which something is refused."""
    with pytest.raises(RefusedError) as error:
        await asking
    return error.value.code


async def test_who_cannot_know_the_workspace_yet_waits_for_slack(content: Content):
    """At the start, a copy that is due waits for the answer that is on its way, and is not put off."""
    slack = FakeSlack()
    slack.fail("auth.test", "slow")
    async with courier(content, slack=slack, early=True) as (_, slacks):
        posting = asyncio.create_task(slacks.post(copy(content)))
        await slack.until(lambda: slack.called("auth.test"))
        assert not posting.done()
        slack.released.set()
        assert await posting == slack.said("C1")[0]["ts"]


# -- checking


async def test_a_place_where_the_bot_can_post_is_ready(content: Content):
    """Public and private channels, people, and the members of both."""
    async with courier(content) as (slack, slacks):
        slack.usergroups["S1"] = ["U1", "U2"]
        for place, kind in (
            ("C1", "channel"),
            ("C3", "channel"),
            ("U1", "person"),
            ("C1", "members"),
            ("S1", "members"),
        ):
            assert await slacks.check(copy(content, place, kind)) == ""
        assert [name for name, _ in slack.calls if name.startswith("chat.")] == []


@pytest.mark.parametrize(
    ("place", "kind", "changed", "code"),
    [
        ("C1", "channel", {"archived": True}, "is_archived"),
        ("C1", "channel", {"read_only": True}, "restricted_action"),
        ("C2", "channel", {}, "not_in_channel"),
        ("C404", "channel", {}, "channel_not_found"),
        ("C404", "members", {}, "channel_not_found"),
        ("S404", "members", {}, "no_such_subteam"),
        ("C1", "members", {"members": {"UBOT"}}, "no_members"),
        ("U404", "person", {}, "user_not_found"),
        ("U7", "person", {}, "user_disabled"),
        ("U8", "person", {}, "cannot_dm_bot"),
    ],
)
async def test_a_place_that_is_not_ready_says_why(content: Content, place: str, kind: str, changed: dict, code: str):
    """With Slack's own word, which the reports have words for."""
    async with courier(content) as (slack, slacks):
        vars(slack.channels["C1"]).update(changed)
        slack.users |= {"U7": {"deleted": True}, "U8": {"is_bot": True}}
        assert await refusal(slacks.check(copy(content, place, kind))) == code
    assert code in {**reports.REASONS, **SLACK.reasons}


@pytest.mark.parametrize(
    ("place", "kind", "scope"),
    [("C1", "channel", "channels:read"), ("C3", "channel", "groups:read"), ("U1", "person", "users:read")],
)
async def test_without_the_right_to_look_nothing_is_called_checked(content: Content, place: str, kind: str, scope: str):
    """It may be fine all the same."""
    async with courier(content, scope) as (_, slacks):
        assert await slacks.check(copy(content, place, kind)) == "cannot_check"


@pytest.mark.parametrize(
    ("place", "scope"), [("C1", "channels:read"), ("C3", "groups:read"), ("S1", "usergroups:read")]
)
async def test_without_the_right_to_list_members_they_are_not_ready(content: Content, place: str, scope: str):
    """Sending to them would fail with the same reason."""
    async with courier(content, scope) as (slack, slacks):
        slack.usergroups["S1"] = ["U1"]
        assert await refusal(slacks.check(copy(content, place, "members"))) == "missing_scope"
        assert await refusal(slacks.members(copy(content, place, "members"))) == "missing_scope"


async def test_a_check_that_fails_is_made_again_later(content: Content):
    """A limit and a broken line say nothing about the place."""
    async with courier(content) as (slack, slacks):
        slack.fail("conversations.info", "limited", detail="5")
        with pytest.raises(PostponedError):
            await slacks.check(copy(content))
        slack.fail("conversations.info", "error")
        with pytest.raises(UnconfirmedError):
            await slacks.check(copy(content))


# -- members and people


async def test_the_members_of_a_large_channel_are_read_page_by_page(content: Content):
    """All of them, each once, without the bot itself."""
    async with courier(content) as (slack, slacks):
        people = {f"U{number}" for number in range(100, 350)}
        slack.channels["C1"].members |= people
        found = await slacks.members(copy(content, "C1", "members"))
        assert {place.id for place in found} == people | {"U1", "U2"}
        assert len(found) == 252
        assert len(slack.called("conversations.members")) == 3


async def test_a_person_gets_corrects_and_loses_a_copy(content: Content):
    """What `post` gives is enough to find it again in their direct message with the bot."""
    async with courier(content) as (slack, slacks):
        ref = await slacks.post(copy(content, "U1", "person"))
        (said,) = slack.said("D1")
        assert ref == f"D1/{said['ts']}"
        there = copy(content, "U1", "person", ref=ref, language="de")
        await slacks.edit(there)
        assert "LinkedIn trainiert KI" in shown(slack.said("D1")[0]["blocks"])
        await slacks.delete(there)
        assert slack.said("D1") == []
        await slacks.delete(there)


@pytest.mark.parametrize(
    ("user", "code"), [("U404", "user_not_found"), ("U7", "user_disabled"), ("U8", "cannot_dm_bot")]
)
async def test_who_cannot_be_written_to_is_reported(content: Content, user: str, code: str):
    """Somebody who is gone, and other bots among the members."""
    async with courier(content) as (slack, slacks):
        slack.users |= {"U7": {"deleted": True}, "U8": {"is_bot": True}}
        assert await refusal(slacks.post(copy(content, user, "person"))) == code
    assert code in {**reports.REASONS, **SLACK.reasons}


async def test_a_persons_copy_is_looked_up_after_a_crash(content: Content):
    """By its mark, in their direct message; one that did not arrive is not found."""
    async with courier(content) as (_, slacks):
        there = copy(content, "U1", "person", claimed_at=NOON.replace(year=2025))
        ref = await slacks.post(there)
        assert await slacks.find(there) == ref
        assert await slacks.find(copy(content, "U1", "person", claimed_at=NOON.replace(year=2025))) is None


@pytest.mark.parametrize(
    ("place", "kind", "scope"),
    [
        ("U1", "person", "im:write"),
        ("U1", "person", "im:history"),
        ("C1", "channel", "channels:history"),
        ("C3", "channel", "groups:history"),
    ],
)
async def test_without_the_right_to_read_nothing_is_looked_up(content: Content, place: str, kind: str, scope: str):
    """It stays something that may have arrived."""
    async with courier(content, scope) as (_, slacks):
        with pytest.raises(NoLookUpError):
            await slacks.find(copy(content, place, kind))


async def test_with_the_right_to_read_a_channels_copy_is_found(content: Content):
    """In public and private channels alike."""
    async with courier(content) as (slack, slacks):
        for channel in ("C1", "C3"):
            there = copy(content, channel)
            await slacks.post(there)
            assert await slacks.find(there) == slack.said(channel)[0]["ts"]


# -- notifying everyone


def notified(blocks: list[dict], text: str) -> bool:
    """Whether something in a message would notify people: live markup, which only stands in mrkdwn and in the text."""
    marked = [each["text"] for each in objects(blocks) if each.get("type") == "mrkdwn"]
    return any(live in words for live in LIVE[:5] for words in (*marked, text))


async def test_only_a_ticked_announcement_notifies_everyone_and_its_correction_nobody(content: Content):
    """`<!channel>` stands alone in one block of the first copy, and in none of what comes after."""
    async with courier(content) as (slack, slacks):
        await slacks.post(copy(content))
        ref = await slacks.post(copy(content, everyone=True))
        plain, loud = slack.said("C1")
        assert notified(plain["blocks"], plain["text"]) is False
        assert loud["blocks"][0] == {"type": "section", "text": {"type": "mrkdwn", "text": "<!channel>"}}
        assert notified(loud["blocks"][1:], loud["text"]) is False
        await slacks.edit(copy(content, everyone=True, ref=ref, task="edit"))
        edited = slack.said("C1")[1]
        assert notified(edited["blocks"], edited["text"]) is False
        assert shown(edited["blocks"]).startswith("LinkedIn trains AI")


@pytest.mark.parametrize("live", LIVE)
async def test_nothing_that_is_written_notifies_anybody(content: Content, live: str):
    """Not in a title, a text, a sender's name or a picture's words, and not in the text for notifications."""
    kept = announcing.announced(content, LAUNCH)
    words = kept.words["en"].model_copy(update={"title": live, "text": f"Hello {live}, all", "alt": live})
    kept = kept.model_copy(update={"words": {"en": words}, "sender": live, "picture": "https://example.com/x.png"})
    async with courier(content) as (slack, slacks):
        await slacks.post(copy(content, words=kept.model_dump_json()))
        (said,) = slack.said("C1")
        assert notified(said["blocks"], said["text"]) is False
        assert live in shown(said["blocks"])
        assert not {"link_names", "parse"} & set(slack.called("chat.postMessage")[0])


def test_everyone_is_drawn_as_the_only_live_markup():
    """Even beside words that look like it."""
    drawn = draw(Message((Title("<!channel>"), Paragraph("<!here> @channel")), everyone=True))
    assert json.dumps(drawn["blocks"]).count('"mrkdwn"') == 1
    assert drawn["text"] == "&lt;!channel&gt;\n&lt;!here&gt; @channel"
