"""The door for Slack's requests: only Slack gets in, and whatever it brings, the answer is never 500."""

import asyncio
import gzip
import json
import time

import pytest
from slack_sdk.signature import SignatureVerifier
from yarl import URL

from tests.fakes.scripted_bot import eventually
from tests.fakes.slack_bot import running
from tests.fakes.slack_deliveries import sample

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
EVENT = json.dumps(sample("message_im"))


@pytest.mark.parametrize(
    ("timestamp", "signature"),
    [
        pytest.param(None, None, id="none"),
        pytest.param("now", None, id="no signature"),
        pytest.param(None, "right", id="no timestamp"),
        pytest.param("now", "v0=" + "0" * 64, id="wrong"),
        pytest.param("now", "v0=é", id="not ASCII"),
        pytest.param("now", "", id="empty"),
        pytest.param("old", "right", id="stale"),
        pytest.param("early", "right", id="from the future"),
        pytest.param("noon", "right", id="not a number"),
        pytest.param("9" * 5000, "right", id="endless"),
        pytest.param("9" * 400, "right", id="no moment"),
        pytest.param("", "right", id="empty timestamp"),
    ],
)
async def test_a_request_without_slacks_signature_is_refused_and_nothing_is_done(timestamp, signature):
    """401, whatever is wrong with it, and no word of it reaches the desk."""
    now = int(time.time())
    timestamp = {"now": str(now), "old": str(now - 400), "early": str(now + 400)}.get(timestamp, timestamp)
    async with running() as bot:
        if signature == "right":
            signature = bot.slack.signature(timestamp or "", EVENT.encode())
        headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}
        given = {name: value for name, value in headers.items() if value is not None}
        reply = await bot.slack.post(EVENT, JSON | given, sign=False)
        await bot.finish()
    assert reply.status == 401
    assert bot.desk.asked == []


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param("{", JSON, id="half an object"),
        pytest.param("{'a': 1}", JSON, id="not JSON"),
        pytest.param("", JSON, id="nothing as JSON"),
        pytest.param("[]", JSON, id="a list"),
        pytest.param('"text"', JSON, id="a text"),
        pytest.param("null", JSON, id="null"),
        pytest.param("[" * 100_000, JSON, id="too deep"),
        pytest.param('{"type": "event_callback", "event": null}', JSON, id="no event"),
        pytest.param('{"type": "event_callback", "event": []}', JSON, id="a list of events"),
        pytest.param('{"type": "event_callback", "event": {"type": 1}}', JSON, id="a numbered event"),
        pytest.param('{"type": "event_callback", "event": {"type": "message"}, "team": 1}', JSON, id="an odd team"),
        pytest.param(
            '{"type": "event_callback", "event": {"type": "app_mention", "user": 7}}', JSON, id="a numbered user"
        ),
        pytest.param(
            "payload=%7B%22type%22%3A%22block_actions%22%2C%22actions%22%3A%5B%5D%7D", FORM, id="an empty press"
        ),
        pytest.param("payload=%7B", FORM, id="half a payload"),
        pytest.param("payload=[]", FORM, id="a list as payload"),
        pytest.param('{"type":', FORM, id="JSON as a form"),
    ],
)
async def test_a_signed_body_that_cannot_be_read_is_refused(body: str, headers: dict):
    """400 with the wish not to be sent it again; Bolt alone answers 500, even to strangers."""
    async with running() as bot:
        reply = await bot.slack.post(body, headers)
    assert (reply.status, reply.headers["X-Slack-No-Retry"]) == (400, "1")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('{"type": "event_callback", "event": {"type": "message"}}', id="an empty message"),
        pytest.param('{"type": "event_callback", "event": {"type": "app_home_opened"}}', id="an empty visit"),
        pytest.param('{"type": "who knows"}', id="an unknown type"),
        pytest.param("{}", id="an empty object"),
        pytest.param("command=%2Foptout", id="an empty command"),
        pytest.param("a=b", id="an unknown form"),
        pytest.param("ssl_check=1&token=x", id="a certificate check"),
    ],
)
async def test_an_unexpected_body_is_acknowledged(body: str):
    """What Slack may send one day and nobody listens to is received, with silence."""
    async with running() as bot:
        reply = await bot.slack.post(body, JSON if body.startswith("{") else FORM)
        await bot.finish()
    assert reply.status == 200
    assert bot.desk.asked == []


async def test_a_request_is_checked_and_read_once(monkeypatch: pytest.MonkeyPatch):
    """What the door has done Bolt does not do again."""
    read, checked, loads, sign = list[str](), list[object](), json.loads, SignatureVerifier.generate_signature
    monkeypatch.setattr(json, "loads", lambda text, **options: read.append(text) or loads(text, **options))
    monkeypatch.setattr(SignatureVerifier, "generate_signature", lambda *a, **b: checked.append(a) or sign(*a, **b))
    async with running() as bot:
        assert (await bot.slack.post(EVENT, JSON)).status == 200
    assert (read.count(EVENT), len(checked)) == (1, 1)


async def test_a_word_that_slack_uses_itself_is_a_word():
    """Where a form holds no `payload`, that may be a word of somebody's; Bolt alone takes such a command for empty."""
    async with running() as bot:
        assert (await bot.slack.command("is the payload of my messages used?")).status == 200
        await bot.slack.until(lambda: bot.slack.whispered("C1"))
    assert [asked.text for asked in bot.desk.asked] == ["is the payload of my messages used?"]


async def test_bytes_that_are_no_text_and_bodies_without_end_are_refused():
    """What is signed but no text is nobody's; more than a megabyte is not read."""
    async with running() as bot:
        assert (await bot.slack.post(b"\xff\xfe{", JSON)).status == 401
        assert (await bot.slack.post("x" * 1_100_000, FORM)).status == 413


async def test_a_packed_body_is_refused():
    """415, though it is signed: it is never unpacked."""
    async with running() as bot:
        for body in (gzip.compress(EVENT.encode()), b"not packed"):
            reply = await bot.slack.post(body, {**JSON, "Content-Encoding": "gzip"})
            assert (reply.status, reply.headers["Accept-Encoding"]) == (415, "identity")
        await bot.finish()
    assert bot.desk.asked == []


async def test_who_hangs_up_in_the_middle_of_a_body_is_no_error(caplog):
    """It is noted in one line, without a traceback."""
    async with running() as bot:
        address = URL(bot.slack.bot_url)
        _, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(b"POST /slack/events HTTP/1.1\r\nHost: bot\r\nContent-Length: 10\r\n\r\nhalf")
        await writer.drain()
        writer.close()
        await eventually(lambda: "the body cannot be read" in caplog.text)
    assert "Traceback" not in caplog.text


async def test_slack_can_verify_the_address():
    """The challenge comes back, when it is signed."""
    challenge = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"})
    async with running() as bot:
        reply = await bot.slack.post(challenge, JSON)
        assert (reply.status, json.loads(reply.body)) == (200, {"challenge": "3eZbrw1aB"})
        assert (await bot.slack.post(challenge, JSON, sign=False)).status == 401


async def test_there_is_no_door_in_socket_mode():
    """With Socket Mode the bot is reachable for Slack alone, so the address does not exist."""
    async with running(socket_mode=True) as bot:
        assert (await bot.slack.post(EVENT, JSON)).status == 404


async def test_while_the_bot_stops_slack_is_asked_to_come_again():
    """503 makes Slack deliver the event once more, to the process that comes next."""
    async with running() as bot:
        await bot.finish()
        reply = await bot.slack.post(EVENT, JSON)
    assert (reply.status, "X-Slack-No-Retry" in reply.headers) == (503, False)
